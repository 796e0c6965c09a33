"""What a cycle looks at: the client's month, what went before, and what was set aside."""

from datetime import date, timedelta

import numpy as np
import pytest

from clients.models import KnownEvent, PredictionLog
from retraining.evidence import excluded_ids, gather, logged_rows, training_ids, windows_of
from retraining.models import Cycle
from retraining.stages import collect, retrain
from tests.retraining import world

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def model(tiers):
    return world.onboard(tier="premium").model


def at(model, *times):
    """One row at each instant; their ids in order."""
    rows = [
        world.row(n, t, f"paid invoice {'abcdefgh'[n]}", id=f"r-{n}") for n, t in enumerate(times)
    ]
    world.load(model, rows, at=world.JULY)
    return [r["id"] for r in rows]


def started(model, **options):
    return world.loop.start_cycle(model=world.find_model(model.path), **options)


def test_a_month_is_the_clients_local_calendar_month_half_open(model):
    before, first, last, after = at(
        model, world.APRIL - SECOND, world.APRIL, world.MAY - SECOND, world.MAY
    )
    evidence = gather(started(model, as_of=world.MAY)).evidence
    assert list(evidence.now.rows["id"]) == [first, last]
    assert list(evidence.before.rows["id"]) == [before]
    assert (evidence.days[0], evidence.days[-1]) == (date(2025, 4, 1), date(2025, 4, 30))
    assert list(evidence.now.rows["day"]) == [date(2025, 4, 1), date(2025, 4, 30)]
    assert evidence.timezone == world.ZONE
    assert after not in set(evidence.now.rows["id"])


def test_a_weekly_check_looks_at_a_trailing_month(model):
    ids = at(model, world.MAY - 10 * 24 * HOUR, world.MAY - HOUR)
    cycle = started(model, as_of=world.MAY, window_start=world.MAY - timedelta(days=7))
    assert list(gather(cycle).evidence.now.rows["id"]) == ids


def test_rows_that_nobody_answered_are_no_evidence(model):
    ids = at(model, world.APRIL + HOUR, world.APRIL + 2 * HOUR)
    PredictionLog.objects.filter(row_id=ids[0]).update(
        answered="none", prediction="", confidence=None, model_version=""
    )
    rows = logged_rows(model, start=world.APRIL, end=world.MAY)
    assert list(rows.rows["id"]) == ids[1:]


def test_what_a_diagnosis_excluded_is_no_later_baseline(model, rng):
    world.load(model, world.month(rng))
    days = [["2025-04-05", "2025-04-08"]]
    world.at_stage(model, "waiting", verdict="wait", excluded_days=days)
    world.load(model, world.month(rng, world.MAY), at=world.JUNE)
    evidence = gather(started(model, as_of=world.JUNE)).evidence
    assert not {date(2025, 4, n) for n in (5, 6, 7)} & set(evidence.before.rows["day"])
    assert {date(2025, 4, 4), date(2025, 4, 8)} <= set(evidence.before.rows["day"])
    assert evidence.healthy.all()


@pytest.mark.parametrize("acts", [True, False])
def test_rows_of_a_fault_are_marked_only_where_it_changed_answers(model, rng, acts):
    world.load(model, world.month(rng))
    fault = {"field": "text", "kind": "truncated_input", "since": "2025-04-20", "acts": acts}
    cycle = world.at_stage(model, "upstream", suspect_fields=[fault])
    rows = logged_rows(model, start=world.APRIL, end=world.MAY)
    marked = excluded_ids(cycle, rows)
    late = set(rows.rows["id"][(rows.rows["day"] >= date(2025, 4, 20)).to_numpy()])
    assert marked == (dict.fromkeys(late, "upstream") if acts else {})


def test_a_fault_ends_with_the_window_that_found_it(model, rng):
    world.load(model, world.month(rng))
    fault = {"field": "text", "kind": "truncated_input", "since": "2025-04-20", "acts": True}
    cycle = world.at_stage(model, "upstream", suspect_fields=[fault])
    world.load(model, world.month(rng, world.MAY), at=world.JUNE)
    marked = excluded_ids(cycle, logged_rows(model, start=world.MAY, end=world.JUNE))
    assert marked == {}


def test_declared_events_come_as_local_days(model):
    KnownEvent.objects.create(
        client=model.client,
        kind="campaign",
        title="Sale",
        starts_at=world.APRIL + timedelta(days=4, hours=10),
        ends_at=world.APRIL + timedelta(days=6),
    )
    (event,) = gather(started(model, as_of=world.MAY)).evidence.events
    assert (event.start, event.stop) == (date(2025, 4, 5), date(2025, 4, 7))


def test_excluded_days_are_told_as_instants_over_the_change_of_summer_time(model):
    cycle = Cycle(model=model)
    days = [["2025-03-29", "2025-03-31"]]
    assert windows_of(cycle, days) == [["2025-03-28T23:00:00Z", "2025-03-30T22:00:00Z"]]


def test_the_log_rows_that_a_version_learned_from_are_known(model):
    rng = np.random.default_rng(7)
    world.load(model, world.month(rng, born=15))
    cycle = world.step(collect, world.at_stage(model, "collecting", new_categories=["locker"]))
    cycle = world.step(retrain, cycle)
    taken = cycle.proposals.filter(kind="training", state="accepted")
    assert training_ids(cycle.candidate) == set(taken.values_list("row_id", flat=True))
    assert training_ids(cycle.incumbent) == set()


@pytest.fixture
def rng():
    return np.random.default_rng(7)
