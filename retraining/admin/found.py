"""What a check found, for a model's page: causes in their order, example rows, and what to do."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.urls import reverse

from clients.models import PredictionLog
from retraining.admin.causes import causes_view, growth_view
from retraining.models import Cycle, Diagnosis

_UPSTREAM = (
    *("frozen_field", "unit_change", "shifted_field", "missing_values", "truncated_input"),
    *("late_field", "serving_change", "segment_fault"),
)
_LABELS = ("insufficient_evidence", "label_noise")
ANSWERS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(_UPSTREAM, ("repair_and_retrain", "repair", "withdraw_repairs")),
    **dict.fromkeys(_LABELS, ("draw_labels",)),
}
"""Cause -> the decisions that answer it, of those that its cycle is open to."""
EXAMPLES = 3
LONGEST = 240


def found_view(cycle: Cycle, decisions: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The diagnosis of a cycle, ranked: what calls for something first, then by how sure it is.

    Two queries. Example rows are the first of each cause that are still stored. ``decisions`` are
    ``buttons``: each stands at the first cause that it answers.
    """
    diagnosis = Diagnosis.objects.filter(cycle=cycle).first()
    if diagnosis is None:
        return {}
    causes = [
        {
            **shown,
            "confidence": raw.get("confidence"),
            "p_value": _p_value(raw.get("p_value")),
            "row_ids": [str(i) for i in (raw.get("rows") or ())[:EXAMPLES]],
            "rows": len(raw.get("rows") or ()),
        }
        for shown, raw in zip(
            causes_view(diagnosis.findings), diagnosis.findings.get("causes") or (), strict=True
        )
    ]
    causes.sort(key=lambda cause: (cause["listed"], -(cause["confidence"] or 0.0)))
    placed: list[Mapping[str, Any]] = []
    rows = example_rows(cycle, [i for cause in causes for i in cause["row_ids"]])
    for number, cause in enumerate(causes, start=1):
        cause["rank"] = number
        answers = () if cause["listed"] else ANSWERS.get(cause["code"], ())
        cause["buttons"] = [d for d in decisions if d["decision"] in answers and d not in placed]
        placed += cause["buttons"]
        cause["examples"] = [rows[i] for i in cause["row_ids"] if i in rows]
    return {
        "diagnosis": diagnosis,
        "causes": causes,
        "growth": growth_view(diagnosis.findings),
        "placed": placed,
    }


def example_rows(cycle: Cycle, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Production rows by id: what came in, what was answered, what a person said. One query."""
    if not ids:
        return {}
    logs = PredictionLog.objects.filter(
        client_id=cycle.model.client_id, model=cycle.model_id, row_id__in=ids
    ).only("row_id", "timestamp", "input", "prediction", "confidence", "label")
    return {
        log.row_id: {
            "id": log.row_id,
            "at": log.timestamp,
            "input": input_text(log.input),
            "prediction": log.prediction,
            "confidence": log.confidence,
            "label": log.label,
        }
        for log in logs
    }


def input_text(given: Mapping[str, Any] | None, *, longest: int = LONGEST) -> str:
    """An input as one line: the text, or field by field; cut where it is long."""
    if given is None:
        return "(erased)"
    if set(given) == {"text"}:
        return _cut(str(given["text"]), longest)
    return _cut(", ".join(f"{name} {_value(value)}" for name, value in given.items()), longest)


def _value(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "missing" if value is None or value == "" else str(value)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "\u2026"


def _p_value(value: float | None) -> str:
    if value is None:
        return ""
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"


def buttons(actions: Iterable[Any], cycle: Cycle) -> list[dict[str, Any]]:
    """The decisions that a cycle is open to and this person may take, as links to their pages."""
    return [
        {
            "name": str(action.description or action.action_name),
            "decision": action.action_name.removeprefix("retraining_cycle_"),
            "href": reverse(f"admin:{action.action_name}", args=[cycle.pk]),
        }
        for action in actions
    ]
