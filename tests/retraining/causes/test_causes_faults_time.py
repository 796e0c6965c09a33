"""Field faults that are over, that only the other fields contradict, or that come in other words."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from retraining.causes import (
    frozen_field,
    late_field,
    missing_values,
    shifted_field,
    truncated_input,
    unit_change,
)
from retraining.causes.evidence import Rows
from tests.retraining.causes.streams import TABLE, quiet, since

TENTH, MID = date(2025, 5, 10), date(2025, 5, 18)
FELT = replace(TABLE, numeric=(*TABLE.numeric, "felt"))


def only(findings):
    assert len(findings) == 1
    return findings[0]


def between(field, change, first=TENTH, stop=MID):
    """A change of one field's values on some days."""

    def apply(inputs, days):
        mask = since(days, first, stop)
        values = inputs[field].copy()
        values[mask] = change(values[mask])
        return inputs.assign(**{field: values})

    return apply


def with_felt(stream):
    """The stream with a felt temperature that follows from temperature and wind."""
    rng = np.random.default_rng(stream.seed)

    def add(inputs):
        felt = 1.1 * inputs["temp"] - 0.05 * inputs["wind"] + rng.normal(0, 0.6, len(inputs))
        return inputs.assign(felt=felt.round(1))

    now, before = (
        Rows(rows.rows, add(rows.inputs), rows.context, rows.signals)
        for rows in (stream.now, stream.before)
    )
    return replace(stream, now=now, before=before, training=add(stream.training))


@pytest.fixture(scope="module")
def felt(table):
    return with_felt(table)


@pytest.mark.parametrize(
    ("cause", "field", "change"),
    [
        (unit_change, "temp", lambda t: t * 1.8 + 32),
        (unit_change, "wind", lambda w: w * 100),
        (unit_change, "wind", lambda w: -w),
        (frozen_field, "temp", lambda t: 12.5),
        (frozen_field, "site", lambda s: "north"),
        (shifted_field, "hour", lambda h: (h - 2) % 24),
        (shifted_field, "weekday", lambda w: (w + 1) % 7),
        (missing_values, "temp", lambda t: np.nan),
        (missing_values, "temp", lambda t: -999.0),
        (missing_values, "site", lambda s: s.str.upper()),
    ],
)
def test_a_fault_that_ended_names_its_last_day_and_leaves_the_other_rows_alone(
    table, cause, field, change
):
    broken = table.with_inputs(between(field, change))
    finding = only(cause.find(broken.evidence(), ()))
    fault = only(finding.fields)
    assert (fault.field, fault.since, fault.until) == (field, TENTH, MID)
    assert (finding.since, finding.until) == (TENTH, MID)
    hit = set(broken.now.rows["id"][since(broken.now.rows["day"], TENTH, MID)])
    assert finding.explains <= hit
    assert "From 2025-05-10 to 2025-05-17" in finding.evidence


def test_a_lasting_fault_has_no_end(table):
    broken = table.with_inputs(between("temp", lambda t: t * 1.8 + 32, stop=None))
    finding = only(unit_change.find(broken.evidence(), ()))
    assert finding.until is None and only(finding.fields).until is None


def test_a_unit_whose_values_are_all_legal_is_found_against_the_other_fields(felt):
    # A model that knows all seasons; felt temperatures of half their size are ordinary ones.
    broken = felt.with_inputs(between("felt", lambda t: t / 1.609344, first=felt.month, stop=None))
    evidence = broken.evidence(spec=FELT)
    known = pd.concat([felt.training["felt"], felt.before.inputs["felt"]])
    assert broken.now.inputs["felt"].between(known.min(), known.max()).mean() > 0.98
    finding = only(unit_change.find(evidence, ()))
    fault = only(finding.fields)
    assert (fault.field, fault.since) == ("felt", felt.month)
    assert fault.factor == pytest.approx(1 / 1.609344)


def test_two_fields_of_one_feed_are_both_named(felt):
    both = felt.with_inputs(between("temp", lambda t: t * 1.8 + 32)).with_inputs(
        between("felt", lambda t: t * 1.8 + 32)
    )
    faults = [f.fields[0] for f in unit_change.find(both.evidence(spec=FELT), ())]
    assert [(f.field, f.factor, f.since, f.until) for f in faults] == [
        ("felt", 1.8, TENTH, MID),
        ("temp", 1.8, TENTH, MID),
    ]


def test_a_cold_week_is_believed_where_the_felt_temperature_says_so_too(felt):
    # Ten degrees overnight, in both: the weather, whatever factor would undo it.
    cold = felt.with_inputs(between("temp", lambda t: t - 10, stop=None)).with_inputs(
        between("felt", lambda t: t - 11, stop=None)
    )
    assert unit_change.find(cold.evidence(spec=FELT), ()) == []


def test_amounts_with_heavy_tails_that_come_in_cents_are_named(table):
    rng = np.random.default_rng(0)

    def amounts(rows):
        wind = rng.lognormal(4, 1.5, len(rows)).round(2)
        return Rows(rows.rows, rows.inputs.assign(wind=wind), rows.context, rows.signals)

    training = table.training.assign(wind=rng.lognormal(4, 1.5, len(table.training)).round(2))
    paid = replace(table, now=amounts(table.now), before=amounts(table.before), training=training)
    broken = paid.with_inputs(between("wind", lambda w: w * 100, stop=None))
    fault = only(only(unit_change.find(broken.evidence(), ())).fields)
    assert (fault.field, fault.factor, fault.since) == ("wind", 100.0, TENTH)


def test_a_dead_calendar_is_contradicted_by_the_weekdays_within_three_weeks(table):
    broken = table.with_inputs(between("workingday", lambda w: 1.0, stop=None))
    finding = only(frozen_field.find(broken.evidence(), ()))
    # The 10th is the first Saturday that it calls a working day.
    assert (finding.fields[0].field, finding.since) == ("workingday", TENTH)
    assert finding.numbers["days_contradicted"] >= 5


def test_a_field_that_stands_still_in_one_part_of_the_traffic_names_the_part(table):
    mobile = (table.now.context["channel"] == "mobile").to_numpy()
    broken = table.with_inputs(
        lambda inputs, days: inputs.assign(
            temp=inputs["temp"].where(~(mobile & since(days, TENTH)), 12.5)
        )
    )
    fault = only(only(frozen_field.find(broken.evidence(), ())).fields)
    assert (fault.field, fault.since) == ("temp", TENTH)
    assert fault.segment in {("channel", "mobile"), ("app", "4.1")}


def test_a_value_that_was_right_in_the_same_season_of_another_year_is_no_dead_feed():
    august = quiet("table", seed=2, month=date(2025, 8, 1))
    frozen = august.with_inputs(between("site", lambda s: "north", first=august.month, stop=None))
    assert [f.fields[0].field for f in frozen_field.find(frozen.evidence(), ())] == ["site"]
    # A year ago the southern site was closed in August as well.
    last = quiet("table", seed=3, month=date(2024, 8, 1)).now
    closed = Rows(last.rows, last.inputs.assign(site="north"), last.context, last.signals)
    earlier = Rows(
        *(
            pd.concat([old, new], ignore_index=True)
            for old, new in zip(
                (closed.rows, closed.inputs, closed.context, closed.signals),
                (
                    frozen.before.rows,
                    frozen.before.inputs,
                    frozen.before.context,
                    frozen.before.signals,
                ),
                strict=True,
            )
        )
    )
    evidence = frozen.evidence(before=earlier, healthy=np.ones(len(earlier), dtype=bool))
    assert frozen_field.find(evidence, ()) == []


def late(stream, field, hours, first=TENTH, stop=None):
    """Each row of the days carries the last value that was there ``hours`` before."""
    stamps = stream.now.rows["timestamp"]
    then = np.searchsorted(stamps, stamps - pd.Timedelta(hours=hours), side="right") - 1
    column = stream.now.inputs[field].to_numpy()
    mask = since(stream.now.rows["day"], first, stop)
    stale = np.where(mask, column[np.maximum(then, 0)], column)
    return stream.with_inputs(lambda inputs, days: inputs.assign(**{field: stale}))


@pytest.mark.parametrize(("field", "hours"), [("temp", 6), ("felt", 24), ("workingday", 24)])
def test_a_field_that_arrives_late_is_named_with_its_lag(felt, field, hours):
    finding = only(late_field.find(late(felt, field, hours).evidence(spec=FELT), ()))
    fault = only(finding.fields)
    assert (fault.field, fault.kind, fault.until) == (field, "late_field", None)
    # The last value is older than the lag by up to the time between two rows.
    assert hours <= fault.lag <= hours + 4
    assert abs((fault.since - TENTH).days) <= 2


def test_a_delay_that_was_mended_has_an_end(felt):
    broken = late(felt, "temp", 24, stop=date(2025, 5, 22))
    fault = only(only(late_field.find(broken.evidence(spec=FELT), ())).fields)
    assert fault.until is not None and abs((fault.until - date(2025, 5, 22)).days) <= 1


def test_nobody_knows_when_a_field_was_measured_that_no_other_foretells(felt):
    assert late_field.find(late(felt, "wind", 24).evidence(spec=FELT), ()) == []


def test_another_spelling_is_told_from_a_new_shop(table):
    spelled = table.with_inputs(between("site", lambda s: s.str[0], stop=None))
    finding = only(missing_values.find(spelled.evidence(), ()))
    assert finding.fields[0].kind == "unseen_values"
    assert finding.numbers["mapping"] == {"n": "north", "s": "south"}
    rng = np.random.default_rng(0)
    shop = table.with_inputs(
        between("site", lambda s: s.where(rng.random(len(s)) < 0.6, "east"), stop=None)
    )
    assert missing_values.find(shop.evidence(), ()) == []


def test_a_release_that_cuts_texts_for_some_days_is_named_before_its_channel(text):
    days, context = text.now.rows["day"], text.now.context.copy()
    new = (context["channel"] == "mobile").to_numpy() & since(days, TENTH, MID)
    context.loc[new, "app"] = "5.2"
    cut = text.with_inputs(
        lambda inputs, days: inputs.assign(
            text=inputs["text"].where(~new, inputs["text"].str.slice(0, 20))
        )
    )
    evidence = cut.evidence(now=Rows(cut.now.rows, cut.now.inputs, context, cut.now.signals))
    segment = only(only(truncated_input.find(evidence, ())).segments)
    assert (segment.key, segment.value) == ("app", "5.2")
    assert abs((segment.since - TENTH).days) <= 1
    assert segment.until is not None and abs((segment.until - MID).days) <= 1


def test_quiet_months_with_fields_that_hang_together_stay_quiet():
    for seed in range(40, 48):
        evidence = with_felt(quiet("table", seed=seed, swing=18.0)).evidence(spec=FELT)
        for cause in (missing_values, frozen_field, shifted_field, unit_change, late_field):
            assert cause.find(evidence, ()) == []
