"""Fields that one feed broke together: judged by what mending all of them would change."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from retraining.causes import frozen_field, unit_change
from retraining.causes.evidence import Finding
from retraining.causes.together import Mend, judged_together
from retraining.learners.base import InputSpec
from tests.retraining.causes.streams import LEVELS, TABLE, quiet, since

MAY, TENTH = date(2025, 5, 1), date(2025, 5, 10)


def warm(inputs):
    """High where it is warm and feels so: it takes both fields to change many answers."""
    high = (inputs["temp"] > 12) & (inputs["felt"] > 12)
    return np.where(high, LEVELS[2], LEVELS[0]).astype(object), np.full(len(inputs), 0.8)


def with_felt(**broken):
    """A month with two temperatures, and ``broken`` in both since the tenth."""
    table = quiet("table", seed=2, month=MAY, n=500)
    late = since(table.now.rows["day"], TENTH)

    def felt(inputs):
        noise = np.random.default_rng(len(inputs)).normal(0, 0.3, len(inputs))
        return inputs.assign(felt=(inputs["temp"] + noise).round(1))

    inputs = felt(table.now.inputs)
    for name in ("temp", "felt"):
        inputs[name] = inputs[name].where(~late, broken["value"](inputs[name]))
    rows = table.now.rows.assign(prediction=warm(inputs)[0])
    return table.evidence(
        now=replace(table.now, inputs=inputs, rows=rows),
        before=replace(table.before, inputs=felt(table.before.inputs)),
        training_inputs=felt(table.training),
        spec=InputSpec("tabular", (*TABLE.numeric, "felt"), TABLE.categorical),
        predict=warm,
    )


@pytest.mark.parametrize(
    ("cause", "value"),
    [
        (frozen_field, lambda column: column.iloc[200]),
        (unit_change, lambda column: column * 1.8 + 32),
    ],
)
def test_two_temperatures_that_broke_together_both_act(cause, value):
    found = cause.find(with_felt(value=value), ())
    assert {finding.fields[0].field for finding in found} == {"temp", "felt"}
    assert all(finding.acts and finding.explains for finding in found)
    assert len({finding.numbers["effect"] for finding in found}) == 1
    assert all(f.numbers["effect"] > f.numbers.get("effect_alone", -1) for f in found)


def mend(evidence, field, rows, value):
    finding = Finding("unit_change", "", "", 0.0, numbers={"effect": 0.0}, acts=False)
    return Mend(finding, field, rows, lambda inputs, _: np.full(len(inputs), value))


def test_faults_of_other_days_are_judged_alone():
    evidence = with_felt(value=lambda column: column)
    day = evidence.day_index(evidence.now)
    apart = [mend(evidence, "temp", day < 9, 99.0), mend(evidence, "felt", day >= 9, 99.0)]
    assert [f.acts for f in judged_together(evidence, apart)] == [False, False]
    same = [mend(evidence, name, day < 9, 99.0) for name in ("temp", "felt")]
    found = judged_together(evidence, same)
    answers = evidence.now.rows["prediction"].to_numpy()
    changed = np.mean((day < 9) & (answers == LEVELS[0]))
    assert [f.numbers["effect"] for f in found] == [pytest.approx(changed)] * 2
    assert [f.acts for f in found] == [True, True]


@pytest.mark.parametrize("times", [7.0, 30.4375, 365.25])
def test_an_age_in_weeks_months_or_years_in_place_of_days_is_named_with_its_factor(times):
    table = quiet("table", seed=4, month=MAY, n=500)
    rng = np.random.default_rng(1)
    late = since(table.now.rows["day"], TENTH)

    def aged(frame):
        return frame.assign(age=rng.integers(20, 3650, len(frame)).astype(float))

    inputs = aged(table.now.inputs)
    inputs["age"] = inputs["age"].where(~late, (inputs["age"] / times).round(4))
    evidence = table.evidence(
        now=replace(table.now, inputs=inputs),
        before=replace(table.before, inputs=aged(table.before.inputs)),
        training_inputs=aged(table.training),
        spec=InputSpec("tabular", (*TABLE.numeric, "age"), TABLE.categorical),
    )
    (finding,) = unit_change.find(evidence, ())
    assert finding.fields[0].field == "age"
    assert finding.fields[0].factor == pytest.approx(1 / times)
    assert abs((finding.since - TENTH).days) <= 1


def test_a_whole_month_in_cents_is_found_after_days_that_were_left_out():
    # The month before ended in the same fault: its last days are no reference.
    table = quiet("table", seed=4, month=MAY, n=500)
    rng = np.random.default_rng(1)

    def paid(frame, times):
        return frame.assign(paid=np.round(np.exp(rng.normal(7, 0.8, len(frame)))) * times)

    kept = (table.before.rows["day"] < date(2025, 4, 26)).to_numpy(dtype=bool)
    before = replace(table.before, inputs=paid(table.before.inputs, 1.0)).where(kept)
    evidence = table.evidence(
        now=replace(table.now, inputs=paid(table.now.inputs, 100.0)),
        before=before,
        healthy=np.ones(len(before), dtype=bool),
        training_inputs=paid(table.training, 1.0),
        spec=InputSpec("tabular", (*TABLE.numeric, "paid"), TABLE.categorical),
    )
    (finding,) = unit_change.find(evidence, ())
    assert (finding.fields[0].field, finding.fields[0].factor) == ("paid", 100.0)
    assert finding.since == MAY
