"""Which rows are held out together."""

import numpy as np

from .base import Codes, Labels


def stratified_folds(labels: Labels, *, folds: int, seed: int) -> Codes:
    """The fold number of each row, 0 to `folds` - 1, each category spread as evenly as it goes.

    Categories are dealt one after another like cards, shuffled within, the deal going on where
    the last one stopped: fold sizes differ by one at most, and a category with fewer rows than
    folds is simply absent from some of them. A category of one row is once held out with nothing
    left to learn it from; both arms miss it alike.
    """
    rng = np.random.default_rng(seed)
    found = np.empty(len(labels), dtype=np.intp)
    dealt = 0
    for category in sorted(set(labels)):
        rows = rng.permutation(np.flatnonzero(labels == category))
        found[rows] = (dealt + np.arange(len(rows))) % folds
        dealt += len(rows)
    return found
