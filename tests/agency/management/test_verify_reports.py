"""Every figure of a report against its source: one changed digit is named, and nothing else is."""

import json
from datetime import timedelta

import pytest
from django.core.management import call_command

from clients.log_days import touch_days
from clients.models import PredictionLog
from reports import canonical, services
from reports.models import MonthlyReport
from retraining.models import EvalRow
from tests.factories import APRIL

PARTS = 8
AFTER = APRIL + timedelta(hours=9)


def verify(capsys, *arguments):
    try:
        call_command("verify", *arguments, "--json")
    except SystemExit as stop:
        if stop.code != 1:
            raise
    return json.loads(capsys.readouterr().out)


def numbers(value, path=""):
    """Every number of the facts: its place, and how to reach it."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from numbers(item, f"{path}/{key}")
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from numbers(item, f"{path}/{i}")
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield path, value


def put(facts, path, value):
    *way, last = path.strip("/").split("/")
    for step in way:
        facts = facts[int(step)] if isinstance(facts, list) else facts[step]
    facts[int(last) if isinstance(facts, list) else last] = value


def changed_digits(number):
    """The number with its last digit changed, one up and one down."""
    step = 1 if isinstance(number, int) else 1e-6
    return [number + step, number - step]


def keep(report, facts):
    """As somebody would who can write to the database: facts and hash agree again."""
    digest = canonical.sha256_of(canonical.from_json(facts))
    MonthlyReport.objects.filter(pk=report.pk).update(facts=facts, facts_sha256=digest)
    return digest


def named(answer):
    return [failure["why"] for failure in answer["failed"]]


def test_every_figure_is_counted_again_and_none_is_without_a_source(walked, capsys):
    report = MonthlyReport.objects.get()
    figures = [
        place
        for place, _ in numbers(report.facts)
        if "/source/" not in place and "format" not in place
    ]
    answer = verify(capsys, "--report", report.facts_sha256)
    assert (answer["failed"], answer["purged"], answer["moved"]) == ([], [], [])
    # A figure that is left out of the facts while it is 0 is counted too.
    assert answer["checked"]["report_figures"] >= len(figures) > 80


@pytest.mark.parametrize("part", range(PARTS))
def test_one_changed_digit_of_any_figure_is_named(walked, capsys, part):
    report = MonthlyReport.objects.get()
    facts = json.loads(json.dumps(report.facts))
    # Several at once, for each is named by itself.
    changed = list(numbers(report.facts))[part::PARTS]
    for i, (place, number) in enumerate(changed):
        put(facts, place, changed_digits(number)[i % 2])
    answer = verify(capsys, "--report", keep(report, facts))
    for place, _ in changed:
        assert any(why.startswith(f"{place} ") for why in named(answer)), (place, named(answer))
    assert answer["moved"] == []


def test_a_changed_digit_in_the_words_of_a_finding_is_named(walked, capsys):
    report = MonthlyReport.objects.get()
    cause = report.facts["models"][0]["findings"]["causes"][0]
    cause["evidence"] = cause["evidence"].replace("1", "7")
    answer = verify(capsys, "--report", keep(report, report.facts))
    assert "/models/0/findings/causes/0/evidence is" in named(answer)[0]


def test_a_source_that_names_anothers_rows_is_no_source(walked, capsys):
    report = MonthlyReport.objects.get()
    report.facts["models"][0]["golden"]["source"]["of"] = "eval_run 999999"
    answer = verify(capsys, "--report", keep(report, report.facts))
    assert named(answer) == [
        "/models/0/golden: scored_rows of 'eval_run 999999' is nothing of acme"
    ]


def test_a_figure_whose_source_was_taken_out_is_named(walked, capsys):
    report = MonthlyReport.objects.get()
    del report.facts["models"][0]["audit"]["source"]
    answer = verify(capsys, "--report", keep(report, report.facts))
    assert "/models/0/audit/estimate names no source" in named(answer)


def test_a_form_of_before_sources_is_no_way_around_them(walked, capsys):
    report = MonthlyReport.objects.get()
    report.facts["format"] = 1
    answer = verify(capsys, "--report", keep(report, report.facts))
    assert named(answer) == ["/format is 1, but its figures name sources"]


def test_an_answer_that_was_turned_right_is_seen_in_the_report_too(walked, capsys):
    row = EvalRow.objects.filter(run__kind="audit", correct=False).first()
    EvalRow.objects.filter(pk=row.pk).update(prediction=row.label, correct=True)
    answer = verify(capsys, "--report", MonthlyReport.objects.get().facts_sha256)
    assert any(why.startswith("/models/0/audit/estimate is") for why in named(answer))


def test_a_late_label_changes_no_report_of_before(walked, capsys):
    log = walked.logs.filter(label_source="review").first()
    at = AFTER + timedelta(days=3)
    PredictionLog.objects.filter(pk=log.pk).update(label_source="override", labelled_at=at)
    touch_days(model=walked, days=[log.timestamp.date()], at=at, labels=True)
    first = MonthlyReport.objects.get()
    answer = verify(capsys, "--report", first.facts_sha256)
    assert named(answer) == []
    assert {each["why"].split(" ")[0] for each in answer["moved"]} == {"/models/0/service/reviewed"}
    services.freeze(client=walked.client, month=first.month, at=at + timedelta(days=1))
    assert verify(capsys)["failed"] == []


def test_a_person_who_was_cut_out_of_a_finding_is_purged_and_no_failure(walked, capsys):
    diagnosis = walked.cycles.get().diagnosis
    cause = diagnosis.findings["causes"][0]
    cause["evidence"] = f"[erased] {cause['evidence'][9:]}"
    diagnosis.save()
    answer = verify(capsys, "--report", MonthlyReport.objects.get().facts_sha256)
    assert named(answer) == []
    (gone,) = [each["id"] for each in answer["purged"]]
    assert gone.endswith("a person's data was cut out of it")


def test_rows_of_a_person_that_were_erased_are_told_as_changed_since(walked, capsys):
    log = walked.logs.filter(label_source="review").first()
    day = log.timestamp.date()
    log.delete()
    touch_days(model=walked, days=[day], at=AFTER, labels=True)
    answer = verify(capsys, "--report", MonthlyReport.objects.get().facts_sha256)
    assert named(answer) == []
    said = {each["why"].split(" ")[0] for each in answer["moved"]}
    assert {"/models/0/service/rows", "/models/0/service/reviewed"} <= said


def test_rows_past_their_retention_are_purged_and_their_counts_still_hold(walked, capsys):
    from retraining.services.retention import purge_old_rows

    walked.client.keep_rows_days = 30
    walked.client.save()
    purge_old_rows(now=APRIL + timedelta(days=60))
    report = MonthlyReport.objects.get()
    answer = verify(capsys, "--report", report.facts_sha256)
    assert named(answer) == []
    (gone,) = [each["id"] for each in answer["purged"]]
    assert gone.endswith("the rows of 30 days, of which the daily counts are kept")
    report.facts["models"][0]["service"]["rows"] += 1
    answer = verify(capsys, "--report", keep(report, report.facts))
    assert any("/models/0/service/rows is" in why for why in named(answer))


def test_a_hash_that_no_report_prints_is_bad_usage(walked, capsys):
    for unknown in ("0" * 64, MonthlyReport.objects.get().facts_sha256[:8]):
        with pytest.raises(SystemExit) as stopped:
            call_command("verify", report=unknown)
        assert stopped.value.code == 2
