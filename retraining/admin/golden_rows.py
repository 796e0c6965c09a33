"""Both versions' answers to the golden rows of one comparison, for the side-by-side page.

Sealed rows are not among them, before a decision or after: an eval run holds no row of the sealed
slice (``evaluation.score_golden`` leaves it out), of which only the sums are kept. What a comparison
names as sealed is left out here once more, should a later policy have sealed a row that an earlier
run had read.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clients.models import DatasetRow, MaintainedModel, PredictionLog
from retraining.models import Comparison, EvalRow, EvalRun, ModelVersion, MustPass

FIXED, BROKEN, BOTH_WRONG, BOTH_RIGHT = "fixed", "broken", "both_wrong", "both_right"
# In the order in which they are looked at: what would be lost stands first.
KINDS = {
    BROKEN: "Broken",
    FIXED: "Fixed",
    BOTH_WRONG: "Both wrong",
    BOTH_RIGHT: "Both right",
}
MOST_VALUES = 20
"""A context key with more values than this is a name and no segment."""


@dataclass(frozen=True)
class Pair:
    """One golden row, answered by both."""

    row_id: str
    label: str
    before: str
    before_confidence: float
    after: str
    after_confidence: float
    must_pass: bool

    @property
    def kind(self) -> str:
        was, now = self.before == self.label, self.after == self.label
        if was == now:
            return BOTH_RIGHT if now else BOTH_WRONG
        return FIXED if now else BROKEN

    @property
    def wrong_must_pass(self) -> bool:
        """A row that no candidate may get wrong, and this one does."""
        return self.must_pass and self.after != self.label


@dataclass(frozen=True)
class Wanted:
    """What a person asked to see."""

    kind: str = ""
    category: str = ""
    segment: str = ""
    words: str = ""


def pairs_of(comparison: Comparison) -> list[Pair]:
    """The rows of the comparison that anybody may look at, in the golden set's order. Five queries."""
    before = _answers(comparison, comparison.incumbent)
    after = _answers(comparison, comparison.candidate)
    sealed = set(comparison.figures.get("sealed_rows") or ())
    must_pass = set(
        MustPass.objects.filter(model=comparison.cycle.model_id).values_list("row_id", flat=True)
    )
    return [
        Pair(i, label, old, old_sure, after[i][1], after[i][2], i in must_pass)
        for i, (label, old, old_sure) in before.items()
        if i in after and i not in sealed
    ]


def _answers(comparison: Comparison, version: ModelVersion) -> dict[str, tuple[str, str, float]]:
    """Row id -> label, answer, confidence, of the run that the comparison was made with."""
    run = (
        EvalRun.objects.filter(
            version=version,
            kind=EvalRun.Kind.GOLDEN,
            cycle=comparison.cycle_id,
            golden_version=comparison.golden_version_id,
            created_at__lte=comparison.created_at,
        )
        .order_by("-created_at", "-pk")
        .values_list("pk", flat=True)
        .first()
    )
    rows = EvalRow.objects.filter(run=run).order_by("pk") if run else EvalRow.objects.none()
    columns = ("row_id", "label", "prediction", "confidence")
    return {i: (label, answer, sure) for i, label, answer, sure in rows.values_list(*columns)}


def inputs_of(model: MaintainedModel, ids: Sequence[str]) -> dict[str, Any]:
    """Golden row id -> input; ``None`` where it was erased. One query."""
    rows = DatasetRow.objects.filter(
        dataset__model=model, dataset__kind="golden", row_id__in=list(ids)
    )
    return dict(rows.values_list("row_id", "input"))


def segments_of(model: MaintainedModel, ids: Sequence[str]) -> dict[str, dict[str, str]]:
    """Golden row id -> context, of the rows that came from production rows still stored. Two queries.

    Keys with many values are left out: they name rows and no part of the traffic.
    """
    known = set(ids)
    from_logs = {
        row_id: log
        for row_id, log in DatasetRow.objects.filter(dataset__model=model, dataset__kind="golden")
        .exclude(log_row_id="")
        .values_list("row_id", "log_row_id")
        if row_id in known
    }
    if not from_logs:
        return {}
    logs = PredictionLog.objects.filter(
        client_id=model.client_id, model=model, row_id__in=set(from_logs.values())
    )
    context = dict(logs.values_list("row_id", "context"))
    values: dict[str, set[str]] = {}
    for found in context.values():
        for key, value in (found or {}).items():
            values.setdefault(str(key), set()).add(str(value))
    kept = {key for key, seen in values.items() if len(seen) <= MOST_VALUES}
    return {
        row_id: {str(k): str(v) for k, v in (context.get(log) or {}).items() if str(k) in kept}
        for row_id, log in from_logs.items()
    }


def chosen(
    pairs: Sequence[Pair],
    wanted: Wanted,
    *,
    segments: Mapping[str, Mapping[str, str]],
    inputs: Mapping[str, str],
) -> list[Pair]:
    """The rows that fit every filter, broken ones first, then in the golden set's order.

    ``inputs`` (row id -> text) is read where words are asked.
    """
    key, _, value = wanted.segment.partition("=")
    words = wanted.words.casefold().split()
    fit = [
        pair
        for pair in pairs
        if (not wanted.kind or pair.kind == wanted.kind)
        and (not wanted.category or pair.label == wanted.category)
        and (not wanted.segment or segments.get(pair.row_id, {}).get(key) == value)
        and all(word in f"{pair.row_id} {inputs.get(pair.row_id, '')}".casefold() for word in words)
    ]
    order = list(KINDS)
    return sorted(fit, key=lambda pair: order.index(pair.kind))


def counts_of(pairs: Sequence[Pair]) -> list[tuple[str, str, int]]:
    """(kind, name, rows) of the four kinds."""
    found = Counter(pair.kind for pair in pairs)
    return [(kind, name, found[kind]) for kind, name in KINDS.items()]
