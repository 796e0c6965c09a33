"""A cycle's causes and its growth, in words that staff read."""

from collections.abc import Mapping
from typing import Any

CAUSE_NAMES = {
    "missing_values": "Values are missing or unknown",
    "frozen_field": "A field stands still",
    "shifted_field": "A field is shifted",
    "unit_change": "A field changed its unit",
    "late_field": "A field arrives late",
    "truncated_input": "Texts arrive cut off",
    "serving_change": "Production answers otherwise than the live version",
    "segment_fault": "One part of the traffic is broken",
    "new_category": "A new category",
    "transient": "A short-lived burst",
    "known_event": "A known event",
    "label_noise": "The labels are in doubt",
    "weak_category": "A weak category",
    "concept_change": "The right answer has changed",
    "mix_shift": "Other proportions, same quality",
    "proxy_inflation": "A signal that no longer tells the truth",
    "insufficient_evidence": "Too few labels to tell",
}


def causes_view(findings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each cause with its name, its days, what shows it and what it calls for."""
    return [
        {
            "name": CAUSE_NAMES.get(cause["cause"], cause["cause"].replace("_", " ")),
            "code": cause["cause"],
            "days": _days(cause),
            "evidence": cause.get("evidence", ""),
            "fix": cause.get("fix", ""),
            "listed": not cause.get("acts", True),
        }
        for cause in findings.get("causes") or []
    ]


def _days(cause: Mapping[str, Any]) -> str:
    since = f"since {cause['since']}" if cause.get("since") else ""
    over = f"over since {cause['until']}" if cause.get("until") else ""
    return ", ".join(part for part in (since, over) if part)


def growth_view(findings: Mapping[str, Any]) -> str:
    """What the new rows are worth: as measured, and by the model's own learning curve."""
    measured, curve = findings.get("opportunity"), findings.get("learning_curve")
    said = []
    if measured:
        said.append(
            f"The {measured['rows']} new rows are worth {_points(measured, 'expected_gain')}, "
            f"measured on {measured['n']} reviewed ones that were held back."
        )
    if curve:
        said.append(
            f"By the learning curve of the live version's own {curve['n']} training rows, "
            f"{curve['rows']} more like them are worth {_points(curve, 'gain')}; that alone starts "
            "no retrain."
        )
    return " ".join(said)


def _points(found: Mapping[str, Any], name: str) -> str:
    value, low, high = (100 * found[key] for key in (name, "low", "high"))
    return f"{value:+.1f} points ({low:.1f} to {high:.1f})"
