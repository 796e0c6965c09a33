"""A report goes out once it was read, once to each reader, and never a second time in silence."""

from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from django.urls import reverse

from agency.base import clock, outbound
from agency.base.errors import Conflict
from agency.base.files import store
from agency.base.jobs import advance, claim
from clients.models import AgencySettings
from reports import sending
from reports.models import Delivery, MonthlyReport
from tests import factories as make
from tests.mail_server import (
    DIE_BEFORE_ANSWER,
    DIE_BEFORE_MAIL,
    REFUSE_MAIL,
    REFUSE_READER,
    mail_server,
)


@pytest.fixture
def server(settings):
    with mail_server(settings) as told:
        yield told


@pytest.fixture
def report(db):
    client = make.ClientFactory(slug="harbour", name="Harbour Bank")
    client.contacts.create(name="Ada", email="ada@harbour.invalid")
    client.contacts.create(name="Bob", email="bob@harbour.invalid", receives_reports=False)
    return make.MonthlyReportFactory(
        client=client,
        html_sha256=store(b"<h1>March</h1>", suffix=".html"),
        pdf_sha256=store(b"%PDF-1.7 march", suffix=".pdf"),
        created_at=clock.now(),
    )


@pytest.fixture
def delivery(report):
    (found,) = sending.mark_read(report=report, by="lee", at=clock.now())
    return found


def revise(report, **fields):
    values = {"client": report.client, "month": report.month, "revision": report.revision + 1}
    return make.MonthlyReportFactory(**values, **fields)


def token_in(mail):
    text = message_from_bytes(mail, policy=policy.default).get_body(["plain"]).get_content()
    return text.split("/r/")[1].split("/")[0]


def test_reading_a_report_makes_one_delivery_for_each_who_receives_reports(report, delivery):
    assert (delivery.email, delivery.state) == ("ada@harbour.invalid", "due")
    assert Delivery.objects.count() == 1
    report.refresh_from_db()
    assert report.read_by == "lee"


def test_a_report_is_read_once(report, delivery):
    with pytest.raises(Conflict, match="lee has read"):
        sending.mark_read(report=report, by="kim", at=clock.now())


def test_a_report_without_pages_or_with_a_later_revision_goes_nowhere(report):
    revise(report)
    with pytest.raises(Conflict, match="later revision"):
        sending.mark_read(report=report, by="lee", at=clock.now())
    report.state = "frozen"
    with pytest.raises(Conflict, match="no pages"):
        sending.mark_read(report=report, by="lee", at=clock.now())
    assert not Delivery.objects.exists()


def test_a_mail_carries_the_pdf_and_a_link_to_the_report(server, delivery, client):
    sent = sending.deliver(delivery_id=delivery.pk)
    assert (sent.state, len(server.taken)) == ("sent", 1)
    mail = message_from_bytes(server.taken[0], policy=policy.default)
    assert mail["To"] == "Ada <ada@harbour.invalid>"
    assert AgencySettings.current().sender in mail["From"]
    (pdf,) = mail.iter_attachments()
    assert (pdf.get_filename(), pdf.get_content()) == ("harbour-2025-03-r1.pdf", b"%PDF-1.7 march")
    answer = client.get(f"/r/{token_in(server.taken[0])}/")
    assert answer.content == b"<h1>March</h1>"
    assert answer["Content-Security-Policy"].startswith("sandbox")
    assert "no-store" in answer["Cache-Control"]
    sent.refresh_from_db()
    assert sent.opened_at is not None


def test_a_mail_is_written_in_the_client_s_language(server, report):
    report.client.language = "de"
    report.client.save()
    (delivery,) = sending.mark_read(report=report, by="lee", at=clock.now())
    sending.deliver(delivery_id=delivery.pk)
    mail = message_from_bytes(server.taken[0], policy=policy.default)
    assert mail["Subject"] == "Harbour Bank: Modellbericht März 2025"


def test_a_mail_that_went_out_does_not_go_out_again(server, delivery):
    sending.deliver(delivery_id=delivery.pk)
    assert sending.deliver(delivery_id=delivery.pk) is None
    assert sending.deliver(delivery_id=delivery.pk, by="lee", again=True) is None
    assert len(server.taken) == 1


def test_a_name_can_not_add_a_reader(server, report):
    contact = report.client.contacts.get(name="Ada")
    contact.name = "Ada\r\nBcc: all@example.org"
    contact.save()
    (delivery,) = sending.mark_read(report=report, by="lee", at=clock.now())
    assert sending.deliver(delivery_id=delivery.pk).state == "sent"
    assert message_from_bytes(server.taken[0], policy=policy.default)["Bcc"] is None


@pytest.mark.parametrize("behaviour", [REFUSE_READER, REFUSE_MAIL])
def test_what_the_server_refuses_has_failed_and_is_tried_again_after_a_pause(
    server, delivery, behaviour
):
    server.behaviour = behaviour
    failed = sending.deliver(delivery_id=delivery.pk)
    assert failed.state == "failed" and "refused" in failed.error
    now = clock.now()
    assert sending.sweep(at=now) == []
    assert sending.sweep(at=now + outbound.PAUSES[0] + timedelta(seconds=1)) == [delivery.pk]
    server.behaviour = ""
    assert sending.deliver(delivery_id=delivery.pk).state == "sent"
    assert len(server.taken) == 1


def test_a_server_that_can_not_be_reached_has_not_taken_it(settings, delivery):
    with mail_server(settings):
        pass
    assert sending.deliver(delivery_id=delivery.pk).state == "failed"


def test_after_as_many_attempts_as_there_are_pauses_a_person_decides(server, delivery):
    server.behaviour = REFUSE_MAIL
    for _ in range(len(outbound.PAUSES) + 1):
        sending.deliver(delivery_id=delivery.pk)
    assert sending.sweep(at=clock.now() + timedelta(days=30)) == []


@pytest.mark.parametrize("behaviour", [DIE_BEFORE_ANSWER, DIE_BEFORE_MAIL])
def test_a_server_that_dies_half_way_leads_to_unknown_and_to_no_second_mail(
    server, delivery, behaviour
):
    server.behaviour = behaviour
    lost = sending.deliver(delivery_id=delivery.pk)
    assert lost.state == "unknown"
    assert sending.sweep(at=clock.now() + timedelta(days=30)) == []
    assert sending.deliver(delivery_id=delivery.pk) is None
    taken = len(server.taken)
    server.behaviour = ""
    again = sending.deliver(delivery_id=delivery.pk, by="lee", reason="asked them", again=True)
    assert (again.state, len(server.taken)) == ("sent", taken + 1)


def test_our_own_process_that_dies_half_way_leads_to_unknown_too(delivery):
    job = claim(Delivery, delivery.pk, at=clock.now(), lease=outbound.LEASE, states={"due"})
    advance(job, to="sending", by="mail", at=clock.now())
    assert sending.sweep(at=clock.now()) == []  # it may still be at it
    sending.sweep(at=clock.now() + outbound.LEASE + timedelta(seconds=1))
    delivery.refresh_from_db()
    assert delivery.state == "unknown"


def test_a_sender_that_was_given_up_can_not_say_that_it_was_sent(delivery):
    def slow(job):
        outbound.lost(Delivery, at=clock.now() + outbound.LEASE + timedelta(seconds=1), by="mail")

    with pytest.raises(Conflict):
        outbound.attempt(Delivery, delivery.pk, by="mail", send=slow)
    delivery.refresh_from_db()
    assert delivery.state == "unknown"


def test_following_the_link_of_a_mail_that_may_have_gone_out_proves_that_it_did(
    server, delivery, client
):
    server.behaviour = DIE_BEFORE_ANSWER
    sending.deliver(delivery_id=delivery.pk)
    assert client.get(f"/r/{token_in(server.taken[0])}/").status_code == 200
    delivery.refresh_from_db()
    assert delivery.state == "sent" and delivery.sent_at is not None


def test_a_link_dies_with_its_quarter_and_with_the_next_mail(server, delivery, client):
    server.behaviour = DIE_BEFORE_ANSWER
    sending.deliver(delivery_id=delivery.pk)
    first = token_in(server.taken[0])
    server.behaviour = ""
    sending.deliver(delivery_id=delivery.pk, by="lee", again=True)
    assert client.get(f"/r/{first}/").status_code == 404
    second = token_in(server.taken[1])
    assert client.get(f"/r/{second}/").status_code == 200
    Delivery.objects.update(created_at=clock.now() - sending.LINK_LASTS - timedelta(days=1))
    assert client.get(f"/r/{second}/").status_code == 404
    assert client.get("/r/nothing/").status_code == 404


def test_a_client_who_wants_it_so_gets_reports_without_a_reader(report):
    report.client.auto_approve_reports = True
    sending.read_by_setting(report=report, at=clock.now())
    assert Delivery.objects.get().report == report
    report.refresh_from_db()
    assert report.read_by == sending.SETTING


def test_without_the_setting_a_report_waits_for_a_person(report):
    sending.read_by_setting(report=report, at=clock.now())
    assert list(sending.to_read()) == [report]


def test_labels_that_trickle_in_make_no_mail_a_day(report):
    report.client.auto_approve_reports = True
    sending.read_by_setting(report=report, at=clock.now())
    second = revise(report, provisional=True)
    sending.read_by_setting(report=second, at=clock.now())
    assert list(sending.to_read()) == [second]
    third = revise(second)
    sending.read_by_setting(report=third, at=clock.now())
    assert MonthlyReport.objects.exclude(read_by="").count() == 2


def test_a_contact_who_came_later_gets_it_when_somebody_says_so(report, delivery):
    with pytest.raises(Conflict, match="every contact"):
        sending.send_to_new(report=report, at=clock.now())
    report.client.contacts.create(name="Cem", email="cem@harbour.invalid")
    (new,) = sending.send_to_new(report=report, at=clock.now())
    assert new.email == "cem@harbour.invalid"


def test_staff_read_it_and_send_it_from_its_page(admin_client, report):
    page = reverse("admin:reports_monthlyreport_change", args=[report.pk])
    assert b"Read: send it" in admin_client.get(page).content
    action = page.replace("change/", "read-and-send/")
    asked = admin_client.get(action)
    assert b"ada@harbour.invalid" in asked.content and b"bob@" not in asked.content
    assert not Delivery.objects.exists()
    admin_client.post(action, {"confirmed": "yes"})
    assert Delivery.objects.get().email == "ada@harbour.invalid"


def test_staff_settle_what_may_have_gone_out(admin_client, delivery, server):
    server.behaviour = DIE_BEFORE_ANSWER
    sending.deliver(delivery_id=delivery.pk)
    page = reverse("admin:reports_delivery_change", args=[delivery.pk])
    shown = admin_client.get(page).content
    assert b"It arrived" in shown and b"Send again" in shown
    form = {"confirmed": "yes", "reason": "Ada has it."}
    admin_client.post(page.replace("change/", "it-arrived/"), form)
    delivery.refresh_from_db()
    last = delivery.transitions.last()
    assert (delivery.state, last.by, last.reason) == ("sent", "admin", "Ada has it.")


def test_who_may_not_send_sees_no_button_and_sends_nothing(client, report):
    from django.contrib.auth.models import Permission

    user = make.UserFactory(username="reader", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_monthlyreport"))
    client.force_login(user)
    page = reverse("admin:reports_monthlyreport_change", args=[report.pk])
    assert b"Read: send it" not in client.get(page).content
    answer = client.post(page.replace("change/", "read-and-send/"), {"confirmed": "yes"})
    assert answer.status_code in (302, 403)
    assert not Delivery.objects.exists()
