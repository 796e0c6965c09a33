"""Which rows may teach, which are set aside and why, and who decides."""

import csv
import io
from datetime import timedelta

import pytest

from clients.datasets import add_dataset_version
from clients.labelled import LabelledRow, read_labelled
from clients.models import Dataset, PredictionLog
from clients.schema import Schema
from clients.services import LateLabel, attach_labels
from retraining import services
from retraining.models import Cycle, Proposal
from retraining.stages import collect, retrain
from tests.retraining import world

pytestmark = pytest.mark.django_db
TENTH = "2025-04-10"


def load(model, said, start=1):
    """Log rows of April from (text, label, source) or (text, label)."""
    rows = [
        world.row(
            number,
            world.APRIL + timedelta(hours=6 * number + 1),
            said[0],
            label=said[1],
            source=said[2] if len(said) > 2 else "review",
            id=f"m-{number:04d}",
        )
        for number, said in enumerate(said, start)
    ]
    world.load(model, rows)


def collected(model, **findings):
    cycle = world.step(collect, world.at_stage(model, "collecting", **findings))
    return cycle, {p.row_id: p for p in cycle.proposals.all()}


def plain(rng, count=40):
    return world.examples(rng, count)


def test_what_passed_the_checks_is_accepted_by_auto_curate(model, rng):
    load(model, plain(rng))
    cycle, proposals = collected(model)
    assert cycle.state == "retraining"
    taken = [p for p in proposals.values() if p.state == "accepted"]
    assert len(taken) == cycle.collected["accepted"] == 40
    assert cycle.collected["proposed"] == 40 and cycle.collected["rejected"] == {}
    assert "fewer than the 50" in cycle.collected["note"]
    one = taken[0]
    assert (one.decided_by, one.decided_at, one.final_label) == (
        "auto-curate",
        world.MAY,
        one.label,
    )
    assert one.source == "review" and one.why


def test_without_auto_curate_a_person_decides(model, rng):
    load(model, plain(rng))
    cycle = world.step(collect, world.at_stage(model, "collecting", auto_curate=False))
    assert cycle.state == "curating"
    assert cycle.collected["accepted"] == 0
    assert set(cycle.proposals.values_list("state", "decided_by", "final_label")) == {
        ("proposed", "", "")
    }


def test_exact_and_near_copies_of_golden_rows_are_kept_out(model, rng):
    golden = Dataset.objects.get(model=model, kind="golden").all_rows.order_by("position")
    exact, near = golden[0], golden[1]
    load(
        model,
        [
            (exact.input["text"].upper() + "!", exact.label),
            (f"Hello, {near.input['text']} thanks", near.label),
            *plain(rng),
        ],
    )
    cycle, proposals = collected(model)
    assert {p.row_id for p in proposals.values() if p.reason == "golden_copy"} == {
        "m-0001",
        "m-0002",
    }
    assert cycle.collected["rejected"] == {"golden_copy": 2}
    assert proposals["m-0001"].decided_by == "label checks"


def test_the_same_text_twice_and_known_training_rows_are_duplicates(model, rng):
    known = Dataset.objects.get(model=model, kind="training").all_rows.first()
    text, label = world.examples(rng, 1)[0]
    load(
        model, [(known.input["text"], known.label), (text, label), (f"{text}!", label), *plain(rng)]
    )
    _, proposals = collected(model)
    assert proposals["m-0001"].reason == "duplicate"
    assert {proposals[i].reason for i in ("m-0002", "m-0003")} == {"", "duplicate"}


def test_a_label_that_its_text_contradicts_is_suspect(model, rng):
    load(model, [(world.text_of("billing", rng), "login"), *plain(rng, 60)])
    cycle, proposals = collected(model)
    assert proposals["m-0001"].reason == "label_suspect"
    assert proposals["m-0001"].state == "rejected"
    assert proposals["m-0001"].doubt > 0.75
    assert cycle.collected["rejected"] == {"label_suspect": 1}


def test_the_days_of_a_transient_are_kept_out(model, rng):
    load(model, plain(rng, 60))
    _, proposals = collected(model, excluded_days=[["2025-04-05", "2025-04-08"]])
    out = {p.row_id for p in proposals.values() if p.reason == "transient"}
    days = PredictionLog.objects.filter(
        timestamp__gte=world.APRIL + timedelta(days=4),
        timestamp__lt=world.APRIL + timedelta(days=7),
    )
    assert out == set(days.values_list("row_id", flat=True)) and len(out) == 12


def test_rows_of_a_fault_are_kept_out_from_its_first_day_on_in_its_segment_only(model, rng):
    load(model, plain(rng, 60))
    PredictionLog.objects.filter(row_id__endswith="0").update(context={"channel": "app"})
    fault = {"key": "channel", "value": "app", "cause": "truncated_input", "since": TENTH}
    _, proposals = collected(model, suspect_segments=[{**fault, "acts": True}])
    out = {p.row_id for p in proposals.values() if p.reason == "upstream"}
    assert out == {"m-0040", "m-0050", "m-0060"}


def test_a_fault_that_changes_no_answers_spoils_no_rows(model, rng):
    load(model, plain(rng))
    fault = {"field": "text", "kind": "truncated_input", "since": TENTH, "acts": False}
    cycle, _ = collected(model, suspect_fields=[fault])
    assert cycle.collected["rejected"] == {}


def test_what_an_earlier_diagnosis_excluded_stays_out(model, rng):
    load(model, plain(rng, 60))
    may = world.at_stage(model, "waiting", excluded_days=[["2025-04-05", "2025-04-08"]])
    assert may.state == "waiting"
    later = world.at_stage(model, "collecting", as_of=world.JUNE)
    cycle = world.step(collect, later)
    assert cycle.collected["rejected"] == {"transient": 12}


def test_a_new_category_gets_a_third_of_its_reviewed_rows_as_golden_at_most(model, rng):
    born = [(world.text_of("locker", rng), "locker") for _ in range(16)]
    load(model, [*born, *plain(rng)])
    cycle, proposals = collected(model, new_categories=["locker"])
    golden = [p for p in proposals.values() if p.kind == "golden"]
    assert len(golden) == 5 == cycle.collected["golden_held_out"]
    assert {p.label for p in golden} == {"locker"}
    assert {p.source for p in golden} == {"review"}
    assert {p.state for p in golden} == {"accepted"}
    trained = [p for p in proposals.values() if p.kind == "training" and p.label == "locker"]
    assert len(trained) == 11


@pytest.mark.parametrize(("reviews", "held"), [(11, 0), (12, 4)])
def test_four_golden_rows_are_the_least(model, rng, reviews, held):
    born = [(world.text_of("locker", rng), "locker") for _ in range(reviews)]
    load(model, [*born, *plain(rng)])
    cycle, _ = collected(model, new_categories=["locker"])
    assert cycle.collected["golden_held_out"] == held


def test_corrections_never_become_golden(model, rng):
    born = [(world.text_of("locker", rng), "locker", "override") for _ in range(20)]
    load(model, [*born, *plain(rng)])
    cycle, _ = collected(model, new_categories=["locker"])
    assert cycle.collected["golden_held_out"] == 0


def test_a_category_that_has_golden_rows_needs_none_of_its_reviews(model, rng):
    rows = [
        LabelledRow(f"gn-{i}", {"text": world.text_of("locker", rng)}, "locker", "import")
        for i in range(4)
    ]
    add_dataset_version(model=model, kind="golden", rows=rows, by="lee", reason="new", at=world.MAY)
    born = [(world.text_of("locker", rng), "locker") for _ in range(16)]
    load(model, [*born, *plain(rng)])
    cycle, _ = collected(model, new_categories=["locker"])
    assert cycle.collected["golden_held_out"] == 0


def staff_rows(model, pairs, header="id,text,label"):
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header.split(","))
    for number, (text, label) in enumerate(pairs):
        writer.writerow([f"s-{number}", text, label] if header.startswith("id") else [text, label])
    content = out.getvalue().encode()
    return read_labelled(content, "new.csv", Schema.from_dict(model.schema), "text")[0]


def test_examples_that_staff_bring_are_taken_up_by_the_next_cycle(model, rng):
    rows = staff_rows(model, plain(rng, 4))
    services.bring_examples(model=model, rows=rows, source="Procedure 12", by="lee")
    load(model, plain(rng))
    cycle, proposals = collected(model)
    brought = [p for p in proposals.values() if p.source == "staff"]
    assert len(brought) == 4 and {p.state for p in brought} == {"accepted"}
    assert {p.cycle for p in brought} == {cycle}
    assert all("Procedure 12" in p.why for p in brought)
    assert cycle.collected["proposed"] == 44
    assert not Proposal.objects.filter(cycle__isnull=True).exists()


@pytest.mark.parametrize("header", ["id,text,label", "text,label"])
def test_examples_with_the_ids_of_other_rows_stay_apart(model, rng, header):
    """Files without ids number their rows from one, as the training file and logs may do too."""
    first = staff_rows(model, plain(rng, 3), header)
    services.bring_examples(model=model, rows=first, source="Procedure 12", by="lee")
    second = staff_rows(model, plain(rng, 3), header)
    if header.startswith("id"):
        with pytest.raises(services.proposals.BadInput, match="waits already"):
            services.bring_examples(model=model, rows=second, source="x", by="lee")
    else:
        services.bring_examples(model=model, rows=second, source="x", by="lee")
    rows = plain(rng)
    load(model, rows)
    PredictionLog.objects.filter(row_id="m-0001").update(row_id=first[0].row_id)
    cycle, proposals = collected(model)
    assert len(proposals) == 40 + (3 if header.startswith("id") else 6)
    assert cycle.state == "retraining"


def test_labels_of_the_last_retrain_are_not_collected_again(retrained, model, rng):
    Cycle.objects.filter(pk=retrained.pk).update(state="rejected")
    rows = world.month(rng, world.MAY, n=30, review=1.0)
    world.load(model, rows, at=world.JUNE)
    cycle = world.step(collect, world.at_stage(model, "collecting", as_of=world.JUNE))
    assert set(cycle.proposals.values_list("row_id", flat=True)) == {r["id"] for r in rows}


def test_no_labels_at_all_ask_for_some(model, rng):
    world.load(model, world.month(rng, review=0))
    cycle, proposals = collected(model)
    assert (cycle.state, proposals) == ("needs_labels", {})


def test_rows_that_staff_imported_are_enough_for_a_retrain_and_once_learned_no_more(model, rng):
    rows = [
        LabelledRow(f"i-{i}", {"text": t}, lab, "import") for i, (t, lab) in enumerate(plain(rng))
    ]
    add = {"model": model, "kind": "training", "by": "lee", "reason": "x", "at": world.MAY}
    add_dataset_version(rows=rows, **add)
    cycle, _ = collected(model)
    assert cycle.state == "retraining"
    cycle = world.step(retrain, cycle)
    assert cycle.candidate.training_version.number == 2
    Cycle.objects.filter(pk=cycle.pk).update(state="rejected")
    again = world.at_stage(model, "collecting", as_of=world.JUNE)
    assert world.step(collect, again).state == "needs_labels"


def test_late_labels_of_any_source_are_collected(model, rng):
    rows = world.month(rng, n=30, review=0)
    world.load(model, rows)
    texts = {r["id"]: r["input"]["text"] for r in rows}
    said = {
        row_id: next(k for k, words in world.WORDS.items() if set(words) & set(text.split()))
        for row_id, text in texts.items()
    }
    sources = ["review", "override", "targeted"]
    labels = [LateLabel(r, label, sources[n % 3]) for n, (r, label) in enumerate(said.items())]
    attach_labels(model=model, labels=labels, at=world.MAY)
    _, proposals = collected(model)
    assert {p.source for p in proposals.values()} == set(sources)
    assert len(proposals) == 30


def test_a_stage_writes_nothing_before_its_step_is_written(model, rng):
    load(model, plain(rng))
    cycle = world.at_stage(model, "collecting")
    collect.run(cycle, at=world.MAY)
    assert not Proposal.objects.exists()
