"""Does a fault matter? What repairing the field would change in the model's answers."""

from collections.abc import Collection

import numpy as np
import pandas as pd
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from retraining.causes.companions import FEW_VALUES, LEAF, as_numbers
from retraining.causes.evidence import Evidence, Rows
from retraining.learners.base import InputSpec


def answers_changed(evidence: Evidence, rows: Rows, repaired: pd.DataFrame) -> float:
    """Share of the month's rows whose answer changes when ``rows`` get the ``repaired`` inputs.

    It bounds from above how far the repair can move both accuracy and the prediction mix, and
    unlike these it is not blurred by few or wrong labels.
    """
    if not len(rows) or not len(evidence.now):
        return 0.0
    before, _ = evidence.predict(rows.inputs)
    after, _ = evidence.predict(repaired)
    return float(np.sum(before != after)) / len(evidence.now)


def filled_in(
    evidence: Evidence, inputs: pd.DataFrame, name: str, without: Collection[str] = ()
) -> pd.DataFrame:
    """``inputs`` with the field ``name`` as the other fields of the reference foretell it.

    ``without``: fields that are broken too and foretell nothing.
    """
    reference = pd.concat([evidence.training_inputs, evidence.before.inputs], ignore_index=True)
    known, told = (frame.drop(columns=list(without)) for frame in (reference, inputs))
    filled = filled_from(known, told, name, spec=evidence.spec, seed=evidence.seed)
    return inputs.assign(**{name: filled[name]})


def filled_from(
    reference: pd.DataFrame, inputs: pd.DataFrame, name: str, *, spec: InputSpec, seed: int
) -> pd.DataFrame:
    """``inputs`` with the field ``name`` as their other fields foretell it in ``reference``.

    A tree on the reference's rows: ``workingday`` follows from the weekday, a temperature from the
    felt one. A field that follows from nothing becomes its usual value. Both frames have the same
    columns.
    """
    reference = reference[reference[name].notna()]
    numeric = name in spec.numeric
    if len(reference.columns) == 1:
        usual = reference[name].median() if numeric else reference[name].mode().iloc[0]
        return inputs.assign(**{name: usual})
    x, columns = as_numbers(reference.drop(columns=name))
    tree = DecisionTreeRegressor if numeric else DecisionTreeClassifier
    model = tree(min_samples_leaf=LEAF, random_state=seed)
    y = reference[name].astype(float if numeric else str)
    model.fit(x, y)
    wanted, _ = as_numbers(inputs.drop(columns=name), columns)
    values = model.predict(wanted)
    if numeric and y.nunique() <= FEW_VALUES:
        known = np.sort(y.unique())
        values = known[np.abs(values[:, None] - known[None, :]).argmin(axis=1)]
    return inputs.assign(**{name: values})
