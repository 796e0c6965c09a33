"""The bins that a version's training data fixed, and counts of rows on them.

The bins never move while a version is live; drift is counts against counts on the same bins.
"""

from typing import Any

import numpy as np
import pandas as pd

from retraining.learners.base import InputSpec
from retraining.stats.drift import Bins

CONFIDENCE_BINS = 10


def reference_profile(
    *, inputs: pd.DataFrame, answers: np.ndarray, confidences: np.ndarray, spec: InputSpec
) -> dict[str, Any]:
    """Bins and counts of the training rows; ``answers`` and ``confidences`` are out of fold.

    ``inputs`` has n rows; both vectors have length n. Returns JSON: name -> {bins, counts}.
    """
    columns = columns_of(inputs, spec)
    bins = {
        "prediction": Bins.of_labels(list(answers)),
        "confidence": Bins.of_numbers(list(confidences), max_bins=CONFIDENCE_BINS),
        **{
            name: Bins.of_labels(list(values))
            if name.removeprefix("feature:") in spec.categorical
            else Bins.of_numbers(list(values))
            for name, values in columns.items()
        },
    }
    values = {"prediction": answers, "confidence": confidences, **columns}
    return {
        name: {"bins": of.as_dict(), "counts": of.counts(values[name]).tolist()}
        for name, of in bins.items()
    }


def profile(
    *,
    reference: dict[str, Any],
    inputs: pd.DataFrame,
    answers: np.ndarray,
    confidences: np.ndarray,
    spec: InputSpec,
) -> dict[str, np.ndarray]:
    """Counts of these rows on the reference's bins: name -> vector as long as the reference's."""
    values = {"prediction": answers, "confidence": confidences, **columns_of(inputs, spec)}
    return {
        name: Bins.from_dict(stored["bins"]).counts(values[name])
        for name, stored in reference.items()
        if name in values
    }


def columns_of(inputs: pd.DataFrame, spec: InputSpec) -> dict[str, Any]:
    """What is profiled of the inputs: each feature, or the length of the text in characters."""
    if spec.task == "text":
        return {"feature:text_length": inputs["text"].fillna("").str.len().to_numpy(dtype=float)}
    return {f"feature:{name}": inputs[name].to_numpy() for name in inputs.columns}
