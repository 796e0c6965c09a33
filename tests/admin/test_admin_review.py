"""The review page: blind until the label is given, two people apart, plain forms and parts of a page."""

import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from agency.base import clock
from retraining.models import Cycle, Proposal, ReviewOpinion
from tests.factories import CycleFactory, ProposalFactory, UserFactory

HTMX = {"HX-Request": "true"}


@pytest.fixture
def cycle(db):
    return CycleFactory(state="curating")


@pytest.fixture
def rows(cycle):
    return [
        ProposalFactory(
            cycle=cycle,
            input={"text": f"my parcel number {n} never came"},
            prediction="zebra-answer",
            doubt=0.7131,
            why="Answered wrong and corrected. Masked: mail.",
        )
        for n in range(20)
    ]


@pytest.fixture
def alone(rows):
    """No row is shared, so that each shows the label it came with."""
    Proposal.objects.filter(pk=rows[0].pk).update(
        shared=True, state="rejected", reason="x", decided_by="label checks", decided_at=clock.now()
    )


def address(cycle):
    return reverse("admin:retraining_proposal_review", args=[cycle.pk])


def token(page):
    found = re.search(r'name="token" value="([^"]+)"', page.content.decode())
    return found[1] if found else ""


def post(client, cycle, do, page, **said):
    return client.post(address(cycle), {"do": do, "token": token(page), **said}, headers=HTMX)


def signed_in(name, *permissions):
    user = UserFactory(username=name, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    browser = Client()
    browser.force_login(user)
    return browser


def test_the_models_answer_doubt_and_disagreement_show_only_after_the_label(
    client, staff, cycle, rows, alone
):
    page = client.get(address(cycle))
    text = page.content.decode()
    assert "never came" in text and "It came with the label" in text
    for hidden in ("zebra-answer", "0.71", "Answered wrong", "disagrees"):
        assert hidden not in text
    assert "confirmed or corrected it. Masked: mail." in text
    after = post(client, cycle, "accept", page).content.decode()
    assert "the model had answered zebra-answer" in after
    assert "the model disagrees" in after and "0.71 of 1" in after
    assert after.index("zebra-answer") < after.index("Why it is here")


def test_a_sampled_row_does_not_tell_that_the_model_was_right(client, staff, cycle):
    ProposalFactory(
        cycle=cycle, source="review", prediction="delivery",
        why="Drawn at random and reviewed: part of the fair sample.",
    )  # fmt: skip
    text = client.get(address(cycle)).content.decode()
    assert "part of the fair sample" not in text
    assert "It was drawn at random and given a label." in text


def test_a_shared_row_shows_no_label_and_no_first_opinion(client, staff, cycle):
    ProposalFactory(cycle=cycle, label="the-label-as-it-came")
    page = client.get(address(cycle))
    datalist = page.content.decode().index('<datalist id="ws-categories">')
    assert "the-label-as-it-came" not in page.content.decode()[:datalist]
    refused = post(client, cycle, "accept", page).content.decode()
    assert "Labelled from scratch" in refused and 'role="alert"' in refused
    post(client, cycle, "relabel", page, label="first-opinion", new="yes")
    lee = signed_in("lee", "change_proposal", "view_proposal")
    second = lee.get(address(cycle))
    before = second.content.decode().split("<datalist")[0]
    assert "first-opinion" not in before and "dana" not in before
    post(lee, cycle, "relabel", second, label="first-opinion")
    assert ReviewOpinion.objects.values_list("by", flat=True).count() == 2
    assert "They said the same of 100%" in client.get(address(cycle)).content.decode()


def test_two_sessions_label_a_whole_queue_without_meeting(client, staff, cycle, rows):
    lee = signed_in("lee", "change_proposal", "view_proposal")
    pages = {client: client.get(address(cycle)), lee: lee.get(address(cycle))}
    seen = {client: [], lee: []}
    for turn in range(60):
        browser = (client, lee)[turn % 2]
        if not token(pages[browser]):
            continue
        on_screen = [re.search(r"parcel number (\d+)", p.content.decode()) for p in pages.values()]
        numbers = [found[1] for found in on_screen if found]
        assert len(numbers) == len(set(numbers))
        seen[browser].append(pages[browser].context["row"].pk)
        pages[browser] = post(browser, cycle, "relabel", pages[browser], label="delivery")
    shared = set(Proposal.objects.filter(shared=True).values_list("pk", flat=True))
    assert set(seen[client]) & set(seen[lee]) == shared and len(shared) == 5
    assert set(seen[client]) | set(seen[lee]) == {row.pk for row in rows}
    assert all(len(keys) == len(set(keys)) for keys in seen.values())
    assert ReviewOpinion.objects.count() == 25
    assert "Every row is decided" in client.get(address(cycle)).content.decode()


def test_an_unknown_category_is_asked_about_first(client, staff, cycle, rows):
    page = client.get(address(cycle))
    asked = post(client, cycle, "relabel", page, label="delivry")
    text = asked.content.decode()
    assert "No category is called <b>delivry</b> yet." in text
    assert "Did you mean" in text and 'value="delivery"' in text
    assert not ReviewOpinion.objects.exists()
    post(client, cycle, "relabel", asked, label="delivry", new="yes")
    assert ReviewOpinion.objects.get().label == "delivry"
    again = post(client, cycle, "relabel", client.get(address(cycle)), label="delivry")
    assert "No category is called" not in again.content.decode()


def test_a_reason_by_its_number_or_in_own_words(client, staff, cycle, rows):
    page = client.get(address(cycle))
    page = post(client, cycle, "reject", page, reason="2")
    post(client, cycle, "reject", page, other="Not ours")
    assert list(ReviewOpinion.objects.values_list("reason", flat=True)) == [
        "Cannot be understood or is cut off", "Not ours",
    ]  # fmt: skip
    refused = post(client, cycle, "reject", client.get(address(cycle)), reason="9")
    assert "A rejection needs a reason." in refused.content.decode()


def test_without_javascript_every_step_is_a_form_and_a_redirect(client, staff, cycle, rows, alone):
    page = client.get(address(cycle))
    answer = client.post(address(cycle), {"do": "accept", "token": token(page)}, follow=True)
    assert answer.redirect_chain and b"the model had answered zebra-answer" in answer.content
    skipped = answer.context["row"].pk
    answer = client.post(address(cycle), {"do": "skip", "token": token(answer)}, follow=True)
    assert answer.context["skipped"] == str(skipped)
    assert answer.context["row"].pk != skipped
    answer = client.post(address(cycle), {"do": "undo", "skipped": str(skipped)}, follow=True)
    assert answer.context["row"].pk == page.context["row"].pk
    assert not ReviewOpinion.objects.exists()


def test_what_was_skipped_comes_at_the_end_when_it_is_asked_for(client, staff, cycle):
    row = ProposalFactory(cycle=cycle)
    page = post(client, cycle, "skip", client.get(address(cycle)))
    assert "Only what you skipped is left" in page.content.decode()
    page = post(client, cycle, "again", page, skipped=str(row.pk))
    assert page.context["row"] == row


def test_a_token_of_somebody_else_or_of_another_queue_decides_nothing(client, staff, cycle, rows):
    lee = signed_in("lee", "change_proposal", "view_proposal")
    theirs = lee.get(address(cycle))
    assert "out of date" in post(client, cycle, "accept", theirs).content.decode()
    other = CycleFactory(state="curating", model=cycle.model)
    ProposalFactory(cycle=other)
    mine = client.get(address(other))
    assert "not in the queue any more" in post(client, cycle, "skip", mine).content.decode()
    assert not ReviewOpinion.objects.exists()


def test_a_row_decided_twice_is_told_and_the_next_one_shown(client, staff, cycle, rows, alone):
    page = client.get(address(cycle))
    post(client, cycle, "accept", page)
    again = post(client, cycle, "accept", page)
    assert "has been decided" in again.content.decode() and token(again)
    assert ReviewOpinion.objects.count() == 1


def test_activity_renews_the_claim(client, staff, cycle, rows):
    page = client.get(address(cycle))
    row = page.context["row"]
    soon = clock.now() + timedelta(seconds=10)
    Proposal.objects.filter(pk=row.pk).update(claimed_until=soon)
    hold = reverse("admin:retraining_proposal_review_hold", args=[cycle.pk])
    assert client.post(hold, {"token": token(page)}).status_code == 204
    assert Proposal.objects.get(pk=row.pk).claimed_until > soon + timedelta(minutes=4)
    Proposal.objects.filter(pk=row.pk).update(claimed_by="lee")
    assert client.post(hold, {"token": token(page)}).status_code == 409
    assert client.post(hold, {"token": "made up"}).status_code == 400


def test_labelling_needs_the_permission_to_change_proposals(cycle, rows):
    reader = signed_in("reader", "view_proposal")
    assert reader.get(address(cycle)).status_code == 403
    assert reader.post(address(cycle), {"do": "undo"}).status_code == 403
    assert Client().get(address(cycle)).status_code == 302


def test_a_decision_and_its_undoing_stand_in_the_history_of_the_row(
    client, staff, cycle, rows, alone
):
    page = client.get(address(cycle))
    row = page.context["row"]
    post(client, cycle, "relabel", page, label="delivery")
    client.post(address(cycle), {"do": "undo"}, headers=HTMX)
    entries = LogEntry.objects.filter(object_id=str(row.pk), user=staff).order_by("pk")
    assert [entry.get_change_message() for entry in entries] == [
        "Review, Accept: delivery", "Review: own opinion taken back",
    ]  # fmt: skip
    history = client.get(reverse("admin:retraining_proposal_history", args=[row.pk]))
    assert "Review, Accept: delivery" in history.content.decode()


def test_a_row_costs_ten_queries_sign_in_included(
    client, staff, cycle, rows, alone, django_assert_max_num_queries
):
    page = post(client, cycle, "accept", client.get(address(cycle)))
    with django_assert_max_num_queries(20) as made:
        page = post(client, cycle, "accept", page)
    asked = [q["sql"] for q in made.captured_queries if "SAVEPOINT" not in q["sql"]]
    assert token(page) and len(asked) <= 10, asked


def test_hostile_text_is_shown_as_text(client, staff, cycle):
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
    ProposalFactory(cycle=cycle, input={"text": evil}, label=evil, why=evil, row_id=evil)
    page = client.get(address(cycle))
    post(client, cycle, "relabel", page, label=evil, new="yes")
    for text in (page.content.decode(), client.get(address(cycle)).content.decode()):
        assert "<script>alert(1)" not in text and "<img src=x" not in text


def test_a_cycle_that_went_on_says_so(client, staff, cycle, rows):
    Cycle.objects.update(state="retraining")
    assert "This queue is closed" in client.get(address(cycle)).content.decode()
    assert client.get(reverse("admin:retraining_proposal_review", args=[0])).status_code == 404


def test_the_list_of_proposals_leads_to_open_queues(client, staff, cycle, rows):
    text = client.get(reverse("admin:retraining_proposal_changelist")).content.decode()
    assert address(cycle) in text and "20 rows wait" in text


def test_a_decision_in_the_list_stands_in_the_history_too(client, staff, cycle, rows):
    chosen = [rows[0].pk, rows[1].pk]
    page = reverse("admin:retraining_proposal_changelist")
    client.post(page, {"action": "accept", "_selected_action": chosen, "index": "0"})
    client.post(
        page,
        {"action": "reject", "_selected_action": [rows[1].pk, rows[2].pk], "confirmed": "yes"}
        | {"reason": "spam"},
    )
    told = LogEntry.objects.order_by("pk").values_list("object_id", "change_message")
    assert list(told) == [
        *((str(key), "Accepted in the list") for key in chosen),
        (str(rows[2].pk), "Rejected in the list: spam"),
    ]


def test_the_page_of_a_cycle_leads_to_its_queue_and_tells_the_agreement(client, staff, cycle):
    ProposalFactory(cycle=cycle)
    page = reverse("admin:retraining_cycle_change", args=[cycle.pk])
    before = client.get(page).content.decode()
    assert address(cycle) in before and "Two people labelled" not in before
    lee = signed_in("lee", "change_proposal", "view_proposal")
    for browser, label in ((client, "delivery"), (lee, "login")):
        post(browser, cycle, "relabel", browser.get(address(cycle)), label=label, new="yes")
    told = client.get(page).content.decode()
    assert "Two people labelled some of them. They said the same of 0% (0 to 79%, n 1)" in told
