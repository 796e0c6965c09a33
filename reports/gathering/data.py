"""How the data grew: the size of both sets check by check, what came in, what was set aside."""

from collections.abc import Mapping

from clients.models import DatasetVersion
from reports import facts as f
from reports.gathering.month import ModelMonth
from reports.gathering.time_line import MOST
from reports.text import clean, name
from retraining.models import Comparison, Proposal

CHECKS = "label checks"
"""Who decided where a check did, and no person."""
Versions = dict[tuple[str, int], DatasetVersion]


def data(month: ModelMonth) -> f.Data:
    """The size of both data sets after each check, and what this month brought and set aside."""
    versions = _versions(month)
    steps = _steps(month, versions)
    proposals = Proposal.objects.filter(cycle__in=month.cycles)
    taken = proposals.filter(state__in=[Proposal.State.ACCEPTED, Proposal.State.RELABELLED])
    return f.Data(
        steps=tuple(steps[-MOST:]),
        changes=_changes(month, steps, versions),
        proposed=sum((c.collected or {}).get("proposed", 0) for c in month.cycles),
        accepted=taken.filter(kind=Proposal.Kind.TRAINING).count()
        or sum((c.collected or {}).get("accepted", 0) for c in month.cycles),
        set_aside=_set_aside(month),
        source=f.Source("proposals", month.label),
    )


def _versions(month: ModelMonth) -> Versions:
    every = DatasetVersion.objects.filter(dataset__model=month.model).select_related("dataset")
    return {(version.dataset.kind, version.number): version for version in every}


def _steps(month: ModelMonth, versions: Versions) -> list[f.Step]:
    def step(day: str, training: int, training_rows: int, golden: int) -> f.Step:
        held = [versions.get(("training", training)), versions.get(("golden", golden))]
        return f.Step(
            day=day,
            training_version=training,
            training_rows=training_rows,
            golden_version=golden,
            golden_rows=held[1].rows if held[1] else 0,
            source=f.Source("dataset_rows", _named(*held)),
        )

    compared: dict[int, list[int]] = {}
    of_model = Comparison.objects.filter(cycle__model=month.model)
    for cycle_id, number in of_model.values_list("cycle", "golden_version__number"):
        compared.setdefault(cycle_id, []).append(number)
    found: list[f.Step] = []
    if month.rollouts:
        first = month.rollouts[0]
        training = first.version.training_version
        found.append(step(month.day(first.started_at), training.number, training.rows, golden=1))
    for cycle in month.history:
        used = (cycle.candidate or cycle.incumbent).training_version
        monitored = ((cycle.monitor or {}).get("golden") or {}).get("version")
        golden = max([n for n in [monitored, *compared.get(cycle.pk, ())] if n], default=None)
        if golden is None:
            golden = found[-1].golden_version if found else 1
        training_rows, number = used.rows, used.number
        if found and found[-1].training_version > number:
            training_rows, number = found[-1].training_rows, found[-1].training_version
        found.append(step(month.last_day(cycle), number, training_rows, golden))
    return found


def _named(*versions: DatasetVersion | None) -> str:
    """The snapshots by number and the beginning of their SHA-256."""
    return " ".join(
        f"dataset_version {v.pk} sha256 {v.sha256[:12]}" for v in versions if v is not None
    )


def _changes(
    month: ModelMonth, steps: list[f.Step], versions: Versions
) -> tuple[f.DataChange, ...]:
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
        found += [
            f.DataChange(
                kind=kind,
                version=version.number,
                rows=version.rows,
                added=version.added,
                removed=version.removed,
                by=name(version.by),
                reason=clean(version.reason),
                source=f.Source("dataset_changes", _named(version)),
            )
            for (of, number), version in sorted(versions.items())
            if of == kind and low < number <= high
        ]
    return tuple(found)


def _set_aside(month: ModelMonth) -> tuple[f.Count, ...]:
    counts: dict[str, int] = {}
    for cycle in month.cycles:
        for reason, n in ((cycle.collected or {}).get("rejected") or {}).items():
            counts[name(reason)] = counts.get(name(reason), 0) + int(n)
        by_people = (
            cycle.proposals.filter(state=Proposal.State.REJECTED)
            .exclude(decided_by=CHECKS)
            # A row that a comparison asked for was no example to set aside.
            .exclude(kind=Proposal.Kind.ASKED)
        )
        if people := by_people.count():
            counts["person"] = counts.get("person", 0) + people
    return in_order(counts)


def in_order(counts: Mapping[str, int]) -> tuple[f.Count, ...]:
    """The most frequent reasons first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(f.Count(what, n) for what, n in ordered[:10])
