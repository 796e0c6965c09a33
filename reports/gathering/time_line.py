"""Accuracy over time, what went live when, and how the data grew."""

from reports import facts as f
from reports.gathering.figures import rate, rate_of
from reports.gathering.month import ModelMonth
from reports.text import clean, name
from retraining.models import Cycle, EvalRun, Proposal

# Older checks are in older reports.
MOST = 40


def points(month: ModelMonth) -> tuple[f.Point, ...]:
    """Launch, every check, and the reference score of every version that went live."""
    found = _launch_points(month)
    for cycle in month.history:
        monitor = cycle.monitor or {}
        golden, audit = monitor.get("golden"), monitor.get("audit")
        if golden or audit:
            found.append(
                f.Point(
                    day=month.last_day(cycle),
                    version=cycle.incumbent.name,
                    golden=rate(golden),
                    golden_version=(golden or {}).get("version"),
                    audit=rate(audit),
                )
            )
        if cycle.state == "live" and cycle.candidate is not None:
            run = golden_run(cycle, cycle.candidate_id)
            rollout = next((r for r in month.rollouts if r.cycle_id == cycle.pk), None)
            if run is not None and rollout is not None and run.golden_version is not None:
                day = month.day(rollout.started_at)
                version = cycle.candidate.name
                found.append(
                    f.Point(day, version, rate_of(run), run.golden_version.number, audit=None)
                )
    return tuple(sorted(found, key=lambda point: point.day)[-MOST:])


def _launch_points(month: ModelMonth) -> list[f.Point]:
    if not month.rollouts:
        return []
    first = month.rollouts[0]
    run = (
        EvalRun.objects.filter(version=first.version, kind=EvalRun.Kind.GOLDEN, cycle=None)
        .select_related("golden_version")
        .order_by("pk")
        .first()
    )
    if run is None or run.golden_version is None:
        return []
    day = month.day(first.started_at)
    return [f.Point(day, first.version.name, rate_of(run), run.golden_version.number, audit=None)]


def golden_run(cycle: Cycle, version_id: int | None) -> EvalRun | None:
    """The cycle's last run of that version on golden rows."""
    return (
        cycle.eval_runs.filter(version_id=version_id, kind=EvalRun.Kind.GOLDEN)
        .select_related("golden_version")
        .order_by("-pk")
        .first()
    )


def deployments(month: ModelMonth) -> tuple[f.Deployment, ...]:
    """Every version that went live so far; ``this_month`` marks those that this report tells of."""
    found = []
    for i, rollout in enumerate(month.rollouts):
        kind = "rolled_back" if rollout.strategy == "rollback" else "deployed"
        found.append(
            f.Deployment(
                day=month.day(rollout.started_at),
                version=rollout.version.name,
                replaced=month.rollouts[i - 1].version.name if i else "",
                kind="launch" if i == 0 else kind,
                by=name(rollout.by),
                reason=clean(rollout.reason),
                this_month=month.began_here(rollout),
            )
        )
    return tuple(found[-MOST:])


def data(month: ModelMonth) -> f.Data:
    """The size of both data sets after each check, and what this month brought and set aside."""
    steps = _steps(month)
    proposals = Proposal.objects.filter(cycle__in=month.cycles)
    taken = proposals.filter(state__in=[Proposal.State.ACCEPTED, Proposal.State.RELABELLED])
    return f.Data(
        steps=tuple(steps[-MOST:]),
        changes=_changes(month, steps),
        proposed=sum((c.collected or {}).get("proposed", 0) for c in month.cycles),
        accepted=taken.filter(kind=Proposal.Kind.TRAINING).count()
        or sum((c.collected or {}).get("accepted", 0) for c in month.cycles),
        set_aside=_set_aside(month),
    )


def _steps(month: ModelMonth) -> list[f.Step]:
    sizes = {
        (version.dataset.kind, version.number): version.rows
        for dataset in month.model.datasets.prefetch_related("versions__dataset")
        for version in dataset.versions.all()
    }
    found: list[f.Step] = []
    if month.rollouts:
        first = month.rollouts[0]
        training = first.version.training_version
        found.append(
            f.Step(
                day=month.day(first.started_at),
                training_version=training.number,
                training_rows=training.rows,
                golden_version=1,
                golden_rows=sizes.get(("golden", 1), 0),
            )
        )
    for cycle in month.history:
        used = (cycle.candidate or cycle.incumbent).training_version
        monitored = ((cycle.monitor or {}).get("golden") or {}).get("version")
        compared = [c.golden_version.number for c in cycle.comparisons.all()]
        golden = max([n for n in [monitored, *compared] if n], default=None)
        if golden is None:
            golden = found[-1].golden_version if found else 1
        training_rows, number = used.rows, used.number
        if found and found[-1].training_version > number:
            training_rows, number = found[-1].training_rows, found[-1].training_version
        found.append(
            f.Step(
                day=month.last_day(cycle),
                training_version=number,
                training_rows=training_rows,
                golden_version=golden,
                golden_rows=sizes.get(("golden", golden), 0),
            )
        )
    return found


def _changes(month: ModelMonth, steps: list[f.Step]) -> tuple[f.DataChange, ...]:
    """The versions that came into use between the last check before the month and its last check."""
    if not month.cycles or len(steps) <= len(month.cycles):
        return ()
    before, after = steps[-len(month.cycles) - 1], steps[-1]
    spans = {
        "training": (before.training_version, after.training_version),
        "golden": (before.golden_version, after.golden_version),
    }
    found = []
    for kind, (low, high) in spans.items():
        dataset = month.model.datasets.filter(kind=kind).first()
        if dataset is None or high <= low:
            continue
        versions = dataset.versions.filter(number__gt=low, number__lte=high).order_by("number")
        found += [
            f.DataChange(
                kind=kind,
                version=version.number,
                rows=version.rows,
                added=version.added,
                removed=version.removed,
                by=name(version.by),
                reason=clean(version.reason),
            )
            for version in versions
        ]
    return tuple(found)


def _set_aside(month: ModelMonth) -> tuple[f.Count, ...]:
    counts: dict[str, int] = {}
    for cycle in month.cycles:
        for reason, n in ((cycle.collected or {}).get("rejected") or {}).items():
            counts[name(reason)] = counts.get(name(reason), 0) + int(n)
        by_people = cycle.proposals.filter(state=Proposal.State.REJECTED).exclude(
            decided_by="label checks"
        )
        if people := by_people.count():
            counts["person"] = counts.get("person", 0) + people
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(f.Count(what, n) for what, n in ordered[:10])
