"""A day's profiles: what is counted, by whom, and that they are never behind for a reader."""

from datetime import timedelta

import numpy as np
import pytest
from django.core.management import call_command

from clients.log_days import touch_days
from clients.models import LogDay, PredictionLog
from retraining import profiles, services
from retraining.models import DailyProfile
from retraining.profiles import daily
from retraining.profiles.daily import Basis, Kind
from tests.factories import ModelVersionFactory, RolloutFactory
from tests.retraining.profiles import profile_world as world

pytestmark = pytest.mark.django_db


@pytest.fixture
def live():
    return world.live_model()


@pytest.fixture
def model(live):
    return live[0]


def profile_all(model):
    return profiles.profile_days(model=model, days=[d.day for d in profiles.dirty_days(model)])


def the(model, day=1, segment="", version="v1.0"):
    return profiles.Counts.from_json(
        *DailyProfile.objects.filter(
            model=model, day=world.march(day), segment=segment, version=version
        )
        .values_list("rows", "counts")
        .get()
    )


def test_a_day_is_the_clients_and_each_version_has_its_own_profile(model):
    rows = [world.log(model, 0), world.log(model, 1, model_version="v1.1"), world.log(model, 24)]
    world.store(model, rows)
    assert profile_all(model) == 2
    assert {
        (day, version): rows for (day, _, version, _), (rows, _) in world.stored(model).items()
    } == {
        (world.march(1), "v1.0"): 1,
        (world.march(1), "v1.1"): 1,
        (world.march(2), "v1.0"): 1,
    }


def test_missing_and_unseen_values_have_bins_and_values_their_names(model):
    rows = [
        world.log(model, 0, temp=None, site="west"),
        world.log(model, 1, temp=1e9, site=None, prediction="new"),
        world.log(model, 2, confidence=None),
    ]
    world.store(model, rows)
    profile_all(model)
    counts = the(model)
    assert counts.bins["feature:temp"][-2:].tolist() == [0, 1]
    assert counts.bins["feature:site"][-2:].tolist() == [1, 1]
    assert counts.bins["prediction"][-2] == 1 and counts.bins["confidence"][-1] == 1
    assert {int(vector.sum()) for vector in counts.bins.values()} == {3} == {counts.rows}
    assert counts.values["feature:site"].named == {"north": 1, "west": 1}
    assert counts.answers.named == {"low": 2, "new": 1}


def test_labels_are_counted_by_source_and_category_with_who_was_taken_for_whom(model):
    said = [("low", "review"), ("high", "review"), ("high", "override"), ("low", "targeted")]
    rows = [world.log(model, i, label=label, source=s) for i, (label, s) in enumerate(said)]
    world.store(model, [*rows, world.log(model, 9, answered="none", prediction="")])
    profile_all(model)
    labels = the(model).labels
    assert the(model).rows == 4
    assert {source: (told.right, told.n) for source, told in labels.items()} == {
        "review": (1, 2),
        "override": (0, 1),
        "targeted": (1, 1),
    }
    assert labels["review"].by_category() == {"low": (1, 1), "high": (0, 1)}
    assert labels["review"].wrong == {("high", "low"): 1}


def test_reactions_count_only_on_answers_that_people_saw(model):
    replayed = {"answered": "replay", "replayed": True}
    rows = [
        world.log(model, 0, thumbs="down", signals={"escalated": True}),
        world.log(model, 1, thumbs="up", signals={"escalated": False}),
        world.log(model, 2, label="high", source="override", signals={"escalated": "perhaps"}),
        world.log(
            model, 3, label="high", source="override", signals={"escalated": True}, **replayed
        ),
    ]
    world.store(model, rows)
    profile_all(model)
    assert the(model).reactions == {
        "thumbs_down": (1, 2),
        "override": (1, 3),
        "escalated": (1, 2),
    }


def test_parts_of_the_traffic_are_profiled_where_they_are_few(model):
    rows = [
        world.log(
            model, i, hour=i / 2, context={"channel": "web" if i % 3 else "app", "user": f"u{i}"}
        )
        for i in range(15)
    ]
    world.store(model, rows)
    profile_all(model)
    parts = {segment: rows for (_, _, _, segment), (rows, _) in world.stored(model).items()}
    assert parts == {"": 15, "channel=app": 5, "channel=web": 10}


def test_a_change_while_the_rows_are_read_leaves_the_day_dirty(model, monkeypatch):
    world.store(model, [world.log(model, 0)])
    read = daily.answered_rows

    def slow(*args, **kwargs):
        found = read(*args, **kwargs)
        world.store(model, [world.log(model, 1)])  # after the rows were read
        return found

    monkeypatch.setattr(daily, "answered_rows", slow)
    profile_all(model)
    monkeypatch.undo()
    day = LogDay.objects.get(model=model)
    assert (day.changes, day.profiled) == (2, 1)
    counts = profiles.window_counts(
        model=model, start=world.FIRST, end=world.FIRST + timedelta(days=1)
    )
    assert counts.rows == 2
    day.refresh_from_db()
    assert (day.changes, day.profiled) == (2, 2)


def test_a_slow_worker_does_not_overwrite_what_a_faster_one_counted(model, monkeypatch):
    world.store(model, [world.log(model, 0)])
    read = daily.answered_rows

    def overtaken(*args, **kwargs):
        found = read(*args, **kwargs)
        monkeypatch.undo()
        world.store(model, [world.log(model, 1)])
        assert profile_all(model) == 1
        return found

    monkeypatch.setattr(daily, "answered_rows", overtaken)
    assert profile_all(model) == 0
    assert the(model).rows == 2
    assert not profiles.dirty_days(model).exists()


def test_a_day_whose_rows_have_gone_counts_none(model):
    world.store(model, [world.log(model, 0)])
    profile_all(model)
    PredictionLog.objects.all().delete()
    touch_days(model=model, days=[world.march(1)], at=world.AT)
    profile_all(model)
    assert [rows for rows, _ in world.stored(model).values()] == [0]
    assert not profiles.dirty_days(model).exists()


def test_what_is_kept_after_its_rows_is_never_counted_again(model):
    world.store(model, [world.log(model, 0), world.log(model, 1)])
    assert profiles.keep_days(model=model, days=[world.march(1)]) == 1
    PredictionLog.objects.all().delete()
    touch_days(model=model, days=[world.march(1)], at=world.AT)
    assert profile_all(model) == 0
    assert the(model).rows == 2 and not profiles.dirty_days(model).exists()
    whole = {"start": world.FIRST, "end": world.FIRST + timedelta(days=1)}
    assert profiles.window_counts(model=model, **whole).rows == 2


def test_answers_of_the_live_version_are_asked_for_once_and_never_for_its_own(live, monkeypatch):
    model, version = live
    asked = []

    class Stub:
        def predict(self, inputs):
            asked.append(len(inputs))
            return np.full(len(inputs), "high", dtype=object), np.full(len(inputs), 0.5)

    monkeypatch.setattr(daily.artifacts, "load", lambda version: Stub())
    own = {"answered": "service", "model_version": version.name}
    world.store(model, [world.log(model, 0), world.log(model, 1, **own), world.log(model, 2)])
    window = {"model": model, "start": world.FIRST, "end": world.FIRST + timedelta(days=1)}
    for _ in range(2):
        again = profiles.window_counts(**window, basis=Basis(version, Kind.AGAIN))
    assert asked == [2]
    bins = version.reference["prediction"]["bins"]["labels"]
    assert dict(zip(bins, again.bins["prediction"].tolist(), strict=False)) == {"high": 2, "low": 1}
    given = profiles.window_counts(**window, basis=Basis(version))
    assert given.bins["prediction"][bins.index("low")] == 3


def test_a_version_that_goes_live_is_a_new_baseline_for_the_days_before(live):
    model, version = live
    world.store(model, [world.log(model, 0)])
    profile_all(model)
    newer = ModelVersionFactory(model=model, number=1, reference=world.reference(seed=5))
    model.rollouts.update(ended_at=world.AT)
    RolloutFactory(version=newer, started_at=world.AT)
    window = {"model": model, "start": world.FIRST, "end": world.FIRST + timedelta(days=1)}
    for of in (version, newer):
        edges = of.reference["feature:temp"]["bins"]["edges"]
        found = profiles.window_counts(**window, basis=Basis(of)).bins["feature:temp"]
        assert found.tolist().index(1) == sum(edge <= 15.0 for edge in edges)
    assert profiles.window_counts(**window).rows == 1


def test_a_tick_sends_one_message_for_each_model_that_is_behind(model, monkeypatch):
    sent = []
    monkeypatch.setattr("retraining.services.profiling.enqueue", lambda *told: sent.append(told))
    other, _ = world.live_model()
    world.live_model()
    for own in (model, other):
        world.store(own, [world.log(own, 0), world.log(own, 30)])
    assert services.profile_dirty() == sorted([model.pk, other.pk])
    assert sent == [("retraining.profile_model", pk) for pk in sorted([model.pk, other.pk])]
    assert services.profile_model(model_id=model.pk) == 2
    assert services.dirty_models() == [other.pk]


def test_the_command_counts_all_that_is_behind(model, capsys):
    world.store(model, [world.log(model, 0), world.log(model, 30)])
    call_command("profile_days", "--json")
    assert '"days": 2' in capsys.readouterr().out
    assert not profiles.dirty_days(model).exists()
