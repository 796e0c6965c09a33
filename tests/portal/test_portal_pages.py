"""What the portal tells: the figures, the month, the report, in the client's language and time."""

import re

import pytest
from django.test import Client as Browser

from clients.models import Alert, Client, Membership
from reports.models import MonthlyReport
from tests.portal.portal_matrix import TABLE, address, things_of
from tests.portal.portal_world import make_portal_world


def text_of(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_the_first_page_tells_the_figure_the_month_and_what_is_wanted(harbour, visitor):
    said = text_of(visitor().get("/portal/harbour/"))

    assert "66.0%" in said and "(55 to 75)" in said and "Measured on 92 rows" in said
    assert "Version v1.1 has been in use since 1 April 2025" in said
    assert "March 2025 in three sentences" in said and "trained a new version, v1.1" in said
    assert "never taught: refund_harbour" in said
    assert "Sale of harbour" in said


def test_before_the_first_report_and_check_the_page_says_so(harbour, visitor):
    MonthlyReport.objects.update(read_by="", read_at=None)
    harbour.model.cycles.update(monitor=None)
    harbour.model.versions.get(number=0).eval_runs.all().delete()
    harbour.model.versions.get(number=1).eval_runs.all().delete()

    said = text_of(visitor().get("/portal/harbour/"))

    assert "No report yet" in said and "Nothing has been measured yet" in said


def test_a_month_whose_facts_were_changed_is_quoted_no_more(harbour, visitor):
    facts = dict(harbour.report.facts)
    facts["month"] = "2025-02"
    MonthlyReport.objects.filter(pk=harbour.report.pk).update(facts=facts)

    assert "No report yet" in text_of(visitor().get("/portal/harbour/"))


def test_a_model_page_shows_the_time_line_who_approved_and_the_categories(harbour, visitor):
    answer = visitor().get(f"/portal/harbour/models/{harbour.model.slug}/")
    said = text_of(answer)

    assert answer.content.count(b'<svg class="chart') == 2
    assert "Went live in place of v1.0. Approved by anna." in said
    assert "Single rows: 18 fixed, 2 broken" in said
    assert "delivery" in said and "▼" in said
    assert "Training rows" in said


def test_a_report_is_read_as_a_page_and_as_a_pdf_and_only_once_it_went_out(harbour, visitor):
    browser = visitor("viewer")
    listed = browser.get("/portal/harbour/reports/").content.decode()
    assert f"/reports/{harbour.report.pk}/" in listed
    assert f"/reports/{harbour.unread.pk}/" not in listed

    page = browser.get(f"/portal/harbour/reports/{harbour.report.pk}/page")
    assert page["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert page["X-Frame-Options"] == "SAMEORIGIN"
    pdf = browser.get(f"/portal/harbour/reports/{harbour.report.pk}/pdf")
    assert pdf.content == b"%PDF-1.7 of harbour"
    assert "harbour-2025-03-r1.pdf" in pdf["Content-Disposition"]


def test_a_provisional_report_says_so(harbour, visitor):
    browser = visitor()
    MonthlyReport.objects.filter(pk=harbour.report.pk).update(provisional=True)
    for path in ("", "reports/", f"reports/{harbour.report.pk}/"):
        assert "rovisional" in text_of(browser.get(f"/portal/harbour/{path}")), path


def test_a_later_revision_is_pointed_out(harbour, visitor):
    MonthlyReport.objects.filter(pk=harbour.unread.pk).update(
        read_by="anna", read_at=harbour.report.read_at
    )
    browser = visitor()

    said = text_of(browser.get(f"/portal/harbour/reports/{harbour.report.pk}/"))
    assert "There is a later one: Revision 2" in said
    listed = browser.get("/portal/harbour/reports/").content.decode()
    assert listed.index(f"/reports/{harbour.unread.pk}/") < listed.index(
        f"/reports/{harbour.report.pk}/"
    )


def test_a_file_that_no_longer_matches_its_hash_is_not_shown(harbour, visitor):
    MonthlyReport.objects.filter(pk=harbour.report.pk).update(pdf_sha256="0" * 64)

    answer = visitor().get(f"/portal/harbour/reports/{harbour.report.pk}/pdf")
    assert answer.status_code == 404


def test_alerts_are_told_in_the_clients_words_and_our_own_faults_not_at_all(harbour, visitor):
    Alert.objects.create(
        model=harbour.model,
        key="cycle:7",
        severity="fault",
        message="Cycle 7 failed: KeyError",
        opened_at=harbour.alert.opened_at,
    )
    said = text_of(visitor().get("/portal/harbour/alerts/"))

    assert "never taught: refund_harbour" in said
    assert "KeyError" not in said and harbour.alert.message not in said


def test_several_alerts_that_read_the_same_are_said_once(harbour, visitor):
    for name in ("prediction_psi", "confidence"):
        Alert.objects.create(
            model=harbour.model,
            key=f"signal:{name}",
            severity="watch",
            message=name,
            opened_at=harbour.alert.opened_at,
        )
    said = text_of(visitor().get("/portal/harbour/alerts/"))
    assert said.count("What your model is asked looks different from before") == 1


@pytest.mark.parametrize("name", [name for name, entry in TABLE.items() if entry.own == 200])
def test_a_german_client_reads_german_on_every_page(tiers, name):
    hafen = make_portal_world("hafen", language="de")
    browser = Browser(headers={"accept-language": "en"})
    browser.force_login(_lead(hafen))
    answer = browser.get(address(name, "hafen", things_of(hafen)))
    if name in ("report-page", "report-pdf"):
        return
    page = answer.content.decode()
    assert '<html lang="de">' in page
    assert "Überblick" in page and "Abmelden" in page
    for english in ("Overview", "Sign out", "Calendar", "Search"):
        assert english not in page
    assert answer["Content-Language"] == "de"


def test_numbers_and_days_are_written_as_the_client_writes_them(tiers):
    hafen = make_portal_world("hafen", language="de")
    browser = Browser()
    browser.force_login(_lead(hafen))
    said = text_of(browser.get("/portal/hafen/"))
    assert re.search(r"66,0\s%", said) and "1. April 2025" in said


def test_signing_in_speaks_the_language_that_the_portal_spoke(tiers):
    hafen = make_portal_world("hafen", language="de")
    browser = Browser(headers={"accept-language": "en"})
    browser.force_login(_lead(hafen))
    assert 'lang="en"' in browser.get("/accounts/password/change/").content.decode()
    browser.get("/portal/hafen/")
    assert 'lang="de"' in browser.get("/accounts/password/change/").content.decode()


@pytest.mark.parametrize("name", [name for name, entry in TABLE.items() if entry.own == 200])
def test_no_page_holds_a_script_or_a_style_and_the_policy_allows_none(harbour, visitor, name):
    answer = visitor().get(address(name, "harbour", things_of(harbour)))
    policy = answer["Content-Security-Policy"]
    assert "unsafe-eval" not in policy
    if name != "report-page":
        assert "unsafe-inline" not in policy and "default-src 'self'" in policy
        assert not re.search(rb"<script|<style|\sstyle=|\son\w+=", answer.content)
    assert "no-cache" in answer["Cache-Control"] and "private" in answer["Cache-Control"]


def test_a_hostile_name_is_text(harbour, visitor):
    Client.objects.filter(pk=harbour.client.pk).update(name="<script>alert(1)</script>")
    harbour.event.title = '"><img src=x onerror=alert(1)>'
    harbour.event.save()
    browser = visitor()
    for path in ("", "calendar/", f"calendar/{harbour.event.pk}/"):
        page = browser.get(f"/portal/harbour/{path}").content.decode()
        assert "<script>alert" not in page and "<img src=x" not in page


def test_of_several_clients_one_is_chosen_and_of_one_none(harbour, rival, visitor):
    assert visitor().get("/portal/").url == "/portal/harbour/"
    both = visitor("viewer", harbour.client, rival.client, username="max")
    chosen = both.get("/portal/").content.decode()
    assert "/portal/harbour/" in chosen and "/portal/rival/" in chosen


def test_who_belongs_to_no_client_is_told_so(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("nobody"))
    assert "belongs to no client" in text_of(client.get("/portal/"))


def test_staff_see_what_the_client_sees_and_that_they_can_change_nothing(harbour, visitor):
    browser = visitor("staff")
    page = browser.get("/portal/harbour/")
    assert "You see this as the client does" in text_of(page)
    assert "/corrections/" not in page.content.decode()
    assert "Announce something" not in text_of(browser.get("/portal/harbour/calendar/"))


def _lead(world):
    from tests.browser.helpers import make_member

    return make_member(world.client, role=Membership.Role.LEAD).user
