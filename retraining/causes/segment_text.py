"""Texts that come in another form since a certain day: markup, encoding, case, language, boilerplate."""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from retraining.causes.evidence import Evidence, Rows
from retraining.causes.segments import Part, usual_inputs

# Rows of a stretch of days, and of all days together, before their form is looked at.
BLOCK_DAYS, BLOCK_ROWS, MIN_ROWS = 5, 8, 15
# Kolmogorov-Smirnov distance: the forms hardly overlap. New topics and customers move far less.
FAR = 0.6
# More than half of the words unseen is another language; a new topic keeps the small words.
MOST_UNSEEN = 0.5
# Characters of a text's opening and closing that boilerplate has in common.
AFFIX = 12
WORD = re.compile(r"[^\W\d_]+")
MARKS = set("<>{}[]&;/=\\|#*_")
TAG = re.compile(r"<[^>]*>")

NAMES = {
    "upper": "letters in upper case",
    "foreign": "letters outside ASCII",
    "marks": "marks of markup",
    "word": "the length of words",
    "unseen": "words never seen before",
    "opening": "the same opening",
    "closing": "the same closing",
}


@dataclass(frozen=True)
class Garble:
    """What changed in the texts of ``part`` (None: everywhere), on the days start ... stop - 1."""

    part: Part | None
    form: str
    start: int
    stop: int
    p_value: float
    distance: float
    rows: np.ndarray
    mend: Callable[[str], str] | None


def find_garble(evidence: Evidence, parts: list[Part]) -> Garble | None:
    """The form that jumped most clearly, and the part of the traffic that it fits best.

    Shares of kinds of characters and words in each text, now in stretches of five days against
    before, by Kolmogorov-Smirnov; Bonferroni over forms, parts and windows of days. The part named
    is the one that holds the odd texts and no others (the best F1), or all of the traffic.
    """
    everything: list[Part | None] = [None, *parts]
    vocabulary = _vocabulary(evidence)
    now = _forms(evidence.now.inputs["text"], vocabulary)
    found = [
        garble
        for part in everything
        for garble in _jumps(evidence, part, now, vocabulary, len(everything))
    ]
    if not found:
        return None
    best = min(found, key=lambda one: (one.p_value, -one.distance))
    same = [one for one in found if one.form == best.form]
    return max(same, key=lambda one: _fit(evidence, one, same))


def _fit(evidence: Evidence, one: Garble, all_of_them: list[Garble]) -> float:
    """F1 of the part's rows in its window against the odd rows of all parts."""
    odd = np.logical_or.reduce([other.rows for other in all_of_them])
    day = evidence.day_index(evidence.now)
    mask = (day >= one.start) & (day < one.stop)
    if one.part is not None:
        mask &= one.part.now
    return float(2 * (odd & mask).sum() / (odd.sum() + mask.sum()))


def _vocabulary(evidence: Evidence) -> set[str]:
    texts = usual_inputs(evidence, None)["text"].fillna("")
    return {word for text in texts for word in WORD.findall(text.lower())}


def _forms(texts: pd.Series, vocabulary: set[str]) -> dict[str, np.ndarray]:
    shares = []
    for text in texts.fillna(""):
        size, words = max(1, len(text)), WORD.findall(text)
        letters = max(1, sum(map(str.isalpha, text)))
        shares.append(
            (
                sum(map(str.isupper, text)) / letters,
                sum(not c.isascii() for c in text) / size,
                sum(c in MARKS for c in text) / size,
                float(np.mean([len(word) for word in words])) if words else 0.0,
                float(np.mean([word.lower() not in vocabulary for word in words]))
                if words
                else 0.0,
            )
        )
    table = np.array(shares, dtype=float).reshape(-1, 5)
    return dict(zip(("upper", "foreign", "marks", "word", "unseen"), table.T, strict=True))


def _jumps(
    evidence: Evidence,
    part: Part | None,
    now: dict[str, np.ndarray],
    vocabulary: set[str],
    parts: int,
) -> list[Garble]:
    mine = np.ones(len(evidence.now), dtype=bool) if part is None else part.now
    texts = evidence.now.inputs["text"].fillna("")
    usual = usual_inputs(evidence, part)["text"].fillna("")
    if len(usual) < MIN_ROWS:
        return []
    was, day = _forms(usual, vocabulary), evidence.day_index(evidence.now)
    found = []
    for first in range(0, len(evidence.days), BLOCK_DAYS):
        block = mine & (day >= first) & (day < first + BLOCK_DAYS)
        if block.sum() < BLOCK_ROWS:
            continue
        values = {form: (now[form], was[form]) for form in now}
        mends: dict[str, Callable[[str], str]] = {"marks": _without_markup, "foreign": _decoded}
        for form, affix in (
            ("opening", _common(texts[block], opening=True)),
            ("closing", _common(texts[block], opening=False)),
        ):
            has = _opens(affix) if form == "opening" else _closes(affix)
            values[form] = (texts.map(has).to_numpy(float), usual.map(has).to_numpy(float))
            mends[form] = _stripped(affix, opening=form == "opening")
        for form, (here, before) in values.items():
            garble = _jump(
                evidence, part, mine, block, form, here, before, parts * len(values), mends
            )
            if garble is not None:
                found.append(garble)
    return found


def _jump(
    evidence: Evidence,
    part: Part | None,
    mine: np.ndarray,
    block: np.ndarray,
    form: str,
    here: np.ndarray,
    before: np.ndarray,
    tests: int,
    mends: dict[str, Callable[[str], str]],
) -> Garble | None:
    level, usual = float(np.median(here[block])), float(np.median(before))
    if level == usual or (form == "unseen" and level < MOST_UNSEEN):
        return None
    if stats.ks_2samp(here[block], before).statistic < FAR:
        return None
    middle = (level + usual) / 2
    odd = mine & ((here > middle) if level > usual else (here < middle))
    day, days = evidence.day_index(evidence.now), len(evidence.days)
    balance = 2.0 * np.bincount(day[odd], minlength=days) - np.bincount(day[mine], minlength=days)
    start, stop = _longest(balance)
    window = mine & (day >= start) & (day < stop)
    n = int(window.sum())
    if n < MIN_ROWS:
        return None
    distance = float(stats.ks_2samp(here[window], before).statistic)
    effective = n * len(before) / (n + len(before))
    windows = days * (days + 1) / 2
    p_value = float(stats.kstwobign.sf(np.sqrt(effective) * distance)) * tests * windows
    if distance < FAR or p_value >= evidence.policy.alpha_of("segment_fault") / 2:
        return None
    return Garble(part, form, start, stop, p_value, distance, window & odd, mends.get(form))


def _longest(balance: np.ndarray) -> tuple[int, int]:
    """The days whose sum is the largest: where odd texts outweigh usual ones most."""
    sums = np.concatenate([[0.0], np.cumsum(balance)])
    best = max(
        ((sums[b] - sums[a], a, b) for a in range(len(balance)) for b in range(a + 1, len(sums))),
        key=lambda one: one[0],
    )
    return best[1], best[2]


def _common(texts: pd.Series, *, opening: bool) -> str:
    """What the texts with the commonest opening (closing) have in common there."""
    cut = texts.str[:AFFIX] if opening else texts.str[-AFFIX:]
    most = cut.mode().iloc[0]
    same = list(texts[cut == most])
    if opening:
        return _prefix(same)
    return _prefix([text[::-1] for text in same])[::-1]


def _prefix(texts: list[str]) -> str:
    """What all have in common at their start; the first and the last in order say it for all."""
    first, last = min(texts), max(texts)
    size = next(
        (i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first)
    )
    return first[:size]


def _opens(affix: str) -> Callable[[str], bool]:
    return lambda text: bool(affix) and text.startswith(affix)


def _closes(affix: str) -> Callable[[str], bool]:
    return lambda text: bool(affix) and text.endswith(affix)


def _stripped(affix: str, *, opening: bool) -> Callable[[str], str]:
    return lambda text: (text.removeprefix(affix) if opening else text.removesuffix(affix)).strip()


def _without_markup(text: str) -> str:
    return html.unescape(TAG.sub(" ", text)).strip()


def _decoded(text: str) -> str:
    """Text that was read in the wrong encoding, read again; as it is where that fails."""
    try:
        return text.encode("cp1252").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return text


def answers_that_change(evidence: Evidence, garble: Garble, hit: Rows) -> float:
    """The share of the odd rows whose answer the other form changes, as far as it can be undone.

    Case can't: there earlier texts are given the new one. A form that neither can be undone nor be
    given counts by how much less sure the model is of it.
    """
    if garble.mend is not None:
        texts = hit.inputs["text"].fillna("")
        mended = hit.inputs.assign(text=texts.map(garble.mend))
        if (mended["text"] != texts).any():
            return float(np.mean(evidence.predict(hit.inputs)[0] != evidence.predict(mended)[0]))
    usual = usual_inputs(evidence, garble.part)
    if garble.form == "upper":
        raised = np.mean([sum(map(str.isupper, t)) for t in hit.inputs["text"]]) > AFFIX
        cased = usual["text"].str.upper() if raised else usual["text"].str.lower()
        changed = evidence.predict(usual)[0] != evidence.predict(usual.assign(text=cased))[0]
        return float(np.mean(changed))
    surer = np.mean(evidence.predict(usual)[1]) - np.mean(evidence.predict(hit.inputs)[1])
    return max(0.0, float(surer))
