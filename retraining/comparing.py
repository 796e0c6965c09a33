"""What a comparison is made of: the registered question, golden rows, and rows beyond them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from agency.base.clock import month_before, zone_of
from clients import queries as client_queries
from clients.models import Dataset, DatasetRow, DatasetVersion, MaintainedModel
from retraining import artifacts
from retraining.apart import ALL, TARGET, Apart, differing
from retraining.causes.evidence import Rows
from retraining.evidence import excluded_ids, logged_rows, training_ids
from retraining.guard import Flow, Fresh, flows
from retraining.labels_wanted import rows_to_ask, shuffled
from retraining.models import Comparison, Cycle, EvalRun, Proposal
from retraining.policy import Policy
from retraining.registered import Registered

# Whose labels a paired test may read: a row that we asked for, or one that was drawn at random.
# A correction is made because the answer was seen, so it is not blind.
BLIND = ("targeted", "review")


def register(cycle: Cycle, *, at: datetime) -> Registered:
    """The cycle's registered question; written down now if it is not yet.

    Called when the golden and the training versions stand and nothing is trained. A cycle whose
    candidate exists already (it began under an earlier release) is registered late, and says so.
    """
    if cycle.registered is not None:
        return registered_of(cycle.registered)
    golden = client_queries.current_version(model=cycle.model, kind=Dataset.Kind.GOLDEN)
    training = client_queries.current_version(model=cycle.model, kind=Dataset.Kind.TRAINING)
    labels = golden_labels(golden)
    late = cycle.candidate is not None
    taught = (
        set(cycle.candidate.categories) if cycle.candidate is not None else _categories(training)
    )
    found = Registered.of(
        new=taught - set(cycle.incumbent.categories),
        weak=cycle.diagnosis.findings["weak_categories"],
        golden=labels,
        golden_version=golden.number,
        must_pass=cycle.model.must_pass_rows.values_list("row_id", flat=True),
        growth=cycle.reason == Cycle.Reason.GROWTH,
        policy=Policy.from_snapshot(cycle.policy),
    )
    stored = {**found.as_dict(), "late": late, "at": at.isoformat()}
    # Only the worker that holds the cycle writes, and only once.
    kept = Cycle.objects.filter(pk=cycle.pk, fence=cycle.fence, registered__isnull=True)
    if kept.update(registered=stored):
        cycle.registered = stored
    return found


def registered_of(stored: Mapping[str, Any]) -> Registered:
    """The question as it was stored, without the note of when."""
    return Registered.from_dict({k: v for k, v in stored.items() if k not in ("late", "at")})


def golden_labels(golden: DatasetVersion) -> dict[str, str]:
    """The rows of a golden version that are not erased: id -> label, in their order."""
    rows = client_queries.dataset_frame(golden)
    return dict(zip(rows.ids, (str(label) for label in rows.labels), strict=True))


def _categories(version: DatasetVersion) -> set[str]:
    return {str(label) for label in client_queries.dataset_frame(version).labels}


def golden_uses(model: MaintainedModel) -> dict[str, int]:
    """How many decisions each golden row has been looked at for: row id -> comparisons.

    Counted from the comparisons themselves. A sealed row counts where its slice was opened.
    """
    looks = [
        (number, set(figures.get("sealed_rows") or ()), bool(figures.get("sealed")))
        for number, figures in Comparison.objects.filter(cycle__model=model).values_list(
            "golden_version__number", "figures"
        )
    ]
    rows = DatasetRow.objects.filter(
        dataset__model=model, dataset__kind=Dataset.Kind.GOLDEN
    ).values_list("row_id", "added_in", "removed_in")
    return {
        row_id: sum(
            added <= number
            and (removed is None or number < removed)
            and (row_id not in sealed or opened)
            for number, sealed, opened in looks
        )
        for row_id, added, removed in rows
    }


def fresh_rows(cycle: Cycle) -> Fresh | None:
    """Training rows outside the golden set with answers that neither model had learned.

    The candidate's are out of fold. So are the incumbent's where the rows were part of its own
    training; the rest it never saw.
    """
    runs = cycle.eval_runs.filter(kind=EvalRun.Kind.OUT_OF_FOLD)
    run = runs.filter(version=cycle.candidate).last()
    if run is None or cycle.candidate is None:
        return None
    answers = dict(run.rows.values_list("row_id", "prediction"))
    rows = client_queries.dataset_frame(cycle.candidate.training_version)
    mask = np.isin(np.array(rows.ids, dtype=str), list(answers))
    ids = [row_id for row_id in rows.ids if row_id in answers]
    before, _ = artifacts.load(cycle.incumbent).predict(rows.inputs[mask].reset_index(drop=True))
    own = runs.filter(version=cycle.incumbent).last()
    known = dict(own.rows.values_list("row_id", "prediction")) if own is not None else {}
    before = np.array(
        [known.get(row_id, given) for row_id, given in zip(ids, before, strict=True)], dtype=object
    )
    after = np.array([answers[row_id] for row_id in ids], dtype=object)
    return Fresh(labels=rows.labels[mask], before=before, after=after)


@dataclass(frozen=True)
class Production:
    """The trailing month as both models answer it, without what a diagnosis set aside."""

    rows: Rows
    before: np.ndarray
    after: np.ndarray

    @property
    def ids(self) -> np.ndarray:
        return np.asarray(self.rows.rows["id"].to_numpy(dtype=object))

    @property
    def disagree(self) -> float | None:
        """The share of rows on which the two differ."""
        return float(np.mean(self.before != self.after)) if len(self.before) else None

    def apart(self, registered: Registered) -> dict[str, Apart]:
        """By question: on how many of the rows that it is about do the two differ?"""
        return differing(before=self.before, after=self.after, target=set(registered.target))

    def left(self, registered: Registered) -> dict[str, int]:
        """By question: on how many rows without a label do the two differ?"""
        free = ~self.rows.labelled
        found = differing(
            before=self.before[free], after=self.after[free], target=set(registered.target)
        )
        return {name: found[name].differ if name in found else 0 for name in (ALL, TARGET)}

    def flows(self, registered: Registered) -> dict[str, Flow]:
        """What the candidate does with each protected category's rows."""
        meant = {*registered.target, *registered.new}
        return flows(before=self.before, after=self.after, away_to=meant)


def production(cycle: Cycle) -> Production:
    """Both models on the rows of the window, or of the month before its end where that is longer."""
    if cycle.candidate is None:
        raise ValueError(f"cycle {cycle.pk} has no candidate to ask about")
    zone = zone_of(cycle.model.client.timezone)
    start = min(cycle.window_start, month_before(cycle.window_end, zone))
    rows = logged_rows(cycle.model, start=start, end=cycle.window_end, repaired=cycle.incumbent)
    aside = excluded_ids(cycle, rows)
    rows = rows.where(~rows.rows["id"].isin(aside).to_numpy(dtype=bool))
    if not len(rows):
        return Production(rows, np.empty(0, dtype=object), np.empty(0, dtype=object))
    before, _ = artifacts.load(cycle.incumbent).predict(rows.inputs)
    after, _ = artifacts.load(cycle.candidate).predict(rows.inputs)
    return Production(rows, before, after)


def asked_of(cycle: Cycle) -> dict[str, list[str]]:
    """The rows that were asked to be labelled, by question: by comparisons, then by a person.

    A person's rows are drawn from all on which the two differ, so they are of the question ``ALL``.
    They stand in no comparison, for those are results: the queue holds them.
    """
    found: dict[str, list[str]] = {}
    for comparison in cycle.comparisons.order_by("attempt"):
        questions = (comparison.figures.get("label_more") or {}).get("questions") or {}
        for question, ids in questions.items():
            found.setdefault(question, []).extend(ids)
    named = {row_id for ids in found.values() for row_id in ids}
    queued = cycle.proposals.filter(kind=Proposal.Kind.ASKED).order_by("pk")
    if own := [i for i in queued.values_list("row_id", flat=True) if i not in named]:
        found.setdefault(ALL, []).extend(own)
    return found


def labels_come_in(cycle: Cycle) -> dict[str, str]:
    """Asked rows that have a label by now, and what it is. None that the candidate was taught."""
    asked = {row_id for ids in asked_of(cycle).values() for row_id in ids}
    if cycle.candidate is not None:
        asked -= training_ids(cycle.candidate)
    ordered = sorted(asked)
    found: dict[str, str] = {}
    for start in range(0, len(ordered), 500):
        logs = cycle.model.logs.filter(
            row_id__in=ordered[start : start + 500], label_source__in=BLIND
        )
        found |= dict(logs.values_list("row_id", "label"))
    return found


def answered_since(cycle: Cycle, seen: Production) -> dict[str, list[list[str]]]:
    """By question, the asked rows that are labelled now: [id, label, before, after]."""
    labels = labels_come_in(cycle)
    place = {row_id: i for i, row_id in enumerate(seen.ids)}
    return {
        question: [
            [i, labels[i], str(seen.before[place[i]]), str(seen.after[place[i]])]
            for i in ids
            if i in labels and i in place
        ]
        for question, ids in asked_of(cycle).items()
    }


def as_fresh(rows: list[list[str]]) -> Fresh:
    """Rows as ``answered_since`` gives them, for the gate."""
    columns = [np.array([row[i] for row in rows], dtype=object) for i in (1, 2, 3)]
    return Fresh(*columns)


def label_more(
    cycle: Cycle, seen: Production, *, n: int, asks: Mapping[str, int], target: set[str]
) -> dict[str, Any]:
    """About how many rows to label and which, in an order that tells nothing.

    ``n`` counts what would decide; ``rows`` may be fewer where the month holds no more rows on
    which the two disagree: then golden rows decide. ``questions`` says what each row is for.
    """
    if not len(seen.rows):
        return {"n": n, "rows": [], "questions": {}}
    taken = {i for ids in asked_of(cycle).values() for i in ids}
    left = ~seen.rows.labelled & ~np.isin(seen.ids.astype(str), sorted(taken))
    attempt = cycle.comparisons.count() + 1
    seed = cycle.seed * 1000 + attempt
    wanted = rows_to_ask(
        asks=asks, before=seen.before, after=seen.after, target=target, left=left, seed=seed
    )
    ids = seen.ids
    return {
        "n": n,
        "rows": [str(ids[i]) for i in shuffled(wanted, seed=seed)],
        "questions": {name: [str(ids[i]) for i in part] for name, part in wanted.items()},
    }
