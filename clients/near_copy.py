"""Is this row a copy of a golden row, or nearly one?

Training on a row that the golden set also holds makes the golden score mean nothing. A copy is

- `exact`: the texts are equal once case, punctuation, spaces and digits are folded; for tabular
  models every feature is equal as a value ("1" is 1.0);
- `near` (texts only): the character-trigram cosine of the two folded texts, in the order written
  or with their words sorted, reaches the threshold of their length, or the whole of a longer
  indexed text stands inside the other one.

What the thresholds catch and what they block by mistake is measured by `bench/near_copy.py`.
Pure: no Django, nothing read or written.
"""

import math
import re
import unicodedata
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

# Between 0.78 and 0.85 recall of one typo, a dropped or an added word stays at 95% or more while
# the share of flagged ordinary rows falls from 3% to 1%; two typos are lost from 0.85 on.
NEAR = 0.82
# Short questions share most of their trigrams whatever they ask, so one word weighs more.
NEAR_SHORT, SHORT_WORDS = 0.88, 5
# "Lost card" against "lost cash": below this only equality counts.
FEWEST_WORDS = 3
# A whole indexed text quoted inside a longer message; short ones stand in others by chance.
QUOTED, QUOTED_WORDS = 0.95, 7

_APOSTROPHES = re.compile("['’‘ʼ`´]")
_NUMBER = re.compile(r"\d+(?:[.,:/]\d+)*")
_NOT_WORD = re.compile(r"[^\w\s]|_")
_POLITE = (
    r"(?:hi|hello|hey|dear|team|please|pls|cheers|thx|thanks in advance|thanks|"
    r"thank you in advance|thank you|hallo|guten tag|bitte|vielen dank|danke)"
)
_COURTESY = re.compile(rf"^(?:{_POLITE} )+|(?: {_POLITE})+$")
_CHUNK = 2000  # inputs compared at once: bounds the memory, not the answer


Task = Literal["text", "tabular"]


class NearCopyError(ValueError):
    """The rows can't be indexed or looked up: unknown task, or an input without its text."""


@dataclass(frozen=True)
class Match:
    """The indexed row that an input copies. `similarity` is 1.0 for an exact copy."""

    id: str
    kind: Literal["exact", "near"]
    similarity: float


def fold_text(text: str) -> str:
    """Return the text with case, punctuation, spaces and digits folded (NFKC, numbers as "0").

    Apostrophes vanish ("can't" is "cant"); other punctuation parts words. A text without any
    letter folds to itself in lower case: folding "1234" and "98-76" to one text would make every
    reference number a copy of every other.

    >>> fold_text("  I've paid £1,250.00 -- TWICE!! ")
    'ive paid 0 twice'
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    visible = "".join(c for c in plain if unicodedata.category(c) != "Cf")
    if not any(c.isalpha() for c in visible):
        return " ".join(visible.split())
    folded = _NUMBER.sub("0", _APOSTROPHES.sub("", visible))
    return " ".join(_NOT_WORD.sub(" ", folded).split())


def canonical_value(value: Any) -> Hashable:
    """A feature as a value that compares: numbers by size however written, missing as None."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool | np.bool_):
        return Decimal(int(value))
    written = str(value).strip()
    if not written or written.lower() == "nan":
        return None
    try:
        number = Decimal(written) if "_" not in written else None
    except InvalidOperation:
        number = None
    return written if number is None or number.is_nan() else number


def fold_input(features: Mapping[str, Any], task: Task) -> Hashable:
    """Return what two copies of one input share: the folded text, or the features as values."""
    if task == "text":
        return fold_text(_text(features))
    return tuple((name, canonical_value(features[name])) for name in sorted(features))


class NearCopyIndex:
    """Rows to be protected (a golden set, say), asked whether an input copies one of them."""

    def __init__(
        self,
        rows: Iterable[tuple[str, Mapping[str, Any]]],
        task: Task,
    ) -> None:
        if task not in ("text", "tabular"):
            raise NearCopyError(f"unknown task {task!r}: text or tabular")
        self._task = task
        kept = list(rows)
        self._ids = [row_id for row_id, _ in kept]
        # Equality is asked over the indexed rows' features; a log row may carry further keys.
        self._features = sorted({name for _, features in kept for name in features})
        self._exact: dict[Hashable, str] = {}
        for row_id, features in kept:
            self._exact.setdefault(self._key(features), row_id)
        if task == "text":
            self._texts = _Texts([_text(features) for _, features in kept])

    def find(self, features: Mapping[str, Any]) -> Match | None:
        """Return the indexed row that this input copies most closely, or None."""
        return self.find_all([features])[0]

    def find_all(self, inputs: Sequence[Mapping[str, Any]]) -> list[Match | None]:
        """Return one answer per input, in order; `find` for many rows at the cost of one."""
        found: list[Match | None] = []
        for features in inputs:
            row_id = self._exact.get(self._key(features))
            found.append(None if row_id is None else Match(row_id, "exact", 1.0))
        open_rows = [i for i, match in enumerate(found) if match is None]
        if self._task == "tabular" or not open_rows or not self._ids:
            return found
        for start in range(0, len(open_rows), _CHUNK):
            chunk = open_rows[start : start + _CHUNK]
            similarity = self._texts.near([_text(inputs[i]) for i in chunk])
            for i, row in zip(chunk, similarity, strict=True):
                best = int(row.argmax())
                if row[best] > 0:
                    found[i] = Match(self._ids[best], "near", round(min(float(row[best]), 1.0), 4))
        return found

    def _key(self, features: Mapping[str, Any]) -> Hashable:
        if self._task == "text":
            return fold_text(_text(features))
        return tuple(canonical_value(features.get(name)) for name in self._features)


class _Texts:
    """The indexed texts as trigram vectors: hashed, so nothing is fitted on what is asked."""

    def __init__(self, texts: list[str]) -> None:
        # Not at the top: who only folds a text has no use for scikit-learn.
        from sklearn.feature_extraction.text import HashingVectorizer

        self._cosine = HashingVectorizer(
            analyzer="char", ngram_range=(3, 3), alternate_sign=False, lowercase=False
        )
        self._present = HashingVectorizer(
            analyzer="char",
            ngram_range=(3, 3),
            alternate_sign=False,
            lowercase=False,
            binary=True,
            norm=None,
        )
        if texts:
            self._core = [_core(text) for text in texts]
            self._words = np.array([_words(core) for core in self._core])
            self._written, self._sorted, self._grams = self._vectors(self._core)
            self._n_grams = np.maximum(np.asarray(self._grams.sum(axis=1)).ravel(), 1)

    def near(self, texts: list[str]) -> NDArray[np.float64]:
        """Similarity, shape (texts, indexed); 0 where the pair is no near copy."""
        core = [_core(text) for text in texts]
        written, in_order, grams = self._vectors(core)
        cosine = np.maximum(
            (written @ self._written.T).toarray(), (in_order @ self._sorted.T).toarray()
        )
        words = np.minimum(np.array([_words(text) for text in core])[:, None], self._words)
        needed = np.where(words < SHORT_WORDS, NEAR_SHORT, NEAR)
        # Only the greeting differs: equal at any length.
        needed = np.where(words < FEWEST_WORDS, 1.0 - 1e-9, needed)
        quoted = (grams @ self._grams.T).toarray() / self._n_grams
        is_quote = (quoted >= QUOTED) & (self._words >= QUOTED_WORDS)
        similarity = np.where(cosine >= needed, cosine, 0.0)
        return np.maximum(similarity, np.where(is_quote, quoted, 0.0))

    def _vectors(self, core: list[str]) -> "tuple[csr_matrix, csr_matrix, csr_matrix]":
        written = [f" {text} " for text in core]
        in_order = [f" {' '.join(sorted(text.split()))} " for text in core]
        return (
            self._cosine.transform(written),
            self._cosine.transform(in_order),
            self._present.transform(written),
        )


def _text(features: Mapping[str, Any]) -> str:
    text = features.get("text")
    if not isinstance(text, str):
        raise NearCopyError("an input of a text model needs a `text` that is a string")
    return text


def _core(text: str) -> str:
    """The folded text without greeting and thanks at its two ends (unless that is all of it)."""
    folded = fold_text(text)
    return _COURTESY.sub("", folded) or folded


def _words(folded: str) -> int:
    # Scripts without spaces, and long compounds, are one word by spaces but not by content.
    return max(len(folded.split()), len(folded) // 8)
