"""Do the people who get the answers complain more than before?"""

import numpy as np
from scipy import stats

from retraining.causes.evidence import Evidence, Rows
from retraining.causes.stratified import Rise, counted, rise


def complaints(evidence: Evidence) -> Rise:
    """Thumbs down among thumbs, and corrections among rows that nobody drew for review.

    Compared within the answer, so that more of the hard ones is no rise, against the months that
    needed nothing; only reactions to the answers in hand.
    """
    before = evidence.before.where(evidence.healthy)
    kinds = sorted(set(evidence.now.rows["prediction"]) | set(before.rows["prediction"]))
    counts = []
    for rows in (evidence.now, before):
        for mask in _masks(rows):
            counts.append(counted(rows.rows["prediction"], kinds, mask))
    down, thumbs, corrected, free, was_down, was_thumbs, was_corrected, was_free = counts
    return rise(
        now=np.concatenate([down, corrected]),
        now_n=np.concatenate([thumbs, free]),
        before=np.concatenate([was_down, was_corrected]),
        before_n=np.concatenate([was_thumbs, was_free]),
    )


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
    down, thumbs, corrected, free = (int(mask.sum()) for mask in _masks(rows))
    return [down, corrected], [thumbs, free]


def _masks(rows: Rows) -> tuple[np.ndarray, ...]:
    """Thumbs down and all thumbs; corrections and all rows that could have been corrected."""
    own = ~rows.rows["replayed"].to_numpy(dtype=bool)
    thumbs = rows.rows["thumbs"]
    given = own & thumbs.isin(["up", "down"]).to_numpy(dtype=bool)
    # Neither drawn for review nor labelled because we asked.
    free = own & ~rows.rows["label_source"].isin(["review", "targeted"]).to_numpy(dtype=bool)
    return given & (thumbs == "down").to_numpy(dtype=bool), given, free & rows.failed, free
