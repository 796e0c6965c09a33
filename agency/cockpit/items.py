"""One thing that waits for a person: what, for how long, how much work, and where it is done."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.urls import reverse

from agency.cockpit.risk import KINDS, allowed, clock_words, minutes, risk, span
from agency.cockpit.world import ClientRow, ModelRow, TierRow

# Who may do it. What is not named here, everybody who works may do.
NEEDS: Mapping[str, tuple[str, str]] = {
    "approval": ("retraining.approve_cycle", "for an approver"),
    "report": ("reports.send_monthlyreport", "for an approver"),
}
LABELS: Mapping[str, str] = {
    **dict.fromkeys(("failed", "fault", "upstream"), "danger"),
    **dict.fromkeys(("approval", "alert", "overdue", "delivery", "notice"), "warning"),
    **dict.fromkeys(("undecided", "curation", "labels", "report", "upload"), "primary"),
    "watch": "info",
}


@dataclass(slots=True)
class Item:
    """``page`` is the name of an admin page, with its arguments or its filters."""

    kind: str
    client: ClientRow
    tier: TierRow
    sentence: str
    since: datetime
    at: datetime
    page: str
    args: tuple[int, ...] = ()
    filters: dict[str, str | int] = field(default_factory=dict)
    model: ModelRow | None = None
    because: str = ""
    rows: int = 0
    times: int = 1
    drop: tuple[float, float, float, int] | None = None  # points: estimate, low, high, and n
    seen_by: str = ""
    holds_up: bool = False
    minutes: float = field(init=False)
    risk: float = field(init=False)
    left: timedelta = field(init=False)

    def __post_init__(self) -> None:
        waited = self.at - self.since
        self.left = allowed(self.kind, self.tier.column) - waited
        self.minutes = self.times * minutes(self.kind, self.rows)
        self.risk = risk(
            self.kind,
            tier=self.tier.column,
            waited=waited,
            drop=self.drop[0] if self.drop else None,
            drop_low=self.drop[1] if self.drop else None,
            seen=bool(self.seen_by),
        )

    @property
    def rank(self) -> float:
        """Risk taken away per minute of work."""
        return self.risk / self.minutes

    @property
    def overdue(self) -> bool:
        return self.left <= timedelta(0)

    @property
    def name(self) -> str:
        return KINDS[self.kind].name

    @property
    def label(self) -> str:
        return LABELS[self.kind]

    @property
    def clock(self) -> str:
        return clock_words(self.left)

    @property
    def takes(self) -> str:
        return span(self.minutes)

    @property
    def url(self) -> str:
        query = f"?{urlencode(self.filters)}" if self.filters else ""
        return reverse(f"admin:{self.page}", args=self.args) + query

    @property
    def drop_words(self) -> str:
        """By how many points accuracy is down, as an estimate with its interval."""
        if self.drop is None:
            return ""
        estimate, low, high, n = self.drop
        return f"accuracy {-estimate:+.0f} points ({-high:+.0f} to {-low:+.0f}, n {n})"

    @property
    def needs(self) -> str:
        """The permission that the work takes; empty: none of its own."""
        return NEEDS.get(self.kind, ("", ""))[0]

    @property
    def whom(self) -> str:
        return NEEDS.get(self.kind, ("", ""))[1]
