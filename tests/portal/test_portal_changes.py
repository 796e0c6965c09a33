"""What people change in the portal: announcements, corrections, who is written to."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry

from agency.base import clock
from agency.base.errors import Conflict
from clients.models import AlertSubscription, KnownEvent, LogDay, PredictionLog
from reports.portal import corrections
from tests.browser.helpers import make_member

SALE = {"kind": "campaign", "title": "Winter sale", "model": "", "first": "2031-01-10"} | {
    "begins": "", "last": "2031-01-12", "ends": "",
}  # fmt: skip


def announce(browser, **more):
    return browser.post("/portal/harbour/calendar/new/", SALE | more)


def test_an_announcement_covers_whole_days_of_the_clients_own_clock(harbour, visitor):
    assert announce(visitor()).status_code == 302

    event = KnownEvent.objects.get(title="Winter sale")
    assert (event.client, event.model, event.declared_by) == (harbour.client, None, "mia")
    assert event.starts_at == datetime(2031, 1, 9, 23, tzinfo=UTC)
    assert event.ends_at == datetime(2031, 1, 12, 23, tzinfo=UTC)
    assert event.history.get().history_user.username == "mia"
    assert LogEntry.objects.get().change_message == "Portal: announced"


def test_an_announcement_may_name_times_and_a_model(harbour, visitor):
    announce(visitor(), model=harbour.model.slug, begins="09:00", ends="17:30")

    event = KnownEvent.objects.get(title="Winter sale")
    assert event.model == harbour.model
    assert event.starts_at == datetime(2031, 1, 10, 8, tzinfo=UTC)
    assert event.ends_at == datetime(2031, 1, 12, 16, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"last": "2031-01-09"}, "after the beginning"),
        ({"last": "2033-01-09"}, "more than a year"),
        ({"title": ""}, "required"),
        ({"model": "no-such"}, "valid choice"),
        ({"first": "soon"}, "valid date"),
    ],
)
def test_what_cannot_be_is_told_and_not_stored(harbour, visitor, given, says):
    answer = announce(visitor(), **given)
    assert says in answer.content.decode()
    assert not KnownEvent.objects.filter(title="Winter sale").exists()


def test_another_clients_model_cannot_be_named(harbour, rival, visitor):
    answer = announce(visitor(), model=rival.model.slug)
    assert answer.status_code == 200 and KnownEvent.objects.count() == 2


def test_one_changes_and_withdraws_ones_own_until_it_begins(harbour, visitor):
    browser = visitor()
    page = browser.get(f"/portal/harbour/calendar/{harbour.event.pk}/")
    assert "Sale of harbour" in page.content.decode()
    browser.post(f"/portal/harbour/calendar/{harbour.event.pk}/", SALE | {"title": "Later sale"})
    harbour.event.refresh_from_db()
    assert harbour.event.title == "Later sale"

    assert browser.post(f"/portal/harbour/calendar/{harbour.event.pk}/withdraw").status_code == 302
    assert not KnownEvent.objects.exists()
    assert KnownEvent.history.latest("history_id").history_type == "-"


@pytest.mark.parametrize("change", [{"declared_by": "anna"}, {"begun": True}])
def test_what_is_anothers_or_has_begun_stays(harbour, visitor, change):
    if change.pop("begun", False):
        change = {"starts_at": clock.now() - timedelta(minutes=1)}
    KnownEvent.objects.update(**change)
    browser = visitor()
    for path, ask in (("", browser.get), ("", browser.post), ("withdraw", browser.post)):
        assert ask(f"/portal/harbour/calendar/{harbour.event.pk}/{path}").status_code == 404
    assert KnownEvent.objects.filter(title="Sale of harbour").exists()


def correct(browser, world, **given):
    where = f"/portal/harbour/corrections/{world.model.slug}/{world.row.pk}/"
    return browser.post(where, {"label": "", "other": ""} | given)


@pytest.mark.parametrize("given", [{"label": "billing"}, {"other": "refund"}])
def test_a_correction_is_a_label_with_the_source_override(harbour, visitor, given):
    days = dict(LogDay.objects.values_list("day", "changes"))
    assert correct(visitor("reviewer"), harbour, **given).status_code == 302

    row = PredictionLog.objects.get(pk=harbour.row.pk)
    assert (row.label, row.label_source) == (*given.values(), "override")
    day = row.timestamp.date()
    assert LogDay.objects.get(day=day).changes == days[day] + 1
    assert "is the right answer" in LogEntry.objects.get().change_message


@pytest.mark.parametrize("given", [{}, {"label": "billing", "other": "refund"}, {"label": "x"}])
def test_a_correction_is_one_answer(harbour, visitor, given):
    assert correct(visitor(), harbour, **given).status_code == 200
    assert not PredictionLog.objects.exclude(label="").exists()


def test_what_a_person_has_said_already_stays(harbour, visitor):
    PredictionLog.objects.update(label="login", label_source="review")
    browser = visitor()
    where = f"/portal/harbour/corrections/{harbour.model.slug}/{harbour.row.pk}/"
    assert "it stays" in browser.get(where).content.decode()
    assert "it stays" in correct(browser, harbour, label="billing").content.decode()
    assert set(PredictionLog.objects.values_list("label", flat=True)) == {"login"}


def test_who_is_slower_is_told_so(harbour, visitor, monkeypatch):
    def meanwhile(*, model, labels, at):
        raise Conflict("the row has another label already")

    monkeypatch.setattr(corrections, "attach_labels", meanwhile)
    answer = correct(visitor(), harbour, label="billing")
    assert "corrected otherwise in the meantime" in answer.content.decode()


def test_answers_are_found_by_the_beginning_of_their_id(harbour, visitor):
    browser = visitor()
    every = browser.get(f"/portal/harbour/corrections/{harbour.model.slug}/").content.decode()
    assert every.count("<code>harbour-") == 3
    one = browser.get(f"/portal/harbour/corrections/{harbour.model.slug}/?row=harbour-1")
    assert one.content.decode().count("<code>harbour-") == 1
    none = browser.get(f"/portal/harbour/corrections/{harbour.model.slug}/?row=%00x&page=soon")
    assert "No answer is found" in none.content.decode()


def subscribe(browser, **given):
    return browser.post("/portal/harbour/alerts/subscription", given, follow=True)


def test_a_person_subscribes_for_themselves_changes_and_ends_it(harbour, visitor):
    browser = visitor("viewer")
    subscribe(browser, severity_from="act")
    own = AlertSubscription.objects.get()
    assert (own.client, own.user.username, own.severity_from) == (harbour.client, "mia", "act")
    subscribe(browser, severity_from="watch")
    assert AlertSubscription.objects.get().severity_from == "watch"
    subscribe(browser, stop="1")
    assert not AlertSubscription.objects.exists()


def test_our_own_faults_cannot_be_subscribed_to(harbour, visitor):
    subscribe(visitor(), severity_from="fault")
    assert not AlertSubscription.objects.exists()


def test_who_has_no_address_is_told_so(harbour, client):
    mia = make_member(harbour.client)
    mia.user.email = ""
    mia.user.save()
    client.force_login(mia.user)
    answer = subscribe(client, severity_from="act")
    assert "no mail address" in answer.content.decode()
    assert not AlertSubscription.objects.exists()
