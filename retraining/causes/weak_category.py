"""A category that carries traffic is answered badly."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from retraining.causes.evidence import Evidence, Finding, Rows
from retraining.causes.onset import began
from retraining.causes.stratified import rise
from retraining.stats.intervals import wilson
from retraining.stats.multiplicity import holm

# A category with less than this share of the typical number of training rows is thin: such
# categories are tested together too, because alone each has few rows to show anything.
THIN = 1 / 3
# Failures of which more than this share came within a burst's days are a burst, not a weakness.
BURST = 2 / 3
# A category that is answered well may grow: weakness has to be likely by itself.
DOUBT = 0.10
# What few right answers among all rows may show needs growth beside it, at this level: a category
# that was always thin and weak is no news.
GROWN = 0.01
# Tests that share the rate of a group, and families that share the rate of the cause.
TESTS, FAMILIES = 4, 3


@dataclass(frozen=True)
class Group:
    """Categories tested together, and the reviewed rows that carry their labels."""

    names: tuple[str, ...]
    rows: np.ndarray
    right: int
    n: int


def find(evidence: Evidence, earlier: Sequence[Finding]) -> list[Finding]:
    """Reviewed rows by their label: answered worse than the policy's bound, beyond chance?

    Two questions. Absolute: exact binomial against the bound. Grown and weak: joined by Fisher's
    product with the category's share of the reviewed rows and with its share of all corrections
    (exact, against earlier rows), which shows a thin category that becomes frequent at once: how
    many rows came says nothing of how they were answered, and no reviewer saw a corrected row.
    Earlier rows are those of the months that needed nothing, and once more all that were kept. And
    outnumbered (``_outnumbered``), which asks all rows and not the reviewed ones only; four tests share
    the rate. Label errors, dealt evenly
    and as frequent as failures elsewhere, are taken off: each is a failed row of some category.
    Holm within three families, a third of the rate each: the pool of the thin categories, where
    weakness is expected, each of these, and the rest.
    """
    policy, now = evidence.policy, evidence.now
    fair = _fair(evidence, now)
    if fair.sum() < policy.confirm_reviews or any(
        finding.cause == "label_noise" and finding.acts for finding in earlier
    ):
        return []
    thin = _thin(evidence)
    families: list[list[tuple[str, ...]]] = [
        [thin] if len(thin) > 1 else [],
        [(name,) for name in thin],
        [(name,) for name in evidence.categories if name not in thin],
    ]
    weak: dict[str, Group] = {}
    best_p = 1.0
    for family in families:
        groups = [_group(now, fair, names) for names in family]
        groups = [group for group in groups if group.n >= policy.category_min_n]
        if not groups:
            continue
        p_values = holm([min(1.0, TESTS * _p_value(evidence, g, fair)) for g in groups])
        for group, p_value in zip(groups, p_values, strict=True):
            if p_value >= policy.alpha_of("weak_category") / FAMILIES:
                continue
            best_p = min(best_p, FAMILIES * float(p_value))
            # A pool that is weak does not make each of its members weak: those mostly right stay out.
            members = (_group(now, fair, (name,)) for name in group.names)
            weak |= {
                own.names[0]: own
                for own in members
                if own.n
                and own.right / own.n < policy.weak_category_accuracy
                and not _is_burst(evidence, own.names, group.names)
            }
    return [_finding(evidence, weak, fair, best_p)] if weak else []


def _p_value(evidence: Evidence, group: Group, fair: np.ndarray) -> float:
    """The best of the four tests; 1 where the category has no traffic of its own."""
    policy = evidence.policy
    n_fair = int(fair.sum())
    # Where labels got worse, all others fail more often too, and a rare category gets its share.
    others = fair & ~group.rows
    failing = float((evidence.now.failed & others).sum()) / max(1, int(others.sum()))
    share = n_fair * len(group.names) / len(evidence.categories)
    slips = max(policy.label_error, failing) * share
    if group.n / n_fair < policy.weak_category_share or group.n < 2 * slips:
        return 1.0
    bound = policy.weak_category_accuracy * (1 - slips / group.n)
    below = float(stats.binom.cdf(group.right, group.n, bound))
    own = max(0, group.n - int(np.ceil(slips)))
    corrected = _corrections(evidence.now, group.names)
    found = [below, _outnumbered(evidence, group.names, max(policy.label_error, failing))]
    for before in (evidence.before.where(evidence.healthy), evidence.before):
        usual = _fair(evidence, before)
        if below >= DOUBT or usual.sum() < policy.confirm_reviews:
            continue
        was, was_corrected = (
            _group(before, usual, group.names),
            _corrections(before, group.names),
        )
        grown = rise(now=own, now_n=n_fair, before=was.n, before_n=int(usual.sum()))
        more = rise(
            now=corrected[0],
            now_n=corrected[1],
            before=was_corrected[0],
            before_n=was_corrected[1],
        )
        p_values = [below, grown.p_value, more.p_value]
        found.append(float(stats.combine_pvalues(p_values).pvalue))
    return min(found)


def _outnumbered(evidence: Evidence, names: tuple[str, ...], error: float) -> float:
    """Were more rows of these categories answered wrong than any count of right ones allows?

    Right are at most the rows that got such an answer and that nobody corrected; wrong at least those
    with such a label and another answer, reviewed or corrected, less label errors (Poisson, ``error`` of
    all labels, dealt evenly). Both are bounds, so it does not matter who chose which rows get a label,
    and the binomial test of the bound on accuracy is cautious. 1 unless the categories' share of all
    wrong answers grew.
    """
    now, before = evidence.now, evidence.before
    wrong, of = _wrong(now, names), int(now.failed.sum())
    answered = now.rows["prediction"].isin(names).to_numpy(dtype=bool)
    right = int((answered & ~now.failed).sum())
    was, was_of = _wrong(before, names), int(before.failed.sum())
    if not was_of or rise(now=wrong, now_n=of, before=was, before_n=was_of).p_value >= GROWN:
        return 1.0
    expected = error * int(now.labelled.sum()) * len(names) / len(evidence.categories)
    slips = np.arange(wrong + 1)
    chances = stats.poisson.pmf(slips, expected)
    below = stats.binom.cdf(right, right + wrong - slips, evidence.policy.weak_category_accuracy)
    return min(1.0, float(chances @ below) + float(stats.poisson.sf(wrong, expected)))


def _wrong(rows: Rows, names: tuple[str, ...]) -> int:
    return int((rows.failed & rows.rows["label"].isin(names).to_numpy(dtype=bool)).sum())


def _is_burst(evidence: Evidence, own: tuple[str, ...], tested: tuple[str, ...]) -> bool:
    """Did most of the failures with these labels come within a burst's days? Reviews and corrections
    count: a raffle that temporary staff file under one name fills it with wrong rows for a weekend.
    Two or three failures fall into one week by chance: below a burst's rows the category is
    judged by all those that were tested with it."""
    now = evidence.now
    few = _wrong(now, own) < evidence.policy.transient_min_rows
    names = tested if few else own
    failed = now.failed & now.rows["label"].isin(names).to_numpy(dtype=bool)
    each = evidence.per_day(now, failed)
    days = min(evidence.policy.transient_max_days, len(each))
    densest = int(np.convolve(each, np.ones(days, dtype=int), mode="valid").max())
    return densest > BURST * int(each.sum())


def _corrections(rows: Rows, names: tuple[str, ...]) -> tuple[int, int]:
    """Answers that somebody corrected to one of these labels, and all that somebody corrected."""
    corrected = rows.failed & ~rows.reviewed
    return int((corrected & rows.rows["label"].isin(names).to_numpy(bool)).sum()), int(
        corrected.sum()
    )


def _finding(
    evidence: Evidence, weak: dict[str, Group], fair: np.ndarray, p_value: float
) -> Finding:
    now, n_fair = evidence.now, int(fair.sum())
    right = sum(own.right for own in weak.values())
    n = sum(own.n for own in weak.values())
    interval = wilson(successes=right, n=n, confidence=evidence.policy.confidence)
    failed = fair & now.failed & now.rows["label"].isin(weak).to_numpy(dtype=bool)
    usual = _fair(evidence, evidence.before) & evidence.healthy
    was = _group(evidence.before, usual, tuple(weak))
    past = f", {was.n / usual.sum() * 100:.0f}% before" if usual.any() else ""
    return Finding(
        cause="weak_category",
        evidence=(
            f"{', '.join(sorted(weak))}: {right} of {n} reviewed rows answered right "
            f"({interval.low * 100:.0f} to {interval.high * 100:.0f}%), "
            f"{n / n_fair * 100:.0f}% of the reviewed traffic{past}."
        ),
        fix="Collect examples of these categories and retrain.",
        p_value=min(1.0, p_value),
        since=began(evidence, failed, fair),
        numbers={
            **interval.as_dict(),
            "categories": {name: {"right": own.right, "n": own.n} for name, own in weak.items()},
        },
        row_ids=tuple(sorted(now.rows["id"][failed]))[:40],
        categories=tuple(sorted(weak)),
    )


def _fair(evidence: Evidence, rows: Rows) -> np.ndarray:
    return rows.reviewed & rows.rows["label"].isin(evidence.categories).to_numpy(dtype=bool)


def _group(rows: Rows, fair: np.ndarray, names: tuple[str, ...]) -> Group:
    mine = fair & rows.rows["label"].isin(names).to_numpy(dtype=bool)
    n = int(mine.sum())
    return Group(names, mine, n - int((rows.failed & mine).sum()), n)


def _thin(evidence: Evidence) -> tuple[str, ...]:
    names, counts = np.unique(evidence.training_labels.astype(str), return_counts=True)
    bound = THIN * float(np.median(counts))
    return tuple(str(name) for name, count in zip(names, counts, strict=True) if count < bound)
