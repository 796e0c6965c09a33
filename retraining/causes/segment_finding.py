"""What is said of a fault of one part of the traffic, and when it demands action."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from retraining.causes.evidence import Evidence, FieldFault, Finding, Rows, SegmentFault
from retraining.causes.segments import Part


def segment_finding(
    evidence: Evidence,
    part: Part | None,
    cause: str,
    sentence: str,
    fix: str,
    p_value: float,
    span: tuple[date, date | None],
    numbers: Mapping[str, Any],
    hit: Rows,
    fields: tuple[FieldFault, ...],
) -> Finding:
    """Acts where the fault moves the answers of all the traffic, or those of its own part far."""
    policy = evidence.policy
    effect, local = numbers["effect"], numbers["effect_in_segment"]
    acts = bool(effect >= policy.field_effect or local >= policy.category_drop)
    since, until = span
    return Finding(
        cause="segment_fault",
        evidence=sentence,
        fix=fix,
        p_value=p_value,
        since=since,
        until=until,
        numbers=dict(numbers),
        row_ids=tuple(hit.rows["id"][:20]),
        acts=acts,
        fields=fields,
        segments=(SegmentFault(part.key, part.value, cause, since, until),) if part else (),
        explains=frozenset(hit.rows["id"]) if acts else frozenset(),
    )
