"""A repair puts a broken field right in a view of the rows, and its mapping can be taken back."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retraining.causes.evidence import FieldFault, Rows, SegmentFault
from retraining.causes.mending import Reference, mend, undone
from retraining.causes.repair import IrreversibleRepair, Repair, first_of_cycle, repairs_of
from retraining.learners.base import InputSpec

FIRST, END = date(2025, 4, 1), date(2025, 5, 1)
NUMBERS = ("hour", "weekday", "temp", "workingday")
SPEC = InputSpec("tabular", numeric=NUMBERS)


def table(n=240, hours=3):
    """A whole month: ``workingday`` follows from the weekday, ``temp`` from the hour."""
    stamps = pd.Series(
        [datetime(2025, 4, 1, tzinfo=UTC) + timedelta(hours=hours * i) for i in range(n)]
    )
    weekday = stamps.dt.day_of_week.astype(float)
    hour = stamps.dt.hour.astype(float)
    inputs = pd.DataFrame(
        {
            "hour": hour,
            "weekday": weekday,
            "temp": 10 + 8 * np.sin((hour - 9) / 24 * 2 * np.pi) + np.arange(n) / 50,
            "workingday": (weekday < 5).astype(float),
        }
    )
    rows = pd.DataFrame({"timestamp": stamps, "day": stamps.dt.date})
    context = pd.DataFrame({"site": pd.Series(["north", "south"] * (n // 2), dtype=object)})
    return Rows(rows, inputs, context, pd.DataFrame(index=inputs.index))


def broken(rows, **columns):
    return Rows(rows.rows, rows.inputs.assign(**columns), rows.context, rows.signals)


def repair(field, kind, **more):
    fault = FieldFault(field, kind, more.pop("since", FIRST), **more)
    return Repair.of_fault(fault.as_dict(), until=END)


def mended(rows, *repairs):
    return mend(rows, repairs, Reference(table().inputs, SPEC))


real = st.floats(-1e6, 1e6, allow_nan=False)
values = st.lists(real | st.just(float("nan")), min_size=1, max_size=30).map(np.array)


@given(values, st.floats(1e-3, 1e3), st.floats(-1e3, 1e3))
def test_a_conversion_is_undone_to_what_came(seen, factor, offset):
    unit = repair("temp", "unit_change", factor=factor, offset=offset)
    tolerance = 1e-9 * max(1.0, float(np.nanmax(np.abs(seen), initial=0.0)), abs(offset))
    np.testing.assert_allclose(unit.undo(unit.map(seen)), seen, atol=tolerance)


@given(
    st.sampled_from([(24.0, 0.0), (7.0, 0.0), (7.0, 1.0)]),
    st.floats(-48, 48),
    st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=30),
)
def test_a_shift_round_the_clock_is_undone_to_what_came(clock, offset, shares):
    cycle, first = clock
    seen = first + cycle * np.array(shares)
    fault = FieldFault("hour", "shifted_field", FIRST, offset=offset, cycle=cycle)
    shift = Repair.of_fault(fault.as_dict(), until=END, first=first)
    right = shift.map(seen)
    assert ((right >= first) & (right <= first + cycle)).all()
    # The last instant of the clock and its first are one.
    off = np.abs(shift.undo(right) - seen)
    assert (np.minimum(off, cycle - off) < 1e-9).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 29), st.sampled_from([None, ("site", "north"), ("site", "nowhere")]))
def test_only_the_faults_days_and_segment_change_and_undone_rows_are_what_came(day, segment):
    rows = table()
    unit = repair(
        "temp",
        "unit_change",
        since=FIRST + timedelta(days=day),
        segment=segment,
        factor=1.8,
        offset=32,
    )
    mask = unit.covers(rows.rows["day"], rows.context)
    kept = rows.inputs.copy()
    view = mended(rows, unit)
    assert (view.touched == mask).all()
    pd.testing.assert_frame_equal(view.inputs[~mask], rows.inputs[~mask])
    pd.testing.assert_frame_equal(undone(view.inputs, unit, mask), rows.inputs)
    pd.testing.assert_frame_equal(rows.inputs, kept)
    assert mask.any() == (segment != ("site", "nowhere"))


def test_fahrenheit_and_an_hour_in_utc_come_back_as_they_were():
    whole = table()
    wrong = broken(
        whole,
        temp=whole.inputs["temp"] * 1.8 + 32,
        hour=np.mod(whole.inputs["hour"] + 4, 24),
    )
    view = mended(
        wrong,
        repair("temp", "unit_change", factor=1.8, offset=32.0),
        repair("hour", "shifted_field", factor=1.0, offset=4.0, cycle=24.0),
    )
    pd.testing.assert_frame_equal(view.inputs, whole.inputs)
    assert set(view.fields) == {"temp, hour"}


def test_a_fault_that_two_checks_found_is_converted_once():
    whole = table()
    wrong = broken(whole, temp=whole.inputs["temp"] * 1.8 + 32)
    unit = repair("temp", "unit_change", factor=1.8, offset=32.0)
    pd.testing.assert_frame_equal(mended(wrong, unit, unit).inputs, whole.inputs)


def of_swap(a, b, **more):
    """The repair of each of the two faults that a swap is found as."""
    return [repair(one, "swapped_fields", partner=other, **more) for one, other in ((a, b), (b, a))]


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from([("hour", "weekday"), ("temp", "hour"), ("workingday", "temp")]),
    st.integers(1, 29),
    st.sampled_from([None, ("site", "north"), ("site", "nowhere")]),
    st.integers(1, 40),
)
def test_an_exchange_gives_back_what_was_swapped_and_done_twice_changes_nothing(
    pair, day, segment, length
):
    whole, (a, b) = table(), pair
    first = FIRST + timedelta(days=day)
    one, other = of_swap(a, b, since=first, until=first + timedelta(days=length), segment=segment)
    assert one == other and one.how == "exchange" and one.mends
    mask = one.covers(whole.rows["day"], whole.context)
    x, y = whole.inputs[a], whole.inputs[b]
    wrong = broken(whole, **{a: np.where(mask, y, x), b: np.where(mask, x, y)})
    view = mended(wrong, one, other)
    pd.testing.assert_frame_equal(view.inputs, whole.inputs)
    assert (view.touched == mask).all()
    pd.testing.assert_frame_equal(undone(view.inputs, one, mask), wrong.inputs)
    again = mended(Rows(wrong.rows, view.inputs, wrong.context, wrong.signals), one)
    pd.testing.assert_frame_equal(again.inputs, wrong.inputs)


def test_an_exchange_is_named_by_both_fields_and_offered_once():
    faults = [
        {**FieldFault(one, "swapped_fields", FIRST, partner=other).as_dict(), "acts": True}
        for one, other in (("temp", "hour"), ("hour", "temp"))
    ]
    (offer,) = repairs_of({"suspect_fields": faults}, until=END, reference=table().inputs)
    assert (offer.fields, offer.subject) == (("hour", "temp"), "hour, temp")
    assert set(mended(table(), offer).fields) == {"hour, temp"}
    assert Repair.from_dict(offer.as_dict()) == offer


def test_a_swap_goes_back_before_a_field_of_it_is_converted():
    whole = table()
    fahrenheit = whole.inputs["temp"] * 1.8 + 32
    wrong = broken(whole, temp=whole.inputs["hour"], hour=fahrenheit)
    unit = repair("temp", "unit_change", factor=1.8, offset=32.0)
    view = mended(wrong, unit, of_swap("hour", "temp")[0])
    np.testing.assert_allclose(view.inputs, whole.inputs)


def test_a_swap_that_was_stored_without_its_partner_leaves_its_rows_out():
    stored = FieldFault("hour", "swapped_fields", FIRST).as_dict()
    del stored["partner"]
    old = Repair.of_fault(stored, until=END)
    assert old.how == "leave_out"
    kept = old.as_dict()
    del kept["partner"]
    assert Repair.from_dict(kept) == old


def test_a_frozen_field_follows_from_the_others_and_not_from_another_dead_one():
    whole = table()
    dead = broken(whole, workingday=1.0, temp=0.0)
    view = mended(dead, repair("workingday", "frozen_field"), repair("temp", "frozen_field"))
    assert (view.inputs["workingday"] == whole.inputs["workingday"]).all()
    assert view.inputs["temp"].std() > 1


def test_only_the_empty_values_of_a_field_are_filled_in():
    whole = table()
    gone = np.arange(len(whole)) % 3 == 0
    holes = broken(whole, workingday=whole.inputs["workingday"].where(~gone))
    view = mended(holes, repair("workingday", "missing_values"))
    assert (view.touched == gone).all()
    pd.testing.assert_frame_equal(view.inputs, whole.inputs)


def test_a_dead_category_is_filled_in_and_what_is_missing_elsewhere_stays_so():
    whole = table()
    kinds = pd.Series(np.where(whole.inputs["workingday"] > 0, "open", "shut"), dtype=object)
    known = whole.inputs.assign(door=kinds)
    dead = kinds.mask(whole.rows["day"] >= date(2025, 4, 15), "open")
    dead[0] = None
    rows = broken(whole, door=dead)
    since = date(2025, 4, 15)
    spec = InputSpec("tabular", numeric=NUMBERS, categorical=("door",))
    view = mend(rows, [repair("door", "frozen_field", since=since)], Reference(known, spec))
    assert list(view.inputs["door"][1:]) == list(kinds[1:])
    assert view.inputs["door"][0] is None and view.inputs["door"].dtype == object


def test_a_late_field_is_brought_forward_from_later_rows_and_filled_in_at_the_end():
    whole = table(hours=3)
    late = broken(whole, temp=whole.inputs["temp"].shift(2).fillna(10.0))
    view = mended(late, repair("temp", "late_field", lag=6.0))
    right = whole.inputs["temp"]
    np.testing.assert_allclose(view.inputs["temp"][:-2], right[:-2])
    assert view.inputs["temp"].notna().all()


@pytest.mark.parametrize("kind", ["frozen_field", "missing_values", "late_field"])
def test_what_is_filled_in_has_no_inverse_for_the_stored_row_has_it(kind):
    with pytest.raises(IrreversibleRepair):
        repair("temp", kind, lag=3.0).undo(np.array([1.0]))


def test_what_cannot_be_mended_changes_nothing_and_says_so():
    segment = SegmentFault("site", "north", "truncated_input", FIRST).as_dict()
    without_figures = repair("hour", "shifted_field", offset=4.0)
    unmendable = [
        Repair.of_fault(segment, until=END),
        repair("text", "truncated_input"),
        without_figures,
        repair("temp", "serving_change"),
    ]
    assert {r.how for r in unmendable} == {"leave_out"}
    assert not mended(table(), *unmendable).touched.any()


def test_a_repair_ends_with_its_fault_or_with_the_days_that_the_check_saw():
    fault = FieldFault("temp", "unit_change", FIRST, date(2025, 4, 9), factor=1.8)
    assert Repair.of_fault(fault.as_dict(), until=END).until == date(2025, 4, 9)
    assert repair("temp", "unit_change", factor=1.8).until == END


def test_a_repair_survives_json():
    one = repair("temp", "unit_change", factor=1.8, offset=32.0, segment=("site", "north"))
    assert Repair.from_dict(one.as_dict()) == one
    assert one.same_fault(repair("temp", "unit_change", segment=("site", "north")))
    assert not one.same_fault(repair("temp", "unit_change"))


def test_clocks_begin_where_the_reference_does():
    assert first_of_cycle(pd.Series([3.0, 22.0]), 24) == 0
    assert first_of_cycle(pd.Series(range(1, 8)), 7) == 1
