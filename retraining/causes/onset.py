"""Since which day of the month has something been so?"""

from datetime import date

import numpy as np

from retraining.causes.evidence import Evidence
from retraining.stats.changepoint import lasting_change

# A first day is named where a change inside the month fits clearly better than none. It decides no
# verdict, so it needs no share of the budget of false alarms.
ALPHA = 0.05
DRAWS = 199


def began(evidence: Evidence, events: np.ndarray, rows: np.ndarray) -> date:
    """The day from which on ``events`` are more frequent among ``rows`` to the end of the month.

    Two masks (n booleans) of the month's rows. Without a clear first day it is the month's first.
    """
    found = lasting_change(
        events=evidence.per_day(evidence.now, events & rows),
        totals=evidence.per_day(evidence.now, rows),
        draws=DRAWS,
        seed=evidence.seed,
    )
    return evidence.days[found.start if found and found.p_value < ALPHA else 0]


def lasts(evidence: Evidence, mask: np.ndarray, earlier: np.ndarray | None = None) -> bool:
    """Are these rows no burst: on enough days, over more than a burst's or still coming?

    ``mask`` marks rows of the month (n booleans), ``earlier`` rows before it.
    """
    policy = evidence.policy
    days = set(evidence.now.rows["day"][mask])
    if not days:
        return False
    last = max(days)
    if earlier is not None:
        days |= set(evidence.before.rows["day"][earlier])
    if len(days) < policy.new_category_min_days:
        return False
    span = (last - min(days)).days + 1
    return span > policy.transient_max_days or last == evidence.days[-1]
