"""No mail, phone, card, account or labelled name enters a dataset by way of a proposal."""

from datetime import timedelta

import pytest

from clients.datasets import add_dataset_version
from clients.labelled import LabelledRow
from clients.models import Dataset, DatasetRow, PredictionLog
from retraining import services
from retraining.models import Proposal
from retraining.stages import collect, retrain
from tests.retraining import world

pytestmark = pytest.mark.django_db
REACH = "anna.smith@example.org"


def load(model, said):
    world.load(
        model,
        [
            world.row(
                n,
                world.APRIL + timedelta(hours=6 * n + 1),
                text,
                label=label,
                source="review",
                id=f"m-{n:04d}",
            )
            for n, (text, label) in enumerate(said, 1)
        ],
    )


def collected(model, **findings):
    cycle = world.step(collect, world.at_stage(model, "collecting", **findings))
    return cycle, {p.row_id: p for p in cycle.proposals.all()}


def test_rows_are_masked_before_they_are_stored_and_say_so(model, rng):
    text = world.text_of("billing", rng)
    load(
        model,
        [(f"Anna Smith: {text} {REACH} +44 20 7946 0958", "billing"), *world.examples(rng, 40)],
    )
    row = PredictionLog.objects.get(row_id="m-0001")
    PredictionLog.objects.filter(pk=row.pk).update(context={"customer_name": "Anna Smith"})
    cycle, proposals = collected(model)
    one = proposals["m-0001"]
    assert one.input["text"] == f"[name]: {text} [mail] [phone]"
    assert one.why.endswith("Masked: mail, phone, name.")
    assert cycle.collected["masked"] == 1
    assert "Masked" not in proposals["m-0002"].why
    world.step(retrain, cycle)
    stored = DatasetRow.objects.filter(log_row_id="m-0001").get()
    assert stored.input == one.input
    row.refresh_from_db()
    assert REACH in row.input["text"]


def test_texts_that_differ_only_in_what_is_masked_are_duplicates(model, rng):
    text = world.text_of("billing", rng)
    twice = [(f"{text} a@example.org", "billing"), (f"{text} b.c@example.com", "billing")]
    load(model, [*twice, *world.examples(rng, 40)])
    cycle, _ = collected(model)
    assert cycle.collected["rejected"] == {"duplicate": 1}


def test_a_golden_row_stored_before_masking_is_still_known_by_its_copy(model, rng):
    golden = Dataset.objects.get(model=model, kind="golden").all_rows.first()
    text = world.text_of("billing", rng)
    DatasetRow.objects.filter(pk=golden.pk).update(input={"text": f"{text} {REACH}"})
    load(model, [(f"{text} somebody.else@mail.example", golden.label), *world.examples(rng, 40)])
    _, proposals = collected(model)
    assert proposals["m-0001"].reason == "golden_copy"


def test_a_row_that_was_golden_once_stays_out(model, rng):
    golden = Dataset.objects.get(model=model, kind="golden").all_rows.first()
    gone = {"model": model, "kind": "golden", "rows": [], "remove": [golden.row_id]}
    add_dataset_version(**gone, by="lee", reason="odd", at=world.MAY)
    load(model, [(golden.input["text"], golden.label), *world.examples(rng, 40)])
    _, proposals = collected(model)
    assert proposals["m-0001"].reason == "golden_copy"


def test_what_a_version_has_learned_under_another_label_is_not_held_out(model, rng):
    born = [world.text_of("locker", rng) for _ in range(12)]
    rows = [LabelledRow("once", {"text": born[0]}, "delivery", "import")]
    add = {"model": model, "kind": "training", "by": "lee", "at": world.MAY}
    add_dataset_version(**add, rows=rows, reason="x")
    add_dataset_version(**add, rows=[], remove=["once"], reason="wrong")
    load(model, [*((text, "locker") for text in born), *world.examples(rng, 40)])
    cycle, _ = collected(model, new_categories=["locker"])
    assert cycle.collected["golden_held_out"] == 0


def test_staffs_examples_and_imported_rows_are_masked(model, rng):
    rows = [LabelledRow("s-1", {"text": f"parcel late, write {REACH}"}, "delivery", "import")]
    services.bring_examples(model=model, rows=rows, source="Procedure 12", by="lee")
    brought = Proposal.objects.get(cycle__isnull=True)
    assert brought.input == {"text": "parcel late, write [mail]"}
    assert brought.why == "Procedure 12 (brought by lee). Masked: mail."
    version = add_dataset_version(
        model=model, kind="golden", rows=rows, by="lee", reason="new", at=world.MAY
    )
    assert DatasetRow.objects.get(row_id="s-1").input == {"text": "parcel late, write [mail]"}
    again = add_dataset_version(
        model=model, kind="golden", rows=rows, by="lee", reason="again", at=world.MAY
    )
    assert again == version


def test_who_relabelled_a_row_is_kept_to_the_dataset(model, rng):
    load(model, world.examples(rng, 40))
    cycle = world.step(collect, world.at_stage(model, "collecting", auto_curate=False))
    one = cycle.proposals.filter(state="proposed", label="billing").first()
    services.relabel_proposal(proposal=one, label="login", by="ada", at=world.MAY)
    services.accept_proposals(proposals=cycle.proposals.all(), by="lee", at=world.MAY)
    cycle = services.finish_curation(cycle=cycle, by="lee", at=world.MAY)
    world.step(retrain, cycle)
    one.refresh_from_db()
    assert (one.label, one.final_label, one.decided_by) == ("billing", "login", "ada")
    stored = DatasetRow.objects.get(log_row_id=one.row_id)
    assert stored.label == "login" and stored.added_by == "ada, lee"
