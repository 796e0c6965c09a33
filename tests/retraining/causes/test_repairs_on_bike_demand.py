"""Repairs on the real bike hire whose feeds broke, where its files lie beside the checkout.

The truth keeps each row's input from before the fault; repairs see only the rows as they came.
"""

import json
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from retraining.causes.evidence import FieldFault, Rows
from retraining.causes.mending import Reference, mend
from retraining.causes.repair import Repair
from retraining.learners.base import InputSpec
from retraining.learners.registry import default_learner
from retraining.learners.selection import train_candidate

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "data" / "bike-demand"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="needs ../shared/data")

FAULTS = {
    2: [
        FieldFault(name, "unit_change", date(2012, 8, 10), factor=1.8, offset=32.0)
        for name in ("temp_c", "feels_like_c")
    ],
    3: [FieldFault("hour", "shifted_field", date(2012, 9, 12), factor=1, offset=4, cycle=24)],
    6: [FieldFault("workingday", "frozen_field", date(2012, 12, 1))],
}


@pytest.fixture(scope="module")
def launch():
    return pd.read_csv(FOLDER / "train_month0.csv")


@pytest.fixture(scope="module")
def spec(launch):
    return InputSpec("tabular", numeric=tuple(launch.columns.drop(["id", "label"])))


def month(number):
    """The rows as they came and their labels, and the inputs from before the fault."""
    lines = (FOLDER / "logs" / f"month_{number}.ndjson").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    truth = pd.read_csv(FOLDER / "truth" / f"month_{number}.csv", keep_default_na=False)
    came = pd.DataFrame([row["input"] for row in rows]).astype(float)
    before = [json.loads(text or "{}") for text in truth["input_before_fault"]]
    whole = pd.DataFrame([row["input"] | b for row, b in zip(rows, before, strict=True)])
    stamps = pd.Series(pd.to_datetime([row["timestamp"] for row in rows]))
    told = pd.DataFrame({"timestamp": stamps, "day": stamps.dt.date})
    nothing = pd.DataFrame(index=came.index)
    labels = np.array([row["feedback"]["label"] for row in rows], dtype=object)
    return Rows(told, came, nothing, nothing), labels, whole.astype(float)


def mended(number, launch, spec):
    rows, labels, whole = month(number)
    until = (rows.rows["day"].max().replace(day=28) + pd.Timedelta(days=4)).replace(day=1)
    repairs = [Repair.of_fault(f.as_dict(), until=until) for f in FAULTS[number]]
    reference = Reference(launch[list(spec.columns)].astype(float), spec)
    return rows, labels, whole, mend(rows, repairs, reference).inputs


@pytest.mark.parametrize("number", [2, 3])
def test_fahrenheit_and_utc_come_back_to_what_they_were(number, launch, spec):
    rows, _, whole, view = mended(number, launch, spec)
    assert not np.allclose(rows.inputs, whole, atol=0.02)
    np.testing.assert_allclose(view, whole, atol=0.02)


def test_a_dead_calendar_follows_from_the_weekday_and_a_retrain_then_helps(launch, spec):
    rows, labels, whole, view = mended(6, launch, spec)
    right = (view["workingday"] == whole["workingday"]).mean()
    assert right > 0.95 > (rows.inputs["workingday"] == whole["workingday"]).mean()
    test = pd.read_csv(FOLDER / "test.csv").query("month == 6").reset_index(drop=True)
    known = np.array([label is not None for label in labels])
    accuracy = {}
    for name, inputs in (("never", None), ("as it came", rows.inputs), ("repaired", view)):
        x, y = launch[list(spec.columns)].astype(float), launch["label"].to_numpy(dtype=object)
        if inputs is not None:
            x = pd.concat([x, inputs[known]], ignore_index=True)
            y = np.concatenate([y, labels[known]])
        model = train_candidate(
            learner=default_learner("tabular"),
            checkpoint=None,
            inputs=x,
            labels=y,
            spec=spec,
            seed=0,
        ).model
        accuracy[name] = (model.predict(test[list(spec.columns)])[0] == test["label"]).mean()
    assert accuracy["repaired"] > accuracy["never"]
    assert accuracy["repaired"] > accuracy["as it came"] + 0.02
