"""What do the other fields say a field should be? A model of each field, fitted to the reference."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.linear_model import Ridge
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from retraining.causes.evidence import Evidence

# A leaf smaller than this copies single rows instead of following the other fields.
LEAF = 5
FOLDS = 4
# More rows than this say no more about how fields hang together.
MOST_ROWS = 4000
LEAST_ROWS = 60
# A number with this few values is a code: it is right or wrong, not near or far.
FEW_VALUES = 5


@dataclass(frozen=True)
class Companion:
    """A field as the others foretell it.

    ``fit``: the share of the field's variance (of a code: of the rows that its commonest value gets
    wrong) that the others explain, out of fold. ``residuals``: one a reference row, out of fold, on
    the scale of ``on_scale``; of a code 1 where it is wrong. Rows of ``before`` are the last ones.
    """

    field: str
    code: bool
    fit: float
    residuals: np.ndarray
    middle: float
    columns: pd.Index
    low: np.ndarray
    high: np.ndarray
    model: "_Model"

    def on_scale(self, values: np.ndarray) -> np.ndarray:
        """asinh(value / usual size): straight for small values, a logarithm for heavy tails."""
        return np.arcsinh(np.asarray(values, dtype=float) / self.middle)

    def foretold(self, inputs: pd.DataFrame) -> np.ndarray:
        """What the field should be in each row: on the scale, or a code as it is written."""
        x, _ = as_numbers(inputs.drop(columns=self.field, errors="ignore"), self.columns)
        return self.model.predict(x)

    def residual(self, inputs: pd.DataFrame) -> np.ndarray:
        """How far each row is from what is foretold; NaN where the field is empty."""
        values, foretold = inputs[self.field], self.foretold(inputs)
        if self.code:
            return self.unlike(values, foretold)
        return self.on_scale(values.to_numpy(dtype=float)) - foretold

    def unlike(self, values: pd.Series, foretold: np.ndarray) -> np.ndarray:
        """1 where a code is not what is foretold, 0 where it is; NaN where the field is empty."""
        wrong = (_codes(values) != foretold).astype(float)
        return np.where(values.isna(), np.nan, wrong)

    def knows(self, inputs: pd.DataFrame) -> np.ndarray:
        """Rows whose other fields lie where the reference's did: beyond them nothing is foretold."""
        x, _ = as_numbers(inputs.drop(columns=self.field, errors="ignore"), self.columns)
        numbers = x.to_numpy(dtype=float)
        return np.asarray(np.all((numbers >= self.low) & (numbers <= self.high), axis=1))


@dataclass(frozen=True)
class _Model:
    line: Ridge | None
    tree: DecisionTreeRegressor | DecisionTreeClassifier

    def predict(self, x: pd.DataFrame) -> np.ndarray:
        filled = x.fillna(0.0).to_numpy(dtype=float)
        told: np.ndarray = self.tree.predict(filled)
        return told if self.line is None else told + self.line.predict(filled)


def companion_of(evidence: Evidence, name: str, without: Collection[str] = ()) -> Companion | None:
    """The field's companion on training and earlier rows; None where too little is known.

    A line and a tree on what the line leaves over; a tree alone for a code. Folds are stretches of
    time, so that neighbours in time, which resemble each other, don't foretell one another.
    ``without``: fields that are wrong themselves.
    """
    key = ("companion", name, frozenset(without))
    return evidence.once(key, lambda: _companion(evidence, name, without))


def _companion(evidence: Evidence, name: str, without: Collection[str]) -> Companion | None:
    reference = pd.concat([evidence.training_inputs, evidence.before.inputs], ignore_index=True)
    reference = reference[reference[name].notna()].tail(MOST_ROWS).reset_index(drop=True)
    others = [c for c in reference.columns if c != name and c not in without]
    if len(reference) < LEAST_ROWS or not others or reference[name].nunique() < 2:
        return None
    x, columns = as_numbers(reference[others])
    code = name not in evidence.spec.numeric or reference[name].nunique() <= FEW_VALUES
    middle = 1.0
    if code:
        y = _codes(reference[name])
    else:
        numbers = reference[name].to_numpy(dtype=float)
        middle = float(np.median(np.abs(numbers))) or float(np.abs(numbers).mean())
        y = np.arcsinh(numbers / middle)
    folds = np.arange(len(y)) * FOLDS // len(y)
    residuals = np.zeros(len(y))
    for fold in range(FOLDS):
        out = folds == fold
        told = _fit(x[~out], y[~out], code, evidence.seed).predict(x[out])
        residuals[out] = (told != y[out]) if code else y[out] - told
    if code:
        commonest = pd.Series(y).value_counts(normalize=True).iloc[0]
        fit = 1 - residuals.mean() / max(1e-9, 1 - commonest)
    else:
        # The middle of the residuals counts: a few storms don't make a companion useless.
        spread = np.subtract(*np.percentile(residuals, (84, 16)))
        usual = np.subtract(*np.percentile(y, (84, 16)))
        fit = 1 - (spread / usual) ** 2 if usual > 0 else 0.0
    low, high = x.min().to_numpy(), x.max().to_numpy()
    room = 0.02 * (high - low)
    model = _fit(x, y, code, evidence.seed)
    return Companion(
        name, code, float(fit), residuals, middle, columns, low - room, high + room, model
    )


def _fit(x: pd.DataFrame, y: np.ndarray, code: bool, seed: int) -> _Model:
    filled = x.fillna(0.0).to_numpy(dtype=float)
    if code:
        tree = DecisionTreeClassifier(min_samples_leaf=LEAF, random_state=seed)
        return _Model(None, tree.fit(filled, y))
    line = Ridge(alpha=1e-3).fit(filled, y)
    left = y - line.predict(filled)
    return _Model(
        line, DecisionTreeRegressor(min_samples_leaf=LEAF, random_state=seed).fit(filled, left)
    )


def _codes(values: pd.Series) -> np.ndarray:
    """Codes as texts, numbers written alike whether they came whole or not."""
    numbers = pd.to_numeric(values, errors="coerce")
    texts = values.astype(str).where(numbers.isna(), numbers.astype(float).astype(str))
    return texts.to_numpy(dtype=object).astype(str)


def as_numbers(
    frame: pd.DataFrame, columns: pd.Index | None = None
) -> tuple[pd.DataFrame, pd.Index]:
    """The fields as a tree takes them, one column for each value of a category, and their names.

    With ``columns``, exactly these: what the frame lacks is 0.

    >>> numbers, names = as_numbers(pd.DataFrame({"site": ["north", "south"], "load": [1, 2]}))
    >>> names.tolist()
    ['load', 'site_north', 'site_south']
    >>> as_numbers(pd.DataFrame({"site": ["south"]}), names)[0].to_numpy().tolist()
    [[0.0, 0.0, 1.0]]
    """
    wanted = frame if columns is None else frame[[c for c in frame if _used(c, columns)]]
    numbers = pd.get_dummies(wanted, dtype=float).astype(float)
    if columns is not None:
        numbers = numbers.reindex(columns=columns, fill_value=0.0)
    return numbers, numbers.columns


def _used(name: object, columns: pd.Index) -> bool:
    return name in columns or any(str(c).startswith(f"{name}_") for c in columns)
