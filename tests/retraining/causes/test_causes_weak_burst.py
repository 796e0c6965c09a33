"""A weekend on which everything is filed under one name makes no weak category."""

from datetime import date

import numpy as np
import pytest

from retraining.causes import weak_category
from tests.retraining.causes.streams import quiet, since

MAY = date(2025, 5, 1)


def filed_as_abroad(first, stop, count):
    """A quiet month in which so many rows between two days were reviewed, and said to be abroad."""
    stream = quiet("text", seed=4, month=MAY)
    rows = stream.now.rows
    open_to_it = since(rows["day"], first, stop) & (rows["prediction"] != "abroad").to_numpy(bool)
    chosen = np.random.default_rng(1).permutation(np.flatnonzero(open_to_it))[:count]
    label, source = rows["label"].copy(), rows["label_source"].copy()
    label.iloc[chosen], source.iloc[chosen] = "abroad", "review"
    return stream.with_rows(label=label, label_source=source).evidence()


@pytest.mark.parametrize(
    ("first", "stop", "weak"),
    [
        (date(2025, 5, 1), date(2025, 6, 1), ("abroad",)),
        (date(2025, 5, 12), date(2025, 5, 16), ()),
    ],
)
def test_failures_of_a_few_days_are_a_burst_and_those_of_a_month_a_weakness(first, stop, weak):
    evidence = filed_as_abroad(first, stop, 30)
    found = weak_category.find(evidence, ())
    assert tuple(name for finding in found for name in finding.categories) == weak
