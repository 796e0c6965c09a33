"""The loop as seven stages: where a cycle stands in it, what it waits for, and for whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from retraining.models import Cycle, State

STAGES = ("Monitor", "Diagnose", "Collect", "Retrain", "Compare", "Approve", "Roll out")
MONITOR, DIAGNOSE, COLLECT, RETRAIN, COMPARE, APPROVE, ROLL_OUT = range(len(STAGES))

WORKING, WAITING, ENDED, DONE, FAILED, AHEAD, UNUSED = (
    *("at work", "waits", "ended here", "done", "failed here", "to come", "not needed"),
)
"""How a stage stands, in the word that is shown under its name."""

# State -> the stage it is of, how it stands there, and what it waits for, in a sentence.
AT: dict[str, tuple[int, str, str]] = {
    State.MONITORING: (MONITOR, WORKING, "The window's rows are being measured."),
    State.DIAGNOSING: (DIAGNOSE, WORKING, "The causes of what moved are being looked for."),
    State.COLLECTING: (COLLECT, WORKING, "Rows to learn from are being chosen."),
    State.CURATING: (
        COLLECT,
        WAITING,
        "Proposed rows wait for a person to accept or relabel them.",
    ),
    State.RETRAINING: (RETRAIN, WORKING, "A candidate is being trained."),
    State.COMPARING: (COMPARE, WORKING, "Candidate and live version answer the same golden rows."),
    State.UNDECIDED: (
        COMPARE,
        WAITING,
        "The rows at hand don't decide. Label the rows that were asked for, then compare again.",
    ),
    State.REJECTED: (
        COMPARE,
        ENDED,
        "The gate says no: what is live stays. A named person may overrule it.",
    ),
    State.PENDING_APPROVAL: (
        APPROVE,
        WAITING,
        "A named person approves or refuses the candidate, or asks for more labels.",
    ),
    State.REFUSED: (APPROVE, ENDED, "A person refused the candidate: what is live stays."),
    State.ROLLING_OUT: (ROLL_OUT, WORKING, "The candidate is going live."),
    State.LIVE: (ROLL_OUT, DONE, "The new version is live."),
    State.HEALTHY: (DIAGNOSE, ENDED, "Nothing to do until the next check."),
    State.WAITING: (
        DIAGNOSE,
        ENDED,
        "What was seen is known or passes by itself. The next check looks again.",
    ),
    State.UPSTREAM: (
        DIAGNOSE,
        WAITING,
        "The data is broken before it reaches the model. Repair it here or have the client mend it.",
    ),
    State.NEEDS_LABELS: (
        DIAGNOSE,
        WAITING,
        "Too few labels to tell: randomly drawn rows have to be labelled.",
    ),
    State.ADVISED: (
        DIAGNOSE,
        ENDED,
        "A retrain is advised that the tier does not include. A named person may overrule it.",
    ),
}


@dataclass(frozen=True)
class Stage:
    """One of the seven: its name, how it stands in a word, and when the cycle came to it."""

    name: str
    how: str
    since: datetime | None = None

    @property
    def here(self) -> bool:
        return self.how in (WORKING, WAITING, ENDED, FAILED)

    @property
    def kind(self) -> str:
        """The word as a class of the style sheet: ``ended-here``."""
        return self.how.replace(" ", "-")


@dataclass(frozen=True)
class Strip:
    """The seven stages of one cycle and what it waits for."""

    stages: tuple[Stage, ...]
    waits: str
    for_people: bool
    """Does it wait for a person, rather than for the service or the calendar?"""


def strip_of(cycle: Cycle, steps: Sequence[tuple[str, str, datetime]]) -> Strip:
    """Where the cycle stands, from its state and its steps ``(from, to, at)`` in their order.

    A failed cycle stands at the stage that it failed in. Stages that a cycle was never to reach
    (it ended before them) say so; what is done again, as after an overrule, counts once.
    """
    reached: dict[int, datetime] = {MONITOR: cycle.created_at}
    for _, to, at in steps:
        if to in AT:
            reached.setdefault(AT[to][0], at)
    if cycle.state == State.FAILED:
        failed_in = steps[-1][0] if steps else State.MONITORING
        place, how, waits = (
            AT[failed_in][0],
            FAILED,
            f"It failed: {cycle.error or 'no reason kept'}",
        )
    else:
        place, how, waits = AT[cycle.state]
    ends = how in (ENDED, FAILED)
    stages = []
    for number, name in enumerate(STAGES):
        if number < place:
            word = DONE
        elif number == place:
            word = how
        else:
            word = UNUSED if ends else AHEAD
        stages.append(Stage(name, word, reached.get(number) if number <= place else None))
    return Strip(tuple(stages), waits, how in (WAITING, FAILED))
