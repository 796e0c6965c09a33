"""Texts of one part of the traffic are cut at a certain length since a certain day."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from retraining.causes.effect import answers_changed
from retraining.causes.evidence import Evidence, FieldFault, Finding, Rows, SegmentFault

# Rows of a segment before its lengths are looked at.
MIN_ROWS = 15
# A cut makes texts pile up just under the length: at least this share of the texts that the
# reference leads to expect beyond it. Traffic that is short by nature thins out towards its longest.
PILED = 0.5
EVERYWHERE = ("", "")


@dataclass(frozen=True)
class Cut:
    key: str
    value: str
    start: int
    length: int
    log_p: float
    rows: np.ndarray


def find(evidence: Evidence, earlier: Sequence[Finding]) -> list[Finding]:
    """For each segment and first day: no text is longer than L although the reference's often are.

    p = F(L)^n with F the reference's lengths (training and earlier rows) and n the segment's rows
    since that day; Bonferroni over segments and days. The texts that should be longer must stand
    just under L instead: a channel of short messages is not a cut one. The segment with the
    smallest p is named, then the next one among the rows that it leaves over.
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
    now, day = evidence.now, evidence.day_index(evidence.now)
    lengths = _lengths(now.inputs["text"])
    segments = [(*EVERYWHERE, open_rows)]
    for key in now.context.columns:
        values = now.context[key]
        for value in values.dropna().unique():
            segments.append((str(key), str(value), open_rows & (values == value).to_numpy()))
    cuts: list[Cut] = []
    looked = 0
    for key, value, mask in segments:
        for start in range(len(evidence.days)):
            rows = mask & (day >= start)
            n = int(rows.sum())
            if n < MIN_ROWS:
                break
            longest = int(lengths[rows].max())
            share = (np.searchsorted(usual, longest, side="right") + 1) / (len(usual) + 1)
            looked += 1
            # Cut at a blank or a word's end, a text is some characters shorter than the limit.
            piled = int((lengths[rows] >= longest - max(5, longest // 10)).sum())
            if piled >= PILED * n * (1 - share):
                log_p = n * float(np.log(min(1.0, share)))
                cuts.append(Cut(key, value, start, longest, log_p, rows))
    if not cuts:
        return None
    best = min(cuts, key=lambda cut: cut.log_p)
    best_p = best.log_p + np.log(looked)
    # A segment is narrower than its parent for free; a longer run of days is not.
    return best if best_p < np.log(evidence.policy.alpha_of("truncated_input")) - 3 else None


def _finding(evidence: Evidence, cut: Cut) -> Finding:
    now = evidence.now
    hit, since = now.where(cut.rows), evidence.days[cut.start]
    whole = _whole(evidence, cut.length)
    shortened = whole.inputs.assign(text=whole.inputs["text"].str.slice(0, cut.length))
    changed = answers_changed(evidence, whole, shortened) * len(now) / max(1, len(whole))
    effect = changed * len(hit) / len(now)
    acts = effect >= evidence.policy.field_effect
    where = f"where {cut.key} is {cut.value}" if cut.key else "everywhere"
    segments = (SegmentFault(cut.key, cut.value, "truncated_input", since),) if cut.key else ()
    fields = () if cut.key else (FieldFault("text", "truncated_input", since),)
    return Finding(
        cause="truncated_input",
        evidence=(
            f"Since {since} no text {where} is longer than {cut.length} characters, in "
            f"{len(hit)} rows; whole texts cut there would change {changed * 100:.0f}% of the answers."
        ),
        fix=f"Have the sender transmit the whole text {where}; cut rows stay out of training.",
        p_value=float(np.exp(max(cut.log_p, -700))),
        since=since,
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
