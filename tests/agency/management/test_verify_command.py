"""One thing is changed behind the service's back; ``verify`` has to name it, and nothing else."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command

from agency.base import files
from clients.models import DatasetRow
from clients.services import erase_dataset_rows
from reports.models import MonthlyReport
from retraining.gate import RULE
from retraining.models import Comparison, CycleTransition, Decision, EvalRow, EvalRun
from retraining.models.cycle import State
from tests.factories import RolloutFactory


def verify(capsys, *arguments):
    """Exit code, stdout, stderr."""
    try:
        call_command("verify", *arguments)
        code = 0
    except SystemExit as stop:
        code = stop.code
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.fixture
def failures(walked, capsys):
    """What ``verify`` names, as {what: [why]}; it must name something."""

    def run():
        code, out, _ = verify(capsys, "--json")
        found = {}
        for failure in json.loads(out)["failed"]:
            found.setdefault(failure["what"], []).append(f"{failure['id']}: {failure['why']}")
        assert code == 1
        return found

    return run


@pytest.fixture
def flip():
    """Change one byte of a stored file for the length of the test."""
    changed = []

    def change(digest, suffix):
        path = Path(default_storage.path(files.address(digest, suffix)))
        content = path.read_bytes()
        changed.append((path, content))
        middle = len(content) // 2
        path.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])

    yield change
    for path, content in changed:
        path.write_bytes(content)


def test_what_the_service_made_itself_verifies(walked, capsys):
    code, out, err = verify(capsys, "--json")
    answer = json.loads(out)
    assert (code, err, answer["failed"], answer["purged"]) == (0, "", [], [])
    assert walked.cycles.get().state == State.LIVE
    figures = answer["checked"].pop("report_figures")
    assert figures > 80
    assert answer["checked"] == {
        "dataset_versions": 4,
        "artifacts": 2,
        "eval_runs": EvalRun.objects.count(),
        "comparisons": 1,
        "cycles": 1,
        "rollouts": 2,
        "reports": 1,
    }


def test_a_person_reads_counts(walked, capsys):
    code, out, _ = verify(capsys, "acme/tickets")
    assert code == 0
    assert out.startswith("checked: 4 dataset versions, 2 artifacts,")


def test_an_unknown_model_is_bad_usage(walked, capsys):
    code, out, err = verify(capsys, "acme/telephones", "--json")
    assert (code, out) == (2, "") and err.count("\n") == 1


def test_one_models_verification_looks_at_no_other_model(walked, capsys):
    other = RolloutFactory().model  # its artifact was never stored
    assert verify(capsys, "acme/tickets")[0] == 0
    code, out, _ = verify(capsys, "--json")
    assert code == 1
    named = [failure["id"] for failure in json.loads(out)["failed"]]
    assert named and all(name.startswith(str(other)) for name in named)


def test_a_flipped_byte_of_an_artifact(walked, failures, flip):
    version = walked.versions.get(number=1)
    flip(version.artifact_sha256, ".skops")
    found = failures()
    assert found["artifact"] == [
        f"acme/tickets v1.1: the file {version.artifact_sha256[:12]} no longer matches its SHA-256"
    ]
    assert "report" not in found and "dataset_version" not in found


def test_a_missing_artifact(walked, failures):
    walked.versions.filter(number=0).update(artifact_sha256="0" * 64)
    assert "missing" in failures()["artifact"][0]


def test_an_artifact_that_was_exchanged_for_another_whole_one(walked, failures):
    old, new = walked.versions.order_by("number")
    walked.versions.filter(pk=new.pk).update(
        artifact_sha256=old.artifact_sha256, artifact_bytes=old.artifact_bytes
    )
    found = failures()
    assert "other categories" in found["artifact"][0]
    assert "the artifact answers" in found["eval_run"][0]


@pytest.mark.parametrize("kind", ["training", "golden"])
def test_a_label_that_was_changed_in_a_dataset(walked, failures, kind):
    row = DatasetRow.objects.filter(dataset__model=walked, dataset__kind=kind)[3]
    DatasetRow.objects.filter(pk=row.pk).update(label=f"{row.label}x")
    found = failures()
    assert f"the row '{row.row_id}' no longer matches its digest" in found["dataset_version"][0]
    assert ("eval_run" in found) == (kind == "golden")


def test_a_row_that_was_taken_out_of_a_dataset(walked, failures):
    DatasetRow.objects.filter(dataset__model=walked, dataset__kind="training")[3].delete()
    assert "its rows no longer give its SHA-256" in str(failures()["dataset_version"])


@pytest.mark.parametrize(("name", "by"), [("correct", -1), ("n", 1), ("low", 0.001), ("high", -1)])
def test_a_digit_of_an_eval_run(walked, failures, name, by):
    run = EvalRun.objects.filter(kind="golden").first()
    EvalRun.objects.filter(pk=run.pk).update(**{name: getattr(run, name) + by})
    found = failures()
    assert set(found) == {"eval_run"}
    assert f"(run {run.pk}): {name} is " in found["eval_run"][0]


def row_label(run):
    return run.rows.first().label


def test_a_categorys_figure_of_an_eval_run(walked, failures):
    run = EvalRun.objects.filter(kind="golden").first()
    run.categories[row_label(run)]["estimate"] += 0.1
    run.save()
    assert set(failures()) == {"eval_run"}


def test_an_answer_that_was_turned_right_afterwards(walked, failures):
    row = EvalRow.objects.filter(run__kind="golden", correct=False).first()
    EvalRow.objects.filter(pk=row.pk).update(prediction=row.label, correct=True)
    found = failures()["eval_run"]
    assert f"was answered '{row.label}', the artifact answers '{row.prediction}'" in str(found)


def test_a_digit_of_a_comparison(walked, failures):
    comparison = Comparison.objects.get()
    comparison.figures["overall"]["fixed"] += 1
    comparison.save()
    found = failures()
    assert set(found) == {"comparison"}
    assert found["comparison"][0].endswith("overall is not what the rows give")


def test_a_verdict_that_the_gate_never_gave(walked, failures):
    Comparison.objects.update(verdict="reject")
    assert "the gate says promote" in failures()["comparison"][0]


def test_a_verdict_of_an_earlier_rule_stands_while_its_rows_are_checked(walked, failures, capsys):
    comparison = Comparison.objects.get()
    assert comparison.figures["rule"] == RULE
    comparison.figures["rule"], comparison.verdict = RULE - 1, "reject"
    comparison.save()
    failed = json.loads(verify(capsys, "--json")[1])["failed"]
    assert "comparison" not in {failure["what"] for failure in failed}
    comparison.figures["overall"]["fixed"] += 1
    comparison.save()
    assert failures()["comparison"][0].endswith("overall is not what the rows give")


def test_a_digit_of_a_reports_facts(walked, failures):
    report = MonthlyReport.objects.get()
    report.facts["models"][0]["service"]["rows"] += 1
    report.save()
    found = failures()
    assert set(found) == {"report"}
    assert "acme 2025-03 r1: the facts of" in found["report"][0]


@pytest.mark.parametrize("suffix", [".pdf", ".html"])
def test_a_flipped_byte_of_a_reports_pages(walked, failures, flip, suffix):
    report = MonthlyReport.objects.get()
    flip(report.pdf_sha256 if suffix == ".pdf" else report.html_sha256, suffix)
    assert "no longer matches its SHA-256" in failures()["report"][0]


def test_a_transition_that_was_taken_out(walked, failures):
    CycleTransition.objects.filter(to_state=State.COMPARING).delete()
    found = failures()
    assert set(found) == {"cycle"}
    assert "a transition is missing from retraining to comparing" in found["cycle"][0]


def test_a_state_that_no_transition_leads_to(walked, failures):
    walked.cycles.update(state=State.REFUSED)
    assert "it is refused, its last transition leads to live" in failures()["cycle"][0]


def test_an_approval_that_was_taken_out(walked, failures):
    Decision.objects.all().delete()
    assert "without anybody's approval" in failures()["cycle"][0]


@pytest.mark.parametrize(("days", "word"), [(-1, "a gap"), (1, "an overlap")])
def test_a_time_in_which_no_version_was_live_or_two_were(walked, failures, days, word):
    first = walked.rollouts.order_by("started_at").first()
    walked.rollouts.filter(pk=first.pk).update(ended_at=first.ended_at + timedelta(days=days))
    found = failures()
    assert set(found) == {"rollout"} and word in found["rollout"][0]


def test_nothing_live(walked, failures):
    last = walked.rollouts.order_by("started_at").last()
    walked.rollouts.filter(pk=last.pk).update(ended_at=last.started_at)
    assert "nothing is live since" in failures()["rollout"][0]


def test_erased_rows_are_purged_and_no_failure(walked, capsys):
    golden = DatasetRow.objects.filter(dataset__model=walked, dataset__kind="golden")[0]
    training = DatasetRow.objects.filter(dataset__model=walked, dataset__kind="training")
    ids = [golden.row_id, training[0].row_id, training[1].row_id]
    assert erase_dataset_rows(model=walked, row_ids=ids) == 3
    code, out, _ = verify(capsys, "--json")
    answer = json.loads(out)
    assert (code, answer["failed"]) == (0, [])
    assert answer["purged"] == [
        {"what": "dataset_row", "id": "acme/tickets golden", "rows": 1},
        {"what": "dataset_row", "id": "acme/tickets training", "rows": 2},
    ]
