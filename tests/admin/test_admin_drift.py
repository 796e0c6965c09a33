"""How far the mix of answers has moved from the live version's first weeks."""

from datetime import date, timedelta

from retraining.admin.drift import drift_view
from retraining.admin.measured import signals_view
from retraining.models import DailyProfile, Rollout
from retraining.policy import Policy
from tests.admin.golden_world import add_days
from tests.factories import PredictionLogFactory


def test_drift_trips_where_the_mix_of_answers_moves_and_not_where_it_does_not(world):
    model, live = world.model, Rollout.objects.get(version=world.launch)
    DailyProfile.objects.all().delete()
    add_days(model, world.launch, date(2025, 3, 1), 42, {"login": 60, "billing": 40})
    assert drift_view(model, live, policy=Policy())["tripped"] == []
    add_days(model, world.launch, date(2025, 4, 12), 3, {"login": 20, "billing": 80})
    found = drift_view(model, live, policy=Policy())
    assert found["unit"] == "day"
    assert [point["first"] for point in found["tripped"]] == [
        date(2025, 4, 12) + timedelta(days=n) for n in range(3)
    ]
    assert {(point["more"], point["less"]) for point in found["tripped"]} == {("billing", "login")}


def test_signals_of_the_last_check_are_counted_and_those_that_moved_are_named():
    signal = {"value": 0.31, "critical": 0.12, "n_current": 80, "against": "production"}
    found = signals_view(
        {
            "signals": [
                {**signal, "name": "prediction_psi", "tripped": True, "severe": True},
                {**signal, "name": "confidence_psi", "tripped": False},
                {**signal, "name": "age_psi", "tripped": False, "against": "training"},
                {"name": "error_rate", "value": 0.1, "critical": None, "tripped": False},
            ]
        }
    )
    words = [(signal["name"], signal["word"]) for signal in found["all"]]
    assert words == [
        ("prediction", "moved far"), ("confidence", "steady"), ("age", "shown, not judged")
    ]  # fmt: skip
    assert [signal["name"] for signal in found["moved"]] == ["prediction"]


def test_few_rows_a_day_are_read_week_by_week(world):
    DailyProfile.objects.all().delete()
    add_days(world.model, world.launch, date(2025, 3, 1), 42, {"login": 3, "billing": 2})
    found = drift_view(world.model, Rollout.objects.get(version=world.launch), policy=Policy())
    assert found["unit"] == "week" and len(found["points"]) == 2
    assert [point["test"]["n_current"] for point in found["points"]] == [35, 35]


def test_drift_counts_nothing_for_a_page_and_says_why_it_shows_none(world):
    DailyProfile.objects.all().delete()
    PredictionLogFactory(model=world.model)
    live = Rollout.objects.get(version=world.launch)
    assert "No day has been counted" in drift_view(world.model, live, policy=Policy())["why"]
    assert not DailyProfile.objects.exists()
    assert drift_view(world.model, None, policy=Policy()) == {"why": "Nothing is live."}
