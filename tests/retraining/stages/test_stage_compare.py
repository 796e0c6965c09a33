"""Candidate and incumbent on the same golden rows. First of all: nobody beats themselves."""

import pytest

from clients.models import Alert
from clients.services import LabelledRow, add_dataset_version
from retraining import services
from retraining.models import Comparison, Cycle, EvalRow
from retraining.stages import compare
from tests.retraining import world

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("findings", [{}, {"weak_categories": ["login"]}])
def test_a_version_compared_with_itself_is_no_difference_and_never_promoted(
    onboarded, model, rng, findings
):
    world.load(model, world.month(rng))
    cycle = world.at_stage(model, "comparing", **findings)
    Cycle.objects.filter(pk=cycle.pk).update(candidate=onboarded.version)
    cycle = world.step(compare, world.find_cycle(cycle.pk))
    comparison = cycle.comparisons.get()
    assert comparison.incumbent == comparison.candidate == onboarded.version
    overall = comparison.figures["overall"]
    assert (overall["delta"], overall["p_value"]) == (0.0, 1.0)
    assert (overall["fixed"], overall["broken"], overall["n"]) == (0, 0, 30)
    assert comparison.figures["fixed_rows"] == comparison.figures["broken_rows"] == []
    for group in filter(None, comparison.figures["groups"].values()):
        assert (group["delta"], group["p_value"]) == (0.0, 1.0)
    for category in comparison.figures["categories"]:
        assert category["before"] == category["after"] and not category["guard"]
    assert comparison.verdict == "reject"
    assert cycle.state == "rejected"
    one, other = cycle.eval_runs.filter(kind="golden")
    answers = EvalRow.objects.order_by("row_id")
    pick = ("row_id", "label", "prediction", "confidence")
    assert list(answers.filter(run=one).values_list(*pick)) == list(
        answers.filter(run=other).values_list(*pick)
    )


def test_a_better_candidate_is_promoted_with_its_rows_by_id(retrained):
    cycle = world.step(compare, retrained)
    comparison = cycle.comparisons.get()
    assert cycle.state == "pending_approval" and comparison.verdict == "promote"
    figures = comparison.figures
    assert figures["groups"]["new"]["n"] == figures["groups"]["target"]["n"] == 5
    assert figures["groups"]["protected"]["n"] == 30
    assert len(figures["fixed_rows"]) == figures["overall"]["fixed"] == 5
    golden = set(comparison.golden_version.dataset.all_rows.values_list("row_id", flat=True))
    assert set(figures["fixed_rows"]) <= golden
    assert comparison.golden_version.number == 2
    assert figures["label_more"] is None
    runs = {run.version: run for run in cycle.eval_runs.filter(kind="golden")}
    assert runs.keys() == {cycle.incumbent, cycle.candidate}
    assert all(run.golden_version == comparison.golden_version for run in runs.values())
    assert all(run.rows.count() == run.n == 35 for run in runs.values())
    assert runs[cycle.candidate].correct - runs[cycle.incumbent].correct == 5


def undecided(cycle, monkeypatch):
    """The comparison with a gate that finds everything open."""
    real = compare.judge

    def judge(**asked):
        from dataclasses import replace

        return replace(real(**asked), verdict="undecided", more_labels=12, lost=("login",))

    monkeypatch.setattr(compare, "judge", judge)
    cycle = world.step(compare, cycle)
    monkeypatch.setattr(compare, "judge", real)
    return cycle


def test_an_undecided_gate_names_unlabelled_rows_of_the_category_in_doubt_first(
    retrained, model, monkeypatch
):
    cycle = undecided(retrained, monkeypatch)
    assert cycle.state == "undecided"
    asked = cycle.comparisons.get().figures["label_more"]
    assert asked["n"] == 12 == len(asked["rows"])
    logs = model.logs.filter(row_id__in=asked["rows"])
    assert set(logs.values_list("label", flat=True)) == {""}
    firsts = model.logs.filter(row_id__in=asked["rows"][:5]).values_list("prediction", flat=True)
    assert set(firsts) == {"login"}


def test_every_attempt_is_kept_and_the_alert_of_the_last_one_stays(retrained, model, monkeypatch):
    cycle = undecided(retrained, monkeypatch)
    assert Alert.objects.get(closed_at=None).key == f"gate:{cycle.pk}:undecided"
    with pytest.raises(services.cycles.Conflict, match="has not changed"):
        services.look_again(cycle=cycle, by="lee", at=world.MAY)
    rows = [
        LabelledRow(f"late-{i}", {"text": f"{t} x"}, lab, "import")
        for i, (t, lab) in enumerate(world.examples(world.np.random.default_rng(99), 6))
    ]
    add_dataset_version(
        model=model, kind="golden", rows=rows, by="lee", reason="more", at=world.MAY
    )
    cycle = services.look_again(cycle=cycle, by="lee", at=world.MAY)
    assert cycle.state == "pending_approval"
    found = Comparison.objects.filter(cycle=cycle).order_by("attempt")
    assert [(c.attempt, c.verdict, c.golden_version.number) for c in found] == [
        (1, "undecided", 2),
        (2, "promote", 3),
    ]
    assert Alert.objects.get(closed_at=None).key == f"gate:{cycle.pk}:promote"


def test_fresh_rows_are_reviewed_and_no_part_of_what_the_incumbent_learned(retrained):
    fresh = compare.fresh_rows(retrained)
    run = retrained.eval_runs.get(kind="out_of_fold")
    assert len(fresh.labels) == run.n == len(fresh.before) == len(fresh.after)
    old = set(
        retrained.incumbent.training_version.dataset.all_rows.filter(added_in=1).values_list(
            "row_id", flat=True
        )
    )
    assert not set(run.rows.values_list("row_id", flat=True)) & old
    assert "locker" not in set(fresh.before)
