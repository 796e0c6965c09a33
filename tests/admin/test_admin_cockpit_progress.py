"""Running work shows as it goes on, asks no longer than it has to, and says what came of it."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.template import Context, Template
from django.urls import reverse

from agency.base import clock
from agency.cockpit.progress import STEPS, STOP
from retraining.models import Cycle, CycleTransition
from retraining.models.cycle import WORKING
from tests.admin.cockpit_world import live_model
from tests.factories import ClientFactory, UserFactory

PROGRESS = "admin:cockpit_progress"


@pytest.fixture
def cycle(db):
    made = live_model(ClientFactory(name="Acme"), "tickets").cycle
    now = clock.now()
    Cycle.objects.filter(pk=made.pk).update(
        state="retraining", attempts=2, lease_until=now + timedelta(minutes=5)
    )
    CycleTransition.objects.create(
        job=made, from_state="collecting", to_state="retraining", by="loop",
        at=now - timedelta(seconds=40),
    )  # fmt: skip
    made.refresh_from_db()
    return made


def of_cycle(cycle):
    return reverse("admin:cockpit_cycle_progress", args=[cycle.pk])


def rest(cycle):
    Cycle.objects.filter(pk=cycle.pk).update(state="pending_approval", lease_until=None)
    cycle.refresh_from_db()


def test_every_working_state_has_its_step():
    assert set(STEPS) == WORKING and len(STEPS) == len(WORKING)


def test_the_first_page_asks_while_something_works_and_names_it_in_the_question(
    client, staff, cycle
):
    text = client.get(reverse("admin:index")).content.decode()
    assert f'hx-get="{reverse(PROGRESS)}?seen={cycle.pk}"' in text
    assert "every 3s" in text and "Acme, Tickets" in text
    assert re.search(r"step 4 of 6, since \d+ (s|min), attempt 2", " ".join(text.split()))


def test_nobody_is_asked_while_nothing_works(client, staff, cycle):
    rest(cycle)
    assert "hx-get" not in client.get(reverse(PROGRESS)).content.decode()


def test_what_came_to_rest_is_told_once_and_ends_the_asking(client, staff, cycle):
    rest(cycle)
    text = client.get(reverse(PROGRESS), {"seen": str(cycle.pk)}).content.decode()
    assert "pending approval" in text and "hx-get" not in text


@pytest.mark.parametrize("seen", ["", "x", "0", "9" * 30, "1,,2", "-1", "1" + ",1" * 1000])
def test_a_strange_question_gets_an_answer(client, staff, cycle, seen):
    assert client.get(reverse(PROGRESS), {"seen": seen}).status_code == 200


def test_a_cycle_that_nobody_holds_waits_for_a_worker(client, staff, cycle):
    Cycle.objects.filter(pk=cycle.pk).update(lease_until=None)
    assert "waits for a worker" in client.get(reverse(PROGRESS)).content.decode()


def test_a_cycles_page_is_loaded_again_when_it_rests(client, staff, cycle):
    going = client.get(of_cycle(cycle))
    assert going.status_code == 200 and "every 3s" in going.content.decode()
    rest(cycle)
    done = client.get(of_cycle(cycle))
    assert (done.status_code, done["HX-Refresh"]) == (STOP, "true")


def test_the_tag_shows_work_and_nothing_of_what_rests(cycle):
    page = Template("{% load cockpit_progress %}{% cycle_progress cycle %}")
    assert of_cycle(cycle) in page.render(Context({"cycle": cycle}))
    rest(cycle)
    assert page.render(Context({"cycle": cycle})).strip() == ""


def test_an_ended_session_and_a_person_without_a_role_end_the_asking(client, cycle):
    for _ in range(2):
        for page in (reverse(PROGRESS), of_cycle(cycle)):
            answer = client.get(page)
            assert (answer.status_code, answer.content) == (STOP, b"")
        client.force_login(UserFactory(username="new", is_staff=True))


def test_who_may_only_look_sees_work_too(client, cycle):
    user = UserFactory(username="looks", is_staff=True)
    user.groups.add(Group.objects.get(name="read-only"))
    client.force_login(user)
    assert "Acme, Tickets" in client.get(reverse(PROGRESS)).content.decode()


@pytest.mark.parametrize("page", ["retraining_cycle", "clients_maintainedmodel"])
def test_the_pages_of_a_cycle_and_of_its_model_keep_up_with_its_work(client, staff, cycle, page):
    row = cycle if page == "retraining_cycle" else cycle.model
    address = reverse(f"admin:{page}_change", args=[row.pk])
    assert f'hx-get="{of_cycle(cycle)}"' in client.get(address).content.decode()
    rest(cycle)
    assert of_cycle(cycle) not in client.get(address).content.decode()
