"""Parts of the traffic by context key and value, and the evidence of one of them alone."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from retraining.causes.evidence import Evidence, having

# Rows of a part before it is looked at, now, and before where it is to be its own reference.
MIN_ROWS = 30
# A part that is nearly everything is not a part.
NEARLY_ALL = 0.95
# Keys with more values than this tell rows apart (ids, times), not segments.
MOST_VALUES = 25

# A part's rows are the rows of a fault where they overlap so well (F1).
HOLDS = 0.9
# Stretches of days and rows of a part in them that its distance from the rest is taken of.
BLOCK_DAYS, BLOCK_ROWS = 6, 8
# A change of unit carries a part so much farther away from the rest.
APART = 0.4
# What asks for values outside all that was ever seen must see the training set's seasons.
NEEDS_SEASONS = {"unit_change"}


@dataclass(frozen=True)
class Part:
    """The rows of now and of before at which the context's ``key`` is ``value``."""

    key: str
    value: str
    now: np.ndarray
    before: np.ndarray

    @property
    def established(self) -> bool:
        """Did the part have rows enough before to be held against itself?"""
        return int(self.before.sum()) >= MIN_ROWS

    def rest(self) -> "Part":
        """All rows but these: what happens there too is no fault of the part."""
        return Part(self.key, f"not {self.value}", ~self.now, ~self.before)


def parts_of(evidence: Evidence, least: int = MIN_ROWS) -> list[Part]:
    """All parts with ``least`` rows now, but for those that are nearly all of the traffic."""
    found = []
    for key in evidence.now.context.columns:
        values = evidence.now.context[key]
        kinds = values.dropna().unique()
        if len(kinds) > MOST_VALUES:
            continue
        for value in kinds:
            now = having(evidence.now.context, str(key), str(value))
            if least <= now.sum() <= NEARLY_ALL * len(now):
                before = having(evidence.before.context, str(key), str(value))
                found.append(Part(str(key), str(value), now, before))
    return found


def part_holding(evidence: Evidence, hit: np.ndarray, inside: np.ndarray) -> Part | None:
    """The part whose rows in the window ``inside`` are the rows at ``hit``, and no others.

    The best F1 of all parts, where it is at least HOLDS; None where the rows are of all the traffic.
    """
    scored = [
        (2 * int((hit & part.now).sum()) / int(hit.sum() + (part.now & inside).sum()), part)
        for part in parts_of(evidence, least=1)
        if (hit & part.now).any()
    ]
    best, part = max(scored, key=lambda one: one[0], default=(0.0, None))
    return part if best >= HOLDS else None


def within(evidence: Evidence, part: Part, cause: str, tests: int, but: np.ndarray) -> Evidence:
    """The evidence of one part alone, without the rows at ``but``, for the find of a field cause.

    An established part is held against its own earlier rows only: what training holds of it isn't
    known, and a part that has always been otherwise is no fault. A new one is held against all
    that went before. The false-alarm rate of ``cause`` becomes this part's share of segment_fault's.
    """
    policy = evidence.policy
    share = policy.alpha_of("segment_fault") / policy.alpha_of(cause) / tests
    narrow = replace(
        evidence,
        policy=replace(policy, false_alarms_a_year=policy.false_alarms_a_year * share),
        now=evidence.now.where(part.now & ~but),
    )
    if not part.established:
        return narrow
    if cause in NEEDS_SEASONS:
        return replace(
            narrow,
            before=evidence.before.where(part.before),
            healthy=evidence.healthy[part.before],
        )
    before = evidence.before.where(part.before)
    return replace(
        narrow,
        before=before,
        healthy=evidence.healthy[part.before],
        training_inputs=before.inputs,
        training_labels=before.rows["prediction"].to_numpy(dtype=object),
    )


def usual_inputs(evidence: Evidence, part: Part | None) -> pd.DataFrame:
    """What the part's inputs were like; all of training and before for everything and new parts."""
    if part is not None and part.established:
        return evidence.before.where(part.before).inputs
    return pd.concat([evidence.training_inputs, evidence.before.inputs], ignore_index=True)


def came_apart(evidence: Evidence, part: Part) -> bool:
    """Do numbers of the part stand farther from the rest's of the same days than they used to?

    Kolmogorov-Smirnov in stretches of days, against the same distance before (0 for a new part).
    Seasons and weather move all parts alike and leave it as it was.
    """
    now, was, day = evidence.now.inputs, evidence.before.inputs, evidence.day_index(evidence.now)
    for name in evidence.spec.numeric:
        values, earlier = now[name].to_numpy(dtype=float), was[name].to_numpy(dtype=float)
        usual = _distance(earlier, part.before) if part.established else 0.0
        for first in range(0, len(evidence.days), BLOCK_DAYS):
            block = (day >= first) & (day < first + BLOCK_DAYS)
            if _distance(values[block], part.now[block]) - usual >= APART:
                return True
    return False


def _distance(values: np.ndarray, mine: np.ndarray) -> float:
    """Between the values at ``mine`` and the others; 0 where either side has too few."""
    known = ~np.isnan(values)
    one, other = np.sort(values[known & mine]), np.sort(values[known & ~mine])
    if min(len(one), len(other)) < BLOCK_ROWS:
        return 0.0
    both = np.concatenate([one, other])
    below = np.searchsorted(one, both, side="right") / len(one)
    return float(np.abs(below - np.searchsorted(other, both, side="right") / len(other)).max())
