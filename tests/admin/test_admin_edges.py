"""What staff may edit leaves a trace; files and client text do no harm; keys are shown once."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from clients.models import AgencySettings, KnownEvent, MaintainedModel, PredictionLog, Tier
from retraining.models import PolicyOverride, Proposal

ATTACK = "<script>alert(1)</script>"


def told(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


def test_client_text_comes_out_escaped(client, staff, world):
    Proposal.objects.update(input={"text": ATTACK}, label=ATTACK, why=ATTACK)
    PredictionLog.objects.update(input={"text": ATTACK}, prediction=ATTACK, row_id=ATTACK)
    world.model.alerts.update(message=ATTACK)
    world.model.name = ATTACK
    world.model.save()
    world.client.name = ATTACK
    world.client.save()
    type(world.diagnosis).objects.update(
        findings={"causes": [{"cause": ATTACK, "evidence": ATTACK, "since": ATTACK}]}
    )
    type(world.report).objects.update(facts={ATTACK: ATTACK})
    pages = [reverse("admin:index"), reverse("admin:retraining_proposal_changelist")]
    for row in (world.proposals[0], world.log, world.model, world.client, world.cycle):
        pages.append(_page(row))
    pages += [_page(world.diagnosis), _page(world.report)]
    for page in pages:
        text = client.get(page).content.decode()
        assert ATTACK not in text, page
        assert "&lt;script&gt;alert(1)" in text, page


def _page(row):
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    return reverse(name, args=[row.pk])


def test_rows_of_fields_are_readable(client, staff, world):
    Proposal.objects.update(input={"temp_c": 21.5, "season": None, "holiday": "yes"})
    text = client.get(_page(world.proposals[0])).content.decode()
    assert "<b>temp_c</b> 21.5" in text and "<b>season</b> -" in text


@pytest.mark.parametrize(
    ("kind", "content", "media", "policy"),
    [
        ("pdf", b"%PDF-1.7 march", "application/pdf", "frame-ancestors 'none'"),
        ("html", b"<h1>March</h1>", "text/html; charset=utf-8", "sandbox; default-src 'none'"),
    ],
)
def test_a_report_opens_as_a_document_that_runs_nothing(
    client, staff, world, kind, content, media, policy
):
    answer = client.get(reverse("admin:reports_monthlyreport_file", args=[world.report.pk, kind]))
    assert answer.content == content
    assert answer["Content-Type"] == media
    assert answer["Content-Security-Policy"].startswith(policy)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "acme-2025-03-r1" in answer["Content-Disposition"]


def test_only_a_reports_own_files_can_be_opened(client, staff, world):
    for pk, kind in ((world.report.pk, "facts"), (0, "pdf")):
        page = reverse("admin:reports_monthlyreport_file", args=[pk, kind])
        assert client.get(page).status_code == 404


def test_a_report_whose_bytes_changed_is_not_shown(client, staff, world):
    type(world.report).objects.update(pdf_sha256="f" * 64)
    answer = client.get(reverse("admin:reports_monthlyreport_file", args=[world.report.pk, "pdf"]))
    assert answer.status_code == 302
    assert "missing" in told(answer)[0]


def test_of_a_model_only_name_and_tier_can_be_edited(client, staff, world):
    premium, _ = Tier.objects.get_or_create(
        slug="premium",
        defaults={"name": "P", "price_low": 1, "price_high": 2, "check_every_days": 7}
        | {"staff_minutes_budget": 1},
    )
    answer = client.post(
        _page(world.model), {"name": "Inbox", "tier": premium.pk, "slug": "x", "task": "tabular"}
    )
    assert answer.status_code == 302
    model = MaintainedModel.objects.get(pk=world.model.pk)
    assert (model.name, model.tier, model.slug, model.task) == ("Inbox", premium, "tickets", "text")
    assert model.history.first().history_user == staff
    assert client.post(reverse("admin:clients_maintainedmodel_add"), {}).status_code == 403


def test_an_edit_stands_in_the_history(client, staff, world):
    override = PolicyOverride.objects.get()
    form = {"model": world.model.pk, "name": "watch_drop", "value": "0.05", "reason": "Agreed."}
    assert client.post(_page(override), form).status_code == 302
    override.refresh_from_db()
    assert (override.value, override.by) == (0.05, "dana")
    page = reverse("admin:retraining_policyoverride_history", args=[override.pk])
    assert "dana" in client.get(page).content.decode()


@pytest.mark.parametrize("value", ['"a lot"', "-1", "{"])
def test_an_override_that_is_no_threshold_is_refused(client, staff, world, value):
    override = PolicyOverride.objects.get()
    form = {"model": world.model.pk, "name": "watch_drop", "value": value, "reason": "Agreed."}
    assert client.post(_page(override), form).status_code == 200
    override.refresh_from_db()
    assert override.value == 0.02


def test_an_event_names_who_declared_it(client, staff, world):
    form = {"client": world.client.pk, "kind": "release", "title": "App 2"} | {
        f"{side}_{part}": value
        for side, day in (("starts_at", "2025-04-01"), ("ends_at", "2025-04-02"))
        for part, value in (("0", day), ("1", "00:00:00"))
    }
    assert client.post(reverse("admin:clients_knownevent_add"), form).status_code == 302
    assert KnownEvent.objects.get(title="App 2").declared_by == "dana"


def test_the_agency_stays_one_row(client, staff, world):
    assert client.get(reverse("admin:clients_agencysettings_add")).status_code == 403
    AgencySettings.objects.all().delete()
    assert client.get(reverse("admin:clients_agencysettings_add")).status_code == 200


def test_making_a_report_asks_for_a_month(client, staff, world, monkeypatch):
    from reports import services

    asked = []
    monkeypatch.setattr(services, "publish", lambda **k: asked.append(k) or world.report)
    page = reverse("admin:clients_client_publish_report", args=[world.client.pk])
    assert "not a month" in client.post(page, {"confirmed": "yes", "month": "May"}).content.decode()
    assert asked == []
    client.post(page, {"confirmed": "yes", "month": "2025-03"})
    assert (asked[0]["client"], f"{asked[0]['month']:%Y-%m-%d}") == (world.client, "2025-03-01")
