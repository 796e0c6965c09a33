"""Twenty rows by keyboard, by thumb, and without JavaScript."""

import pytest
from playwright.sync_api import expect

from clients.models import StaffTime
from retraining.models import Proposal, ReviewOpinion
from tests.browser.helpers import make_staff, sign_in
from tests.factories import CycleFactory, ModelVersionFactory, ProposalFactory

pytestmark = pytest.mark.browser
LABELS = ["login", "billing", "delivery"]


@pytest.fixture
def cycle(site):
    cycle = CycleFactory(state="curating")
    ModelVersionFactory(
        model=cycle.model, number=9, categories=LABELS,
        training_version=cycle.incumbent.training_version,
    )  # fmt: skip
    for n in range(20):
        ProposalFactory(
            cycle=cycle,
            label=LABELS[n % 3],
            prediction="billing",
            input={"text": f"message {n} about {LABELS[n % 3]}"},
        )
    return cycle


def open_review(page, site, cycle, name):
    sign_in(page, site, make_staff(name, superuser=True))
    page.goto(f"/admin/retraining/proposal/review/{cycle.pk}/")


def meant(page):
    """What the row on the screen is about."""
    return page.locator(".ws-rv-content").inner_text().rpartition(" ")[2]


def hears_keys(page):
    """A row stands there, and its list of categories, which is dressed last."""
    expect(page.locator("#ws-rv-category[role=combobox]")).to_be_visible()


def next_one(page, row):
    expect(page.locator(".ws-rv-id")).not_to_have_text(row)
    hears_keys(page)


def test_twenty_rows_by_keyboard(site, page, cycle):
    open_review(page, site, cycle, "dana")
    # A skip, an undo, a rejection on the way; shared rows show no label and are searched for.
    expect(page.locator(".ws-rv-count")).to_have_text("0 of 20 decided")
    hears_keys(page)
    skipped = page.locator(".ws-rv-id").inner_text()
    page.keyboard.press("s")
    next_one(page, skipped)
    for turn in range(19):
        row = page.locator(".ws-rv-id").inner_text()
        assert "billing" not in page.locator("#ws-review .ws-rv-row").inner_text() or (
            meant(page) == "billing"
        )
        if turn == 4:
            page.keyboard.press("x")
            page.keyboard.press("2")
        elif page.locator("[data-key=a]").count() and turn != 6:
            page.keyboard.press("a")
        else:
            said = meant(page)
            page.keyboard.press("r")
            page.keyboard.type(said[:3])
            page.keyboard.press("Enter")
        if turn == 18:
            expect(page.get_by_text("Only what you skipped is left")).to_be_visible()
        else:
            next_one(page, row)
        if turn == 7:
            last = page.locator(".ws-rv-id").inner_text()
            page.keyboard.press("u")
            expect(page.get_by_text("Taken back")).to_be_visible()
            hears_keys(page)
            again = page.locator(".ws-rv-id").inner_text()
            assert again == row != last
            page.keyboard.press("r")
            page.keyboard.type(meant(page))
            page.keyboard.press("Enter")
            next_one(page, again)
    page.get_by_role("button", name="Show the 1 skipped").click()
    hears_keys(page)
    page.keyboard.press("r")
    page.keyboard.type("a brand new thing")
    page.keyboard.press("Enter")
    expect(page.locator("#ws-rv-new")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Every row is decided")).to_be_visible()

    assert ReviewOpinion.objects.filter(by="dana").count() == 20
    assert Proposal.objects.filter(final_label="a brand new thing").count() == 1
    assert [row.reason for row in Proposal.objects.filter(state="rejected")] == [
        "Cannot be understood or is cut off"
    ]
    assert all(
        row.final_label in (row.label, "a brand new thing")
        for row in Proposal.objects.exclude(state="rejected")
    )
    assert StaffTime.objects.get().by == "dana"


def test_arrows_choose_and_escape_leaves(site, page, cycle):
    open_review(page, site, cycle, "dana")
    hears_keys(page)
    row = page.locator(".ws-rv-id").inner_text()
    page.keyboard.press("r")
    page.keyboard.type("l")  # login first, then billing and delivery, which hold the letter
    expect(page.locator("[role=option]")).to_have_count(4)
    page.keyboard.press("ArrowDown")
    chosen = page.locator("[role=option][aria-selected=true]").inner_text()
    page.keyboard.press("Escape")
    expect(page.locator("#ws-rv-category")).not_to_be_focused()
    assert not ReviewOpinion.objects.exists()
    page.keyboard.press("r")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    next_one(page, row)
    assert ReviewOpinion.objects.get().label == chosen


def test_a_slip_of_the_keyboard_makes_no_category(site, page, cycle):
    open_review(page, site, cycle, "dana")
    hears_keys(page)
    row = page.locator(".ws-rv-id").inner_text()
    page.keyboard.press("r")
    page.keyboard.type("delivrey")
    page.keyboard.press("Enter")
    expect(page.locator(".ws-rv-near").first).to_be_focused()
    page.keyboard.press("Enter")
    next_one(page, row)
    assert ReviewOpinion.objects.get().label == "delivery"


def test_two_browsers_show_different_rows(site, new_page, cycle):
    one, two = new_page(), new_page(phone=True)
    open_review(one, site, cycle, "dana")
    open_review(two, site, cycle, "lee")
    assert one.locator(".ws-rv-id").inner_text() != two.locator(".ws-rv-id").inner_text()
    one.reload()
    expect(one.locator(".ws-rv-top")).to_contain_text("1 other at work here")


def test_without_javascript_rows_are_decided_by_forms(site, new_page, cycle):
    page = new_page(javascript=False)
    open_review(page, site, cycle, "dana")
    for _ in range(4):
        said = meant(page)
        page.locator("#ws-rv-category").fill(said)
        page.locator("#ws-rv-relabel button").click()
    page.locator("summary[data-key=x]").click()
    page.locator("[data-number='1']").click()
    assert ReviewOpinion.objects.count() == 5
    page.locator("[data-key=u]").click()
    assert ReviewOpinion.objects.count() == 4
    assert page.locator(".ws-rv-id").is_visible()
