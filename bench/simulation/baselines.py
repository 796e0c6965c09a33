"""What the trade's simple rules would say on the same months."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from retraining.causes.evidence import Rows

PSI_LIMIT = 0.25
DROP_LIMIT = 0.05
NAMES = ("psi_above_25", "accuracy_drop_5", "retrain_always")


def verdicts(now: Rows, before: Sequence[Rows], *, launch_accuracy: float | None) -> dict[str, str]:
    """The verdict of each baseline; they know two, retrain and no_action.

    The PSI is that of the answers against all earlier months (in the first month there are none);
    the drop is from the reviewed rows of the earlier months, in the first month from the golden set.
    """
    psi = 0.0
    accuracy = launch_accuracy
    if before:
        earlier = pd.concat([rows.rows["prediction"] for rows in before])
        psi = population_stability(earlier, now.rows["prediction"])
        reviewed = sum(int(rows.reviewed.sum()) for rows in before)
        wrong = sum(int((rows.reviewed & rows.failed).sum()) for rows in before)
        accuracy = 1 - wrong / reviewed if reviewed else launch_accuracy
    fair = now.reviewed
    here = 1 - (now.failed & fair).sum() / fair.sum() if fair.any() else None
    dropped = accuracy is not None and here is not None and accuracy - here > DROP_LIMIT
    said = (psi > PSI_LIMIT, dropped, True)
    return {name: "retrain" if yes else "no_action" for name, yes in zip(NAMES, said, strict=True)}


def population_stability(reference: pd.Series, current: pd.Series) -> float:
    """PSI over the categories, an empty bin counted as half a row.

    >>> round(population_stability(pd.Series(["a", "b"] * 50), pd.Series(["a"] * 90 + ["b"] * 10)), 2)
    0.88
    """
    names = sorted(set(reference) | set(current))
    was = np.array([max((reference == name).sum(), 0.5) for name in names]) / len(reference)
    is_ = np.array([max((current == name).sum(), 0.5) for name in names]) / len(current)
    return float(((is_ - was) * np.log(is_ / was)).sum())
