"""Do the people who get the answers complain more than before?"""

from retraining.causes.evidence import Evidence, Rows
from retraining.causes.stratified import Rise, rise


def complaints(evidence: Evidence) -> Rise:
    """Thumbs down among thumbs, and corrections among rows that nobody drew for review.

    Two strata against the months that needed nothing; only reactions to the answers in hand.
    """
    events, totals = _reactions(evidence.now)
    events_before, totals_before = _reactions(evidence.before.where(evidence.healthy))
    return rise(now=events, now_n=totals, before=events_before, before_n=totals_before)


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
