"""From which day to which was something wrong: still so at the end, or over before it?"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from retraining.causes.evidence import Evidence
from retraining.stats.changepoint import lasting_change, raised_window

# Permutations of one scan; its tail is extrapolated beyond them.
DRAWS = 199
# A window that stops early and explains the days twenty times better than one to the end is over.
CLEARLY = 3.0


@dataclass(frozen=True)
class Stretch:
    """Days start, ..., stop - 1 of the month; ``stop`` is the number of days where it still lasts."""

    start: int
    stop: int
    p_value: float
    rate_inside: float
    rate_outside: float

    def inside(self, day: np.ndarray) -> np.ndarray:
        """Which rows, given the number of each one's day, are of these days."""
        return (day >= self.start) & (day < self.stop)


def worst_stretch(evidence: Evidence, wrong: np.ndarray, among: np.ndarray) -> Stretch | None:
    """The days on which the rows marked ``wrong`` are most common ``among`` the marked ones.

    Both scans are asked, the one to the last day and the free one, and p pays for both. None where
    no day has more than another: nothing is wrong, or everything all month long.
    """
    events = evidence.per_day(evidence.now, wrong & among)
    totals = evidence.per_day(evidence.now, among)
    free = raised_window(events=events, totals=totals, draws=DRAWS, seed=evidence.seed)
    lasting = lasting_change(events=events, totals=totals, draws=DRAWS, seed=evidence.seed)
    best = lasting
    if free and (
        lasting is None or free.log_likelihood_ratio > lasting.log_likelihood_ratio + CLEARLY
    ):
        best = free
    if best is None:
        return None
    stop = best.stop
    if not totals[stop:].any():
        # Nobody was there afterwards to show that it is over.
        stop = len(evidence.days)
    return Stretch(
        best.start, stop, min(1.0, 2 * best.p_value), best.rate_inside, best.rate_outside
    )


def day_after(evidence: Evidence, stop: int) -> date | None:
    """The first local day on which it was right again; None where it lasts to the month's end."""
    return evidence.days[stop] if stop < len(evidence.days) else None


def period(evidence: Evidence, start: int, stop: int) -> str:
    """The days in words: since one, or from one to another.

    >>> from types import SimpleNamespace
    >>> month = SimpleNamespace(days=tuple(date(2025, 5, 1 + i) for i in range(31)))
    >>> period(month, 9, 31), period(month, 9, 12)
    ('Since 2025-05-10', 'From 2025-05-10 to 2025-05-12')
    """
    if stop < len(evidence.days):
        return f"From {evidence.days[start]} to {evidence.days[stop - 1]}"
    return f"Since {evidence.days[start]}"
