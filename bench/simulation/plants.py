"""What a plant is: a cause put into a month on purpose, how strong it came out, what is right then."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np

from bench.simulation.month import Month

# The contract's order: of several causes that hold, the first of these wins.
PRIORITY = ("fix_upstream", "retrain", "wait", "collect_labels", "no_action")
BELOW = frozenset({"collect_labels", "wait", "no_action"})


@dataclass
class Plant:
    """One planted cause. ``start`` and ``stop``: half-open days of the month at hand.

    ``wished`` is the strength asked for, ``realized`` what the month gave (both in multiples of the
    detectable effect). Hooks are called in the order traffic, world, feed, serve, people.
    """

    wished: float
    start: int
    stop: int
    rng: np.random.Generator
    realized: float = 0.0
    fields: tuple[str, ...] = ()
    segment: tuple[str, str] | None = None
    details: dict[str, Any] = field(default_factory=dict)
    cause = ""
    verdict = "no_action"

    def traffic(self, month: Month) -> None:
        """Change which rows there are."""

    def world(self, month: Month) -> None:
        """Change what is right."""

    def feed(self, month: Month) -> None:
        """Change what the model is sent."""

    def serve(self, month: Month) -> None:
        """Change what the service answers."""

    def people(self, month: Month) -> None:
        """Change how people react."""

    def rows(self, month: Month) -> np.ndarray:
        """The rows of its days."""
        return month.between(self.start, self.stop)

    def right(self) -> frozenset[str]:
        """The verdicts that it calls for; below the detectable effect, waiting is right too."""
        if self.verdict == "no_action" or self.realized >= 1:
            return frozenset({self.verdict})
        return BELOW | {self.verdict}

    def goes_on(self, days: int) -> bool:
        """Move into the next month: true where it lasts, and then from its first day on."""
        if not self.details.get("lasts"):
            return False
        self.start, self.stop = 0, days
        return True


def right_verdicts(plants: Iterable[Plant]) -> frozenset[str]:
    """The verdicts that an expert could sign for a month with all these plants.

    >>> sorted(right_verdicts([]))
    ['no_action']
    """
    choices = [plant.right() for plant in plants] or [frozenset({"no_action"})]
    return frozenset(min(together, key=PRIORITY.index) for together in product(*choices))


def strong_categories(month: Month) -> tuple[str, ...]:
    """Established categories that the launch model answers as well as the average, or better."""
    launch = month.launch
    overall = launch.accuracy(launch.test)
    return tuple(
        name for name in launch.world.established if launch.accuracy_of(name) >= overall - 0.01
    )
