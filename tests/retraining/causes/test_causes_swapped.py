"""Two fields that carry each other's values, in one segment or in all of the traffic."""

from datetime import date

import numpy as np
import pytest

from retraining.causes import segment_fault
from retraining.causes.registry import diagnose
from retraining.causes.segments import parts_of
from retraining.causes.swapped_fields import find_swaps
from tests.retraining.causes.streams import quiet, since

MAY, TENTH, TWENTIETH = date(2025, 5, 1), date(2025, 5, 10), date(2025, 5, 20)


def swapped(stream, a, b, mask):
    def change(inputs, _):
        return inputs.assign(
            **{a: inputs[a].where(~mask, inputs[b]), b: inputs[b].where(~mask, inputs[a])}
        )

    return stream.with_inputs(change)


def of(stream, channel, first, stop=None):
    here = (stream.now.context["channel"] == channel).to_numpy(dtype=bool)
    return here & since(stream.now.rows["day"], first, stop)


@pytest.mark.parametrize("pair", [("hour", "weekday"), ("wind", "weekday")])
@pytest.mark.parametrize("first", [MAY, TENTH])
def test_fields_that_changed_places_in_one_channel_are_named_with_it_and_the_day(pair, first):
    table = quiet("table", seed=1, month=MAY, n=600)
    found = segment_fault.find(swapped(table, *pair, of(table, "email", first)).evidence(), ())
    assert [{f.field: f.partner for f in one.fields} for one in found] == [
        {pair[0]: pair[1], pair[1]: pair[0]}
    ]
    assert [(s.key, s.value, s.cause) for s in found[0].segments] == [
        ("channel", "email", "swapped_fields")
    ]
    assert abs((found[0].since - first).days) <= 1
    assert found[0].until is None


def test_a_swap_that_is_over_says_until_when():
    table = quiet("table", seed=3, month=MAY, n=800)
    mask = of(table, "web", TENTH, TWENTIETH)
    found = segment_fault.find(swapped(table, "hour", "weekday", mask).evidence(), ())
    assert abs((found[0].until - TWENTIETH).days) <= 1


def test_two_channels_of_three_are_named_each_and_the_third_is_not():
    table = quiet("table", seed=4, month=MAY, n=800)
    mask = of(table, "web", TENTH) | of(table, "email", TENTH)
    found = segment_fault.find(swapped(table, "hour", "weekday", mask).evidence(), ())
    assert {(s.key, s.value) for one in found for s in one.segments} == {
        ("channel", "web"),
        ("channel", "email"),
    }


def test_a_swap_in_all_of_the_traffic_names_the_fields_and_no_segment():
    table = quiet("table", seed=5, month=MAY, n=600)
    mask = since(table.now.rows["day"], TENTH)
    found = diagnose(swapped(table, "hour", "weekday", mask).evidence())
    acting = [one for one in found.findings if one.acts]
    assert {f.field for one in acting for f in one.fields} == {"hour", "weekday"}
    assert not [s for one in acting for s in one.segments]
    assert found.verdict == "fix_upstream"


def test_a_field_in_another_unit_has_not_changed_places_with_one_that_it_then_looks_like():
    table = quiet("table", seed=6, month=MAY, n=600)
    mask = since(table.now.rows["day"], TENTH)
    stream = table.with_inputs(
        lambda inputs, _: inputs.assign(temp=inputs["temp"].where(~mask, inputs["temp"] * 1.8 + 32))
    )
    evidence = stream.evidence()
    assert find_swaps(evidence, parts_of(evidence), 0.01) == []


def test_a_part_that_always_sent_them_so_is_no_fault():
    table = quiet("table", seed=7, month=MAY, n=600)
    context = table.before.context["channel"].to_numpy()
    inputs = table.before.inputs
    always = swapped(table, "hour", "weekday", of(table, "email", MAY))
    before = inputs.assign(
        hour=np.where(context == "email", inputs["weekday"], inputs["hour"]),
        weekday=np.where(context == "email", inputs["hour"], inputs["weekday"]),
    )
    rows = type(table.before)(table.before.rows, before, table.before.context, table.before.signals)
    evidence = always.evidence(before=rows)
    assert find_swaps(evidence, parts_of(evidence), 0.01) == []


def test_seasons_and_quiet_months_hold_no_swap():
    for seed in range(40):
        evidence = quiet("table", seed=300 + seed).evidence()
        assert find_swaps(evidence, parts_of(evidence), 0.01) == []
