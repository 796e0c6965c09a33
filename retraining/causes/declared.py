"""A campaign that the client declared and that no scan for bursts found."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from retraining.causes.evidence import Event, Evidence, Finding, Rows
from retraining.causes.stratified import Rise, rise


def declared(
    evidence: Evidence, found: Sequence[Finding], *, shown: np.ndarray, source: np.ndarray
) -> list[Finding]:
    """Declared campaigns that no burst in ``found`` covers: their days stay out of training.

    Nobody has to search for these days, so what a scan of the month takes for chance may be plain on
    them: one test at the rate of a drift test, no price for the days that were tried. Were answers
    wrong more often than on the other days, the campaign is waited for. More rows of what the model
    answers as well as ever are no reason to wait.

    ``shown``: which rows of the month say that the answer was wrong; ``source``: how readily each
    would say so (see ``transient.Signs``), for like is compared with like.
    """
    known = [window for finding in found for window in finding.excluded]
    return [
        _finding(evidence, event, shown, source)
        for event in evidence.events
        if event.kind == "campaign"
        and not any(a < event.stop and event.start < b for a, b in known)
    ]


def _finding(evidence: Evidence, event: Event, shown: np.ndarray, source: np.ndarray) -> Finding:
    inside = _between(evidence, event.start, event.stop)
    worse = _wrong(inside, shown, source)
    acts = worse.p_value < evidence.policy.drift_alpha
    answers = (
        f"answers were wrong more often than on the other days ({worse.delta * 100:+.0f} points "
        "of the rows, labelled or not)"
        if acts
        else "answers were as usual"
    )
    return Finding(
        cause="known_event",
        evidence=(
            f"{event.title} was declared from {event.start} to "
            f"{event.stop - timedelta(days=1)} ({int(inside.sum())} rows); {answers}."
        ),
        fix=(
            "Wait, and keep the rows of these days out of training and of the baseline."
            if acts
            else "Nothing to do; its days are kept out of training and of the baseline."
        ),
        p_value=worse.p_value if acts else 0.0,
        since=event.start,
        until=event.stop,
        numbers={"n": int(inside.sum()), **(worse.as_dict() if acts else {})},
        row_ids=tuple(evidence.now.rows["id"][inside & shown][:20]) if acts else (),
        acts=acts,
        excluded=((event.start, event.stop),),
        explains=frozenset(evidence.now.rows["id"][inside]),
    )


def _wrong(inside: np.ndarray, shown: np.ndarray, source: np.ndarray) -> Rise:
    """Rows that show an error on these days against the others, source by source (exact)."""
    kinds = [source == kind for kind in np.unique(source)]
    rows = [[int((kind & part).sum()) for kind in kinds] for part in (inside, ~inside)]
    wrong = [[int((kind & part & shown).sum()) for kind in kinds] for part in (inside, ~inside)]
    return rise(now=wrong[0], now_n=rows[0], before=wrong[1], before_n=rows[1])


def rows_between(evidence: Evidence, start: date, stop: date) -> Rows:
    """The month's rows of the local days from ``start`` to before ``stop``."""
    return evidence.now.where(_between(evidence, start, stop))


def _between(evidence: Evidence, start: date, stop: date) -> np.ndarray:
    days = evidence.now.rows["day"]
    return ((days >= start) & (days < stop)).to_numpy(dtype=bool)
