"""An approver of the agency: from signing in for the first time to a version that is live."""

import re

import pytest
from playwright.sync_api import expect

from retraining.models import Cycle, Decision, Rollout
from tests.browser.desk_world import month_to_approve
from tests.browser.helpers import Person, log_in, make_staff, sign_in, totp

pytestmark = pytest.mark.browser
REASON = "It answers the lockers, and nothing else got worse."


@pytest.fixture
def cycle(site):
    return month_to_approve()


def set_up_authenticator(page, site, person):
    """The first sign-in: the person's authenticator learns the secret that the page shows."""
    page.goto("/admin/")
    log_in(page, person)
    assert page.url == f"{site}/accounts/2fa/totp/activate/"
    secret = page.get_by_label("Authenticator secret").input_value()
    page.locator("input[name=code]").fill(totp(secret))
    page.get_by_role("button", name="Activate").click()
    page.wait_for_url("**/recovery-codes/")
    return Person(person.user, totp_secret=secret)


def test_an_approver_signs_in_and_brings_a_better_version_live(
    site, new_page, worker, cycle, settings
):
    settings.STAFF_MFA = "required"
    ana = make_staff("ana", groups=["approver"], authenticator=False)
    ana = set_up_authenticator(new_page(), site, ana)

    page = new_page()
    page.goto("/admin/")
    log_in(page, ana)
    assert page.url == f"{site}/admin/"

    top = page.locator(".ws-today li").first
    expect(top).to_contain_text("approve or refuse v1.1 in place of v1.0")
    expect(top).to_contain_text("approval")
    expect(top).not_to_contain_text("for an approver")
    top.get_by_role("link").click()
    expect(page).to_have_url(f"{site}/admin/retraining/cycle/{cycle.pk}/side-by-side/")
    expect(page.get_by_role("heading", name="v1.1 against v1.0")).to_be_visible()
    expect(page.get_by_role("heading", name="The gate says")).to_contain_text("Promote")
    expect(page.locator(".ws-wanted")).to_contain_text("v1.1 goes live for Acme, Tickets")

    page.locator(".ws-wanted").get_by_role("link", name="Approve").click()
    expect(page.locator(".ws-lead")).to_contain_text("instead of v1.0 (live since")
    approve = page.locator("form").get_by_role("button", name="Approve")
    approve.click()
    expect(page.get_by_role("alert")).to_be_visible()  # not without a reason
    with worker:
        assert Cycle.objects.get(pk=cycle.pk).state == "pending_approval"
    page.get_by_label("Reason").fill(REASON)
    approve.click()

    expect(page).to_have_url(re.compile(rf"/admin/retraining/cycle/{cycle.pk}/change/$"))
    expect(page.get_by_text("is now live")).to_be_visible()
    expect(page.get_by_text(REASON).first).to_be_visible()
    page.goto(f"/admin/clients/maintainedmodel/{cycle.model_id}/change/")
    live = page.locator(".ws-live")
    expect(live).to_contain_text("v1.1")
    expect(live).to_contain_text("ana")
    page.goto("/admin/")
    expect(page.get_by_text("approve or refuse")).to_have_count(0)
    with worker:
        live = Rollout.objects.get(model=cycle.model, ended_at=None)
        assert (live.version.name, live.by) == ("v1.1", "ana")
        decision = Decision.objects.get(cycle=cycle)
        assert (decision.by, decision.reason) == ("ana", REASON)


@pytest.mark.parametrize("role", ["read-only", "operator"])
def test_who_may_not_approve_sees_all_but_the_button(site, page, worker, cycle, role):
    sign_in(page, site, make_staff("rea", groups=[role]))

    page.goto("/admin/")
    top = page.locator(".ws-today li").first
    expect(top).to_contain_text("for an approver")
    top.get_by_role("link").click()
    expect(page.get_by_role("heading", name="v1.1 against v1.0")).to_be_visible()
    for address in ("side-by-side/", "change/"):
        page.goto(f"/admin/retraining/cycle/{cycle.pk}/{address}")
        for verb in ("Approve", "Refuse"):
            expect(page.get_by_role("link", name=verb, exact=True)).to_have_count(0)
            expect(page.get_by_role("button", name=verb, exact=True)).to_have_count(0)
    page.goto(f"/admin/retraining/cycle/{cycle.pk}/approve/")
    expect(page.get_by_label("Reason")).to_have_count(0)
    with worker:
        assert Cycle.objects.get(pk=cycle.pk).state == "pending_approval"
