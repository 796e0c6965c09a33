"""Layout: both papers, two to five pages, no page nearly empty, nothing parted from its heading."""

import io
from dataclasses import replace
from itertools import pairwise

import pypdf
import pytest

from reports import canonical, services
from reports.model_page import DENSITIES
from reports.pages import PAPERS
from tests.reports import report_facts as made
from tests.reports.report_layout import MM, laid_out

SIZES = {"a4": (210, 297), "letter": (215.9, 279.4)}
CASES = [
    *(("retrained", count, "a4", "en") for count in (1, 20, 77, 300)),
    *(("retrained", count, "letter", "de") for count in (2, 20, 77)),
    ("broken_feed", 6, "letter", "en"),
    ("broken_feed", 6, "a4", "de"),
]


def case(kind, count, paper, language):
    model = made.broken_feed() if kind == "broken_feed" else made.retrained(count)
    return made.report(model, paper=paper, language=language)


@pytest.fixture(scope="module", params=CASES, ids=lambda c: "-".join(map(str, c)))
def laid(request):
    paper = request.param[2]
    return *laid_out(case(*request.param)), paper


def test_a_report_has_two_to_five_pages_of_the_clients_paper(laid):
    sheets, _, paper = laid
    assert 2 <= len(sheets) <= 5
    for sheet in sheets:
        assert (sheet.width / MM, sheet.height / MM) == pytest.approx(SIZES[paper], abs=0.1)


def test_no_page_is_nearly_empty(laid):
    sheets, words, _ = laid
    for number, sheet in enumerate(sheets):
        lowest = max(w.bottom for w in words if w.page == number)
        assert lowest > 0.28 * sheet.height, f"page {number + 1}"


def test_a_heading_stands_on_the_page_of_what_follows_it(laid):
    _, words, _ = laid
    for this, following in pairwise(words):
        if this.heading and not following.heading:
            assert this.page == following.page, this.text
    assert not words[-1].heading


def test_nothing_stands_outside_the_text_area(laid):
    sheets, words, _ = laid
    for word in words:
        edge = sheets[word.page].width
        assert word.left >= 15.5 * MM and word.right <= edge - 15 * MM, word.text


def test_no_row_of_a_table_stands_alone_and_each_part_has_its_header(laid):
    sheets, words, _ = laid
    for number in range(len(sheets)):
        table = [w for w in words if w.page == number and "categories" in w.classes]
        body = [w for w in table if "tbody" in w.tags and "rate" in w.classes]
        if body:
            assert any("thead" in w.tags for w in table)
            assert len({w.bottom for w in body}) > 1 or len(body) < 4


@pytest.mark.parametrize("count", [1, 3])
def test_one_model_or_three_take_five_pages_at_most(count):
    models = [replace(made.retrained(20), slug=f"m{i}", name=f"Model {i}") for i in range(count)]
    report = made.report(*models, paper="letter")
    _, pdf = services._pages(report)
    assert 2 <= pdf.pages <= 5
    reader = pypdf.PdfReader(io.BytesIO(pdf.content))
    digest = canonical.sha256_of(report)
    # Each page says by what it can be checked, and the last words are there.
    assert all(digest in page.extract_text().replace("\n", "") for page in reader.pages)
    assert "the command “verify” computes them all" in " ".join(
        reader.pages[-1].extract_text().split()
    )


def test_a_long_name_and_a_light_colour_without_a_logo_still_fit():
    brand = replace(
        made.BRAND,
        primary="#ffe680",
        name="Größte Gesellschaft für zuverlässige Modelle mbH & Co. KG",
    )
    name = "Vereinigte Versicherungsanstalten der Süddeutschen Genossens"
    sheets, words = laid_out(replace(made.report(name=name), brand=brand))
    assert len(sheets) <= 5
    title = {w.bottom for w in words if "h1" in w.tags}
    assert len(title) <= 2
    assert max(w.right for w in words) <= sheets[0].width - 15 * MM


def test_every_paper_of_a_client_has_a_name_in_css():
    from clients.models.client import Paper

    assert set(PAPERS) == set(Paper.values)


def test_the_smallest_density_lists_regressions_first():
    html_rows = laid_out(made.report(made.retrained(77)), density=DENSITIES[-1])[1]
    marked = [w.text for w in html_rows if "word" in w.classes and "tbody" in w.tags]
    assert len(marked) == DENSITIES[-1].listed
    assert all(text.startswith("▼") for text in marked)
