"""The gate: promote, reject, or undecided and how many labels would decide. Pure.

Candidate and incumbent answered the same golden rows. Superiority is asked of the target, not
being worse once of the pooled protected group with a stated margin, and of each protected category
only that it has not lost grossly: four rows can't show more.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from retraining.apart import ALL, TARGET, Apart, differing
from retraining.gain import AGAINST, FOR, OPEN, Answer, Counts, gain, shown, to_prove_gain
from retraining.guard import (
    CLEARED,
    CONFIRMED,
    Flow,
    Fresh,
    asked_again,
    category_figures,
    in_doubt,
    joined,
)
from retraining.guard import OPEN as GUARD_OPEN
from retraining.no_loss import loss_is_open, not_worse, protected_change, to_rule_loss_out
from retraining.policy import Policy
from retraining.stats.paired import PairedDifference, paired_difference

RULE = 13
"""The decision record that last changed the rule: a stored verdict is derived again by its own."""
PROMOTE, REJECT, UNDECIDED = "promote", "reject", "undecided"
# What labels are asked for beside ALL and TARGET: rows that either model takes for one category.
LOST = "lost:"


@dataclass(frozen=True)
class Gated:
    """The verdict, its reasons in sentences, and the figures behind them."""

    verdict: str
    reasons: tuple[str, ...]
    overall: PairedDifference
    groups: dict[str, PairedDifference | None]
    categories: tuple[dict[str, Any], ...]
    fixed_rows: tuple[str, ...]
    broken_rows: tuple[str, ...]
    more_labels: int | None
    lost: tuple[str, ...] = ()
    asks: Mapping[str, int] | None = None
    """How many rows to label for which question, where the verdict is undecided."""


def judge(
    *,
    ids: np.ndarray,
    labels: np.ndarray,
    before: np.ndarray,
    after: np.ndarray,
    target: Collection[str],
    new: Collection[str],
    policy: Policy,
    fresh_rows: Fresh | None = None,
    asked: Mapping[str, Fresh] | None = None,
    moved: Mapping[str, Flow] | None = None,
    apart: Mapping[str, Apart] | None = None,
    left: Mapping[str, int] | None = None,
    attempt: int = 1,
    growth: bool = False,
    must_pass: Collection[str] = (),
    guards: Sequence[str] = (),
) -> Gated:
    """Compare two vectors of n answers to the same n labelled rows.

    ``target`` names the categories that the retrain was for; empty means all rows. ``new`` are
    those that the incumbent does not know. Everything else is protected. A category whose guard
    trips was picked because it lost, so its golden rows can't testify twice: fresh and asked rows
    confirm the loss, clear it, or leave it open for want of rows. ``asked`` are rows labelled since,
    by the question that they were asked for; ``moved`` is what becomes of unlabelled rows
    (`guard.flows`), ``apart`` on how many of them the two differ, by question, and ``left`` how many of
    those have no label yet. With ``growth`` the
    points are those of ``fresh_rows``, answered out of fold. ``must_pass`` are ids of rows that no
    candidate may get wrong, ``guards`` sentences of guard metrics that failed. ``attempt`` counts
    the looks at this candidate.
    """
    right_before, right_after = before == labels, after == labels
    wanted = np.isin(labels.astype(str), sorted(target)) if target else np.ones(len(ids), bool)
    born = np.isin(labels.astype(str), sorted(new)) if new else np.zeros(len(ids), bool)
    safe = ~wanted & ~born if target else ~born
    groups = {
        "new": _difference(right_before, right_after, born, policy),
        "target": _difference(right_before, right_after, wanted, policy) if target else None,
        "protected": _difference(right_before, right_after, safe, policy),
    }
    overall = _difference(right_before, right_after, np.ones(len(ids), bool), policy)
    if overall is None:
        raise ValueError("nothing to compare: the golden set is empty")
    categories = tuple(
        category_figures(str(name), labels, right_before, right_after, policy)
        for name in sorted(set(labels.astype(str)))
    )
    by_question, flow, differ = dict(asked or {}), dict(moved or {}), dict(apart or {})
    every = joined(by_question.values())
    protected_names = _protected(labels, fresh_rows, every, flow, {*target, *new})
    doubts = [
        asked_again(c, fresh_rows, policy, every, flow.get(c["category"]))
        for c in in_doubt(categories, protected_names, flow, policy, fresh_rows, {*target, *new})
    ]
    goal = groups["target"] or overall
    drawn = by_question.get(ALL)
    aimed = joined(by_question[name] for name in (ALL, TARGET) if name in by_question)
    more = _more(fresh_rows, aimed, target if groups["target"] else None, growth=growth)
    question = TARGET if groups["target"] else ALL
    about = differ.get(question)
    gained = gain(
        goal=goal,
        name="the target" if groups["target"] else "all rows",
        more=more,
        policy=policy,
        attempt=attempt,
        fair=_out_of_fold(fresh_rows, policy) if growth else None,
        apart=about,
        golden=differing(before=before, after=after, target=target).get(question),
        left=(left or {}).get(question),
    )
    # Non-inferiority asks on one side only: the lower end of the interval at 1 - 2 alpha.
    one_sided = _difference(right_before, right_after, safe, policy, 1 - 2 * policy.gate_alpha)
    kept = None
    of_all = Counts()
    if drawn is not None:
        of_all = Counts(asked=drawn.changes(protected_names), drawn=drawn.differing())
    if groups["protected"] is not None and one_sided is not None:
        kept = not_worse(
            protected=groups["protected"],
            one_sided=one_sided,
            policy=policy,
            more=of_all,
            changed=protected_change(differ, of_all),
        )
    missed = [str(i) for i in ids[~right_after] if i in set(must_pass)]
    changed = bool(np.any(before != after)) or any((more.fixed, more.broken))
    verdict, reasons = _verdict(gained, kept, doubts, missed, guards, changed=changed)
    asks: dict[str, int] = {}
    if verdict == UNDECIDED:
        prove = to_prove_gain(goal, more, policy, attempt, about)
        keep = 0
        if kept is not None and one_sided is not None and loss_is_open(one_sided, policy):
            keep = to_rule_loss_out(one_sided, policy, of_all, differ)
        asks = _asks(gained, kept, doubts, policy, question, prove=prove, keep=keep)
    return Gated(
        verdict=verdict,
        reasons=tuple(reasons),
        overall=overall,
        groups=groups,
        categories=categories,
        fixed_rows=tuple(ids[~right_before & right_after]),
        broken_rows=tuple(ids[right_before & ~right_after]),
        more_labels=min(sum(asks.values()), policy.label_more_max) if asks else None,
        lost=tuple(c["category"] for c in doubts if c["verdict"] != CLEARED),
        asks=asks or None,
    )


def sealed_says_no(*, before: np.ndarray, after: np.ndarray, policy: Policy) -> str | None:
    """The last question before a promotion, of golden rows that no earlier step has looked at.

    ``before`` and ``after`` are right-or-wrong answers to the sealed rows. They confirm the rest
    unless more of them are broken than fixed: a sentence then, else ``None``.
    """
    found = paired_difference(before=before, after=after, confidence=policy.confidence)
    if found.broken <= found.fixed:
        return None
    return f"The sealed golden rows say otherwise: {shown(found)}."


def _verdict(
    gained: Answer,
    kept: Answer | None,
    doubts: Sequence[Mapping[str, Any]],
    missed: Sequence[str],
    guards: Sequence[str],
    *,
    changed: bool,
) -> tuple[str, list[str]]:
    found: dict[str, list[str]] = {AGAINST: [], OPEN: [], FOR: []}
    if missed:
        found[AGAINST].append(f"Rows that must pass are answered wrong: {', '.join(missed)}.")
    found[AGAINST] += guards
    if not changed:
        same = "The candidate answers every golden row as the incumbent does."
        return REJECT, [*found[AGAINST], same]
    found[gained.verdict].append(gained.sentence)
    kinds = {CONFIRMED: AGAINST, CLEARED: FOR, GUARD_OPEN: OPEN}
    for category in doubts:
        found[kinds[category["verdict"]]].append(category["sentence"])
    if kept is not None:
        found[kept.verdict].append(kept.sentence)
    if found[AGAINST]:
        return REJECT, found[AGAINST] + found[OPEN] + found[FOR]
    if found[OPEN]:
        return UNDECIDED, found[OPEN] + found[FOR]
    return PROMOTE, found[FOR]


def _protected(
    labels: np.ndarray,
    fresh: Fresh | None,
    asked: Fresh | None,
    moved: Mapping[str, Flow],
    meant: set[str],
) -> set[str]:
    """Every category at hand but the target and the new ones."""
    seen = set(labels.astype(str)) | set(moved)
    for rows in (fresh, asked):
        if rows is not None:
            seen |= set(rows.labels.astype(str))
    return seen - meant


def _more(
    fresh: Fresh | None, asked: Fresh | None, target: Collection[str] | None, *, growth: bool
) -> Counts:
    """Rows outside the golden set that join the sign test for the gain.

    Asked rows always do: they were picked blind. Fresh reviewed rows do for a target, whose golden
    rows are a handful, and for growth; for decay without a target they are of the month that
    called for the retrain, which may be the month of a fault that nobody saw.
    """
    counted = (
        fresh.changes(target) if fresh is not None and (target is not None or growth) else (0, 0)
    )
    if asked is None:
        return Counts(counted)
    return Counts(counted, asked.changes(target), asked.differing(target))


def _out_of_fold(fresh: Fresh | None, policy: Policy) -> PairedDifference | None:
    if fresh is None or not len(fresh.labels):
        return None
    return paired_difference(
        before=fresh.before == fresh.labels,
        after=fresh.after == fresh.labels,
        confidence=policy.confidence,
    )


def _difference(
    before: np.ndarray,
    after: np.ndarray,
    mask: np.ndarray,
    policy: Policy,
    confidence: float | None = None,
) -> PairedDifference | None:
    if not mask.any():
        return None
    level = policy.confidence if confidence is None else confidence
    return paired_difference(before=before[mask], after=after[mask], confidence=level)


def _asks(
    gained: Answer,
    kept: Answer | None,
    doubts: Sequence[Mapping[str, Any]],
    policy: Policy,
    question: str,
    *,
    prove: int,
    keep: int,
) -> dict[str, int]:
    """What is open, and about how many rows would decide it."""
    asks: dict[str, int] = {}
    if gained.verdict == OPEN:
        asks[question] = prove
    if kept is not None and kept.verdict == OPEN and keep:
        asks[ALL] = max(asks.get(ALL, 0), keep)
    for category in doubts:
        if category["verdict"] == GUARD_OPEN:
            asks[LOST + category["category"]] = 2 * policy.category_min_n
    return asks
