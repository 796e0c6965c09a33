"""Every page of the admin renders, costs a bounded number of queries and lets no history change."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.urls import reverse

from agency.base.admin import ReadOnlyAdmin
from tests.admin.admin_world import make_world
from tests.factories import UserFactory

PAGES = sorted(admin.site._registry.items(), key=lambda item: item[0]._meta.label)
OURS = [(model, page) for model, page in PAGES if model._meta.app_label != "auth"]
READ_ONLY = [(model, page) for model, page in OURS if isinstance(page, ReadOnlyAdmin)]
HISTORY = {
    "PredictionLog", "Dataset", "DatasetVersion", "DatasetRow", "ModelVersion", "Cycle",
    "CycleTransition", "EvalRun", "EvalRow", "Diagnosis", "Comparison", "Decision", "Rollout",
    "Alert", "MonthlyReport", "ReportTransition", "AuditSample", "AuditSampleRow", "UploadBatch",
    "QuarantinedRow", "Proposal", "AppliedRepair", "Outcome", "PendingFeedback", "LogDay", "Usage",
    "IdempotentRequest", "Erasure", "DailyProfile", "Notice", "NoticeTransition", "Delivery",
    "DeliveryTransition", "ReviewOpinion",
}  # fmt: skip


def name(value):
    return value._meta.label_lower if hasattr(value, "_meta") else ""


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def test_every_model_of_ours_has_a_page():
    missing = [
        model._meta.label
        for app in ("clients", "retraining", "reports")
        for model in apps.get_app_config(app).get_models()
        if model not in admin.site._registry and not model.__name__.startswith("Historical")
    ]
    assert missing == []


def test_history_is_exactly_what_is_read_only():
    assert {model.__name__ for model, _ in READ_ONLY} == HISTORY


@pytest.mark.parametrize(("model", "page"), PAGES, ids=name)
def test_a_list_shows_its_rows(client, staff, world, model, page):
    answer = client.get(
        address(model, "changelist"), {"state": "all"} if name(model).endswith("proposal") else {}
    )
    assert answer.status_code == 200
    assert answer.context["cl"].result_count == model.objects.count() > 0


@pytest.mark.parametrize(("model", "page"), PAGES, ids=name)
def test_a_list_can_be_searched(client, staff, world, model, page):
    assert page.search_fields
    answer = client.get(address(model, "changelist"), {"q": "nothing is called this"})
    assert answer.status_code == 200
    assert answer.context["cl"].result_count == 0


@pytest.mark.parametrize(("model", "page"), PAGES, ids=name)
def test_each_row_has_a_page_of_its_own(client, staff, world, model, page):
    for row in model.objects.all():
        assert client.get(address(model, "change", row.pk)).status_code == 200


@pytest.mark.parametrize(("model", "page"), OURS, ids=name)
def test_a_longer_list_takes_no_more_queries(
    client, staff, world, model, page, django_assert_max_num_queries
):
    list_address = address(model, "changelist")
    with django_assert_max_num_queries(40) as before:
        client.get(list_address)
    for number in range(3):
        make_world(slug=f"more-{number}", name=f"More {number}")
    with django_assert_max_num_queries(len(before)):
        client.get(list_address)


@pytest.mark.parametrize(("model", "page"), READ_ONLY, ids=name)
def test_history_cannot_be_added_to_changed_or_deleted(client, staff, world, model, page):
    row = model.objects.first()
    before = model.objects.values().get(pk=row.pk)
    assert client.post(address(model, "add"), {}).status_code == 403
    edited = dict.fromkeys(before, "x")
    assert client.post(address(model, "change", row.pk), edited).status_code == 403
    assert client.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert "delete_selected" not in page.get_actions(_request(staff))
    assert model.objects.values().get(pk=row.pk) == before


def _request(user):
    from django.test import RequestFactory

    request = RequestFactory().get("/admin/")
    request.user = user
    return request


def test_strangers_and_clients_people_are_kept_out(client, world):
    pages = [reverse("admin:index"), address(type(world.cycle), "changelist")]
    pages += [reverse("admin:retraining_cycle_approve", args=[world.cycle.pk])]
    pages += [reverse("admin:reports_monthlyreport_file", args=[world.report.pk, "pdf"])]
    client.logout()
    for _ in range(2):
        for page in pages:
            answer = client.get(page)
            assert answer.status_code == 302 and "/login/" in answer["Location"]
        client.force_login(UserFactory(username="a-reader"))


def test_staff_without_a_permission_see_no_such_page(client, world):
    client.force_login(UserFactory(username="new-here", is_staff=True))
    assert client.get(address(type(world.cycle), "changelist")).status_code == 403
    index = client.get(reverse("admin:index"))
    assert world.client.name not in index.content.decode()
    assert (
        client.get(
            reverse("admin:reports_monthlyreport_file", args=[world.report.pk, "pdf"])
        ).status_code
        == 403
    )


def test_who_may_only_look_is_offered_no_decision(client, world):
    user = UserFactory(username="looks", is_staff=True)
    user.user_permissions.add(*Permission.objects.filter(codename__startswith="view_"))
    client.force_login(user)
    page = client.get(address(type(world.cycle), "change", world.cycle.pk))
    assert page.status_code == 200
    approve = reverse("admin:retraining_cycle_approve", args=[world.cycle.pk])
    assert approve not in page.content.decode()
    assert client.post(approve, {"confirmed": "yes", "reason": "x"}).status_code == 403


def test_the_first_page_names_who_waits(client, staff, world):
    text = client.get(reverse("admin:index")).content.decode()
    assert world.client.name in text
    assert "approve or refuse v1.1 in place of v1.0" in text
    assert "label 3 rows" in text
    assert "Accuracy fell by 6 points." in text


def test_the_first_page_is_calm_when_nobody_waits(client, staff):
    assert "Nobody waits" in client.get(reverse("admin:index")).content.decode()


def test_a_clients_page_shows_models_state_and_the_last_report(client, staff, world):
    text = client.get(address(type(world.client), "change", world.client.pk)).content.decode()
    assert "91% (84 to 95%, n 100)" in text
    assert "66% (55 to 75%, n 92)" in text
    assert "pending approval" in text
    assert reverse("admin:reports_monthlyreport_file", args=[world.report.pk, "pdf"]) in text


def test_a_models_page_shows_what_is_live_and_where_it_came_from(client, staff, world):
    text = client.get(address(type(world.model), "change", world.model.pk)).content.decode()
    for part in ("v1.0", "v1.1", "training v1", "Accuracy fell by 6 points.", "launch"):
        assert part in text


def test_a_cycles_page_shows_the_way_the_cause_and_the_comparison(client, staff, world):
    text = client.get(address(type(world.cycle), "change", world.cycle.pk)).content.decode()
    for part in (
        "Eleven rows ask about refunds.",
        "pending approval",
        "diagnosing", "+6.0", "1 category moved by no row.", "+2.0 to +10.0", "Label about 40 more",
        "login", "The client asked.",
    ):  # fmt: skip
        assert part in text
