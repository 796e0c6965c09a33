"""What a client does in the portal, from signing in to what comes of it."""

import numpy as np
import pytest

from clients.models import KnownEvent, Membership, PredictionLog
from tests.browser.helpers import log_in, make_member, sign_in
from tests.portal.portal_world import make_portal_world
from tests.retraining import world

pytestmark = pytest.mark.browser


def test_a_client_signs_in_downloads_the_pdf_and_opens_no_other_clients(site, page):
    harbour, rival = make_portal_world("harbour"), make_portal_world("rival")
    mia = make_member(harbour.client, authenticator=True)

    page.goto(f"/portal/harbour/reports/{harbour.report.pk}/")
    log_in(page, mia)
    assert page.url == f"{site}/portal/harbour/reports/{harbour.report.pk}/"
    assert page.frame_locator("iframe").get_by_role("heading", name="harbour").is_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download PDF").click()
    assert download.value.suggested_filename == "harbour-2025-03-r1.pdf"
    assert download.value.path().read_bytes() == b"%PDF-1.7 of harbour"

    for path in (
        "/portal/rival/",
        f"/portal/rival/reports/{rival.report.pk}/",
        f"/portal/rival/reports/{rival.report.pk}/pdf",
        f"/portal/harbour/reports/{rival.report.pk}/",
        f"/portal/harbour/reports/{rival.report.pk}/pdf",
        f"/portal/harbour/models/{rival.model.slug}/",
    ):
        answer = page.goto(path)
        assert answer.status == 404, path
        assert "rival" not in page.content().replace(path, ""), path


def test_an_announced_campaign_is_what_the_diagnosis_names(site, page):
    model = world.onboard(tier="premium").model
    sign_in(page, site, make_member(model.client, role=Membership.Role.LEAD))

    page.goto(f"/portal/{model.client.slug}/calendar/new/")
    page.get_by_label("Name").fill("Spring raffle")
    page.get_by_label("First day").fill("2025-04-05")
    page.get_by_label("Last day").fill("2025-04-06")
    page.get_by_role("button", name="Announce").click()
    page.get_by_text("“Spring raffle” is announced.").wait_for()

    world.load(model, world.month(np.random.default_rng(7)))
    findings = world.cycle(model).diagnosis.findings
    (cause,) = [each for each in findings["causes"] if each["cause"] == "known_event"]
    assert "Spring raffle" in cause["evidence"]
    assert findings["excluded_days"] == [["2025-04-05", "2025-04-07"]]
    assert findings["excluded_windows"] == [["2025-04-04T22:00:00Z", "2025-04-06T22:00:00Z"]]
    assert KnownEvent.objects.get().declared_by == "mia"


def test_a_correction_is_sent_from_a_phone(site, phone):
    harbour = make_portal_world("harbour")
    sign_in(phone, site, make_member(harbour.client, role="reviewer"))

    phone.goto("/portal/harbour/")
    phone.get_by_role("link", name="Corrections").click()
    phone.get_by_label("Row id").fill("harbour-2")
    phone.get_by_role("button", name="Search").click()
    phone.get_by_role("link", name="Look").click()
    phone.get_by_label("The right answer").select_option("billing")
    phone.get_by_role("button", name="Send the correction").click()
    phone.get_by_text("the correction is in").wait_for()

    row = PredictionLog.objects.get(row_id="harbour-2")
    assert (row.label, row.label_source) == ("billing", "override")
