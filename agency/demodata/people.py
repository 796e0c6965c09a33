"""What people do with the model's answers: review, correct, thumb, click.

Rates follow what help desks report and what the agency sees: a reviewer labels a random share
of the rows whatever the answer was; an agent corrects about a third of the answers they take
for wrong; few people leave a thumb; opening the suggestion says little about its being right.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

OVERRIDE_OF_WRONG = 0.35
OVERRIDE_OF_RIGHT = 0.01
THUMBS_SHARE = 0.15
WRONG_LABEL_SHARE = 0.05


@dataclass(frozen=True)
class Habits:
    """How one client's people work: share of rows reviewed, and the name of the proxy signal."""

    review_share: float
    proxy: str


@dataclass(frozen=True)
class Reaction:
    """The feedback of one row, ready for the log."""

    label: str | None
    label_source: str | None
    thumbs: str | None
    proxy: bool


def _mistaken(
    *, belief: str, answer: str, categories: Sequence[str], rng: np.random.Generator
) -> str:
    # Half of the wrong labels wave a wrong answer through, as tired reviewers do.
    if answer != belief and rng.random() < 0.5:
        return answer
    others = [category for category in categories if category != belief]
    return str(others[int(rng.integers(len(others)))])


def reactions(
    *,
    truths: Sequence[str],
    beliefs: Sequence[str],
    answers: Sequence[str],
    categories: Sequence[str],
    habits: Habits,
    automatic_proxy: bool,
    rng: np.random.Generator,
) -> list[Reaction]:
    """How people react to each row's answer.

    ``beliefs`` is what staff hold to be right: the truth on ordinary days, something else
    while temporary staff are at work. ``categories`` are those that staff know this month.
    ``automatic_proxy``: the page sets the proxy signal by itself, right or wrong.
    """
    found = []
    for truth, belief, answer in zip(truths, beliefs, answers, strict=True):
        label, source = None, None
        share = OVERRIDE_OF_WRONG if answer != belief else OVERRIDE_OF_RIGHT
        reviewed, overridden, slips = rng.random(3)
        if reviewed < habits.review_share:
            source = "review"
        elif overridden < share:
            source = "override"
        if source:
            label = belief
            if slips < WRONG_LABEL_SHARE:
                label = _mistaken(belief=belief, answer=answer, categories=categories, rng=rng)
        right = answer == truth
        thumbs = None
        if rng.random() < THUMBS_SHARE:
            thumbs = "up" if rng.random() < (0.92 if right else 0.25) else "down"
        proxy_share = 0.97 if automatic_proxy else (0.7 if right else 0.35)
        found.append(Reaction(label, source, thumbs, bool(rng.random() < proxy_share)))
    return found
