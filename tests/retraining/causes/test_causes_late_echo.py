"""A feed that falls behind repeats itself, hour by hour: that names it where nothing contradicts it."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from retraining.causes import late_field
from retraining.causes.echo import find_echo
from retraining.causes.evidence import Rows
from retraining.causes.segments import parts_of
from tests.retraining.causes.streams import ZONE, quiet, since

MAY, TENTH = date(2025, 5, 1), date(2025, 5, 10)


def on_the_hour(rows, first, days, rng):
    """The rows at different full hours of the days, in order."""
    start = pd.Timestamp(first, tz=ZONE).tz_convert("UTC")
    hours = np.sort(rng.choice(days * 24, size=len(rows), replace=False))
    stamps = pd.Series(start + pd.to_timedelta(hours, unit="h"))
    told = rows.rows.assign(timestamp=stamps, day=stamps.dt.tz_convert(ZONE).dt.date.astype(object))
    local = stamps.dt.tz_convert(ZONE).dt
    clock = {"hour": local.hour.astype(float), "weekday": local.day_of_week.astype(float)}
    return Rows(told, rows.inputs.assign(**clock), rows.context, rows.signals)


def hourly(seed):
    """A quiet May in whose months each hour has one row at most."""
    rng, stream = np.random.default_rng(seed), quiet("table", seed=seed, month=MAY, n=700)
    keep = np.arange(len(stream.before)) % 6 != 0
    return replace(
        stream,
        now=on_the_hour(stream.now, MAY, 31, rng),
        before=on_the_hour(stream.before.where(keep), date(2025, 3, 1), 61, rng),
    )


def late(stream, fields, hours, mask):
    """Where ``mask`` is true, what the fields were so many hours before: of the nearest row then."""
    stamps = stream.now.rows["timestamp"]
    then = np.searchsorted(stamps, stamps - pd.Timedelta(hours=hours), side="right") - 1
    earlier = stream.now.inputs.iloc[np.maximum(then, 0)].reset_index(drop=True)
    return stream.with_inputs(
        lambda inputs, _: inputs.assign(
            **{name: inputs[name].where(~mask, earlier[name]) for name in fields}
        )
    )


def only(found):
    (one,) = found
    return one


@pytest.mark.parametrize(("fields", "hours"), [(("temp", "wind"), 72), (("wind",), 31)])
def test_weather_that_comes_late_as_a_whole_is_named_with_its_lag_and_day(fields, hours):
    stream = hourly(1)
    broken = late(stream, fields, hours, since(stream.now.rows["day"], TENTH))
    finding = only(late_field.find(broken.evidence(), ()))
    assert {fault.field for fault in finding.fields} == set(fields)
    for fault in finding.fields:
        assert (fault.kind, fault.lag, fault.since) == ("late_field", hours, TENTH)
        assert fault.until is None and fault.segment is None
    assert finding.numbers["repeated"] > 10


def test_fields_that_come_late_together_are_judged_by_mending_all_of_them():
    stream = hourly(2)
    broken = late(stream, ("temp", "wind"), 48, since(stream.now.rows["day"], date(2025, 5, 4)))
    finding = only(late_field.find(broken.evidence(), ()))
    assert finding.acts and finding.numbers["effect"] > 0.03
    hit = set(broken.now.rows["id"][broken.now.rows["day"] >= date(2025, 5, 4)])
    assert finding.explains == hit


def test_two_fields_at_once_tell_a_delay_of_half_a_day():
    stream = hourly(3)
    broken = late(stream, ("temp", "wind"), 12, since(stream.now.rows["day"], TENTH))
    fault = only(late_field.find(broken.evidence(), ())).fields[0]
    assert (fault.lag, fault.since) == (12, TENTH)


def test_a_part_of_the_traffic_that_comes_late_is_named():
    stream = hourly(4)
    here = (stream.now.context["channel"] == "web").to_numpy(dtype=bool)
    rows = stream.now.where(here)
    lag = pd.Timedelta(hours=168)
    inputs = stream.now.inputs.copy()
    stamps = rows.rows["timestamp"]
    then = np.maximum(np.searchsorted(stamps, stamps - lag, side="right") - 1, 0)
    stale = rows.inputs.iloc[then].reset_index(drop=True)
    for name in ("temp", "wind"):
        column = inputs[name].to_numpy(copy=True)
        column[here] = np.where(since(rows.rows["day"], TENTH), stale[name], rows.inputs[name])
        inputs[name] = column
    evidence = stream.with_inputs(lambda _, __: inputs).evidence()
    finding = only(late_field.find(evidence, ()))
    assert {f.segment for f in finding.fields} == {("channel", "web")}
    assert {f.lag for f in finding.fields} == {168.0}
    assert abs((finding.since - TENTH).days) <= 1


def test_a_dead_field_repeats_nothing_and_a_clock_always_does():
    stream = hourly(5)
    mask = since(stream.now.rows["day"], TENTH)
    dead = stream.with_inputs(lambda i, _: i.assign(temp=i["temp"].where(~mask, 12.5)))
    names = list(dead.now.inputs.columns)
    assert find_echo(dead.evidence(), names, 0.05) is None


def test_quiet_months_repeat_nothing():
    for seed in range(30):
        evidence = hourly(100 + seed).evidence()
        names = list(evidence.now.inputs.columns)
        assert find_echo(evidence, names, 0.01, parts_of(evidence)) is None
