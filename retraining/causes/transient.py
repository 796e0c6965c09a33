"""Something short happened and is over: a campaign, an outage, a weekend. Declared or not."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from retraining.causes.evidence import Event, Evidence, Finding, Rows
from retraining.stats.changepoint import Segment, lasting_change, raised_window

# Bursts told apart in one month.
MOST = 3
# Permutations of one scan; its tail is extrapolated beyond them.
DRAWS = 399
WRONG = "wrong answers"


@dataclass(frozen=True)
class Burst:
    segment: Segment
    what: str


def find(evidence: Evidence, earlier: Sequence[Finding]) -> list[Finding]:
    """On which days were answers wrong, or a label given, far more often, and then no more?

    Kulldorff's scan of the daily share of wrong answers and of each label's share, up to the
    policy's longest burst; Bonferroni over the labels. A change that fits better as one that lasts
    longer, to the end, is none. A burst that still runs on the last day may yet turn out to last:
    it is waited for all the same, and the next check tells. One inside a declared event is it.
    """
    findings: list[Finding] = []
    rest = evidence
    for _ in range(MOST):
        burst = _strongest(rest)
        if burst is None:
            break
        finding = _finding(rest, burst)
        findings.append(finding)
        rest = rest.without([finding])
    return findings + _declared(rest, findings)


def _shares(evidence: Evidence) -> list[tuple[str, np.ndarray]]:
    now = evidence.now
    shares = [(WRONG, now.failed)]
    labels = now.rows["label"]
    for name, count in labels.value_counts().items():
        if count >= evidence.policy.transient_min_rows:
            shares.append((f"the label {name}", (labels == name).to_numpy(dtype=bool)))
    return shares


def _strongest(evidence: Evidence) -> Burst | None:
    policy, now = evidence.policy, evidence.now
    if not len(now):
        return None
    totals = evidence.per_day(now, np.ones(len(now), dtype=bool))
    shares = _shares(evidence)
    bursts: list[Burst] = []
    for what, mask in shares:
        alpha = policy.alpha_of("transient")
        if what != WRONG:
            alpha /= max(1, len(shares) - 1)
        events = evidence.per_day(now, mask)
        found = raised_window(
            events=events,
            totals=totals,
            max_days=policy.transient_max_days,
            draws=DRAWS,
            seed=evidence.seed,
        )
        if found is None or found.p_value >= alpha:
            continue
        if int(events[found.start : found.stop].sum()) < policy.transient_min_rows:
            continue
        lasting = lasting_change(events=events, totals=totals, draws=1)
        if lasting and lasting.log_likelihood_ratio > found.log_likelihood_ratio:
            continue
        bursts.append(Burst(found, what))
    return max(bursts, key=lambda b: b.segment.log_likelihood_ratio, default=None)


def _finding(evidence: Evidence, burst: Burst) -> Finding:
    segment = burst.segment
    start = evidence.days[segment.start]
    stop = evidence.days[segment.stop - 1] + timedelta(days=1)
    hit = _rows_between(evidence, start, stop)
    event = _event_over(evidence.events, start, stop)
    over = segment.stop < len(evidence.days)
    finding = Finding(
        cause="known_event" if event else "transient",
        evidence=(
            f"From {start} to {stop - timedelta(days=1)}, {burst.what} came in "
            f"{segment.rate_inside * 100:.0f}% of {segment.n_inside} rows, against "
            f"{segment.rate_outside * 100:.0f}% on the other days; "
            f"{'then it was over' if over else 'too early to tell if it lasts'}."
        ),
        fix="Wait, and keep the rows of these days out of training and of the baseline.",
        p_value=segment.p_value,
        since=start,
        until=stop,
        numbers={
            "rate_inside": segment.rate_inside,
            "rate_outside": segment.rate_outside,
            "n_inside": segment.n_inside,
            "n_outside": segment.n_outside,
        },
        row_ids=tuple(hit.rows["id"][hit.failed][:20]),
        excluded=((start, stop),),
        explains=frozenset(hit.rows["id"]),
    )
    if event is None:
        return finding
    window = (min(start, event.start), max(stop, event.stop))
    return replace(
        finding,
        evidence=f"{finding.evidence} It was declared: {event.title}.",
        excluded=(window,),
        explains=frozenset(_rows_between(evidence, *window).rows["id"]),
    )


def _declared(evidence: Evidence, found: Sequence[Finding]) -> list[Finding]:
    """Declared campaigns that the scan did not find: their days stay out of training all the same."""
    known = [window for finding in found for window in finding.excluded]
    findings = []
    for event in evidence.events:
        if event.kind != "campaign" or any(a < event.stop and event.start < b for a, b in known):
            continue
        hit = _rows_between(evidence, event.start, event.stop)
        findings.append(
            Finding(
                cause="known_event",
                evidence=(
                    f"{event.title} was declared from {event.start} to "
                    f"{event.stop - timedelta(days=1)} ({len(hit)} rows); answers were as usual."
                ),
                fix="Nothing to do; its days are kept out of training and of the baseline.",
                p_value=0.0,
                since=event.start,
                until=event.stop,
                numbers={"n": len(hit)},
                acts=False,
                excluded=((event.start, event.stop),),
                explains=frozenset(hit.rows["id"]),
            )
        )
    return findings


def _rows_between(evidence: Evidence, start: date, stop: date) -> Rows:
    days = evidence.now.rows["day"]
    return evidence.now.where(((days >= start) & (days < stop)).to_numpy(dtype=bool))


def _event_over(events: Sequence[Event], start: date, stop: date) -> Event | None:
    """The declared event that covers most of the burst; a release touches what follows it too."""
    for event in events:
        overlap = (min(stop, event.stop) - max(start, event.start)).days
        if overlap * 2 >= (stop - start).days:
            return event
    return None
