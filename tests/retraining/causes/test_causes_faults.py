"""Faults of feeds, one planted at a time: found with the right field, day and mapping."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from retraining.causes import (
    frozen_field,
    missing_values,
    shifted_field,
    truncated_input,
    unit_change,
)
from retraining.causes.evidence import Rows
from retraining.causes.registry import diagnose
from tests.retraining.causes.streams import answer_table, quiet, since

TENTH, LAST = date(2025, 5, 10), date(2025, 6, 1)


def only(findings):
    assert len(findings) == 1
    return findings[0]


def from_day(field, change, first=TENTH):
    """A change of one field's values from a day on."""

    def apply(inputs, days):
        mask = since(days, first)
        values = inputs[field].copy()
        values[mask] = change(values[mask])
        return inputs.assign(**{field: values})

    return apply


def test_a_temperature_that_comes_in_fahrenheit_is_named_with_factor_offset_and_day(table):
    broken = table.with_inputs(from_day("temp", lambda t: t * 1.8 + 32))
    finding = only(unit_change.find(broken.evidence(), ()))
    fault = only(finding.fields)
    assert (fault.field, fault.kind) == ("temp", "unit_change")
    assert (fault.factor, fault.offset) == (1.8, 32.0)
    assert fault.since == finding.since == TENTH
    assert finding.acts and finding.numbers["effect"] > 0.1
    hit = set(broken.now.rows["id"][since(broken.now.rows["day"], TENTH)])
    assert finding.explains == hit
    assert diagnose(broken.evidence()).verdict == "fix_upstream"


@pytest.mark.parametrize("factor", [0.001, 60.0, 1000.0])
def test_a_length_in_another_unit_is_named(table, factor):
    broken = table.with_inputs(from_day("wind", lambda w: w * factor))
    fault = only(only(unit_change.find(broken.evidence(), ())).fields)
    assert fault.field == "wind" and fault.offset == 0
    assert fault.factor == pytest.approx(factor)
    assert fault.since == TENTH


def test_a_unit_that_changed_on_the_first_of_the_month_is_found(table):
    broken = table.with_inputs(from_day("temp", lambda t: t * 1.8 + 32, first=table.month))
    fault = only(only(unit_change.find(broken.evidence(), ())).fields)
    assert (fault.field, fault.since) == ("temp", table.month)
    assert (fault.factor, fault.offset) == (1.8, 32.0)


def test_a_month_that_came_with_values_seen_before_is_no_unit_change(table):
    # A third more wind all month long: no jump within it, and no value that was never seen.
    windy = table.with_inputs(from_day("wind", lambda w: w * 1.4, first=table.month))
    assert unit_change.find(windy.evidence(), ()) == []


def test_a_unit_fault_that_nobody_mended_last_month_is_found_again(table):
    # Its rows of last month were set aside, so the last good ones are older than three weeks.
    broken = table.with_inputs(from_day("wind", lambda w: w * 60, first=table.month))
    good = broken.before.where(~since(broken.before.rows["day"], date(2025, 4, 5)))
    evidence = broken.evidence(before=good, healthy=np.ones(len(good), dtype=bool))
    assert only(only(unit_change.find(evidence, ())).fields).since == table.month


def test_a_fault_that_changes_no_answer_is_listed_and_the_verdict_goes_on(table):
    # The stub does not read the wind.
    found = diagnose(table.with_inputs(from_day("wind", lambda w: w * 3.6)).evidence())
    finding = only([f for f in found.findings if f.cause == "unit_change"])
    assert not finding.acts and finding.explains == frozenset()
    assert found.verdict == "no_action"
    suspect = only(found.as_dict()["suspect_fields"])
    assert (suspect["field"], suspect["acts"]) == ("wind", False)


def test_a_repair_gives_back_what_the_feed_should_have_sent():
    change = unit_change.Change("t", 0, 31, 1.8, 32.0, 0.0, 1.0, 0.0)
    seen = pd.DataFrame({"t": [32.0, 212.0]})
    assert unit_change.repaired(seen, change)["t"].tolist() == [0.0, 100.0]


def test_a_cold_month_after_a_warm_launch_is_no_unit_change():
    """Winter values read as Fahrenheit have the level of summer ones, but twice their spread."""
    warm = quiet("table", seed=5, month=date(2025, 7, 1), swing=14.0)
    cold = quiet("table", seed=5, month=date(2025, 1, 1), swing=14.0)
    nobody = np.zeros(len(cold.before), dtype=bool)
    evidence = cold.evidence(
        training_inputs=warm.now.inputs, before=cold.before.where(nobody), healthy=nobody[:0]
    )
    assert unit_change.find(evidence, ()) == []


def test_a_site_that_is_the_same_in_every_row_is_found_with_its_day(table):
    broken = table.with_inputs(from_day("site", lambda s: "north"))
    finding = only(frozen_field.find(broken.evidence(), ()))
    fault = only(finding.fields)
    assert (fault.field, fault.kind, fault.since) == ("site", "frozen_field", TENTH)
    assert finding.numbers["value"] == "north"
    assert not finding.acts  # the stub does not read it


def test_a_working_week_is_no_dead_calendar(table):
    friday = table.now.where(table.now.rows["day"] < TENTH)
    evidence = table.evidence(now=friday, days=table.days[:9])
    assert (friday.inputs["workingday"].iloc[-1], frozen_field.find(evidence, ())) == (1.0, [])


def test_a_measurement_that_repeats_itself_is_found(table):
    broken = table.with_inputs(from_day("temp", lambda t: 12.5))
    found = diagnose(broken.evidence())
    faults = [x for f in found.findings for x in f.fields]
    assert [(x.field, x.kind, x.since) for x in faults] == [("temp", "frozen_field", TENTH)]
    assert found.verdict == "fix_upstream"


def test_no_holiday_in_august_is_no_frozen_field():
    for seed in range(4):
        august = quiet("table", seed=seed, month=date(2025, 8, 1))
        assert (august.now.inputs["holiday"] == 0).all()
        assert frozen_field.find(august.evidence(), ()) == []


def test_a_field_that_was_always_constant_is_no_frozen_field(table):
    same = from_day("site", lambda s: "north", first=date(2000, 1, 1))
    stream = table.with_inputs(same)
    before = Rows(
        stream.before.rows,
        same(stream.before.inputs, stream.before.rows["day"]),
        stream.before.context,
        stream.before.signals,
    )
    evidence = stream.evidence(before=before, training_inputs=stream.training.assign(site="north"))
    assert frozen_field.find(evidence, ()) == []


def test_an_hour_in_utc_is_found_with_its_day_and_shift(table):
    broken = table.with_inputs(from_day("hour", lambda h: (h - 2) % 24))
    finding = only(shifted_field.find(broken.evidence(), ()))
    fault = only(finding.fields)
    assert (fault.field, fault.since, fault.offset) == ("hour", TENTH, -2.0)
    assert finding.acts
    assert "2 behind" in finding.evidence


def test_a_weekday_that_counts_from_one_is_repaired_within_one_to_seven(table):
    counts = lambda inputs: inputs.assign(weekday=inputs["weekday"] + 1)  # noqa: E731
    seen = []

    def predict(inputs):
        seen.append(set(inputs["weekday"]))
        return answer_table(inputs)

    shifted = table.with_inputs(
        lambda inputs, days: from_day("weekday", lambda w: w % 7 + 1)(counts(inputs), days)
    )
    before = Rows(
        table.before.rows, counts(table.before.inputs), table.before.context, table.before.signals
    )
    evidence = shifted.evidence(
        before=before, training_inputs=counts(table.training), predict=predict
    )
    fault = only(only(shifted_field.find(evidence, ())).fields)
    assert (fault.field, fault.offset) == ("weekday", 1.0)
    assert seen[-1] == {1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0}


def test_a_field_that_goes_missing_is_found_with_its_day(table):
    rng = np.random.default_rng(0)
    broken = table.with_inputs(
        from_day("temp", lambda t: t.where(rng.random(len(t)) < 0.5), first=TENTH)
    )
    finding = only(missing_values.find(broken.evidence(), ()))
    fault = only(finding.fields)
    assert (fault.field, fault.kind) == ("temp", "missing_values")
    assert abs((fault.since - TENTH).days) <= 1
    empty = broken.now.inputs["temp"].isna()
    assert finding.numbers["empty"] == empty.sum()
    if finding.acts:
        assert finding.explains == set(broken.now.rows["id"][empty])


def test_a_model_of_one_field_survives_its_loss(table):
    broken = table.with_inputs(from_day("temp", lambda t: np.nan))
    one = broken.evidence(
        now=Rows(
            broken.now.rows, broken.now.inputs[["temp"]], broken.now.context, broken.now.signals
        ),
        before=Rows(
            broken.before.rows,
            broken.before.inputs[["temp"]],
            broken.before.context,
            broken.before.signals,
        ),
        training_inputs=broken.training[["temp"]],
        predict=lambda inputs: (
            np.where(inputs["temp"].isna(), "low", "mid").astype(object),
            np.ones(len(inputs)),
        ),
    )
    finding = only(missing_values.find(one, ()))
    assert finding.acts and finding.fields[0].field == "temp"


def cut(text, length, mask):
    """The stream with the texts of some rows cut."""
    return text.with_inputs(
        lambda inputs, days: inputs.assign(
            text=inputs["text"].where(~mask, inputs["text"].str.slice(0, length).str.rstrip())
        )
    )


def test_texts_that_an_app_release_cuts_are_found_with_segment_and_day(text):
    days, context = text.now.rows["day"], text.now.context.copy()
    new = (context["channel"] == "mobile").to_numpy() & since(days, TENTH)
    context.loc[new, "app"] = "5.2"
    stream = cut(text, 20, new)
    evidence = stream.evidence(
        now=Rows(stream.now.rows, stream.now.inputs, context, stream.now.signals)
    )
    finding = only(truncated_input.find(evidence, ()))
    segment = only(finding.segments)
    assert (segment.key, segment.value) in {("app", "5.2"), ("channel", "mobile")}
    assert abs((segment.since - TENTH).days) <= 1
    assert finding.numbers["length"] == 20
    assert finding.acts
    assert finding.explains == set(stream.now.rows["id"][new])
    assert diagnose(evidence).verdict == "fix_upstream"


def test_texts_that_are_cut_everywhere_name_the_text_itself(text):
    stream = cut(text, 25, since(text.now.rows["day"], TENTH))
    found = diagnose(stream.evidence()).as_dict()
    assert found["suspect_segments"] == []
    suspect = only(found["suspect_fields"])
    assert (suspect["field"], suspect["kind"]) == ("text", "truncated_input")
    assert suspect["since"] == "2025-05-10"


def test_a_channel_of_short_messages_is_not_a_cut_one(text):
    rng = np.random.default_rng(0)
    chat = (text.now.context["channel"] == "mobile").to_numpy()
    # Whole messages of 10 to 30 characters, thinning out towards the longest.
    lengths = 10 + np.minimum(rng.geometric(0.15, len(chat)), 20)
    short = [
        t[:n] if c else t for t, n, c in zip(text.now.inputs["text"], lengths, chat, strict=True)
    ]
    stream = text.with_inputs(lambda inputs, days: inputs.assign(text=short))
    assert truncated_input.find(stream.evidence(), ()) == []


def test_cut_texts_that_lose_nothing_are_listed_and_the_verdict_goes_on(text):
    mask = since(text.now.rows["day"], TENTH)
    evidence = cut(text, 60, mask).evidence(
        predict=lambda inputs: (np.full(len(inputs), "card", dtype=object), np.ones(len(inputs)))
    )
    finding = only(truncated_input.find(evidence, ()))
    assert not finding.acts and finding.explains == frozenset()
