"""Pages: two to five of them, tagged, the same bytes for the same facts, whatever a client sends."""

import io
import re
from dataclasses import replace

import pypdf
import pytest

from reports import charts, pages, services
from reports.category_part import chosen_rows
from reports.colours import checked, contrast, readable, text_on
from reports.headline import headline
from reports.pdf import PdfError, to_pdf
from reports.text import clean, name
from reports.wording import wording_for
from tests.reports import report_facts as made

HOSTILE = "<script>alert(1)</script> $\\frac{1}{0}$ & \"q\" '{x}' %s"


def reader_of(pdf):
    return pypdf.PdfReader(io.BytesIO(pdf.content))


def text_of(reader):
    return " ".join(" ".join(page.extract_text().split()) for page in reader.pages)


def figures_of(reader):
    """The alternative texts of all figures in the structure tree."""
    found = []

    def walk(node):
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            for kid in node:
                walk(kid)
        elif isinstance(node, dict):
            if node.get("/S") == "/Figure":
                found.append(str(node.get("/Alt", "")))
            if "/K" in node:
                walk(node["/K"])

    walk(reader.trailer["/Root"]["/StructTreeRoot"])
    return found


def test_every_category_is_named_in_table_or_annex():
    _, pdf = services._pages(made.report(made.retrained(77)))
    said = text_of(reader_of(pdf))
    for row in made.categories(77).rows:
        assert row.name[:20] in said, row.name


def test_the_pdf_is_tagged_and_says_its_language_title_and_pictures():
    reader = reader_of(to_pdf(pages.to_html(made.report(language="de"))))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] is True or root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "de"
    assert reader.metadata.title == "Harbour Bank: Modellbericht März 2025"
    assert b"pdfuaid" in root["/Metadata"].get_data()
    alts = figures_of(reader)
    assert len(alts) == 3
    assert all(alts)
    assert "in diesem Monat 66,0\u00a0% (56 bis 75, n = 92)." in alts[0]
    assert "31.\u00a0März 2025: im Betrieb 66,0\u00a0% (56 bis 75, n = 92)." in alts[1]
    said = text_of(reader)
    assert "März 2025 in drei Sätzen" in said
    assert "Seite 1 von" in said


def test_the_same_facts_are_the_same_bytes():
    report = made.report(made.retrained(5))
    html = pages.to_html(report)
    assert html == pages.to_html(report)
    assert to_pdf(html).content == to_pdf(html).content


def test_three_models_fit_by_giving_up_small_print():
    models = [replace(made.retrained(77), slug=f"m{i}", name=f"Model {i}") for i in range(3)]
    html, pdf = services._pages(made.report(*models))
    assert 2 <= pdf.pages <= 5
    assert "categories are in the data of this report" in html


def test_a_month_without_a_check_still_makes_a_report():
    model = made.retrained(3)
    empty = replace(
        model,
        golden=None,
        golden_version=None,
        audit=None,
        audit_before=None,
        after_golden=None,
        points=(),
        deployments=(),
        findings=None,
        trials=(),
        rulings=(),
        not_done=(),
        categories=None,
        data=replace(model.data, steps=(), changes=(), proposed=0, set_aside=()),
        service=replace(model.service, checks=()),
        events=(),
    )
    _, pdf = services._pages(made.report(empty))
    assert "No check fell into this month." in text_of(reader_of(pdf))
    assert pdf.pages == 2


def hostile_report():
    model = made.retrained(3)
    evil = name(HOSTILE)
    long = clean("supercalifragilistic" * 200)
    findings = replace(
        model.findings,
        new_categories=(evil, name("שלום עולם"), name("💳 $x^2$"), name("z" * 500)),
        causes=(replace(model.findings.causes[0], evidence=long),),
    )
    rows = tuple(
        replace(row, name=given)
        for row, given in zip(
            model.categories.rows, [evil, name("💳 $\\notmath"), name("שלום")], strict=True
        )
    )
    return made.report(
        replace(
            model,
            name=evil,
            findings=findings,
            rulings=(replace(model.rulings[0], reason=long, by=evil),),
            categories=replace(model.categories, rows=rows, after=evil),
        ),
        name=name("</title><h1>Mine"),
    )


def test_what_a_client_sends_is_text_and_nothing_else():
    report = replace(hostile_report(), brand=replace(made.BRAND, footer='";} body{x:y} </style>'))
    html = pages.to_html(report)
    assert "<script" not in html
    assert "<h1>Mine" not in html
    assert html.count("</style>") == 1
    assert "body{x" not in html.split("</style>")[0]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    reader = reader_of(to_pdf(html))
    said = text_of(reader)
    assert "<script>alert(1)</script>" in said
    assert reader.metadata.title.startswith("</title><h1>Mine")


def test_charts_are_byte_stable_and_draw_any_text():
    model, w = hostile_report().models[0], wording_for("en")
    for draw in (
        lambda: charts.accuracy_over_time(model, made.BRAND, w),
        lambda: headline(model, made.BRAND, w)["svg"],
        lambda: charts.accuracy_over_time(model, made.BRAND, w, width=charts.NARROW),
        lambda: charts.data_growth(model.data.steps, made.BRAND, w),
    ):
        svg = draw()
        assert svg == draw()
        assert svg.startswith("<svg")
        assert "<script" not in svg
        assert not re.search(r"<dc:date>|http://www.w3.org/Graphics", svg)


def test_nothing_outside_the_page_is_fetched(tmp_path):
    secret = tmp_path / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg"><text y="9">TOPSECRET</text></svg>')
    page = '<html lang="en"><title>t</title><img alt="a" src="{}"><p>still here</p></html>'
    inside = to_pdf(page.format(secret.as_uri()))
    assert "still here" in text_of(reader_of(inside))
    assert inside.content == to_pdf(page.format("file:///nowhere")).content


def test_a_page_that_would_never_end_is_stopped():
    endless = '<html lang="en"><title>t</title><table><td colspan="1000000000">x</table></html>'
    with pytest.raises(PdfError, match=r"could not be made|not finished"):
        to_pdf(endless, seconds=2, memory=800 * 1024**2)


def test_regressions_come_first_then_what_got_better_then_the_weakest_and_the_best():
    rows = chosen_rows(made.categories(77).rows, 12)
    assert [row.verdict for row in rows] == ["worse"] * 9 + ["better"] * 3
    level = made.categories(40, basis="golden")
    all_same = [replace(row, verdict="same") for row in level.rows]
    shown = [row.after.estimate for row in chosen_rows(all_same, 12)]
    weakest_first = sorted(row.after.estimate for row in all_same)
    assert shown == [*weakest_first[:8], *weakest_first[-4:]]


def test_an_agency_colour_that_nobody_could_read_is_darkened():
    for colour in ("#ffff00", "#e0e0ff", "#1f4e79"):
        assert contrast(readable(colour), "#ffffff") >= 4.5
    assert text_on("#1f4e79") == "#ffffff"
    assert checked("red;}", otherwise="#1f4e79") == "#1f4e79"
