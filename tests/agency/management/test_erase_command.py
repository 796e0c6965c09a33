"""A person is forgotten: nothing that names them is left, every hash still holds, and it is listed."""

import json

import pytest
from django.core.management import call_command

from clients.models import (
    DatasetRow,
    Erasure,
    IdempotentRequest,
    LogDay,
    Outcome,
    PendingFeedback,
    PredictionLog,
    QuarantinedRow,
    UploadBatch,
)
from retraining.models import Diagnosis, Proposal
from tests.factories import APRIL, UserFactory


def erase(capsys, *arguments):
    try:
        call_command("erase", "acme", *arguments, "--json")
        code = 0
    except SystemExit as stop:
        code = stop.code
    said = capsys.readouterr()
    return code, json.loads(said.out) if said.out else None, said.err


@pytest.fixture
def learned(walked):
    """A row that came as a log and was trained on."""
    row = DatasetRow.objects.filter(dataset__model=walked, dataset__kind="training")
    return row.exclude(log_row_id="").order_by("pk").first()


@pytest.fixture
def anna(walked, learned):
    """The person of that row: named in it, and in every other place that rows can be in."""
    log = PredictionLog.objects.get(model=walked, row_id=learned.log_row_id)
    PredictionLog.objects.filter(pk=log.pk).update(context={"customer": 70711})
    own = {"client": walked.client, "model": walked}
    Outcome.objects.create(**own, row_id=log.row_id, name="paid", value=1, received_at=APRIL)
    batch = UploadBatch.objects.create(model=walked, name="x", sha256="0" * 64, received_at=APRIL)
    how = {"line": 1, "pointer": "", "code": "x", "detail": "x"}
    QuarantinedRow.objects.create(batch=batch, content='{"customer": "70711"}', **how)
    QuarantinedRow.objects.create(batch=batch, content='{"customer": "707112"}', **how)
    PendingFeedback.objects.create(
        **own, row_id="z-1", content={"note": "of 70711"}, content_sha256="1", received_at=APRIL
    )
    IdempotentRequest.objects.create(
        client=walked.client, key="k", address="x", answer={"rows": ["70711"]}, status=202,
        started_at=APRIL, lease_until=APRIL,
    )  # fmt: skip
    diagnosis = Diagnosis.objects.filter(cycle__model=walked).first()
    diagnosis.findings["causes"][0]["example"] = "customer 70711 said"
    diagnosis.save()
    UserFactory(username="kim")
    return "70711"


def test_nothing_that_names_the_person_is_left(walked, learned, anna, capsys):
    rows, digest = PredictionLog.objects.count(), learned.digest
    code, said, _ = erase(capsys, "--subject", anna, "--by", "kim")
    assert code == 0
    assert PredictionLog.objects.count() == rows - 1
    assert not Outcome.objects.exists() and not PendingFeedback.objects.exists()
    assert not IdempotentRequest.objects.exists()
    assert QuarantinedRow.objects.get().content == '{"customer": "707112"}'
    tombstone = DatasetRow.objects.get(pk=learned.pk)
    assert (tombstone.input, tombstone.label, tombstone.salt) == (None, "", "")
    assert tombstone.digest == digest
    proposal = Proposal.objects.get(model=walked, row_id=learned.log_row_id)
    assert proposal.input == {} and proposal.decided_by
    findings = Diagnosis.objects.get(cycle__model=walked).findings
    assert findings["causes"][0]["example"] == "customer [erased] said"
    assert said["touched"]["versions that learned them"]["ids"] == ["tickets v1.1"]
    assert said["touched"]["reports flagged"]["ids"] == ["2025-03 r1"]


def test_every_hash_still_holds_and_what_went_is_called_purged(anna, capsys):
    erase(capsys, "--subject", anna, "--by", "kim")
    call_command("verify", "--json")
    found = json.loads(capsys.readouterr().out)
    assert found["failed"] == []
    assert sum(gone["rows"] for gone in found["purged"]) == 1


def test_the_listing_is_kept_and_does_not_name_the_person(anna, capsys):
    erase(capsys, "--subject", anna, "--by", "kim")
    kept = Erasure.objects.get()
    assert kept.by == "kim" and anna not in json.dumps(kept.touched)
    assert kept.touched["log rows"]["n"] == kept.touched["outcomes"]["n"] == 1
    assert kept.touched["dataset rows"]["n"] == 1


def test_the_days_that_lost_rows_are_to_be_counted_again(walked, learned, anna, capsys):
    at = PredictionLog.objects.get(model=walked, row_id=learned.log_row_id).timestamp
    day = LogDay.objects.get(model=walked, day=at.date())
    erase(capsys, "--subject", anna, "--by", "kim")
    after = LogDay.objects.get(pk=day.pk)
    assert after.changes == day.changes + 1 > after.profiled


def test_a_version_that_learned_a_row_whose_own_id_names_the_person_is_listed(learned, capsys):
    UserFactory(username="kim")
    DatasetRow.objects.filter(pk=learned.pk).update(row_id="anna@example.org", log_row_id="")
    _, said, _ = erase(capsys, "--subject", "anna@example.org", "--by", "kim")
    assert DatasetRow.objects.get(pk=learned.pk).row_id == f"erased-{learned.digest[:16]}"
    assert said["touched"]["dataset rows"]["n"] == 1
    assert said["touched"]["versions that learned them"]["ids"] == ["tickets v1.1"]


def test_words_of_a_text_are_found_in_any_case_and_only_whole(walked, learned, capsys):
    UserFactory(username="kim")
    words = learned.input["text"].split()
    rows = PredictionLog.objects.count()
    code, said, _ = erase(capsys, "--subject", "  ".join(words).upper(), "--by", "kim")
    assert code == 0 and said["touched"]["log rows"]["n"] >= 1
    cut = " ".join([*words[:-1], words[-1][:-1]])
    _, said, _ = erase(capsys, "--subject", cut, "--by", "kim")
    assert said["touched"] == {}
    assert PredictionLog.objects.count() < rows


def test_an_unknown_person_touches_nothing(walked, capsys):
    UserFactory(username="kim")
    code, said, _ = erase(capsys, "--subject", "nobody@example.org", "--by", "kim")
    assert code == 0 and said["touched"] == {}


@pytest.mark.parametrize(
    "arguments", [("--subject", "a", "--by", "kim"), ("--subject", "anna", "--by", "no")]
)
def test_a_subject_too_short_and_an_unknown_user_are_refused(walked, arguments, capsys):
    UserFactory(username="kim")
    code, said, err = erase(capsys, *arguments)
    assert code == 2 and said is None and len(err.strip().splitlines()) == 1
    assert not Erasure.objects.exists()
