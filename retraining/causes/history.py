"""What earlier checks leave for the next one: rows kept, healthy months, rows already settled. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

import numpy as np
import pandas as pd

from retraining.causes.evidence import Rows, having
from retraining.causes.repair import Repair

Reason = Literal["transient", "upstream"]

# Months with one of these are no baseline of accuracy.
UNHEALTHY = frozenset(
    {
        "new_category",
        "weak_category",
        "concept_change",
        "insufficient_evidence",
        "label_noise",
        "serving_change",
    }
)


@dataclass(frozen=True)
class Check:
    """An earlier look at a window: what was found (``Diagnosed.as_dict()``, as stored), and when.

    The window is half open, ``start`` to ``stop``; ``end_day`` is the first local day after it.
    """

    findings: Mapping[str, Any]
    start: datetime
    stop: datetime
    end_day: date


def marks(
    check: Check, rows: Rows, repairs: Sequence[Repair] = ()
) -> list[tuple[Reason, np.ndarray]]:
    """Which rows the check sets aside, as (n) booleans: transient days, and rows of faults.

    A fault's rows are those from its ``since`` to the day on which it was right again, or to the
    end of the window that found it; of its segment only, where it has one. A fault that changes no
    answer spoils no row. Rows that one of ``repairs`` mends are not set aside: they come repaired.
    """
    days = rows.rows["day"]
    found: list[tuple[Reason, np.ndarray]] = []
    for first, stop in check.findings.get("excluded_days", []):
        found.append(
            ("transient", _between(days, date.fromisoformat(first), date.fromisoformat(stop)))
        )
    for fault in acting_faults(check.findings):
        end = fault.get("until")
        stop_day = min(date.fromisoformat(end), check.end_day) if end else check.end_day
        mask = _between(days, date.fromisoformat(fault["since"]), stop_day)
        segment = (fault["key"], fault["value"]) if "key" in fault else fault.get("segment")
        if segment:
            key, value = segment
            if key not in rows.context:
                continue
            mask = mask & having(rows.context, key, str(value))
        mending = Repair.of_fault(fault, until=check.end_day)
        for repair in repairs:
            if repair.mends and repair.same_fault(mending):
                mask = mask & ~repair.covers(days, rows.context)
        found.append(("upstream", mask))
    return found


def standing(checks: Sequence[Check], *, today: date) -> list[Check]:
    """The checks with what still stands of them on ``today``, the day after the newest window.

    A burst that still ran when it was found is set aside on trust. Once the wait is over, that trust
    lapses unless a later check found its days to be a burst again: what still differs is lasting.
    """
    found = []
    for number, check in enumerate(checks):
        wait_until = check.findings.get("wait_until")
        lapsed = []
        if wait_until and date.fromisoformat(wait_until) <= today:
            later = [days for other in checks[number + 1 :] for days in _excluded(other)]
            lapsed = [
                [cause["since"], cause["until"]]
                for cause in check.findings["causes"]
                if cause["cause"] == "transient"
                and cause["until"] >= check.end_day.isoformat()
                and not any(a < cause["until"] and cause["since"] < b for a, b in later)
            ]
        kept = [days for days in _excluded(check) if days not in lapsed]
        found.append(replace(check, findings={**check.findings, "excluded_days": kept}))
    return found


def _excluded(check: Check) -> list[list[str]]:
    return list(check.findings.get("excluded_days", []))


def acting_faults(findings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Fields and segments whose fault changes answers."""
    faults = [*findings.get("suspect_fields", []), *findings.get("suspect_segments", [])]
    return [fault for fault in faults if fault["acts"]]


def judged(checks: Sequence[Check], rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """Which rows to keep, and which are from windows that needed nothing; (n) booleans each.

    ``checks`` in the order in which they were made: the last one that saw a row tells its health.
    """
    keep = np.ones(len(rows), dtype=bool)
    healthy = np.zeros(len(rows), dtype=bool)
    timestamps = rows.rows["timestamp"]
    for check in checks:
        for _, mask in marks(check, rows):
            keep &= ~mask
        inside = (timestamps >= check.start) & (timestamps < check.stop)
        causes = {found["cause"] for found in check.findings["causes"]}
        healthy[inside.to_numpy(dtype=bool)] = not causes & UNHEALTHY
    return keep, healthy


def settled(
    checks: Sequence[Check], rows: Rows, *, live_since: datetime | None = None
) -> frozenset[str]:
    """Ids of rows that earlier checks set aside, and of those from before the live version's time.

    ``live_since`` is None for a version that nothing preceded.
    """
    keep, _ = judged(checks, rows)
    if live_since is not None:
        keep &= (rows.rows["timestamp"] >= live_since).to_numpy(dtype=bool)
    return frozenset(rows.rows["id"][~keep])


def _between(days: pd.Series, first: date, stop: date) -> np.ndarray:
    return ((days >= first) & (days < stop)).to_numpy(dtype=bool)
