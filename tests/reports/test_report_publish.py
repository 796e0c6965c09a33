"""From facts to a report: which revision it is, its bytes, and the command's answers."""

import json
from datetime import timedelta

import pytest
from django.core.management import call_command

from agency.base.errors import Corrupt
from agency.base.files import fetch, sha256_of
from clients.log_days import touch_days
from reports import pdf, services, tasks
from reports.models import MonthlyReport
from tests.reports.report_world import AFTER, MARCH, checked, deployed


def test_the_same_facts_are_the_same_revision_and_new_ones_a_new_one(world, no_pages):
    model, version, _ = world
    checked(model, version)
    first = services.publish(client=model.client, month=MARCH, at=AFTER)
    again = services.publish(client=model.client, month=MARCH, at=AFTER + timedelta(days=9))
    assert (again.pk, again.revision) == (first.pk, 1)
    assert [t.to_state for t in first.transitions.all()] == ["rendered"]
    log = model.logs.filter(label="").first()
    log.label, log.label_source = "login", "review"
    log.save()
    touch_days(model=model, days=[log.timestamp.date()], at=AFTER, labels=True)
    late = services.publish(client=model.client, month=MARCH, at=AFTER + timedelta(days=30))
    assert late.revision == 2
    edition = services.facts_of(late).edition
    assert edition.dated == "2025-05-02"
    assert [(c.what, c.before, c.after) for c in edition.changes] == [("labels", "3", "4")]
    first.refresh_from_db()
    assert services.facts_of(first).models[0].service.reviewed == 3


def test_facts_that_were_tampered_with_are_not_rendered(world, no_pages):
    model, version, _ = world
    checked(model, version)
    report = services.freeze(client=model.client, month=MARCH, at=AFTER)
    report.facts["client"]["name"] = "Somebody else"
    report.save()
    report.refresh_from_db()
    with pytest.raises(Corrupt, match="no longer match"):
        services.render(report)


def test_a_report_that_cannot_be_rendered_fails_and_can_be_tried_again(world, monkeypatch):
    model, version, _ = world
    checked(model, version)

    def broken(html):
        raise pdf.PdfError("out of memory")

    monkeypatch.setattr(services, "to_pdf", broken)
    with pytest.raises(services.NotRendered, match="out of memory"):
        services.publish(client=model.client, month=MARCH, at=AFTER)
    report = MonthlyReport.objects.get()
    assert report.state == "failed"
    monkeypatch.setattr(services, "to_pdf", lambda html: pdf.Pdf(b"%PDF", 2))
    assert services.render(report).state == "rendered"
    assert fetch(report.pdf_sha256, suffix=".pdf") == b"%PDF"


def test_the_task_publishes_the_month(world, no_pages):
    model, version, _ = world
    checked(model, version)
    tasks.publish(model.client.pk, "2025-03")
    assert MonthlyReport.objects.get().state == "rendered"


def test_the_command_writes_pdf_html_and_facts(world, tmp_path, capsys):
    model, version, golden = world
    deployed(model, version, golden)
    call_command("report", "harbour", month="2025-03", out=str(tmp_path / "new"), json=True)
    said = json.loads(capsys.readouterr().out)
    assert (said["revision"], said["provisional"]) == (1, False)
    facts = (tmp_path / "new" / "harbour-2025-03.facts.json").read_bytes()
    assert sha256_of(facts) == said["sha256"]
    assert (tmp_path / "new" / "harbour-2025-03.pdf").read_bytes().startswith(b"%PDF")
    html = (tmp_path / "new" / "harbour-2025-03.html").read_text()
    assert "approved by anna" in html
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [
        "harbour-2025-03.facts.json",
        "harbour-2025-03.html",
        "harbour-2025-03.pdf",
    ]


@pytest.mark.parametrize(
    ("client", "month", "out", "says"),
    [
        ("nobody", "2025-03", "here", "no client 'nobody'"),
        ("harbour", "March", "here", "not a month: 'March' (YYYY-MM)"),
        ("harbour", "2099-01", "here", "the month 2099-01 has not begun for harbour"),
        ("harbour", "2025-03", "file/under", "cannot write to"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(world, tmp_path, capsys, client, month, out, says):
    (tmp_path / "file").write_text("")
    with pytest.raises(SystemExit) as stopped:
        call_command("report", client, month=month, out=str(tmp_path / out))
    assert stopped.value.code == 2
    complaint = capsys.readouterr().err.strip().splitlines()
    assert says in complaint[-1]
    assert not MonthlyReport.objects.exists()
