"""What people do with answers: reviews, corrections, thumbs and clicks, with their mistakes."""

import numpy as np
import pandas as pd

# An agent corrects so many of the wrong answers, and "corrects" so many of the right ones.
OVERRIDES_WRONG, OVERRIDES_RIGHT = 0.35, 0.01
# Where the answer was wrong, so many of the wrong labels wave it through.
WAVED_THROUGH = 0.5
THUMBS = 0.15
CLICKS_RIGHT, CLICKS_WRONG = 0.70, 0.40
NOBODY = np.array(None, dtype=object)


def react(
    facts: pd.DataFrame, answers: np.ndarray, known: tuple[str, ...], rng: np.random.Generator
) -> pd.DataFrame:
    """label, label_source, thumbs and clicked of each row, and whether the label is wrong.

    ``facts`` as ``Month`` keeps them. A wrong label is the answer (waved through), else another of
    the ``known`` categories. A truth that no category has (``__...__``) gets a random one.
    """
    n = len(facts)
    truth = facts["truth"].to_numpy(dtype=object)
    right = answers == truth
    review = rng.random(n) < facts["review"].to_numpy(dtype=float)
    correct = rng.random(n) < np.where(right, OVERRIDES_RIGHT, OVERRIDES_WRONG)
    labelled = review | correct
    nowhere = np.array([str(label).startswith("__") for label in truth], dtype=bool)
    slips = (rng.random(n) < facts["error"].to_numpy(dtype=float)) | nowhere
    waved = ~right & (rng.random(n) < WAVED_THROUGH)
    others = np.array([_other(rng, known, label) for label in truth], dtype=object)
    label = np.where(slips, np.where(waved, answers, others), truth)
    filed = facts["filed_as"].notna().to_numpy(dtype=bool)
    label = np.where(filed, facts["filed_as"].to_numpy(dtype=object), label)
    label = np.where(labelled, label, NOBODY)
    source = np.where(review, "review", np.where(correct, "override", NOBODY))
    thumbs = np.where(rng.random(n) < THUMBS, np.where(right, "up", "down"), NOBODY)
    usual = np.where(right, CLICKS_RIGHT, CLICKS_WRONG)
    accepts = facts["accepts"].to_numpy(dtype=float)
    clicked = rng.random(n) < np.where(np.isnan(accepts), usual, accepts)
    return pd.DataFrame(
        {
            "label": pd.Series(label, dtype=object),
            "label_source": pd.Series(source, dtype=object),
            "thumbs": pd.Series(thumbs, dtype=object),
            "clicked": clicked,
            "label_is_wrong": labelled & (label != truth),
        }
    )


def _other(rng: np.random.Generator, known: tuple[str, ...], label: str) -> str:
    while True:
        found = known[rng.integers(len(known))]
        if found != label:
            return found
