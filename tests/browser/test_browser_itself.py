"""The ground that the other browser tests stand on."""

import pytest

from tests.browser.helpers import make_staff, sign_in, violations

pytestmark = pytest.mark.browser


def test_a_staff_person_sees_the_admin_in_its_dress(site, page):
    sign_in(page, site, make_staff(superuser=True))

    page.goto("/admin/")

    assert "/login" not in page.url
    sheets = page.evaluate("[...document.styleSheets].map(sheet => sheet.href)")
    assert any("unfold" in (sheet or "") for sheet in sheets)


def test_axe_finds_a_picture_without_a_text(site, page):
    page.goto("/healthz")
    page.set_content('<html lang="en"><title>t</title><main><img src="data:image/png,"></main>')

    assert any(line.startswith("image-alt") for line in violations(page))


def test_a_page_without_javascript_runs_none(site, new_page):
    page = new_page(javascript=False)
    page.goto("/admin/login/")

    assert page.locator("input[type=password]").count() == 1
