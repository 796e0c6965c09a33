"""One client's month as staff live it: what it takes in clicks, keys and seconds.

``.venv/bin/pytest -s tests/browser/test_staff_month.py`` prints the table that docs/evidence.md shows.
"""

from datetime import date

import pytest
from django.core import mail
from playwright.sync_api import expect

from agency.base import clock
from agency.cockpit.risk import minutes
from clients.models import Alert, Contact
from reports import sending
from reports import services as report_services
from reports.models import Delivery
from retraining import services
from retraining.models import Proposal, ReviewOpinion, Rollout
from tests.browser.desk_world import label_of, month_to_label
from tests.browser.helpers import make_staff, sign_in
from tests.browser.staff_count import Walk

pytestmark = pytest.mark.browser
ROWS = 20
REASON = "It answers the lockers, and nothing else got worse."


@pytest.fixture
def cycle(site):
    cycle = month_to_label()
    client = cycle.model.client
    Contact.objects.create(client=client, name="Mia", email="mia@acme.example")
    return cycle


def open_item(walk, says):
    """From the cockpit to what it asks for."""
    page = walk.page
    walk.click(page.locator("#nav-sidebar, #nav-sidebar-apps").get_by_role("link", name="Today"))
    item = page.locator(".ws-today li").filter(has_text=says)
    expect(item).to_have_count(1)
    walk.click(item.get_by_role("link"))


def label_rows(walk):
    """Read each row, and accept its label or choose one: keys alone."""
    page = walk.page
    for done in range(ROWS):
        expect(page.locator(".ws-rv-count")).to_contain_text(f"{done} of {ROWS}")
        # Keys are heard once the row is dressed for them.
        expect(page.locator("#ws-rv-category[role=combobox]")).to_be_visible()
        label = label_of(page.locator(".ws-rv-content").inner_text())
        if page.locator("[data-key=a]").count():
            expect(page.locator(".ws-rv-label")).to_contain_text(label)
            walk.press("a")
        else:
            walk.press("r")
            expect(page.locator("#ws-rv-category")).to_be_focused()
            walk.type(label[:3])
            walk.press("Enter")
    expect(page.get_by_text("Every row is decided")).to_be_visible()


def test_a_clients_month_takes_few_clicks(site, page, worker, cycle):
    sign_in(page, site, make_staff("ana", groups=["approver"]))
    # The first page of a process loads what all later ones have.
    page.goto("/admin/")
    walk = Walk(page)

    with walk.step("see who needs me, open the queue"):
        open_item(walk, f"label {ROWS} rows")
        expect(page.locator(".ws-rv-count")).to_be_visible()
    with walk.step(f"label {ROWS} rows", minutes=minutes("curation", ROWS)):
        label_rows(walk)
    with walk.step("finish the curation"):
        walk.click(page.get_by_role("link", name="Finish curation"))
        walk.click(page.locator("form").get_by_role("button", name="Finish curation"))
        expect(page.get_by_text("is now retraining")).to_be_visible()
    with worker:
        services.resume_cycle(cycle_id=cycle.pk)

    with walk.step("approve side by side, with a reason", minutes=minutes("approval")):
        open_item(walk, "approve or refuse v1.1")
        walk.click(page.locator(".ws-wanted").get_by_role("link", name="Approve"))
        expect(page.locator(".ws-lead")).to_contain_text("v1.1 goes live for Acme")
        walk.click(page.get_by_label("Reason"))
        walk.type(REASON)
        walk.click(page.locator("form").get_by_role("button", name="Approve"))
        expect(page.get_by_text("is now live")).to_be_visible()
    with worker:
        month = date(2025, 4, 1)
        report_services.publish(client=cycle.model.client, month=month, at=clock.now())

    with walk.step("read the report and send it", minutes=minutes("report")):
        open_item(walk, "read the report of April 2025")
        with page.expect_popup() as opened:
            walk.click(page.get_by_role("link", name="HTML"))
        expect(opened.value.get_by_role("heading", name="Acme").first).to_be_visible()
        opened.value.close()
        walk.click(page.get_by_role("link", name="Read: send it"))
        expect(page.locator(".ws-lead")).to_contain_text("mia@acme.example")
        walk.click(page.locator("form").get_by_role("button", name="Send"))
        expect(page.get_by_text("goes out to 1 of the client's contacts")).to_be_visible()
    with worker:
        (delivery,) = Delivery.objects.all()
        sending.deliver(delivery_id=delivery.pk)

    with walk.step("acknowledge the alert", minutes=minutes("alert")):
        open_item(walk, "People used a category that the model does not know: locker")
        walk.click(page.get_by_role("link", name="Acknowledge"))
        walk.click(page.locator("form").get_by_role("button", name="Acknowledge"))
        expect(page.get_by_text("You look after this alert now.")).to_be_visible()

    print(f"\n{walk.table()}")
    with worker:
        done = Proposal.objects.filter(cycle=cycle)
        assert all(row.final_label == label_of(row.input["text"]) for row in done)
        assert ReviewOpinion.objects.filter(by="ana").count() == ROWS
        live = Rollout.objects.get(model=cycle.model, ended_at=None)
        assert (live.version.name, live.by) == ("v1.1", "ana")
        assert [message.to for message in mail.outbox] == [["Mia <mia@acme.example>"]]
        assert Alert.objects.get(key="cause:new_category:locker").acknowledged_by == "ana"
    assert sum(step.clicks for step in walk.steps) <= 20
    assert sum(step.keys for step in walk.steps) <= ROWS * 3 + len(REASON)
