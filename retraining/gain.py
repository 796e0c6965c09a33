"""Superiority and not being worse: the gate's two questions about paired answers. Pure."""

from dataclasses import dataclass
from math import ceil

from scipy import stats

from retraining.policy import Policy
from retraining.stats.intervals import wilson
from retraining.stats.paired import PairedDifference, mcnemar_greater, share_fixed
from retraining.stats.power import paired_labels_needed

FOR, AGAINST, OPEN = "for", "against", "open"
FEWEST_ASKED = 10
LOOKS = 3
"""So often one candidate is looked at: the levels of these looks are registered beforehand."""


@dataclass(frozen=True)
class Apart:
    """The month's rows that the question is about, and on how many of them the two models differ.

    No label is needed to count them, and only among them can a row be fixed or broken.
    """

    n: int
    differ: int

    @property
    def share(self) -> float:
        return self.differ / self.n if self.n else 0.0


@dataclass(frozen=True)
class Counts:
    """Rows fixed and broken outside the golden set: fresh reviewed ones, and those we asked for.

    ``drawn`` is how many we asked for: the two differ on all of them, also where both are wrong.
    """

    fresh: tuple[int, int] = (0, 0)
    asked: tuple[int, int] = (0, 0)
    drawn: int = 0

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


def alpha_of_look(policy: Policy, attempt: int) -> float:
    """The level of the k-th look at one candidate: half of what is left, so that all looks together
    never spend more than ``gate_alpha`` (a union bound; the levels are registered beforehand)."""
    return policy.gate_alpha / 2 ** max(attempt, 1)


def gain(
    *,
    goal: PairedDifference,
    name: str,
    more: Counts,
    policy: Policy,
    attempt: int = 1,
    fair: PairedDifference | None = None,
    apart: Apart | None = None,
) -> Answer:
    """Is the candidate better where it was meant to be, and by as much as the gate asks for?

    That there is a gain, golden rows and fresh reviewed rows prove by the sign test at the level of
    the look. How much it is, their points say: the golden rows', or for growth those of ``fair``,
    the out-of-fold results on all clean labelled rows, because no golden set of this size can show
    such a gain. Because golden points are few, they must also refute at ``gate_alpha`` the share of
    fixed rows that a gain of just ``gate_gain`` would mean (``share_meant``). Rows that we asked for
    have no points. They were drawn where the two differ, and on how many rows that is (``apart``) is
    known without labels: they join that same test of the size, then at the level of the look, and
    the golden rows must not rule it out. No gain on the golden rows ends the matter only where their
    interval rules out a gain that would be missed (``gate_worth``): otherwise labels decide, in as
    many looks as were registered.
    """
    points = fair or goal
    alpha = alpha_of_look(policy, attempt)
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
    if not (more.drawn or any(more.asked)):
        if points.delta <= 0 and points.high < policy.gate_worth:
            return Answer(AGAINST, f"No gain on {text}.", p_value)
        return Answer(OPEN, f"The gain is not proven on {text} ({chance(p_value)}).", p_value)
    return _of_asked(goal, points, more, text, policy, attempt, apart)


def _of_asked(
    goal: PairedDifference,
    points: PairedDifference,
    more: Counts,
    text: str,
    policy: Policy,
    attempt: int,
    apart: Apart | None,
) -> Answer:
    """The answer once rows that we asked for are labelled."""
    fixed, broken = goal.fixed + more.fixed, goal.broken + more.broken
    least = share_meant(policy.gate_gain, goal, more, apart)
    p_value = mcnemar_greater(fixed=fixed, broken=broken, share=least)
    told = f"{text}; {policy.gate_gain * 100:g} points would mean {least:.0%} fixed"
    told = f"{told} ({chance(p_value)})"
    ruled_out = points.high < policy.gate_gain or points.delta <= -policy.gate_gain
    if p_value <= alpha_of_look(policy, attempt) and not ruled_out:
        return Answer(FOR, f"Better on {told}.", p_value)
    if points.delta <= 0 and (points.high < policy.gate_worth or fixed <= broken):
        return Answer(AGAINST, f"No gain on {told}.", p_value)
    worth = share_meant(policy.gate_worth, goal, more, apart)
    missed = mcnemar_greater(fixed=broken, broken=fixed, share=max(1 - worth, 1e-9))
    if fixed < least * (fixed + broken) and missed <= policy.gate_alpha:
        return Answer(AGAINST, f"No gain of the size that is asked for on {told}.", p_value)
    if attempt >= LOOKS:
        last = f"after {attempt} looks no gain of the size that is asked for is proven"
        return Answer(AGAINST, f"The asking ends: {last} on {told}.", p_value)
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


def not_worse(
    *,
    protected: PairedDifference,
    one_sided: PairedDifference,
    policy: Policy,
    asked: tuple[int, int] = (0, 0),
    disagree: float | None = None,
) -> Answer:
    """Has the pooled protected group lost no more than the margin?

    The one-sided lower bound on the golden rows stays above minus the margin, or as many were
    fixed as broken. Rows that we asked for enter by the sign test alone: where the two models
    disagree on a share d of the rows, a net loss of the margin means that a share
    (1 + margin / d) / 2 of the changed rows is broken, and that is the share to be refuted.
    """
    text = f"the protected categories: {shown(protected)}"
    fixed, broken = protected.fixed + asked[0], protected.broken + asked[1]
    if any(asked):
        text += f", {asked[0]} fixed, {asked[1]} broken of the rows labelled since"
    lost = mcnemar_greater(fixed=broken, broken=fixed)
    if protected.high < 0:
        return Answer(AGAINST, f"Worse on {text}.", lost)
    if not loss_is_open(one_sided, policy):
        return Answer(FOR, f"Not worse on {text}.", lost)
    if any(asked) and disagree:
        share = min((1 + policy.protected_margin / disagree) / 2, 1.0)
        margin_p = float(stats.binom.cdf(broken, fixed + broken, share))
        if margin_p <= policy.gate_alpha:
            return Answer(FOR, f"Not worse on {text} ({chance(margin_p)}).", lost)
        if lost <= policy.gate_alpha:
            return Answer(AGAINST, f"Worse on {text}.", lost)
    margin = policy.protected_margin * 100
    return Answer(OPEN, f"A loss of {margin:.0f} points is not ruled out on {text}.", lost)


def loss_is_open(protected: PairedDifference, policy: Policy) -> bool:
    """More lost than gained, and the margin not ruled out. Equal counts pass at any n: a hundred
    rows on which nothing was lost can't show less, and each category has its guard."""
    return protected.low <= -policy.protected_margin and protected.delta < 0


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
        alpha=alpha_of_look(policy, attempt + 1),
        power=policy.power,
        max_labels=policy.label_more_max,
        share=share_meant(policy.gate_gain, goal, more, apart),
    )
    if needed is None:
        return policy.label_more_max
    return min(max(ceil(needed * 4 / 3), FEWEST_ASKED), policy.label_more_max)


def to_rule_loss_out(protected: PairedDifference, policy: Policy) -> int:
    """Rows on which the two disagree until the margin's share of broken ones is refuted."""
    fixed, broken, n = protected.fixed, protected.broken, protected.n
    share = min((1 + policy.protected_margin * n / max(fixed + broken, 1)) / 2, 0.99)
    expected = (broken + 0.5) / (fixed + broken + 1)
    if expected >= share:
        return policy.label_more_max
    for rows in range(FEWEST_ASKED, policy.label_more_max):
        total = fixed + broken + rows
        if stats.binom.cdf(broken + ceil(expected * rows), total, share) <= policy.gate_alpha:
            return rows
    return policy.label_more_max


def shown(difference: PairedDifference) -> str:
    """A difference in points with its interval and n."""
    return (
        f"{difference.delta * 100:+.1f} points ({difference.low * 100:+.1f} to "
        f"{difference.high * 100:+.1f}, n={difference.n})"
    )


def chance(p_value: float) -> str:
    return "p<0.0001" if p_value < 0.0001 else f"p={p_value:.4f}"
