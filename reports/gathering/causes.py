"""What a diagnosis found, cause by cause and fault by fault, as its stored sections say it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from reports import facts as f
from reports.text import clean, name
from retraining.causes.registry import VERDICTS

# Kinds of fault that a cause names otherwise than itself.
KINDS = {"missing_values": {"missing_values", "unseen_values"}}
# Kinds that segment_fault may find in all of the traffic too, with no segment to tell it by.
WHOLE = ("changed_text", "swapped_fields")
# More of one kind than this is a list for the cockpit, not for a reader.
MOST = 12


def cause_of(section: Mapping[str, Any], found: Mapping[str, Any]) -> f.Cause:
    """One section of ``causes``, with the fields, segments or categories that belong to it."""
    kind = _kind(section, found)
    names = _proposed(section) if kind == "unlabelled_clusters" else _subjects(section, found)
    return f.Cause(
        cause=name(section["cause"]),
        evidence=clean(section.get("evidence")),
        since=_day(section.get("since")),
        acts=bool(section.get("acts", True)),
        until=_day(section.get("until")),
        kind=kind,
        names=names[:MOST],
        n=int((section.get("numbers") or {}).get("labels_needed") or 0),
    )


def faults_of(found: Mapping[str, Any]) -> tuple[f.Fault, ...]:
    """Broken fields, then broken segments that no field names."""
    fields = [
        f.Fault(
            subject=name(section["field"]),
            where="field",
            kind=name(section["kind"]),
            since=_day(section.get("since")),
            factor=_real(section.get("factor")),
            offset=_real(section.get("offset")),
            until=_day(section.get("until")),
            segment=_segment(section),
            lag=_real(section.get("lag")),
        )
        for section in found.get("suspect_fields") or []
    ]
    told = {(fault.segment, fault.since) for fault in fields}
    segments = [
        f.Fault(
            subject=_segment(section),
            where="segment",
            kind=name(section.get("cause")),
            since=_day(section.get("since")),
            factor=None,
            offset=None,
            until=_day(section.get("until")),
        )
        for section in found.get("suspect_segments") or []
        if (_segment(section), _day(section.get("since"))) not in told
    ]
    return tuple((fields + segments)[:MOST])


def main_cause(found: Mapping[str, Any], verdict: str) -> str:
    """The cause, or its kind, that the verdict rests on; else the first one; empty without any."""
    causes = found.get("causes") or []
    own = [
        section
        for section in causes
        if section["cause"] in VERDICTS.get(verdict, ()) and section.get("acts", True)
    ]
    chosen = [*own, *causes][:1]
    return next((_kind(one, found) or name(one["cause"]) for one in chosen), "")


def _kind(section: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """What is told otherwise than other findings of its cause; empty for most."""
    if section["cause"] == "insufficient_evidence" and _proposed(section):
        return "unlabelled_clusters"
    kinds = {fault.get("kind") for fault in _of(section, found.get("suspect_fields"))}
    told = ("missing_values", "unseen_values"), *(("segment_fault", one) for one in WHOLE)
    for cause, kind in told:
        if section["cause"] == cause and kinds == {kind}:
            return kind
    return ""


def _proposed(section: Mapping[str, Any]) -> tuple[str, ...]:
    numbers = section.get("numbers") or {}
    return tuple(name(proposed) for proposed in numbers.get("proposed") or {})


def _subjects(section: Mapping[str, Any], found: Mapping[str, Any]) -> tuple[str, ...]:
    """``temp_c``, ``temp_c (app = 3.1)`` or ``app = 3.1``."""
    own = {
        "suspect_fields": _of(section, found.get("suspect_fields")),
        "suspect_segments": _of(section, found.get("suspect_segments")),
    }
    return tuple(dict.fromkeys(fault.full_name for fault in faults_of(own)))


def _of(section: Mapping[str, Any], faults: Any) -> list[Mapping[str, Any]]:
    """The faults that a finding named: of its kind, since its day, and as grave."""
    return [fault for fault in faults or [] if _belongs(fault, section)]


def _belongs(fault: Mapping[str, Any], section: Mapping[str, Any]) -> bool:
    kind, cause = fault.get("kind") or fault.get("cause"), section["cause"]
    if cause == "segment_fault":
        # A field fault of one part of the traffic has the kind of the cause that would name it.
        fits = kind in ("segment_fault", *WHOLE) or bool(_segment(fault))
    else:
        fits = kind in KINDS.get(cause, {cause})
    same_day = _day(fault.get("since")) == _day(section.get("since"))
    return fits and same_day and fault.get("acts", True) == section.get("acts", True)


def _segment(section: Mapping[str, Any]) -> str:
    """``key = value`` of a broken segment, or of the segment in which a field is broken."""
    given = section.get("segment")
    if "key" in section:
        given = (section["key"], section["value"])
    return f"{name(given[0])} = {name(given[1])}" if given else ""


def _day(value: object) -> str:
    """``YYYY-MM-DD``, or nothing where the finding names no day."""
    try:
        return date.fromisoformat(str(value or "")[:10]).isoformat()
    except ValueError:
        return ""


def _real(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None
