"""Do the people who get the answers complain more than before?"""

from scipy import stats

from retraining.causes.evidence import Evidence, Rows
from retraining.causes.stratified import Rise, rise


def complaints(evidence: Evidence) -> Rise:
    """Thumbs down among thumbs, and corrections among rows that nobody drew for review.

    Two strata against the months that needed nothing; only reactions to the answers in hand.
    """
    events, totals = _reactions(evidence.now)
    events_before, totals_before = _reactions(evidence.before.where(evidence.healthy))
    return rise(now=events, now_n=totals, before=events_before, before_n=totals_before)


def silence(evidence: Evidence, *, factor: float) -> float:
    """The chance of so few complaints if answers were wrong ``factor`` times as often as before.

    Complaints of either kind are taken to grow with wrong answers. 1 where nobody reacted before.
    """
    p_values = []
    for events, n, was, of in zip(
        *_reactions(evidence.now), *_reactions(evidence.before.where(evidence.healthy)), strict=True
    ):
        expected = min(1.0, factor * was / of) if of else 0.0
        p_values.append(float(stats.binom.cdf(events, n, expected)) if n and expected else 1.0)
    return float(min(1.0, len(p_values) * min(p_values)))


def _reactions(rows: Rows) -> tuple[list[int], list[int]]:
    own = ~rows.rows["replayed"].to_numpy(dtype=bool)
    thumbs = rows.rows["thumbs"]
    given = own & thumbs.isin(["up", "down"]).to_numpy(dtype=bool)
    # Neither drawn for review nor labelled because we asked.
    free = own & ~rows.rows["label_source"].isin(["review", "targeted"]).to_numpy(dtype=bool)
    corrected = free & rows.failed
    return (
        [int((given & (thumbs == "down").to_numpy(dtype=bool)).sum()), int(corrected.sum())],
        [int(given.sum()), int(free.sum())],
    )
