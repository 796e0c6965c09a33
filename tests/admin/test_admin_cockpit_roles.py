"""Each role against each decision, on the page and by posting to its address."""

import pytest
from django.contrib.auth.models import Group
from django.db.models import Model
from django.urls import reverse

from agency.cockpit.roles import APPROVER, LEAD, OPERATOR, READ_ONLY, ROLES
from retraining import services
from retraining.models import Cycle, State
from tests.admin.test_admin_pages import PAGES, address, name
from tests.factories import UserFactory

LIVE = {APPROVER, LEAD}
WORK = {OPERATOR, APPROVER, LEAD}
# Decision, the state it is open to, the service it calls, who may take it.
DECISIONS = [
    ("approve", State.PENDING_APPROVAL, "approve", LIVE),
    ("refuse", State.PENDING_APPROVAL, "refuse", LIVE),
    ("ask_for_labels", State.PENDING_APPROVAL, "ask_for_labels", LIVE),
    ("overrule", State.REJECTED, "overrule", LIVE),
    ("repair", State.UPSTREAM, "apply_repairs", WORK),
    ("repair_and_retrain", State.UPSTREAM, "repair_and_retrain", WORK),
    ("finish_curation", State.CURATING, "finish_curation", WORK),
    ("look_again", State.UNDECIDED, "look_again", WORK),
]


def enter(client, role):
    user = UserFactory(username=role, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    return user


@pytest.fixture
def asked(monkeypatch, world):
    made = []
    for _, _, service, _ in DECISIONS:
        monkeypatch.setattr(
            services, service, lambda _n=service, **k: made.append(_n) or Cycle(state="live")
        )
    monkeypatch.setattr(services, "rollback", lambda **k: made.append("rollback") or k["model"])
    monkeypatch.setattr(services, "offered", lambda cycle: [])
    return made


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("decision", "state", "service", "allowed"), DECISIONS)
def test_a_decision_is_for_its_roles_alone(
    client, world, asked, role, decision, state, service, allowed
):
    enter(client, role)
    Cycle.objects.filter(pk=world.cycle.pk).update(state=state)
    page = reverse("admin:retraining_cycle_change", args=[world.cycle.pk])
    action = reverse(f"admin:retraining_cycle_{decision}", args=[world.cycle.pk])
    shown = client.get(page)
    assert shown.status_code == 200
    assert (action in shown.content.decode()) == (role in allowed)
    answer = client.post(action, {"confirmed": "yes", "reason": "As agreed."})
    assert answer.status_code == (302 if role in allowed else 403)
    assert asked == ([service] if role in allowed else [])


@pytest.mark.parametrize("role", ROLES)
def test_rolling_back_is_for_those_who_approve(client, world, asked, monkeypatch, role):
    enter(client, role)
    rolled = type("Rolled", (), {"from_version": "v1.1", "to_version": "v1.0"})
    monkeypatch.setattr(services, "rollback", lambda **k: asked.append("rollback") or rolled)
    page = reverse("admin:clients_maintainedmodel_roll_back", args=[world.model.pk])
    answer = client.post(page, {"confirmed": "yes", "reason": "Answers are slow."})
    assert answer.status_code == (302 if role in LIVE else 403)
    assert asked == (["rollback"] if role in LIVE else [])


def test_a_superuser_may_all_of_it(client, staff, world, asked):
    for decision, state, _, _ in DECISIONS:
        Cycle.objects.filter(pk=world.cycle.pk).update(state=state)
        action = reverse(f"admin:retraining_cycle_{decision}", args=[world.cycle.pk])
        assert client.post(action, {"confirmed": "yes", "reason": "x"}).status_code == 302
    assert asked == [service for _, _, service, _ in DECISIONS]


@pytest.mark.parametrize(("model", "page"), PAGES, ids=name)
def test_who_may_only_look_sees_each_page_and_changes_nothing(client, world, model, page):
    user = enter(client, READ_ONLY)
    there = list(model.objects.values().order_by("pk"))
    row = model.objects.exclude(pk=user.pk if model is type(user) else None).first()
    assert client.get(address(model, "changelist")).status_code == 200
    assert client.get(address(model, "change", row.pk)).status_code == 200
    for post in (address(model, "add"), address(model, "change", row.pk)):
        assert client.post(post, {}).status_code == 403
    assert client.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert list(model.objects.values().order_by("pk")) == there


def test_who_may_only_look_can_take_a_list_along_and_change_none(client, world):
    enter(client, READ_ONLY)
    for model, _ in PAGES:
        listed = client.get(address(model, "changelist"))
        offered = set(listed.context["cl"].model_admin.get_actions(listed.wsgi_request))
        assert offered <= {"export_csv", "export_xlsx"}, model


def test_who_may_only_look_sees_no_secret(client, world):
    from clients.models import Webhook

    hook = Webhook.objects.get()
    hook.secret = "zebra-signs-this"
    hook.save()
    user = UserFactory(username="eve")
    user.set_password("a long enough word")
    user.save()
    pages = [address(type(hook), "change", hook.pk), address(type(user), "change", user.pk)]
    enter(client, READ_ONLY)
    for page in pages:
        text = client.get(page).content.decode()
        assert "zebra-signs-this" not in text
        assert user.password.split("$")[-1][:6] not in text


def test_a_lead_sees_people_but_makes_nobody_a_superuser(client, world):
    lead = enter(client, LEAD)
    page = address(type(lead), "change", lead.pk)
    assert client.get(page).status_code == 200
    answer = client.post(page, {"username": "lead", "is_superuser": "on"})
    assert answer.status_code == 403


def test_the_list_of_people_says_who_is_what(client, staff, world):
    for role in ROLES:
        UserFactory(username=role, is_staff=True).groups.add(Group.objects.get(name=role))
    UserFactory(username="fresh", is_staff=True)
    people: type[Model] = type(staff)
    listed = client.get(address(people, "changelist"))
    page = listed.context["cl"].model_admin
    said = {user.username: page.role(user) for user in listed.context["cl"].result_list}
    assert {role: said[role] for role in ROLES} == {role: role for role in ROLES}
    assert (said["dana"], said["fresh"], said["v-acme"]) == (
        "superuser", "no role yet", "a client's",
    )  # fmt: skip
