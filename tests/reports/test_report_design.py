"""Design: what a reader is told and how, whatever the agency's colours and the client's language."""

import io
import re
from dataclasses import replace
from html import unescape

import pypdf
import pytest

from reports import facts as f
from reports import pages
from reports.colours import contrast
from reports.headline import sureness
from reports.pdf import to_pdf
from reports.wording import wording_for
from reports.wording.catalogue import ENGLISH
from tests.reports import report_facts as made

COLOURS = ["#000000", "#ffffff", "#ffe680", "#808080", "#ff0000", "#00c8a0", "#1f4e79", "#7a7a00"]


@pytest.fixture(scope="module")
def reader():
    report = made.report(language="de", paper="letter")
    return pypdf.PdfReader(io.BytesIO(to_pdf(pages.to_html(report)).content))


def seen(html):
    """What stands on the page: neither tags nor styles, nor the pictures' descriptions."""
    body = re.sub(r"<style>.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL)
    return " ".join(unescape(body).split())


def styled(html, selector):
    """The declarations of one rule."""
    rule = re.search(rf"^{re.escape(selector)} \{{ (.*?) \}}", html, re.MULTILINE)
    return dict(part.split(": ", 1) for part in rule[1].rstrip("; ").split("; "))


def test_the_outline_leads_to_client_model_and_sections(reader):
    def titles(entries):
        for entry in entries:
            yield from titles(entry) if isinstance(entry, list) else [str(entry.title)]

    found = list(titles(reader.outline))
    assert found[:2] == ["Harbour Bank", "Help-desk intents"]
    w = wording_for("de")
    for heading in (
        "found",
        "did",
        "not_done",
        "data",
        "service",
        "next",
        "categories",
        "glossary",
    ):
        assert w.t(f"h.{heading}") in found


def test_every_font_is_embedded_and_the_letters_are_our_own(reader):
    fonts = {}
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            font = font.get_object()
            inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
            fonts[str(font["/BaseFont"])] = inner["/FontDescriptor"].get_object()
    assert all({"/FontFile", "/FontFile2", "/FontFile3"} & set(d) for d in fonts.values())
    assert all("Inter" in name for name in fonts), fonts.keys()


def test_the_pdf_has_language_title_and_tags(reader):
    root = reader.trailer["/Root"]
    assert (root["/Lang"], bool(root["/MarkInfo"]["/Marked"])) == ("de", True)
    assert reader.metadata.title == "Harbour Bank: Modellbericht März 2025"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]


@pytest.mark.parametrize(
    ("audit", "before", "code"),
    [
        (made.rate(0.66, 92), made.rate(0.894, 97), "down"),
        (made.rate(0.95, 120), made.rate(0.7, 120), "up"),
        (made.rate(0.84, 90), made.rate(0.88, 90), "level"),
        (made.rate(0.84, 14), made.rate(0.88, 14), "few"),
        (made.rate(0.84, 90), None, "first"),
        (None, made.rate(0.84, 90), "none"),
    ],
)
@pytest.mark.parametrize("language", ["en", "de"])
def test_the_one_number_says_how_sure_we_are(audit, before, code, language):
    model = replace(made.retrained(5), audit=audit, audit_before=before)
    assert sureness(model) == code
    said = seen(pages.to_html(made.report(model, language=language)))
    assert wording_for(language).t(f"sure.{code}.chip") in said


def test_regressions_are_marked_by_symbol_and_words():
    said = seen(pages.to_html(made.report(made.retrained(20))))
    assert "▼ Got worse" in said
    assert said.count("▼ \u221230.0 points") == 3
    assert "▲ Got better" in said


def test_a_german_report_is_german():
    """The checks word their evidence in English; none of it stands in a German report."""
    report = made.report(made.retrained(20), language="de")
    said = seen(pages.to_html(report))
    model = report.models[0]
    for english in (model.findings.causes[0].evidence, *model.trials[0].reasons):
        assert english not in said
    w = wording_for("de")
    for key, english in ENGLISH.items():
        if len(english) > 12 and "{" not in english and english != w.strings[key]:
            assert english not in said, key


def test_a_reason_that_the_service_wrote_is_told_in_the_reports_language():
    model = made.retrained(5)
    ruling = f.Ruling("2025-04-01", "approve", "anna", "The gate says promote. Better.", "v1.1")
    report = made.report(replace(model, rulings=(ruling,)), language="de")
    said = seen(pages.to_html(report))
    assert "The gate says" not in said
    assert "Freigegeben von anna, nach den vorher festgelegten Regeln." in said


def test_checks_that_ended_alike_are_told_together():
    model = made.retrained(5)
    item = model.not_done[0]
    report = made.report(
        replace(
            model, not_done=(item, replace(item, day="2025-03-22"), replace(item, day="2025-03-29"))
        )
    )
    said = seen(pages.to_html(report))
    assert "after the check of 15 March, 22 March and 29 March 2025." in said
    assert said.count("We did not retrain after") == 1


def test_only_words_that_are_used_are_explained():
    full = seen(pages.to_html(made.report()))
    assert "Fixed and broken" in full
    model = replace(made.retrained(5), trials=(), categories=None)
    less = seen(pages.to_html(made.report(model)))
    assert "Fixed and broken" not in less
    assert "The difference of two percentages" not in less
    assert "Reference rows" in less


def test_service_names_answers_hours_and_decisions():
    said = seen(pages.to_html(made.report()))
    assert "3 alerts called for us. A person of ours took up 1, after 3 hours." in said
    assert "1 was still open when the month ended. 1 was over by itself." in said
    assert "1 decision waited for one of our people: made after 20 hours." in said
    assert "145 minutes" in said


def test_events_of_the_year_are_in_the_chart_and_those_of_the_month_in_the_text():
    model = made.retrained(5)
    older = f.Event("release", "App 4", "2025-01-20", "2025-01-21")
    html = pages.to_html(made.report(replace(model, events=(older, *model.events))))
    caption = seen(html).split("Bars are 95% intervals", 1)[1][:300]
    assert "A: Release “App 4”" in caption and "B: Campaign “Spring offer”" in caption
    listed = seen(html.split("Known events")[1])[:120]
    assert "Spring offer" in listed and "App 4" not in listed


@pytest.mark.parametrize("primary", COLOURS)
@pytest.mark.parametrize("accent", ["#ffd1dc", "#c8102e"])
def test_whatever_the_colours_are_text_is_readable(primary, accent):
    brand = replace(made.BRAND, primary=primary, accent=accent)
    html = pages.to_html(replace(made.report(made.retrained(2)), brand=brand))
    title, key = styled(html, ".title"), styled(html, ".key")
    assert contrast(title["color"], title["background"]) >= 4.5
    badge = styled(html, ".badge")
    assert contrast(badge["color"], badge["background"]) >= 4.5
    assert contrast(styled(html, "h2")["color"], "#ffffff") >= 4.5
    # Small grey print on the tinted ground, and the large figure on it (WCAG: 3 for large text).
    assert contrast("#4a535c", key["background"]) >= 4.5
    assert contrast(styled(html, ".key .big")["color"], key["background"]) >= 3
    for word in (".down, .worse", ".up, .better"):
        assert contrast(styled(html, word)["color"], key["background"]) >= 4.5


def test_an_agency_without_a_logo_is_named_once():
    html = pages.to_html(made.report())
    assert '<img src=""' not in html
    assert seen(html.split("</header>")[0]).count("Nordlicht Analytics") == 1
    with_logo = replace(made.BRAND, logo_svg="<svg xmlns='http://www.w3.org/2000/svg'/>")
    html = pages.to_html(replace(made.report(), brand=with_logo))
    assert 'alt="Nordlicht Analytics"' in html.split("</header>")[0]


def test_a_phone_gets_pictures_of_its_own():
    html = pages.to_html(made.report())
    assert html.count('<source media="(max-width: 720px)"') == 2
    assert 'name="viewport"' in html


def test_a_month_with_nothing_in_it_has_no_heading_without_words():
    model = made.retrained(3)
    empty = replace(
        model,
        audit=None,
        golden=None,
        after_golden=None,
        points=(),
        findings=None,
        trials=(),
        rulings=(),
        not_done=(),
        categories=None,
        data=replace(model.data, steps=(), changes=(), proposed=0, set_aside=()),
        events=(),
        care=None,
    )
    html = pages.to_html(made.report(empty))
    assert not re.search(r"</h3>\s*(<ul[^>]*></ul>\s*)?</section>", html)
    assert "No alert called for us." in seen(html)
