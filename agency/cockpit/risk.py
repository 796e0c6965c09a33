"""What comes first today: risk per minute of a person's time. Pure.

Every kind of thing that waits for a person is one row of ``KINDS``: what leaving it alone risks, what
it takes, and how soon each tier may expect a reaction. The numbers are the agency's terms, like a
price list; each row says why it is as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

BASIC, STANDARD, PREMIUM = "basic", "standard", "premium"
TIER_WEIGHT: Mapping[str, float] = {BASIC: 1.0, STANDARD: 1.5, PREMIUM: 2.0}
"""What a client pays bears on who comes first, but less than in proportion: prices of 750, 2,250 and
4,500 dollars would drown every fault of a small client."""
TIER_MINUTES: Mapping[str, int] = {STANDARD: 180, PREMIUM: 480}
"""A tier of the agency's own counts as the trade's tier whose staff minutes it buys at least."""
LATEST = 4.0
"""An item that has waited for thrice its time presses four times as much, and then no more: what is
late by a year is forgotten, not urgent."""
RETRAIN_DROP = 5.0
"""Points of accuracy that double the risk: where the loop itself calls for a retrain."""
SEEN = 0.3
"""What somebody has acknowledged is in hands already."""
ROW_MINUTES = 0.2
"""The queue is made for 50 rows in ten minutes."""


@dataclass(frozen=True)
class Kind:
    """One kind of work. ``hours``: to react in, for the three tiers; ``minutes`` and ``a_row``: what
    it takes; ``base``: what it risks to leave it, from 1 (nothing yet) to 9."""

    name: str
    base: float
    minutes: float
    hours: tuple[int, int, int]
    why: str
    a_row: float = 0.0


KINDS: Mapping[str, Kind] = {
    "failed": Kind(
        *("failed cycle", 8, 15, (48, 24, 8)),
        why="A fault of ours: no check, no retrain and no report's figures until it is mended.",
    ),
    "fault": Kind(
        *("fault of ours", 8, 10, (48, 24, 8)),
        why="A fault of ours, which the client cannot see and nobody else will mend.",
    ),
    "upstream": Kind(
        *("fix at the source", 7, 15, (72, 48, 24)),
        why="Every day of a broken feed brings wrong answers that no retrain mends. Writing to the "
        "client with evidence and example rows takes a quarter of an hour.",
    ),
    "approval": Kind(
        *("approval", 6, 6, (120, 72, 24)),
        why="A better version stands ready while the worse one answers, and the next check waits. "
        "Verdict, changed rows and cause are read in six minutes.",
    ),
    "alert": Kind(
        *("alert", 5, 3, (72, 48, 24)),
        why="Something moved that calls for action; to read it and act or acknowledge takes minutes.",
    ),
    "overdue": Kind(
        *("overdue check", 5, 10, (48, 48, 24)),
        why="The tier promises the check. Mostly the rows are missing: somebody asks for them.",
    ),
    "delivery": Kind(
        *("mail not sent", 5, 2, (48, 24, 24)),
        why="Nobody knows whether the client has the report; one look at the mail server tells.",
    ),
    "notice": Kind(
        *("alert not told", 4, 2, (24, 12, 8)),
        why="The client relies on being told; it ages fast.",
    ),
    "undecided": Kind(
        *("undecided gate", 4, 3, (168, 96, 48)),
        a_row=ROW_MINUTES,
        why="The rows that were asked for decide it, at the queue's rate; what is live stays.",
    ),
    "curation": Kind(
        *("rows to label", 4, 2, (168, 96, 48)),
        a_row=ROW_MINUTES,
        why="The retrain begins when the last row is decided, at the queue's rate.",
    ),
    "labels": Kind(
        *("labels wanted", 3, 5, (240, 168, 96)),
        why="Without labels nobody knows how well the model does; the client is asked for them.",
    ),
    "report": Kind(
        *("report to read", 3, 4, (120, 72, 48)),
        why="Clients expect it in the first week of the month; two to five pages are read in four "
        "minutes.",
    ),
    "upload": Kind(
        *("rows set aside", 2, 5, (168, 96, 48)),
        why="Rows that could not be stored are missing from every figure; those of one cause are "
        "mended together.",
    ),
    "watch": Kind(
        *("watch", 1, 3, (336, 240, 168)),
        why="Out of the ordinary but below what calls for action; it may close by itself.",
    ),
}


def tier_class(*, slug: str, staff_minutes: int) -> str:
    """Which column of ``KINDS`` holds for a tier: its own name's, else by the minutes it buys.

    >>> tier_class(slug="gold", staff_minutes=200)
    'standard'
    """
    if slug in TIER_WEIGHT:
        return slug
    bought = (name for name, least in TIER_MINUTES.items() if staff_minutes >= least)
    return max(bought, key=lambda name: TIER_MINUTES[name], default=BASIC)


# Looked up for every item of every client, so reckoned once.
ALLOWED: Mapping[tuple[str, str], timedelta] = {
    (kind, tier): timedelta(hours=hours)
    for kind, row in KINDS.items()
    for tier, hours in zip(TIER_WEIGHT, row.hours, strict=True)
}


def allowed(kind: str, tier: str) -> timedelta:
    """How long the clock runs before the item is overdue. ``tier`` as ``tier_class`` gives it.

    >>> allowed("approval", "premium")
    datetime.timedelta(days=1)
    """
    return ALLOWED[kind, tier]


def minutes(kind: str, rows: int = 0) -> float:
    """Estimated minutes of a person's time; ``rows``: to label.

    >>> minutes("curation", rows=50)
    12.0
    """
    return KINDS[kind].minutes + KINDS[kind].a_row * rows


def risk(
    kind: str,
    *,
    tier: str,
    waited: timedelta,
    drop: float | None = None,
    drop_low: float | None = None,
    seen: bool = False,
) -> float:
    """What it risks to leave this for another day, in the units of ``Kind.base``.

    ``drop`` is by how many points accuracy is down, ``drop_low`` the end of its interval that is
    nearer to nothing. Half of each counts, neither below zero: what is uncertain weighs less than
    what is sure.
    """
    pressure = min(LATEST, 1.0 + max(0.0, waited / allowed(kind, tier)))
    lost = (max(0.0, drop or 0.0) + max(0.0, drop_low or 0.0)) / 2
    found = KINDS[kind].base * TIER_WEIGHT[tier] * pressure * (1.0 + lost / RETRAIN_DROP)
    return found * SEEN if seen else found


def clock_words(left: timedelta) -> str:
    """The clock as people read it; negative is overdue.

    >>> clock_words(timedelta(hours=5, minutes=20)), clock_words(timedelta(days=-2, hours=-3))
    ('due in 5 h', 'overdue 2 d')
    """
    hours = abs(left) / timedelta(hours=1)
    if hours < 1:
        told = f"{max(1, int(hours * 60))} min"
    else:
        told = f"{int(hours)} h" if hours < 48 else f"{int(hours / 24)} d"
    return f"due in {told}" if left > timedelta(0) else f"overdue {told}"


def span(minutes_: float) -> str:
    """Minutes as people say them.

    >>> span(12), span(75), span(120_000)
    ('12 min', '1 h 15 min', '2,000 h')
    """
    whole = max(1, round(minutes_)) if minutes_ > 0 else 0
    hours, rest = divmod(whole, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest} min" if rest and hours < 10 else f"{hours:,} h"
