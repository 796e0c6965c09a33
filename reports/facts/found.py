"""What a check found, what was tried, and what people decided. Pure."""

from dataclasses import dataclass

from reports.facts.figures import Difference, Rate
from reports.facts.source import Source


@dataclass(frozen=True)
class Cause:
    """Something that the diagnosis found, and its evidence as the diagnosis worded it.

    ``acts`` is false for a fault that moves neither the accuracy nor the answers: it is only listed.
    ``until`` is the first day on which it was right again. ``kind`` is what is told in other words
    than the cause's own: unseen_values, changed_text or unlabelled_clusters. ``names`` are the
    fields, segments or proposed categories that it is about; ``n`` the rows that it wants labelled.
    """

    cause: str
    evidence: str
    since: str
    acts: bool
    until: str = ""
    kind: str = ""
    names: tuple[str, ...] = ()
    n: int = 0


@dataclass(frozen=True)
class Fault:
    """A field or a part of the traffic that arrives broken: the client can repair it.

    ``until`` is the first day on which it was right again; ``segment``: only where this key has
    this value; ``lag``: hours that the value is late.
    """

    subject: str
    where: str
    kind: str
    since: str
    factor: float | None
    offset: float | None
    until: str = ""
    segment: str = ""
    lag: float | None = None

    @property
    def full_name(self) -> str:
        """The field or part of the traffic; of a field that is broken in one part only, both."""
        return f"{self.subject} ({self.segment})" if self.segment else self.subject


@dataclass(frozen=True)
class Findings:
    """The diagnosis of the month's last check."""

    day: str
    verdict: str
    causes: tuple[Cause, ...]
    new_categories: tuple[str, ...]
    weak_categories: tuple[str, ...]
    faults: tuple[Fault, ...]
    excluded: tuple[tuple[str, str], ...]
    untrusted_signals: tuple[str, ...]
    signals_checked: int
    signals_tripped: tuple[str, ...]
    expected_gain: Difference | None
    source: Source | None = None


@dataclass(frozen=True)
class Deployment:
    """A version going live: ``kind`` is launch, deployed or rolled_back."""

    day: str
    version: str
    replaced: str
    kind: str
    by: str
    reason: str
    this_month: bool
    source: Source | None = None


@dataclass(frozen=True)
class Trial:
    """A candidate against the version in use, on the same rows of one golden version."""

    day: str
    verdict: str
    incumbent: str
    candidate: str
    arm: str
    golden_version: int
    before: Rate | None
    after: Rate | None
    overall: Difference | None
    new: Difference | None
    target: Difference | None
    protected: Difference | None
    reasons: tuple[str, ...]
    label_more: int
    deployed: bool
    source: Source | None = None


@dataclass(frozen=True)
class Ruling:
    """What a named person decided: approve, refuse, overrule, ``repair.*`` or ``repair.withdrawn``.

    ``advice``: the verdict that was overruled; ``since`` and ``until``: first and last day of the
    rows that a repair mends.
    """

    day: str
    kind: str
    by: str
    reason: str
    subject: str
    advice: str = ""
    since: str = ""
    until: str = ""


@dataclass(frozen=True)
class NotDone:
    """A check that ended without a change, and why: ``outcome`` is the state that it rests in."""

    day: str
    outcome: str
    verdict: str
    cause: str
    reasons: tuple[str, ...]
    source: Source | None = None


@dataclass(frozen=True)
class Next:
    """What comes next: a code, and the day, number or names it is about."""

    what: str
    day: str
    n: int
    names: tuple[str, ...]
    source: Source | None = None
