"""The learners on the two real histories that lie beside the checkout, where they do."""

import json
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from retraining.learners.base import InputSpec
from retraining.learners.registry import default_learner
from retraining.learners.selection import train_candidate

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
LEFT_OUT = ("golden_copy", "free_ride_days", "hurricane")

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared/data")


def labelled(folder: Path, month: int) -> pd.DataFrame:
    """The rows that a person labelled rightly, with inputs as they should have been."""
    truth = pd.read_csv(folder / "truth" / f"month_{month}.csv", keep_default_na=False)
    lines = (folder / "logs" / f"month_{month}.ndjson").read_text().splitlines()
    rows = []
    for line, right in zip(map(json.loads, lines), truth.to_dict("records"), strict=True):
        usable = line["feedback"]["label"] and not right["label_is_wrong"]
        if usable and right["event"] not in LEFT_OUT:
            repaired = json.loads(right.get("input_before_fault") or "{}")
            rows.append({**line["input"], **repaired, "label": right["true_label"]})
    return pd.DataFrame(rows)


def history(name: str, month: int, spec: InputSpec):
    """The launch model, the candidate a month later, the test rows, and the seconds it took."""
    folder = SHARED / name
    columns = list(spec.columns)
    learner = default_learner(spec.task)
    launch = pd.read_csv(folder / "train_month0.csv")
    rows = pd.concat([launch, labelled(folder, month)], ignore_index=True)
    started = time.process_time()
    old = train_candidate(
        learner=learner,
        checkpoint=None,
        inputs=launch[columns],
        labels=launch["label"],
        spec=spec,
        seed=7,
    ).model
    middle = time.process_time()
    trained = train_candidate(
        learner=learner,
        checkpoint=old,
        inputs=rows[columns],
        labels=rows["label"],
        spec=spec,
        seed=7,
        is_new=np.arange(len(rows)) >= len(launch),
    )
    seconds = time.process_time() - middle
    assert middle - started < 20
    assert seconds < 20
    test = pd.read_csv(folder / "test.csv")
    for column, model in (("before", old), ("after", trained.model)):
        test[column] = model.predict(test[columns])[0] == test["label"].to_numpy()
    return test


def test_the_support_desk_learns_its_new_categories_and_forgets_nothing():
    test = history("banking-support", 3, InputSpec("text"))
    by_group = test.groupby("group")[["before", "after"]].mean()
    assert by_group.loc["established", "before"] >= 0.89
    assert by_group.loc["new", "after"] >= 0.89
    assert test["after"].mean() - test["before"].mean() >= 0.08
    assert by_group.loc["established", "after"] - by_group.loc["established", "before"] >= -0.01


def test_the_bike_dispatcher_learns_the_season_and_keeps_the_last_one():
    launch = pd.read_csv(SHARED / "bike-demand" / "train_month0.csv", nrows=1)
    numeric = tuple(column for column in launch.columns if column not in ("id", "label"))
    test = history("bike-demand", 5, InputSpec("tabular", numeric=numeric))
    by_month = test.groupby("month")[["before", "after"]].mean()
    assert by_month.loc[6, "after"] - by_month.loc[6, "before"] >= 0.03
    assert by_month.loc[0, "after"] - by_month.loc[0, "before"] >= -0.02
