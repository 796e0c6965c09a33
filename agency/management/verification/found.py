"""What a verification comes to."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Failure:
    """What is not as it was recorded: its kind, its name, and why in a sentence."""

    what: str
    id: str
    why: str


@dataclass(frozen=True)
class Purged:
    """What was erased on purpose, of which only the digests are left."""

    what: str
    id: str
    rows: int


@dataclass(frozen=True)
class Moved:
    """What a report says as it was then: its source went on afterwards, and says otherwise now."""

    what: str
    id: str
    why: str


@dataclass
class Verified:
    """Counts of what was checked, by kind; what failed; what is no longer there to check; what a
    report says that is otherwise by now, without a fault."""

    checked: Counter[str] = field(default_factory=Counter)
    failed: list[Failure] = field(default_factory=list)
    purged: list[Purged] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)

    def check(self, what: str, name: str, problems: Iterable[str]) -> None:
        """Count one thing as checked, and each of its problems as a failure."""
        self.checked[f"{what}s"] += 1
        self.failed += self.failures(what, name, problems)

    @staticmethod
    def failures(what: str, name: str, problems: Iterable[str]) -> list[Failure]:
        """A failure for each problem of one thing."""
        return [Failure(what, name, why) for why in problems]

    def as_json(self) -> dict[str, Any]:
        return {
            "checked": dict(self.checked),
            "failed": [asdict(failure) for failure in self.failed],
            "purged": [asdict(gone) for gone in self.purged],
            "moved": [asdict(each) for each in self.moved],
        }
