"""Superiority and not being worse: the gate's two questions about paired answers. Pure."""

from dataclasses import dataclass
from math import ceil

from scipy import stats

from retraining.policy import Policy
from retraining.stats.paired import PairedDifference, mcnemar_greater
from retraining.stats.power import paired_labels_needed

FOR, AGAINST, OPEN = "for", "against", "open"
FEWEST_ASKED = 10


@dataclass(frozen=True)
class Counts:
    """Rows fixed and broken outside the golden set: fresh reviewed ones, and those we asked for."""

    fresh: tuple[int, int] = (0, 0)
    asked: tuple[int, int] = (0, 0)

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
) -> Answer:
    """Is the candidate better where it was meant to be?

    The sign test takes the golden rows, fresh reviewed rows and rows that we asked for. Points are
    the golden rows' alone; for growth they are those of ``fair``, the out-of-fold results on all
    clean labelled rows, because no golden set of this size can show such a gain. Once rows that we
    asked for have proven the gain, the golden rows must not rule it out; a first look wants them to
    show it. No gain on the golden rows ends the matter only where their interval rules out a gain
    that would be missed (``gate_worth``): otherwise labels decide.
    """
    points = fair or goal
    alpha = alpha_of_look(policy, attempt)
    p_value = mcnemar_greater(fixed=goal.fixed + more.fixed, broken=goal.broken + more.broken)
    text = f"{name}: {shown(goal)}, {goal.fixed} fixed, {goal.broken} broken{more.told()}"
    proven = p_value <= alpha
    if proven and (points.delta >= policy.gate_gain or _carried(points, more, policy)):
        return Answer(FOR, f"Better on {text} ({chance(p_value)}).", p_value)
    net = goal.fixed + more.fixed - goal.broken - more.broken
    if points.delta <= 0 and (points.high < policy.gate_worth or (any(more.asked) and net <= 0)):
        return Answer(AGAINST, f"No gain on {text}.", p_value)
    return Answer(OPEN, f"The gain is not proven on {text} ({chance(p_value)}).", p_value)


def _carried(points: PairedDifference, more: Counts, policy: Policy) -> bool:
    """Rows that we asked for proved the gain: the golden rows have only not to rule it out."""
    return any(more.asked) and points.high >= policy.gate_gain and points.delta > -policy.gate_gain


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


def to_prove_gain(goal: PairedDifference, more: Counts, policy: Policy, attempt: int) -> int:
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
