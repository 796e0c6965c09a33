"""Something short happened and is over: a campaign, an outage, a weekend. Declared or not."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
from scipy import stats

from retraining.causes.declared import declared, rows_between
from retraining.causes.evidence import Event, Evidence, Finding, Rows
from retraining.stats.burst import Burst, burst, dispersion

# Bursts told apart in one month.
MOST = 3
# Permutations of one scan; its tail is extrapolated beyond them.
DRAWS = 399
WRONG = "wrong answers"
# The share of the false-alarm rate that all wrong answers together may spend; the scans of single
# labels divide the rest: a campaign that is filed under one label shows far beyond any level.
OF_WRONG = 0.9
# Of each scan: all rows alike, beside rows by how readily they show an error.
OF_ALL = 0.2
# A change that holds to the end must be this much worse as an explanation (twenty times) before
# it is said to be over. See retraining.stats.changepoint.lasting_change.
OVER = 3.0
# A burst must stand out against the same weekdays of other weeks too, at this level.
SAME_WEEKDAYS = 0.05
# Days of earlier months that tell how much days differ when nothing happens.
EARLIER_DAYS = 31


# Where the rows of a month are parted by the model's confidence: what it was sure of is seldom
# wrong, so a wrong answer there says more, and a day of hard questions says less.
SURE = 0.5
SOURCES = 3


@dataclass(frozen=True)
class Signs:
    """Rows that say that something went wrong, by how readily they would say so.

    ``source``: for each row 0 (reviewed), 1 (not, but with a thumb), 2 (neither: only a correction
    shows that it was wrong). ``stratum``: by source and confidence. ``shown``: whether the row says
    so. ``day``: the row's day, from 0 to ``days`` - 1.
    """

    what: str
    source: np.ndarray
    stratum: np.ndarray
    shown: np.ndarray
    day: np.ndarray
    days: int

    @property
    def events(self) -> np.ndarray:
        """How many rows of a stratum and day say so: (strata, days)."""
        return self._count(self.shown)

    @property
    def totals(self) -> np.ndarray:
        return self._count(np.ones(len(self.day), dtype=bool))

    @property
    def shows(self) -> np.ndarray:
        """The chance that a wrong answer shows, for each stratum, against that of reviewed rows."""
        rows = np.bincount(self.source, minlength=SOURCES)
        rates = np.bincount(self.source[self.shown], minlength=SOURCES) / np.maximum(1, rows)
        most = rates[0] or rates.max()
        return np.repeat(np.minimum(1.0, rates / most) if most else np.ones(SOURCES), 2)

    def _count(self, mask: np.ndarray) -> np.ndarray:
        place = (self.stratum * self.days + self.day)[mask]
        return np.bincount(place, minlength=2 * SOURCES * self.days).reshape(-1, self.days)


@dataclass(frozen=True)
class Found:
    burst: Burst
    signs: Signs


def find(evidence: Evidence, earlier: Sequence[Finding]) -> list[Finding]:
    """On which days were answers wrong far more often, or wrong in one way, and then no more?

    A scan of the days' failures over what their rows lead to expect, up to the policy's longest
    burst: reviewed rows, thumbs and corrections count each by their own rate (a thumb down stands
    for a wrong answer where no person labelled the row). Then the same for the wrong answers that
    got one label. It must stand out against the same weekdays of other weeks too, and days that
    differ by more than their rows explain weaken it. A change that fits as well as one that lasts
    longer, to the end, is none. A burst that still runs on the last day may yet turn out to last:
    it is waited for all the same, and the next check tells. One inside a declared event is it;
    the days of a declared campaign that the scan did not find are asked about by themselves.
    """
    findings: list[Finding] = []
    rest = evidence
    for _ in range(MOST):
        found = _strongest(rest)
        if found is None:
            break
        finding = _finding(rest, found)
        findings.append(finding)
        rest = rest.without([finding])
    signs = signs_of(rest.now, rest.days[0], len(rest.days))
    return findings + declared(rest, findings, shown=signs.shown, source=signs.source)


def signs_of(rows: Rows, first: date, days: int, what: str = WRONG) -> Signs:
    """Which rows show that the answer was wrong; with another ``what``, that this label was meant."""
    frame = rows.rows
    thumbs = frame["thumbs"].where(~frame["replayed"].astype(bool), None)
    source = np.where(rows.reviewed, 0, np.where(thumbs.notna(), 1, 2))
    confidence = pd.to_numeric(frame["confidence"]).to_numpy(dtype=float)
    known = confidence[~np.isnan(confidence)]
    sure = confidence > (np.quantile(known, SURE) if len(known) else 0.0)
    if what == WRONG:
        down = (thumbs == "down").to_numpy(dtype=bool) & ~rows.labelled
        shown = rows.failed | down
    else:
        shown = rows.failed & (frame["label"] == what).to_numpy(dtype=bool)
    day = np.array([(each - first).days for each in frame["day"]], dtype=int)
    return Signs(what, source, 2 * source + sure, shown, day, days)


def _strongest(evidence: Evidence) -> Found | None:
    policy, now = evidence.policy, evidence.now
    if not len(now):
        return None
    counts = now.rows["label"][now.failed].value_counts()
    labels = [str(name) for name, n in counts.items() if n >= policy.transient_min_rows]
    alpha = policy.alpha_of("transient")
    levels = {WRONG: alpha * OF_WRONG} | dict.fromkeys(
        labels, alpha * (1 - OF_WRONG) / max(1, len(labels))
    )
    found = [
        one for what, level in levels.items() if (one := _scan(evidence, what, level)) is not None
    ]
    return max(found, key=lambda one: one.burst.log_likelihood_ratio, default=None)


def _scan(evidence: Evidence, what: str, alpha: float) -> Found | None:
    """The burst among rows of a kind or, where these show none, among all rows alike.

    Messages of a campaign that the model is unsure of fill their own stratum: their failures are
    what this stratum is used to. Taken all together, such days are full of failures; that scan has
    a small part of the rate, for what it has to find is large.
    """
    signs = signs_of(evidence.now, evidence.days[0], len(evidence.days), what)
    return _one_scan(evidence, signs, alpha * (1 - OF_ALL)) or _one_scan(
        evidence, replace(signs, stratum=np.zeros_like(signs.stratum)), alpha * OF_ALL
    )


def _one_scan(evidence: Evidence, signs: Signs, alpha: float) -> Found | None:
    policy, days = evidence.policy, len(evidence.days)

    def scan(widened: float) -> Burst | None:
        return burst(
            events=signs.events,
            totals=signs.totals,
            shows=signs.shows,
            max_days=policy.transient_max_days,
            draws=DRAWS,
            seed=evidence.seed,
            dispersion=widened,
        )

    first = scan(1.0)
    if first is None or first.p_value >= alpha or first.seen < policy.transient_min_rows:
        return None
    margin = OVER if first.stop < days else 0.0
    if first.log_ratio_of_lasting > first.log_likelihood_ratio - margin:
        return None
    second = scan(_widened(evidence, signs, slice(first.start, first.stop)))
    if second is None or second.p_value >= alpha or _is_rhythm(evidence, signs, second):
        return None
    return Found(second, signs)


def _widened(evidence: Evidence, signs: Signs, hit: slice) -> float:
    """How much more than their rows explain do days differ, outside the burst and before it?"""
    here = dispersion(events=signs.events, totals=signs.totals, leave_out=hit)
    first = evidence.days[0] - timedelta(days=EARLIER_DAYS)
    earlier = evidence.before.where((evidence.before.rows["day"] >= first).to_numpy(dtype=bool))
    if not len(earlier):
        return here
    was = signs_of(earlier, first, EARLIER_DAYS, signs.what)
    return (here + dispersion(events=was.events, totals=was.totals)) / 2


def _is_rhythm(evidence: Evidence, signs: Signs, found: Burst) -> bool:
    """Are the same weekdays of other weeks no better? One-sided Fisher, this month's and earlier."""
    weekdays = {day.weekday() for day in evidence.days[found.start : found.stop]}
    hit = (signs.day >= found.start) & (signs.day < found.stop)
    same = np.array([day.weekday() in weekdays for day in evidence.now.rows["day"]], dtype=bool)
    was = evidence.before.where(
        np.array([day.weekday() in weekdays for day in evidence.before.rows["day"]], dtype=bool)
    )
    before = signs_of(was, evidence.days[0], 0, signs.what).shown
    usual = np.concatenate([signs.shown[same & ~hit], before])
    if not len(usual):
        return False
    table = [[part.sum(), len(part) - part.sum()] for part in (signs.shown[hit], usual)]
    return bool(stats.fisher_exact(table, alternative="greater").pvalue >= SAME_WEEKDAYS)


def _finding(evidence: Evidence, found: Found) -> Finding:
    one = found.burst
    start = evidence.days[one.start]
    stop = evidence.days[one.stop - 1] + timedelta(days=1)
    hit = rows_between(evidence, start, stop)
    event = _event_over(evidence.events, start, stop)
    over = one.stop < len(evidence.days)
    n, shown = len(hit), int(found.signs.shown.sum())
    outside = len(evidence.now) - n
    rates = one.seen / n, (shown - one.seen) / max(1, outside)
    what = (
        WRONG if found.signs.what == WRONG else f"the label {found.signs.what}, wrongly answered,"
    )
    finding = Finding(
        cause="known_event" if event else "transient",
        evidence=(
            f"From {start} to {stop - timedelta(days=1)}, {what} came in "
            f"{rates[0] * 100:.0f}% of {n} rows, against {rates[1] * 100:.0f}% on the other days; "
            f"{'then it was over' if over else 'too early to tell if it lasts'}."
        ),
        fix="Wait, and keep the rows of these days out of training and of the baseline.",
        p_value=one.p_value,
        since=start,
        until=stop,
        numbers={
            "rate_inside": rates[0],
            "rate_outside": rates[1],
            "n_inside": n,
            "n_outside": outside,
            "seen": one.seen,
            "expected": one.expected,
            "over": over,
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
        explains=frozenset(rows_between(evidence, *window).rows["id"]),
    )


def _event_over(events: Sequence[Event], start: date, stop: date) -> Event | None:
    """The declared event that covers most of the burst; a release touches what follows it too."""
    for event in events:
        overlap = (min(stop, event.stop) - max(start, event.start)).days
        if overlap * 2 >= (stop - start).days:
            return event
    return None
