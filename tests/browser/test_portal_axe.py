"""Every page of the portal holds to WCAG 2.2 A and AA, wide and narrow, in both languages."""

import pytest

from clients.models import Alert, AlertSubscription
from tests.browser.helpers import make_member, make_staff, sign_in, violations
from tests.portal.portal_matrix import TABLE, address, things_of
from tests.portal.portal_world import make_portal_world

pytestmark = pytest.mark.browser

# A document with a policy of its own, and what is no page.
NO_PAGE = {"report-page", "report-pdf"}
PAGES = [n for n, entry in TABLE.items() if entry.own in (200, 302) and n not in NO_PAGE]
NARROW = pytest.mark.parametrize("narrow", [False, True], ids=["desktop", "phone"])


@pytest.fixture
def harbour(site):
    world = make_portal_world("harbour", language="en")
    Alert.objects.create(
        model=world.model,
        key="signal:x",
        severity="watch",
        message="x",
        opened_at=world.alert.opened_at,
    )
    return world


@NARROW
@pytest.mark.parametrize("language", ["en", "de"])
def test_axe_finds_nothing_on_any_page(site, harbour, new_page, narrow, language):
    harbour.client.language = language
    harbour.client.save()
    mia = make_member(harbour.client, role="lead")
    AlertSubscription.objects.create(
        client=harbour.client, user=mia.user, created_at=harbour.alert.opened_at
    )
    page = new_page(phone=narrow)
    sign_in(page, site, mia)
    found = {}
    for name in PAGES:
        page.goto(address(name, "harbour", things_of(harbour)))
        for summary in page.locator("summary").all():
            summary.click()
        found[name] = violations(page)
        assert page.locator("html").get_attribute("lang") == language
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        assert small_targets(page) == [], name
    assert {name: lines for name, lines in found.items() if lines} == {}
    assert len(found) >= 10


@NARROW
def test_axe_finds_nothing_where_something_is_wrong_or_missing(
    site, harbour, new_page, narrow, tiers
):
    empty = make_portal_world("empty")
    for rows in (empty.client.reports, empty.client.known_events):
        rows.all().delete()
    empty.model.alerts.all().delete()
    mia = make_member(harbour.client, empty.client, role="lead")
    page = new_page(phone=narrow)
    sign_in(page, site, mia)
    found = {}
    for path in ("", "empty/", "empty/reports/", "empty/calendar/", "empty/alerts/"):
        page.goto(f"/portal/{path}")
        found[path] = violations(page)
    page.goto("/portal/harbour/calendar/new/")
    page.locator("form.form").evaluate("form => form.noValidate = true")
    page.get_by_role("button", name="Announce").click()
    assert page.get_by_role("alert").count() >= 3
    found["errors"] = violations(page)
    page.goto("/portal/harbour/no-such-page/")
    found["404"] = violations(page)
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_staff_see_it_without_violations_too(site, harbour, page):
    sign_in(page, site, make_staff(groups=["read-only"]))
    page.goto("/portal/harbour/")
    assert page.get_by_text("You see this as the client does").is_visible()
    assert violations(page) == []


def test_everything_is_reached_and_seen_with_the_keyboard(site, harbour, page):
    sign_in(page, site, make_member(harbour.client))
    page.goto("/portal/harbour/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    assert skip.evaluate("link => link === document.activeElement")
    assert skip.bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_all_is_read_and_announced_without_javascript(site, harbour, new_page):
    page = new_page(javascript=False)
    sign_in(page, site, make_member(harbour.client, role="lead"))
    page.goto("/portal/harbour/")
    assert page.get_by_text("66.0%").first.is_visible()
    page.get_by_role("link", name="Intents of harbour").click()
    assert page.locator("svg.chart.wide").is_visible()
    page.get_by_role("link", name="Calendar").click()
    page.get_by_role("link", name="Announce something").click()
    page.get_by_label("Name").fill("Sale")
    page.get_by_label("First day").fill("2031-01-10")
    page.get_by_label("Last day").fill("2031-01-12")
    page.get_by_role("button", name="Announce").click()
    assert page.get_by_text("10 January 2031 – 12 January 2031").is_visible()


def small_targets(page):
    """Links and buttons below 24 by 24 pixels that do not stand inside a sentence (WCAG 2.5.8)."""
    return page.evaluate(
        """() => [...document.querySelectorAll("a, button, input, select, summary")]
        .filter(each => !each.closest("p:not(.links, .crumb, .actions), .skip") && !each.matches(".skip"))
        .map(each => [each.outerHTML.slice(0, 120), each.getBoundingClientRect()])
        .filter(([, box]) => box.width && (box.width < 24 || box.height < 24))
        .map(([html, box]) => `${html} ${box.width}x${box.height}`)"""
    )
