"""Production answers with something else than the live version: a frozen model does not move."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd
from scipy.stats import fisher_exact

from retraining.causes.evidence import Evidence, Finding, Rows
from retraining.stats.changepoint import Segment, lasting_change, raised_window

# Logs and artifact must have agreed so far before a difference is a change. Confidences of another
# training run of the same model differ a little everywhere: there only the very artifact counts.
AGREED = {"answers": 0.9, "confidences": 0.99}
# Rows that tell whether they did, and days of the month that stand in where no earlier rows are.
ENOUGH = 15
FIRST_DAYS = 3
# A logged confidence that is this far from the artifact's is another one.
FAR = 0.1
# Rows are compared with earlier ones of which the artifact was about as sure: a model that is
# close to ours and not ours differs most where both waver, and hard questions come in bursts.
SURE = (0.35, 0.5, 0.65, 0.8, 0.9)
ANSWERS, CONFIDENCES = "answers", "confidences"


@dataclass(frozen=True)
class Change:
    """Since which day (0-based), until which (half open), and how many rows differ there."""

    what: str
    segment: Segment
    differs: np.ndarray


def find(evidence: Evidence, earlier: Sequence[Finding]) -> list[Finding]:
    """Since which day does the logged answer differ from the artifact's on the very same input?

    Broken inputs can't do that, since both saw them: another version is served, inputs are
    prepared otherwise, or a default answers for all. Scans of the daily share of differing rows,
    to the end of the month or over a window of it, whichever explains the days better, and Fisher
    against earlier rows for the whole month; Bonferroni over these three, and answers and
    confidences. Only a change counts: logs and artifact must have agreed before (last month, or in
    this one's first days), and now differ in more rows than the artifact's own confidence led to
    expect. Rows that we answered ourselves, and those that the version before the live one
    answered, say nothing of it.
    """
    now = _served(evidence, evidence.now)
    if len(now) < 2 * ENOUGH:
        return []
    was = _served(evidence, _just_before(evidence))
    for what in (ANSWERS, CONFIDENCES):
        change = _change(evidence, now, was, what)
        if change is not None:
            return [_finding(evidence, now, change)]
    return []


def _served(evidence: Evidence, rows: Rows) -> Rows:
    """The rows that production answered, with the live version as far as is known."""
    ours = rows.rows["replayed"].astype(bool) | rows.rows["id"].isin(evidence.settled)
    answered = rows.rows["prediction"].notna()
    return rows.where((~ours & answered).to_numpy(dtype=bool))


def _just_before(evidence: Evidence) -> Rows:
    first = evidence.days[0] - timedelta(days=len(evidence.days))
    return evidence.before.where((evidence.before.rows["day"] >= first).to_numpy(dtype=bool))


def _differs(evidence: Evidence, rows: Rows, what: str) -> tuple[np.ndarray, np.ndarray]:
    """Which rows differ from the artifact, and how sure the artifact is of each."""
    if not len(rows):
        return np.zeros(0, dtype=bool), np.zeros(0)
    answers, sure = evidence.predict(rows.inputs)
    other = (rows.rows["prediction"].to_numpy(dtype=object) != answers).astype(bool)
    if what == ANSWERS:
        return other, np.asarray(sure, dtype=float)
    logged = pd.to_numeric(rows.rows["confidence"]).to_numpy(dtype=float)
    return ~other & (np.abs(logged - sure) > FAR), np.asarray(sure, dtype=float)


def _change(evidence: Evidence, now: Rows, was: Rows, what: str) -> Change | None:
    differs, sure = _differs(evidence, now, what)
    day = evidence.day_index(now)
    early = day < FIRST_DAYS
    references = [_differs(evidence, was, what), (differs[early], sure[early])]
    agreed = [
        (other, known)
        for other, known in references
        if len(other) >= ENOUGH and other.mean() <= 1 - AGREED[what]
    ]
    if not agreed:
        return None
    differed, was_sure = agreed[0]
    alpha = evidence.policy.alpha_of("serving_change") / 6
    segment = _scan(evidence, now, differs, differed, alpha)
    if segment is None:
        return None
    inside = (day >= segment.start) & (day < segment.stop)
    expected = _expected(sure[inside], was_sure, differed)
    excess = float(differs[inside].mean()) - expected
    if excess < evidence.policy.retrain_drop or excess < expected:
        return None
    return Change(what, segment, differs & inside)


def _scan(
    evidence: Evidence, now: Rows, differs: np.ndarray, differed: np.ndarray, alpha: float
) -> Segment | None:
    events = evidence.per_day(now, differs)
    totals = evidence.per_day(now, np.ones(len(now), dtype=bool))
    if not events.sum():
        return None
    scans = [
        scan(events=events, totals=totals, seed=evidence.seed)
        for scan in (lasting_change, raised_window)
    ]
    found = [one for one in scans if one is not None and one.p_value < alpha]
    if found:
        return max(found, key=lambda one: one.log_likelihood_ratio)
    # So since the first day: there is no day that parts the month.
    table = [[part.sum(), len(part) - part.sum()] for part in (differs, differed)]
    p_value = float(fisher_exact(table, alternative="greater").pvalue)
    if p_value >= alpha:
        return None
    n, rate = len(differs), float(differs.mean())
    return Segment(0, len(events), 0.0, p_value, rate, float(differed.mean()), n, len(differed))


def _expected(sure: np.ndarray, was_sure: np.ndarray, differed: np.ndarray) -> float:
    """The share that would differ if each row did as earlier rows of its confidence did."""
    overall = float(differed.mean())
    bins, was = np.digitize(sure, SURE), np.digitize(was_sure, SURE)
    rates = np.array(
        [
            (differed[was == k].sum() + overall) / ((was == k).sum() + 1)
            for k in range(len(SURE) + 1)
        ]
    )
    return float(rates[bins].mean())


def _finding(evidence: Evidence, now: Rows, change: Change) -> Finding:
    segment, days = change.segment, evidence.days
    since = days[segment.start]
    until = days[segment.stop] if segment.stop < len(days) else None
    day = evidence.day_index(now)
    window = now.where((day >= segment.start) & (day < segment.stop))
    hit = now.where(change.differs)
    share = len(hit) / len(window)
    when = f"From {since} to {until - timedelta(days=1)}" if until else f"Since {since}"
    most = str(hit.rows["prediction"].mode().iloc[0])
    count = int((hit.rows["prediction"] == most).sum())
    effect = len(hit) / len(evidence.now) if change.what == ANSWERS else 0.0
    acts = effect >= evidence.policy.field_effect
    detail = (
        f" The most frequent of these answers is {most} ({count} rows)."
        if change.what == ANSWERS
        else " The answers are the same."
    )
    return Finding(
        cause="serving_change",
        evidence=(
            f"{when}, {len(hit)} of {len(window)} logged {change.what} ({share * 100:.0f}%) are not "
            f"those that the live version gives to the same inputs.{detail}"
        ),
        fix="Check which version, preprocessing and default production serves; the model is as it was.",
        p_value=segment.p_value,
        since=since,
        until=until,
        numbers={
            "share": share,
            "share_outside": segment.rate_outside,
            "n": len(window),
            "differ": len(hit),
            "answer": most,
            "answer_rows": count,
            "effect": effect,
        },
        row_ids=tuple(hit.rows["id"][:20]),
        acts=acts,
        explains=frozenset(window.rows["id"]) if acts else frozenset(),
    )
