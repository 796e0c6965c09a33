"""Candidate and incumbent on the same golden rows. First of all: nobody beats themselves."""

import pytest

from clients.feedback import LateLabel, attach_labels
from clients.models import Alert
from clients.services import LabelledRow, add_dataset_version
from retraining import comparing, services
from retraining.comparing import golden_uses
from retraining.models import Comparison, Cycle, EvalRow
from retraining.services.cycles import Conflict
from retraining.stages import collect, compare, retrain
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
    # How often the two differ is kept without any label: it says what asked rows stand for.
    seen = figures["production"]
    assert seen["apart"]["all"] == [seen["n"], round(seen["disagree"] * seen["n"])]
    assert 0 < seen["apart"]["target"][1] <= seen["apart"]["all"][1]
    rows = comparing.production(cycle)
    free = (rows.before != rows.after) & ~rows.rows.labelled
    assert seen["left"]["all"] == free.sum() < seen["apart"]["all"][1]
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

        asks = {"lost:login": 12}
        return replace(
            real(**asked), verdict="undecided", more_labels=12, lost=("login",), asks=asks
        )

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
    assert asked["n"] == 12 and 5 <= len(asked["rows"]) <= 12
    logs = model.logs.filter(row_id__in=asked["rows"])
    assert set(logs.values_list("label", flat=True)) == {""}
    assert set(logs.values_list("prediction", flat=True)) == {"login"}
    assert sorted(asked["questions"]["lost:login"]) == sorted(asked["rows"])


def test_labels_of_asked_rows_are_read_at_the_next_look_and_no_others(
    retrained, model, monkeypatch
):
    cycle = undecided(retrained, monkeypatch)
    asked = cycle.comparisons.get().figures["label_more"]["rows"]
    other = model.logs.filter(label="").exclude(row_id__in=asked).first()
    labels = [LateLabel(i, "login", "targeted") for i in asked[:6]]
    labels += [
        LateLabel(asked[6], "login", "override"),
        LateLabel(other.row_id, "login", "targeted"),
    ]
    attach_labels(model=model, labels=labels[6:], at=world.MAY)
    with pytest.raises(Conflict, match="no row that it asked for"):
        services.look_again(cycle=cycle, by="lee", at=world.MAY)
    attach_labels(model=model, labels=labels[:6], at=world.MAY)
    cycle = services.look_again(cycle=cycle, by="lee", at=world.MAY)
    first, second = cycle.comparisons.order_by("attempt")
    assert first.golden_version == second.golden_version
    read = second.figures["asked"]["lost:login"]
    assert sorted(row[0] for row in read) == sorted(asked[:6])
    assert {row[1] for row in read} == {"login"}
    assert second.figures["overall"] == first.figures["overall"]  # they join no points
    # Of the rows on which the two differ, those that have a label now are no longer left.
    now = [row for row in read if row[2] != row[3]]
    was, left = (c.figures["production"]["left"]["all"] for c in (first, second))
    assert left <= was - len(now)
    assert cycle.state == "pending_approval"


def test_the_question_is_written_down_before_there_is_a_candidate(retrained, monkeypatch):
    assert retrained.registered["target"] == ["locker"] == retrained.registered["new"]
    assert retrained.registered["protected"] == ["billing", "delivery", "login"]
    assert (retrained.registered["golden_version"], retrained.registered["n"]) == (2, 35)
    assert retrained.registered["limits"]["protected_margin"] == 0.06
    assert retrained.registered["late"] is False
    # What is decided later changes nothing.
    Cycle.objects.filter(pk=retrained.pk).update(policy={**retrained.policy, "gate_gain": 0.9})
    retrained.diagnosis.findings["weak_categories"] = ["login"]
    retrained.diagnosis.save()
    cycle = world.step(compare, world.find_cycle(retrained.pk))
    figures = cycle.comparisons.get().figures
    assert figures["registered"] == retrained.registered
    assert figures["groups"]["target"]["n"] == 5 and cycle.state == "pending_approval"


def test_one_row_that_must_pass_is_enough_to_reject(retrained, model):
    cycle = world.step(compare, retrained)
    answers = cycle.eval_runs.get(kind="golden", version=cycle.candidate).rows
    row = answers.filter(correct=True).first()
    register = {**cycle.registered, "must_pass": [row.row_id]}
    model.must_pass_rows.create(row_id=row.row_id, reason="The law.", by="lee")
    Cycle.objects.filter(pk=cycle.pk).update(state="comparing", registered=register)
    assert world.step(compare, world.find_cycle(cycle.pk)).state == "pending_approval"
    golden = cycle.model.datasets.get(kind="golden").all_rows.filter(row_id=row.row_id)
    golden.update(label="billing" if row.label != "billing" else "login")
    Cycle.objects.filter(pk=cycle.pk).update(state="comparing")
    cycle = world.step(compare, world.find_cycle(cycle.pk))
    assert cycle.state == "rejected"
    assert row.row_id in cycle.comparisons.last().figures["reasons"][0]


def test_sealed_rows_are_in_no_run_until_all_else_says_promote(retrained, model, monkeypatch):
    overrides = {"sealed_from": 30, "sealed_share": 0.3}
    for name, value in overrides.items():
        model.policy_overrides.create(name=name, value=value, reason="A test.", by="lee")
    cycle = undecided(retrained, monkeypatch)
    sealed = set(cycle.comparisons.get().figures["sealed_rows"])
    assert 3 <= len(sealed) <= 20
    for run in cycle.eval_runs.filter(kind="golden"):
        assert not sealed & set(run.rows.values_list("row_id", flat=True))
    uses = golden_uses(model)
    assert {uses[i] for i in sealed} == {0} and set(uses.values()) == {0, 1}
    Cycle.objects.filter(pk=cycle.pk).update(state="comparing")
    cycle = world.step(compare, world.find_cycle(cycle.pk))
    figures = cycle.comparisons.last().figures
    assert cycle.state == "pending_approval" and figures["sealed"]["n"] == len(sealed)
    assert figures["golden_use"] == {"fewest": 1, "median": 2, "most": 2}
    assert {golden_uses(model)[i] for i in sealed} == {1}


def test_guard_metrics_are_measured_on_both_models(retrained):
    cycle = world.step(compare, retrained)
    found = {metric["metric"]: metric for metric in cycle.comparisons.get().figures["guards"]}
    assert found.keys() == {"calibration", "latency_ms", "artifact_mb"}
    assert all(metric["before"] > 0 and not metric["failed"] for metric in found.values())


def test_growth_counts_out_of_fold_results_on_all_clean_labelled_rows(model, rng, lee):
    world.load(model, world.month(rng, review=0.7))
    cycle = world.at_stage(model, "collecting")
    Cycle.objects.filter(pk=cycle.pk).update(reason="growth")
    cycle = world.step(retrain, world.step(collect, world.find_cycle(cycle.pk)))
    own, new = (
        cycle.eval_runs.get(kind="out_of_fold", version=version)
        for version in (cycle.incumbent, cycle.candidate)
    )
    assert own.n == 60 and new.n > 60 + 30
    fresh = comparing.fresh_rows(cycle)
    assert len(fresh.labels) == new.n
    cycle = world.step(compare, cycle)
    assert cycle.comparisons.get().figures["registered"]["growth"] is True


def test_every_attempt_is_kept_and_the_alert_of_the_last_one_stays(retrained, model, monkeypatch):
    cycle = undecided(retrained, monkeypatch)
    assert Alert.objects.get(closed_at=None).key == f"gate:{cycle.pk}:undecided"
    with pytest.raises(Conflict, match="has not changed"):
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


def test_neither_model_answers_the_rows_of_the_gates_questions_from_memory(retrained):
    fresh = comparing.fresh_rows(retrained)
    runs = retrained.eval_runs.filter(kind="out_of_fold")
    run, own = (runs.get(version=v) for v in (retrained.candidate, retrained.incumbent))
    assert len(fresh.labels) == run.n == len(fresh.before) == len(fresh.after)
    ids = set(run.rows.values_list("row_id", flat=True))
    new = ids - set(own.rows.values_list("row_id", flat=True))
    added = retrained.candidate.training_version.dataset.all_rows.filter(added_in=2)
    assert new and new <= set(added.filter(source="review").values_list("row_id", flat=True))
    old = ids - new
    assert old <= set(
        added.model.objects.filter(dataset=added[0].dataset, added_in=1).values_list(
            "row_id", flat=True
        )
    )
    assert "locker" not in set(fresh.before)
