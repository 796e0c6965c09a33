"""What would put a broken field right: a mapping over a view of the rows, and the way back.

The stored rows are never touched. A conversion (another unit), a shift (another clock) and an
exchange (two fields in each other's places) have an exact inverse, ``undo``; a value that is filled
in or brought forward has none, and needs none: the row as it came is still stored. Cut texts and
broken segments cannot be mended: they stay out.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from retraining.causes.evidence import having

# What a repair does to a value, by the kind of fault.
HOW = {
    "unit_change": "convert",
    "shifted_field": "shift",
    "swapped_fields": "exchange",
    "frozen_field": "fill",
    "missing_values": "fill",
    "late_field": "bring_forward",
}
LEAVE_OUT = "leave_out"


class IrreversibleRepair(ValueError):
    """The mapping has no inverse: what came is to be read from the stored rows."""


@dataclass(frozen=True)
class Repair:
    """One field, the half-open local days and the part of the traffic on which it is mended.

    ``factor``, ``offset``, ``cycle`` and ``lag`` (hours) are those of the fault:
    true = (seen - offset) / factor, round a ``cycle`` that begins at ``first``. ``partner`` is the
    other field of an exchange; each of the two faults of one gives the same repair, ``field`` being
    the name that sorts first. A broken segment without a field has ``field`` "".
    """

    field: str
    kind: str
    since: date
    until: date
    segment: tuple[str, str] | None = None
    factor: float | None = None
    offset: float | None = None
    cycle: float | None = None
    lag: float | None = None
    first: float = 0.0
    partner: str | None = None

    @classmethod
    def of_fault(cls, fault: Mapping[str, Any], *, until: date, first: float = 0.0) -> "Repair":
        """The repair of a section of ``suspect_fields`` or ``suspect_segments``.

        ``until`` is the day after those that the diagnosis saw: it says nothing of later ones.
        """
        if "key" in fault:
            segment = (str(fault["key"]), str(fault["value"]))
            return cls("", fault["cause"], _day(fault["since"]), _end(fault, until), segment)
        given, name, partner = fault.get("segment"), str(fault["field"]), fault.get("partner")
        if partner:
            name, partner = sorted((name, str(partner)))
        return cls(
            field=name,
            kind=fault["kind"],
            since=_day(fault["since"]),
            until=_end(fault, until),
            segment=(str(given[0]), str(given[1])) if given else None,
            factor=fault.get("factor"),
            offset=fault.get("offset"),
            cycle=fault.get("cycle"),
            lag=fault.get("lag"),
            first=first,
            partner=partner,
        )

    @property
    def subject(self) -> str:
        """What it is about, in words: the field or both fields, the part of the traffic, or all."""
        where = f"{self.segment[0]} = {self.segment[1]}" if self.segment else ""
        what = ", ".join(self.fields)
        return f"{what} ({where})" if what and where else what or where

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields whose values it changes: one, or the two of an exchange; none of a segment.

        >>> day = date(2025, 4, 1)
        >>> Repair("age", "swapped_fields", day, day, partner="amount").fields
        ('age', 'amount')
        """
        return tuple(name for name in (self.field, self.partner) if name)

    @property
    def how(self) -> str:
        """convert, shift, exchange, fill, bring_forward or leave_out.

        >>> day = date(2025, 4, 1)
        >>> Repair("temp", "unit_change", day, day, factor=1.8, offset=32).how
        'convert'
        >>> Repair("text", "truncated_input", day, day).how
        'leave_out'
        """
        needs = {
            "convert": self.factor,
            "shift": self.cycle,
            "bring_forward": self.lag,
            "exchange": self.partner,
        }
        how = HOW.get(self.kind, LEAVE_OUT) if self.field not in ("", "text") else LEAVE_OUT
        # Without its figures a mapping is a guess.
        return how if needs.get(how, 1.0) else LEAVE_OUT

    @property
    def mends(self) -> bool:
        """Are its rows whole afterwards, so that they may teach a model?"""
        return self.how != LEAVE_OUT

    def covers(self, days: pd.Series, context: pd.DataFrame) -> np.ndarray:
        """(n) booleans: the rows of its days and its part of the traffic."""
        mask = ((days >= self.since) & (days < self.until)).to_numpy(dtype=bool)
        if self.segment is None:
            return mask
        return np.asarray(mask & having(context, *self.segment))

    def map(self, seen: np.ndarray) -> np.ndarray:
        """True values of seen ones; NaN stays. Only for a conversion or a shift.

        >>> day = date(2025, 4, 1)
        >>> Repair("t", "unit_change", day, day, factor=1.8, offset=32).map(np.array([50.0]))
        array([10.])
        >>> Repair("hour", "shifted_field", day, day, offset=4, cycle=24).map(np.array([2.0]))
        array([22.])
        """
        how, offset = self._reversible(), self.offset or 0.0
        if how == "shift":
            return np.asarray(np.mod(seen - offset - self.first, self.cycle or 1.0) + self.first)
        return np.asarray((seen - offset) / (self.factor or 1.0))

    def undo(self, mapped: np.ndarray) -> np.ndarray:
        """Seen values of true ones: the inverse of ``map``. ``IrreversibleRepair`` where none is.

        An exchange is its own inverse, but of two columns: ``retraining.causes.mending.undone``.

        >>> day = date(2025, 4, 1)
        >>> Repair("hour", "shifted_field", day, day, offset=4, cycle=24).undo(np.array([22.0]))
        array([2.])
        """
        how, offset = self._reversible(), self.offset or 0.0
        if how == "shift":
            return np.asarray(np.mod(mapped + offset - self.first, self.cycle or 1.0) + self.first)
        return np.asarray(mapped * (self.factor or 1.0) + offset)

    def same_fault(self, other: "Repair") -> bool:
        """Is it about the same field, kind and part of the traffic? The days may differ.

        A broken segment that names no field is the fault of the fields that are broken there.
        """
        same = (self.kind, self.segment) == (other.kind, other.segment)
        return same and (self.fields == other.fields or "" in (self.field, other.field))

    def as_dict(self) -> dict[str, Any]:
        """JSON values; ``from_dict`` reads them back."""
        days = {"since": self.since.isoformat(), "until": self.until.isoformat()}
        return {**asdict(self), **days, "segment": list(self.segment) if self.segment else None}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Repair":
        days = {name: date.fromisoformat(values[name]) for name in ("since", "until")}
        segment = tuple(values["segment"]) if values["segment"] else None
        # Repairs that were kept before fields could change places have no ``partner``.
        return cls(**{**values, **days, "segment": segment})

    def _reversible(self) -> str:
        if self.how not in ("convert", "shift"):
            raise IrreversibleRepair(f"{self.field or self.segment}: {self.kind} has no mapping")
        return self.how


def repairs_of(
    findings: Mapping[str, Any], *, until: date, reference: pd.DataFrame
) -> tuple[Repair, ...]:
    """The repairs that a diagnosis (its stored findings) offers.

    For each fault that changes answers, and for those of its kind that began with it although they
    change none by themselves: a feed that sends both temperatures in another unit is mended whole.
    A broken segment whose field is named is mended by the field; two fields that changed places are
    mended by one exchange.
    """
    fields = findings.get("suspect_fields") or []
    acting = {(fault["kind"], str(fault["since"])[:10]) for fault in fields if fault["acts"]}
    found: list[Repair] = []
    for fault in fields:
        if fault["acts"] or (fault["kind"], str(fault["since"])[:10]) in acting:
            first = 0.0
            if fault.get("cycle") and fault["field"] in reference:
                first = first_of_cycle(reference[fault["field"]], fault["cycle"])
            one = Repair.of_fault(fault, until=until, first=first)
            if one not in found:
                found.append(one)
    for fault in findings.get("suspect_segments") or []:
        one = Repair.of_fault(fault, until=until)
        if fault["acts"] and not any(one.same_fault(other) for other in found):
            found.append(one)
    return tuple(found)


def _day(value: str) -> date:
    return date.fromisoformat(str(value)[:10])


def _end(fault: Mapping[str, Any], until: date) -> date:
    return min(_day(fault["until"]), until) if fault.get("until") else until


def first_of_cycle(reference: pd.Series, cycle: float) -> float:
    """Where a clock field begins: hours at 0, weekdays at 0 or 1.

    >>> first_of_cycle(pd.Series([1.0, 5.0, 7.0]), 7), first_of_cycle(pd.Series([0.0, 6.0]), 7)
    (1.0, 0.0)
    """
    return 1.0 if reference.min() >= 1 and reference.max() >= cycle else 0.0
