"""The first page: who needs somebody today, in which order, and where the work is done."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agency.base import clock
from agency.cockpit.risk import KINDS
from agency.cockpit.today import CLIENTS_A_PAGE, by_client, today
from agency.cockpit.world import read_world
from clients.models import Alert, Client, Membership
from reports.models import MonthlyReport
from retraining.models import AppliedRepair, Cycle, Proposal, Rollout, State
from tests.admin.cockpit_world import everything, in_state, live_model
from tests.factories import (
    AlertFactory,
    ClientFactory,
    CycleFactory,
    ModelVersionFactory,
    MonthlyReportFactory,
    UserFactory,
)

INDEX = "admin:index"


def items(**filters):
    found = today(read_world(), at=clock.now())
    return [i for i in found if all(getattr(i, name) == v for name, v in filters.items())]


def text(client, **query):
    return client.get(reverse(INDEX), query).content.decode()


def test_every_kind_of_work_shows_and_leads_to_where_it_is_done(client, staff):
    everything()
    found = items()
    assert sorted(item.kind for item in found) == sorted(KINDS)
    shown = text(client)
    for item in found:
        assert item.url.replace("&", "&amp;") in shown
        assert client.get(item.url).status_code == 200, item.kind


def test_a_sentence_says_what_to_do_and_with_how_much(staff, db):
    everything()
    said = {item.kind: item.sentence for item in items()}
    assert said["approval"] == "approve or refuse v1.1 in place of v1.0"
    assert said["curation"] == "label 3 rows"
    assert said["undecided"] == "label 40 rows, or decide"
    assert said["report"] == "read the report of October 2026 before it goes out"
    assert "may not have arrived" in said["delivery"] and "was not sent" in said["notice"]


def test_rows_to_label_take_longer_and_are_counted(db):
    everything()
    (curation,) = items(kind="curation")
    (undecided,) = items(kind="undecided")
    assert (curation.rows, undecided.rows) == (3, 40)
    assert undecided.minutes == KINDS["undecided"].minutes + 40 * KINDS["undecided"].a_row


def test_asked_rows_in_the_queue_count_as_those_that_are_left(db):
    made = everything().cycles[State.UNDECIDED]
    Proposal.objects.create(
        model=made.model, cycle=made.cycle, row_id="asked-1", source="targeted", input={}, label=""
    )
    assert items(kind="undecided")[0].rows == 1


def test_a_snoozed_alert_comes_back_when_its_time_is_up(db):
    made = everything()
    soon, past = clock.now() + timedelta(hours=1), clock.now() - timedelta(minutes=1)
    Alert.objects.filter(pk=made.alerts["act"].pk).update(snoozed_until=soon)
    assert items(kind="alert") == []
    Alert.objects.filter(pk=made.alerts["act"].pk).update(snoozed_until=past)
    assert len(items(kind="alert")) == 1


def test_an_acknowledged_alert_is_marked_and_presses_less(client, staff):
    made = everything()
    (before,) = items(kind="fault")
    Alert.objects.filter(pk=made.alerts["fault"].pk).update(
        acknowledged_by="lee", acknowledged_at=clock.now()
    )
    (after,) = items(kind="fault")
    assert after.risk < before.risk / 2
    assert "seen by lee" in text(client)


def test_alerts_of_one_severity_are_one_line_with_their_number(db):
    made = everything()
    AlertFactory(model=made.calm.model, severity="act", message="And this.", opened_at=clock.now())
    (item,) = items(kind="alert")
    assert item.because == "And 1 more of this severity."
    assert "severity__exact=act" in item.url


def test_a_cycle_tells_its_own_alerts_and_no_alert_is_told_twice(client, staff):
    made = everything()
    approval = made.cycles[State.PENDING_APPROVAL]
    AlertFactory(
        model=approval.model, key=f"gate:{approval.cycle.pk}:promote", message="Better by a mile."
    )
    AlertFactory(model=approval.model, key="signal:psi", severity="watch", message="PSI moved.")
    AlertFactory(model=approval.model, key="silent", severity="watch", message="No rows came.")
    (item,) = items(kind="approval")
    assert item.because == "Better by a mile. And 1 more alert."
    assert [i.sentence for i in items() if "PSI" in i.sentence] == []
    assert [i.sentence for i in items() if "No rows came" in i.sentence] != []


@pytest.mark.parametrize("state", [State.UPSTREAM, State.NEEDS_LABELS, State.FAILED])
def test_what_a_later_check_has_looked_at_again_waits_no_more(db, state):
    made = in_state(ClientFactory(), state)
    assert len(items()) == 1
    now = clock.now()
    later = {"window_start": made.cycle.window_end, "window_end": now, "incumbent": made.version}
    again = CycleFactory(model=made.model, state="monitoring", **later)
    assert len(items()) == 1, "the check has only begun"
    Cycle.objects.filter(pk=again.pk).update(state="healthy")
    assert items() == []


def test_an_undecided_gate_ends_with_what_it_was_compared_with(db):
    made = in_state(ClientFactory(), State.UNDECIDED)
    assert len(items()) == 1
    Rollout.objects.filter(model=made.model).update(ended_at=clock.now())
    Rollout.objects.create(
        model=made.model, version=ModelVersionFactory(model=made.model, number=1),
        started_at=clock.now(), by="lee", reason="another cycle's",
    )  # fmt: skip
    assert items() == []


def test_a_mended_feed_still_asks_the_client_and_says_so(db):
    made = in_state(ClientFactory(), State.UPSTREAM)
    AppliedRepair.objects.create(
        model=made.model, cycle=made.cycle, subject="x", kind="unit_change", since="2026-01-01",
        fault={}, applied_by="lee", reason="r", applied_at=clock.now(),
    )  # fmt: skip
    assert "mended in our view only" in items()[0].sentence


def test_a_check_is_missed_after_a_day_and_a_waiting_decision_holds_it_up(db):
    customer = ClientFactory()
    live_model(customer, "fresh")
    waits = in_state(customer, State.PENDING_APPROVAL, checked=timedelta(days=70))
    late = live_model(customer, "late", checked=timedelta(days=70))
    assert [item.model.pk for item in items(kind="overdue")] == [late.model.pk]
    (approval,) = items(kind="approval")
    assert approval.model.pk == waits.model.pk and approval.holds_up


def test_only_the_newest_unread_revision_waits_to_be_read(db):
    customer = ClientFactory()
    report = MonthlyReportFactory(client=customer, created_at=clock.now())
    newer = MonthlyReportFactory(client=customer, revision=2, created_at=clock.now())
    assert [item.args for item in items()] == [(newer.pk,)]
    MonthlyReport.objects.filter(pk=newer.pk).update(read_by="lee", read_at=clock.now())
    assert items() == [] and report.read_by == ""


def test_a_client_who_lets_reports_go_out_has_none_to_read(db):
    MonthlyReportFactory(client=ClientFactory(auto_approve_reports=True), created_at=clock.now())
    assert items() == []


def test_clients_stand_by_the_risk_that_a_minute_takes_away(db):
    small, dear = ClientFactory(name="Small"), ClientFactory(name="Dear")
    for customer, tier in ((small, "basic"), (dear, "premium")):
        in_state(customer, State.FAILED, tier=tier)
        in_state(customer, State.NEEDS_LABELS, tier=tier)
    found = by_client(items())
    assert [one.client.name for one in found] == ["Dear", "Small"]
    for one in found:
        ranks = [item.rank for item in one.items]
        assert ranks == sorted(ranks, reverse=True)


def test_a_drop_in_accuracy_is_told_with_its_interval(client, staff):
    in_state(ClientFactory(), State.PENDING_APPROVAL)
    assert "accuracy -6 points (-10 to -2, n 90)" in text(client)


def test_the_page_can_be_narrowed_by_kind_tier_and_to_my_own(client, staff):
    everything()
    mine = ClientFactory(slug="mine", name="Bright Dental")
    made = in_state(mine, State.UPSTREAM, tier="premium")
    Membership.objects.create(client=mine, user=staff, role="lead")
    tier = str(made.model.tier_id)
    acme, bright = "Acme</a> <span", "Bright Dental</a> <span"
    for query, expected in (
        ({}, {acme, bright}),
        ({"kind": "upstream"}, {acme, bright}),
        ({"kind": "report"}, {acme}),
        ({"tier": tier}, {bright}),
        ({"tier": tier, "kind": "report"}, set()),
        ({"mine": "1"}, {bright}),
        ({"late": "1"}, {acme}),
        ({"kind": "no such", "tier": "x'; --"}, {acme, bright}),
    ):
        shown = text(client, **query)
        assert {name for name in (acme, bright) if name in shown} == expected, query


def test_who_answers_for_nobody_has_no_filter_for_it(client, staff):
    made = everything()
    Membership.objects.create(client=made.client, user=UserFactory(), role="lead")
    Membership.objects.create(client=made.client, user=staff, role="reviewer")
    assert client.get(reverse(INDEX)).context["mine"] is None


def test_a_page_holds_so_many_clients_and_none_is_lost(client, staff):
    for number in range(CLIENTS_A_PAGE + 2):
        in_state(ClientFactory(name=f"Client {number}"), State.FAILED, slug=f"m{number}")
    pages = [client.get(reverse(INDEX), {"page": n}).context["page"] for n in (1, 2)]
    assert [len(page) for page in pages] == [CLIENTS_A_PAGE, 2]
    assert len({one.client.pk for page in pages for one in page}) == CLIENTS_A_PAGE + 2


def test_all_clients_are_listed_and_found_by_name(client, staff):
    everything()
    live_model(ClientFactory(name="Zebra Law", slug="zebra"), "calm")
    listed = text(client)
    assert "Acme" in listed and "Zebra Law" in listed
    found = client.get(reverse(INDEX), {"q": "zEbRa"}).context["table"]["lines"]
    assert [line.client.name for line in found] == ["Zebra Law"]
    assert "No client is called that." in text(client, q="nobody")


def test_hours_stand_against_the_budget_and_revenue_says_what_is_agreed(client, staff):
    everything()
    live_model(ClientFactory(name="Zebra"), "dear", tier="premium", monthly_fee=4000)
    sums = {row.tier.name: row for row in client.get(reverse(INDEX)).context["sums"]}
    standard, premium = sums["Standard"], sums["Premium"]
    assert (standard.spent, standard.budget, standard.models) == (90, 8 * 180, 8)
    assert standard.money.words == "$12,000 to 24,000 range"
    assert (premium.money.words, premium.budget) == ("$4,000 agreed", 480)


def test_a_right_that_the_software_lacks_is_said_plainly(client, staff):
    live_model(ClientFactory(), "dear", tier="premium")
    said = "A/B testing is sold with Premium, not offered by this software yet"
    assert said in text(client)


def test_staff_time_of_last_month_is_not_of_this_one(client, staff):
    made = everything()
    made.calm.model.staff_time.update(at=clock.now() - timedelta(days=40))
    assert sum(row.spent for row in client.get(reverse(INDEX)).context["sums"]) == 0


def test_a_calm_day_says_what_comes_next_and_what_was_done(client, staff):
    live_model(ClientFactory(name="Acme"), "tickets")
    shown = text(client)
    assert "Nobody waits" in shown
    assert "Acme, Tickets" in shown and "1 check made" in shown


def test_an_empty_agency_has_a_first_page(client, staff):
    assert Client.objects.count() == 0
    assert "No model is live yet." in text(client)


def test_many_clients_take_as_many_queries_as_few(client, staff):
    for number in range(3):
        everything(slug=f"few-{number}", name=f"Few {number}")
    client.get(reverse(INDEX))
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(reverse(INDEX))
    for number in range(27):
        everything(slug=f"many-{number}", name=f"Many {number}")
    with CaptureQueriesContext(connection) as many:
        client.get(reverse(INDEX))
    assert len(many) == len(few) < 20
