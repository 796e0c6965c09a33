"""The made-up months hold what they say they hold, and are the same every time."""

from datetime import date
from itertools import islice

import numpy as np
import pandas as pd
import pytest

from bench.simulation import plants_feed, plants_people, plants_world, scoring
from bench.simulation.month import make_month
from bench.simulation.plants import BELOW, Plant, right_verdicts
from bench.simulation.runner import run
from bench.simulation.streams import BY_KIND, CAUSES, seeds_of, split_of, stream_of
from bench.simulation.world import launch_of

JUNE = date(2025, 6, 1)
DAYS = 30


@pytest.fixture(scope="module", params=["text", "bike", "claims"])
def launch(request):
    return launch_of(request.param, 1)


def month_of(launch, *plants, seed=4, n=450):
    return make_month(
        launch,
        number=3,
        first=JUNE,
        n=n,
        plants=list(plants),
        seed=(9, seed),
        reviewed_before=150.0,
    )


def planted(made, launch, *, wished=4.0, start=10, stop=DAYS, segment=None, **details):
    plant = made(wished, start, stop, np.random.default_rng(3), segment=segment)
    plant.details |= {"lasts": True} | details
    return plant, month_of(launch, plant)


def changed(month, column):
    return (month.inputs[column].astype(str) != month.clean[column].astype(str)).to_numpy()


def test_a_month_is_the_same_for_the_same_seed_and_another_for_another(launch):
    one, same, other = month_of(launch), month_of(launch), month_of(launch, seed=5)
    pd.testing.assert_frame_equal(one.rows().rows, same.rows().rows)
    pd.testing.assert_frame_equal(one.rows().inputs, same.rows().inputs)
    assert not one.rows().rows["label"].equals(other.rows().rows["label"])


def test_launch_models_are_as_good_as_those_of_the_trade(launch):
    month = month_of(launch)
    right = (month.answers["prediction"] == month.facts["truth"]).mean()
    assert 0.8 <= right <= 0.97


def test_a_fifth_is_reviewed_and_a_tenth_of_the_labels_is_wrong():
    months = [month_of(launch_of("text", 1), seed=seed) for seed in range(8)]
    feedback = pd.concat([month.feedback for month in months])
    labelled = feedback["label"].notna()
    assert (feedback["label_source"] == "review").mean() == pytest.approx(0.2, abs=0.03)
    assert feedback["label_is_wrong"][labelled].mean() == pytest.approx(0.1, abs=0.03)


def test_both_halves_of_the_seeds_are_apart_worlds_too():
    tuning, final = (set(islice(seeds_of(split), 60)) for split in ("tuning", "final"))
    assert not tuning & final
    assert all(split_of(seed) == "final" for seed in final)
    worlds = [{(s.kind, s.world_seed) for s in map(stream_of, half)} for half in (tuning, final)]
    assert not worlds[0] & worlds[1]


def test_every_cause_has_a_world_and_a_stream():
    assert {name for names in BY_KIND.values() for name in names} == set(CAUSES)
    drawn = {cause for seed in range(400) for cause in stream_of(seed).causes}
    assert drawn == set(CAUSES)


def test_new_categories_are_rows_that_the_model_cannot_answer():
    plant, month = planted(plants_world.NewCategory, launch_of("text", 1))
    born = month.facts["truth"].isin(plant.details["categories"]).to_numpy()
    assert born.sum() > 30 and not (born & month.between(0, 10)).any()
    assert set(plant.details["categories"]).isdisjoint(month.launch.model.categories)
    assert plant.realized > 1 and plant.right() == {"retrain"}


def test_weak_categories_carry_traffic_and_are_answered_badly():
    _, month = planted(plants_world.WeakCategory, launch_of("text", 1))
    surge = month.facts["truth"].isin(month.launch.world.thin).to_numpy()
    assert surge[month.between(10, DAYS)].mean() > 0.2
    assert (month.answers["prediction"] == month.facts["truth"])[surge].mean() < 0.5


def test_a_changed_concept_costs_what_it_says(launch):
    plant, month = planted(plants_world.ConceptChange, launch, wished=1.0)
    right = (month.answers["prediction"] == month.facts["truth"]).to_numpy()
    before, after = right[month.between(0, 10)].mean(), right[month.between(10, DAYS)].mean()
    assert before - after > 0.12
    assert plant.realized == pytest.approx(1, abs=0.35)


@pytest.mark.parametrize("made", [plants_world.Transient, plants_world.KnownEvent])
def test_a_campaign_is_over_after_its_days(launch, made):
    plant, month = planted(made, launch, start=8, stop=12)
    odd = month.facts["event"].isin(["campaign", "free_ride_days"]).to_numpy()
    assert odd.any() and not (odd & ~month.between(8, 12)).any()
    assert [(e.start, e.stop) for e in month.events] == (
        [(date(2025, 6, 9), date(2025, 6, 13))] if plant.declared else []
    )


def test_careless_reviewers_change_labels_and_no_answer():
    plant, month = planted(plants_people.LabelNoise, launch_of("text", 1), start=0)
    quiet = month_of(launch_of("text", 1))
    assert month.answers.equals(quiet.answers)
    labelled = month.feedback["label"].notna()
    wrong = month.feedback["label_is_wrong"][labelled].mean()
    assert wrong == pytest.approx(plant.details["error"], abs=0.12)


def test_a_cut_text_is_cut_in_its_segment_only():
    plant, month = planted(
        plants_feed.TruncatedInput, launch_of("text", 1), segment=("channel", "mobile")
    )
    hit = changed(month, "text")
    assert hit.any() and set(month.context["channel"][hit]) == {"mobile"}
    assert set(month.context["app_version"][hit]) == {"5.1.0"}
    assert month.inputs["text"][hit].str.len().max() <= int(plant.details["way"])


@pytest.mark.parametrize("kind", ["bike", "claims"])
@pytest.mark.parametrize(
    "made", [plants_feed.UnitChange, plants_feed.MissingValues, plants_feed.FrozenField]
)
def test_a_field_fault_hits_the_named_fields_on_its_days_and_counts_what_it_changes(kind, made):
    plant, month = planted(made, launch_of(kind, 1))
    hit = np.logical_or.reduce([changed(month, name) for name in plant.fields])
    assert hit.any() and not (hit & ~plant.rows(month)).any()
    others = set(month.clean.columns) - set(plant.fields)
    assert not any(changed(month, name).any() for name in others)
    moved = (month.answered(month.inputs) != month.answered()).mean()
    assert plant.details["effect"] == pytest.approx(moved, abs=1e-4)


def test_a_shifted_hour_is_the_same_distance_off_in_every_row():
    plant, month = planted(plants_feed.ShiftedField, launch_of("bike", 1))
    off = (month.inputs["hour"] - month.clean["hour"]).mod(24)
    assert off[plant.rows(month)].nunique() == 1
    assert (off[~plant.rows(month)] == 0).all()


def test_a_change_of_serving_leaves_the_inputs_alone(launch):
    plant, month = planted(plants_feed.ServingChange, launch)
    assert not any(changed(month, name).any() for name in month.clean.columns)
    differs = (month.answers["prediction"] != month.answered()).to_numpy()
    assert differs.any() and not (differs & ~plant.rows(month)).any()


def strength(verdict, realized):
    plant = Plant(1.0, 0, DAYS, np.random.default_rng(0), realized=realized)
    plant.verdict = verdict
    return plant


def test_the_weightiest_plant_says_what_is_right_and_below_one_waiting_is_right_too():
    assert right_verdicts([strength("wait", 2), strength("retrain", 2)]) == {"retrain"}
    assert right_verdicts([strength("retrain", 0.5)]) == BELOW | {"retrain"}
    assert right_verdicts([strength("wait", 2), strength("retrain", 0.5)]) == {"wait", "retrain"}


def test_a_quiet_stream_is_played_to_its_end_with_a_verdict_and_baselines_each_month():
    seed = next(seed for seed in seeds_of("tuning") if stream_of(seed).kind == "claims")
    rows = run(stream_of(seed, months=2, quiet=True))
    assert [row["month"] for row in rows] == [1, 2]
    assert all(row["right"] == ["no_action"] and row["retrain_always"] == "retrain" for row in rows)
    assert "0/2" in scoring.figures(rows, "psi_above_25")["retrain, of months that need nothing"]
