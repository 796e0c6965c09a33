"""Superiority: is the candidate better where it was meant to be, and by enough? Pure."""

from dataclasses import dataclass
from math import ceil

from retraining.apart import Apart, speaks_for
from retraining.policy import Policy
from retraining.stats.intervals import wilson
from retraining.stats.paired import PairedDifference, mcnemar_greater, share_fixed
from retraining.stats.power import paired_labels_needed

FOR, AGAINST, OPEN = "for", "against", "open"
FEWEST_ASKED = 10
LOOKS = 3
"""So often one candidate is looked at: the levels of these looks are registered beforehand."""


@dataclass(frozen=True)
class Counts:
    """Rows fixed and broken outside the golden set: fresh reviewed ones, and those we asked for.

    ``drawn`` is how many we asked for: the two differ on all of them, also where both are wrong.
    """

    fresh: tuple[int, int] = (0, 0)
    asked: tuple[int, int] = (0, 0)
    drawn: int = 0

    @property
    def answered(self) -> bool:
        """Has any row that we asked for been labelled?"""
        return bool(self.drawn or any(self.asked))

    @property
    def fixed(self) -> int:
        return self.fresh[0] + self.asked[0]

    @property
    def broken(self) -> int:
        return self.fresh[1] + self.asked[1]

    def told(self) -> str:
        parts = [
            f"{pair[0]} fixed, {pair[1]} broken of the {kind}"
            for pair, kind in (
                (self.fresh, "rows that neither had learned"),
                (self.asked, "rows labelled since"),
            )
            if any(pair)
        ]
        return "".join(f", and {part}" for part in parts)


@dataclass(frozen=True)
class Answer:
    """What one question came to, in one word and one sentence."""

    verdict: str
    sentence: str
    p_value: float


def alpha_of_look(policy: Policy, attempt: int, *, last: bool = False) -> float:
    """The level of the k-th look at one candidate: half of what is left, and all that is left where
    no look can follow. All looks together never spend more than ``gate_alpha`` (a union bound)."""
    return policy.gate_alpha / 2 ** (max(attempt, 1) - last)


def is_last(more: Counts, attempt: int, left: int | None) -> bool:
    """Can no look follow this one? Known before the labels of a look are.

    It is the last one that was registered, or of the month's rows on which the two differ (those
    that the question is about) none is without a label. A first look asks; it is never the last.
    """
    return more.answered and (attempt >= LOOKS or (attempt > 1 and left == 0))


def gain(
    *,
    goal: PairedDifference,
    name: str,
    more: Counts,
    policy: Policy,
    attempt: int = 1,
    fair: PairedDifference | None = None,
    apart: Apart | None = None,
    golden: Apart | None = None,
    left: int | None = None,
) -> Answer:
    """Is the candidate better where it was meant to be, and by as much as the gate asks for?

    That there is a gain, golden rows and fresh reviewed rows prove by the sign test at the level of
    the look. How much it is, their points say: the golden rows', or for growth those of ``fair``,
    the out-of-fold results on all clean labelled rows, because no golden set of this size can show
    such a gain. Because golden points are few, they must also refute at ``gate_alpha`` the share of
    fixed rows that a gain of just ``gate_gain`` would mean (``share_meant``). Rows that we asked for
    have no points. They were drawn where the two differ, and on how many rows that is (``apart``) is
    known without labels: they join that same test of the size, then at the level of the look.

    No gain on the golden rows ends the matter only where their interval rules out a gain that would
    be missed (``gate_worth``) and they cover what the candidate changes: ``golden`` says on how many
    of them the two differ, and where that is less often than in production (`speaks_for`), they
    neither end the matter nor rule out what asked rows prove. Otherwise labels decide, in as many
    looks as were registered, or until no row is ``left`` to label.
    """
    points = fair or goal
    last = is_last(more, attempt, left)
    alpha = alpha_of_look(policy, attempt, last=last)
    fixed, broken = goal.fixed + more.fixed, goal.broken + more.broken
    p_value = mcnemar_greater(fixed=fixed, broken=broken)
    text = f"{name}: {shown(goal)}, {goal.fixed} fixed, {goal.broken} broken{more.told()}"
    if apart is not None and _too_few_differ(apart, policy):
        few = f"of the month's {apart.n} rows {apart.differ} are answered otherwise"
        return Answer(AGAINST, f"No gain of the size that is asked for: {few}; {text}.", p_value)
    seen = goal.fixed + more.fresh[0], goal.broken + more.fresh[1]
    proven = max(p_value, mcnemar_greater(fixed=seen[0], broken=seen[1])) <= alpha
    if proven and points.delta >= policy.gate_gain:
        least = share_meant(policy.gate_gain, goal, Counts(), apart)
        size_p = mcnemar_greater(fixed=seen[0], broken=seen[1], share=least)
        if fair is not None or size_p <= policy.gate_alpha:
            return Answer(FOR, f"Better on {text} ({chance(p_value)}).", p_value)
    speaks = fair is not None or speaks_for(golden, apart, policy)
    if not speaks and golden is not None and apart is not None:
        text += f" (they change {golden.share:.0%}, the month's rows {apart.share:.0%} of answers)"
    if not more.answered:
        if points.delta <= 0 and points.high < policy.gate_worth and speaks:
            return Answer(AGAINST, f"No gain on {text}.", p_value)
        return Answer(OPEN, f"The gain is not proven on {text} ({chance(p_value)}).", p_value)
    return _of_asked(goal, points, more, text, policy, attempt, apart, speaks=speaks, last=last)


def _of_asked(
    goal: PairedDifference,
    points: PairedDifference,
    more: Counts,
    text: str,
    policy: Policy,
    attempt: int,
    apart: Apart | None,
    *,
    speaks: bool,
    last: bool,
) -> Answer:
    """The answer once rows that we asked for are labelled."""
    fixed, broken = goal.fixed + more.fixed, goal.broken + more.broken
    least = share_meant(policy.gate_gain, goal, more, apart)
    p_value = mcnemar_greater(fixed=fixed, broken=broken, share=least)
    told = f"{text}; {policy.gate_gain * 100:g} points would mean {least:.0%} fixed"
    told = f"{told} ({chance(p_value)})"
    ruled_out = points.high < policy.gate_gain or points.delta <= -policy.gate_gain
    level = alpha_of_look(policy, attempt, last=last)
    if p_value <= level and not (ruled_out and speaks):
        return Answer(FOR, f"Better on {told}.", p_value)
    missed_here = speaks and points.high < policy.gate_worth
    if points.delta <= 0 and (missed_here or fixed <= broken):
        return Answer(AGAINST, f"No gain on {told}.", p_value)
    worth = share_meant(policy.gate_worth, goal, more, apart)
    missed = mcnemar_greater(fixed=broken, broken=fixed, share=max(1 - worth, 1e-9))
    if fixed < least * (fixed + broken) and missed <= policy.gate_alpha:
        return Answer(AGAINST, f"No gain of the size that is asked for on {told}.", p_value)
    if last:
        why = f"after {attempt} looks no gain of the size that is asked for is proven"
        return Answer(AGAINST, f"The asking ends: {why} on {told}.", p_value)
    return Answer(OPEN, f"A gain of the size that is asked for is not proven on {told}.", p_value)


def share_meant(
    gain_meant: float, goal: PairedDifference, more: Counts, apart: Apart | None
) -> float:
    """The share of changed rows that would be fixed where the gain is ``gain_meant``.

    Rows change their answer as often as the month's rows do without any label, less the share of
    the asked ones on which both are wrong. Without a month of rows: as often as the labelled ones.
    """
    changed = (goal.fixed + goal.broken) / goal.n
    if apart is not None and apart.differ:
        changed = apart.share
        if more.drawn:
            changed *= max(sum(more.asked), 1) / more.drawn
    return share_fixed(gain=gain_meant, changed=changed) if changed else 1.0


def _too_few_differ(apart: Apart, policy: Policy) -> bool:
    """So few rows are answered otherwise that the gain can't be there, were each of them fixed."""
    if not apart.n:
        return False
    high = wilson(successes=apart.differ, n=apart.n, confidence=1 - 2 * policy.gate_alpha).high
    return high < policy.gate_gain


def to_prove_gain(
    goal: PairedDifference,
    more: Counts,
    policy: Policy,
    attempt: int,
    apart: Apart | None = None,
) -> int:
    """About how many rows on which the two disagree would prove the gain at the next look.

    The golden rows say how often a changed row is a fixed one; rows are asked for only where the
    answers differ, so nearly every one of them counts. A third is added for rows that both get
    wrong and for labels that are.
    """
    fixed, broken = goal.fixed + more.fixed, goal.broken + more.broken
    needed = paired_labels_needed(
        fixed=fixed,
        broken=broken,
        n=max(fixed + broken, 1),
        alpha=alpha_of_look(policy, attempt + 1, last=attempt + 1 >= LOOKS),
        power=policy.power,
        max_labels=policy.label_more_max,
        share=share_meant(policy.gate_gain, goal, more, apart),
    )
    if needed is None:
        return policy.label_more_max
    return min(max(ceil(needed * 4 / 3), FEWEST_ASKED), policy.label_more_max)


def shown(difference: PairedDifference) -> str:
    """A difference in points with its interval and n."""
    return (
        f"{difference.delta * 100:+.1f} points ({difference.low * 100:+.1f} to "
        f"{difference.high * 100:+.1f}, n={difference.n})"
    )


def chance(p_value: float) -> str:
    return "p<0.0001" if p_value < 0.0001 else f"p={p_value:.4f}"
