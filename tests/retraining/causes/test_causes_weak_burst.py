"""A weekend on which everything is filed under one name makes no weak category; a month does, even
where few of its rows were reviewed."""

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


def corrected_to(name, count, *, reviewed=0, shown=0, first=MAY, stop=date(2025, 6, 1)):
    """A quiet month in which ``count`` rows of other answers were corrected to ``name`` and so many
    reviewed as it; ``shown``: so many rows keep the answer ``name``."""
    stream = quiet("text", seed=4, month=MAY, n=600)
    rows = stream.now.rows.copy()
    rng = np.random.default_rng(2)
    mine = np.flatnonzero((rows["prediction"] == name).to_numpy(bool))
    rows.loc[mine, ["label", "label_source", "thumbs"]] = None
    rows.loc[mine[shown:], "prediction"] = "card"
    rows.loc[mine[shown:], "label"] = None
    free = since(rows["day"], first, stop) & (rows["prediction"] != name).to_numpy(bool)
    free &= rows["label_source"].isna().to_numpy(bool)
    chosen = rng.permutation(np.flatnonzero(free))[: count + reviewed]
    rows.loc[chosen, "label"] = name
    rows.loc[chosen[:count], "label_source"] = "override"
    rows.loc[chosen[count:], "label_source"] = "review"
    return stream.with_rows(**{column: rows[column] for column in rows}).evidence()


@pytest.mark.parametrize(
    ("count", "shown", "days", "weak"),
    [
        (15, 3, (MAY, date(2025, 6, 1)), ("abroad",)),
        (15, 3, (date(2025, 5, 12), date(2025, 5, 16)), ()),
        (15, 60, (MAY, date(2025, 6, 1)), ()),
    ],
    ids=["corrected all month", "within days", "given and kept more often"],
)
def test_corrections_outnumber_the_right_answers_that_there_can_be(count, shown, days, weak):
    evidence = corrected_to("abroad", count, reviewed=6, shown=shown, first=days[0], stop=days[1])
    found = weak_category.find(evidence, ())
    assert tuple(name for finding in found for name in finding.categories) == weak
