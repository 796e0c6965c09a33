"""Texts of one part of the traffic are cut at a certain length on certain days."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from retraining.causes.effect import answers_changed
from retraining.causes.evidence import (
    Evidence,
    FieldFault,
    Finding,
    Rows,
    SegmentFault,
    having,
)
from retraining.causes.stretch import day_after, period

# Rows of a segment before its lengths are looked at.
MIN_ROWS = 15
# A cut makes texts pile up just under the length: at least this share of the texts that the
# reference leads to expect beyond it. Traffic that is short by nature thins out towards its longest.
PILED = 0.5
EVERYWHERE = ("", "")
# Runs of days that are looked at in full, the least likely first.
TRIES = 40
# Two segments are one where this share of their rows is common.
SAME = 0.95


@dataclass(frozen=True)
class Cut:
    key: str
    value: str
    start: int
    stop: int
    length: int
    log_p: float
    rows: np.ndarray


def find(evidence: Evidence, earlier: Sequence[Finding]) -> list[Finding]:
    """For each segment and run of days: no text is longer than L although the reference's often are.

    p = F(L)^n with F the reference's lengths (training and earlier rows) and n the segment's rows
    on those days; Bonferroni over segments and runs. The texts that should be longer must stand
    just under L instead: a channel of short messages is not a cut one. The segment with the
    smallest p is named, then the next one among the rows that it leaves over; where two mark the
    same rows (the mobile channel, and its new release), the one that was new on that day.
    """
    if evidence.spec.task != "text" or not len(evidence.now):
        return []
    usual = np.sort(
        np.concatenate(
            [_lengths(evidence.training_inputs["text"]), _lengths(evidence.before.inputs["text"])]
        )
    )
    findings: list[Finding] = []
    open_rows = np.ones(len(evidence.now), dtype=bool)
    while (cut := _best(evidence, usual, open_rows)) is not None:
        open_rows &= ~cut.rows
        findings.append(_finding(evidence, cut))
    return findings


def _lengths(texts: pd.Series) -> np.ndarray:
    return texts.fillna("").str.len().to_numpy(dtype=int)


def _best(evidence: Evidence, usual: np.ndarray, open_rows: np.ndarray) -> Cut | None:
    now = evidence.now
    lengths = _lengths(now.inputs["text"])
    segments = [(*EVERYWHERE, open_rows)]
    for key in now.context.columns:
        values = now.context[key]
        for value in values.dropna().unique():
            segments.append((str(key), str(value), open_rows & (values == value).to_numpy()))
    segments = [segment for segment in segments if segment[2].sum() >= MIN_ROWS]
    looked = len(segments) * len(evidence.days) * (len(evidence.days) + 1) // 2
    # A segment is narrower than its parent for free; a longer run of days is not.
    limit = float(np.log(evidence.policy.alpha_of("truncated_input"))) - 3 - np.log(max(1, looked))
    cuts = [
        cut
        for key, value, mask in segments
        if (cut := _cut(evidence, (key, value), mask, lengths, usual, limit))
    ]
    if not cuts:
        return None
    best = min(cuts, key=lambda cut: cut.log_p)
    if not best.key:
        return best
    alike = [cut for cut in cuts if cut.key and _same_rows(cut, best)]
    named = next((cut for cut in alike if _is_new(evidence, cut)), best)
    # The release may be gone while its channel shows that whole texts are back.
    return replace(named, stop=min(cut.stop for cut in alike))


def _cut(
    evidence: Evidence,
    part: tuple[str, str],
    mask: np.ndarray,
    lengths: np.ndarray,
    usual: np.ndarray,
    limit: float,
) -> Cut | None:
    """The run of days on which the part's texts are least likely to be so short by themselves."""
    day, count = evidence.day_index(evidence.now), len(evidence.days)
    longest = np.zeros(count, dtype=int)
    np.maximum.at(longest, day[mask], lengths[mask])
    rows = np.bincount(day[mask], minlength=count)
    found: list[tuple[float, int, int, int]] = []
    for start in np.flatnonzero(rows).tolist():
        most, n = np.maximum.accumulate(longest[start:]), np.cumsum(rows[start:])
        share = (np.searchsorted(usual, most, side="right") + 1) / (len(usual) + 1)
        log_p = n * np.log(np.minimum(1.0, share))
        for step in np.flatnonzero((log_p < limit) & (n >= MIN_ROWS) & (rows[start:] > 0)):
            found.append((float(log_p[step]), start, int(start + step) + 1, int(most[step])))
    for chance, start, stop, length in sorted(found)[:TRIES]:
        inside = mask & (day >= start) & (day < stop)
        beyond = float(np.mean(usual > length))
        # Cut at a blank or a word's end, a text is some characters shorter than the limit.
        piled = int((lengths[inside] >= length - max(5, length // 10)).sum())
        if piled >= PILED * inside.sum() * beyond:
            if not rows[stop:].any():
                # Nobody came afterwards to show that it is over.
                stop = count
            return Cut(*part, start, stop, length, chance, inside)
    return None


def _same_rows(one: Cut, other: Cut) -> bool:
    either = int((one.rows | other.rows).sum())
    return bool((one.rows & other.rows).sum() >= SAME * either)


def _is_new(evidence: Evidence, cut: Cut) -> bool:
    """Did nobody have this value before the day?"""
    day = evidence.day_index(evidence.now)
    ever = [evidence.before.context, evidence.now.context[day < cut.start]]
    return not any(having(context, cut.key, cut.value).any() for context in ever)


def _finding(evidence: Evidence, cut: Cut) -> Finding:
    now = evidence.now
    hit, since = now.where(cut.rows), evidence.days[cut.start]
    until = day_after(evidence, cut.stop)
    whole = _whole(evidence, cut.length)
    shortened = whole.inputs.assign(text=whole.inputs["text"].str.slice(0, cut.length))
    changed = answers_changed(evidence, whole, shortened) * len(now) / max(1, len(whole))
    effect = changed * len(hit) / len(now)
    acts = effect >= evidence.policy.field_effect
    where = f"where {cut.key} is {cut.value}" if cut.key else "everywhere"
    segments = (
        (SegmentFault(cut.key, cut.value, "truncated_input", since, until=until),)
        if cut.key
        else ()
    )
    fields = () if cut.key else (FieldFault("text", "truncated_input", since, until=until),)
    return Finding(
        cause="truncated_input",
        evidence=(
            f"{period(evidence, cut.start, cut.stop)} no text {where} is longer than "
            f"{cut.length} characters, in "
            f"{len(hit)} rows; whole texts cut there would change {changed * 100:.0f}% of the answers."
        ),
        fix=f"Have the sender transmit the whole text {where}; cut rows stay out of training.",
        p_value=float(np.exp(max(cut.log_p, -700))),
        since=since,
        until=until,
        numbers={"length": cut.length, "n": len(hit), "effect": effect},
        row_ids=tuple(hit.rows["id"][:20]),
        acts=acts,
        fields=fields,
        segments=segments,
        explains=frozenset(hit.rows["id"]) if acts else frozenset(),
    )


def _whole(evidence: Evidence, length: int) -> Rows:
    rows = evidence.before if len(evidence.before) else evidence.now
    return rows.where(_lengths(rows.inputs["text"]) > length)
