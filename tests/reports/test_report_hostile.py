"""Whatever stands in a field, the report is a normal one: the same elements, no request, no file."""

import io
import re
import threading
from dataclasses import fields, is_dataclass, replace
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, HTTPServer

import pypdf
import pytest
from django.db import connection

from clients.models import AgencySettings, KnownEvent
from reports import canonical, pages, services
from reports.pdf import Pdf, to_pdf
from reports.text import NAME, SENTENCE, clean
from retraining.models import Comparison, Decision, Diagnosis, EvalRun, Rollout
from tests.reports import report_facts as made
from tests.reports.hostile import LAUGHS, OUTSIDE, SVG, texts
from tests.reports.report_world import AFTER, MARCH, deployed, gathered

SECRET = "CANARYTEXT"
KINDS = list(texts(out="", file=""))
# Not text from outside: codes that the contract fixes, days, colours, hashes, names of snapshots.
FIXED = frozenset(
    "language timezone domain task verdict kind basis outcome what day dated month starts ends since"
    " until where cause advice query of format slug paper primary accent logo_svg".split()
)


class Elements(HTMLParser):
    """The elements of a page, their attributes, and its style sheet."""

    def __init__(self, html):
        super().__init__()
        self.found, self.addresses, self.style = set(), set(), ""
        self._in_style = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found.add((tag, *sorted(key for key, _ in attrs)))
        self.addresses |= {value for key, value in attrs if key in ("src", "href", "data")}
        self._in_style = tag == "style"

    def handle_data(self, data):
        if self._in_style:
            self.style += re.sub(r'"[^"]*"', '""', data)

    def handle_endtag(self, tag):
        self._in_style = False


def rules_of(style):
    """The style sheet without its strings and without sizes that follow the length of a name."""
    return re.sub(r"\d+pt", "", style)


@pytest.fixture(scope="module")
def plain():
    """The elements of an ordinary report, with and without a logo, in both forms of categories."""
    brand = replace(made.BRAND, logo_svg=SVG.format(out="", file=""))
    kinds = [made.report(), made.report(made.broken_feed()), replace(made.report(), brand=brand)]
    read = [Elements(pages.to_html(each)) for each in kinds]
    return set().union(*(each.found for each in read)), {rules_of(each.style) for each in read}


@pytest.fixture(scope="module")
def canary(tmp_path_factory):
    """An address on this machine and a file; and all requests that the address has seen."""
    asked = []

    class Notes(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *arguments):
            pass

    server = HTTPServer(("127.0.0.1", 0), Notes)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    path = tmp_path_factory.mktemp("canary") / "secret.svg"
    path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg"><text y="9">{SECRET}</text></svg>')
    yield {"out": f"http://127.0.0.1:{server.server_port}/x", "file": path.as_uri()}, asked
    server.shutdown()
    server.server_close()


def is_harmless(html, plain):
    elements, styles = plain
    read = Elements(html)
    assert read.found <= elements
    assert all(each.startswith(("data:image/svg+xml;base64,", "#")) for each in read.addresses)
    assert html.count("</style>") == html.count("<style>") == 1
    assert "\x00" not in html
    return rules_of(read.style) in styles


def free_texts(value, path=()):
    """The place of every text of the facts that somebody outside may have written."""
    if is_dataclass(value):
        months = {"before", "after"} if getattr(value, "basis", "") == "audit" else set()
        for field in fields(value):
            if field.name not in FIXED | months:
                yield from free_texts(getattr(value, field.name), (*path, field.name))
    elif isinstance(value, tuple):
        for i, item in enumerate(value[:2]):
            yield from free_texts(item, (*path, i))
    elif isinstance(value, str):
        yield path


def put(value, path, text):
    if not path:
        return text
    first, *rest = path
    if isinstance(value, tuple):
        return (*value[:first], put(value[first], rest, text), *value[first + 1 :])
    return replace(value, **{first: put(getattr(value, first), rest, text)})


@pytest.mark.parametrize("of", ["retrained", "broken_feed"])
def test_any_text_in_any_field_of_the_facts_stays_text(plain, of):
    report = made.report(getattr(made, of)())
    evil = clean(
        " ".join(texts(out="http://x", file="file:///etc/passwd")[kind][:60] for kind in KINDS)
    )
    places = list(free_texts(report))
    assert len(places) > 25
    for path in places:
        assert is_harmless(pages.to_html(put(report, path, evil)), plain), path


def test_all_fields_at_once_in_each_language_and_on_each_paper(plain):
    everywhere = made.report(made.retrained(20), made.retrained(6))
    kinds = list(texts(out="http://x", file="file:///etc/passwd").values())
    for i, path in enumerate(free_texts(everywhere)):
        everywhere = put(everywhere, path, clean(kinds[i % len(kinds)]))
    for language in ("en", "de"):
        for paper in ("a4", "letter"):
            reader = replace(everywhere.client, language=language, paper=paper)
            html = pages.to_html(replace(everywhere, client=reader))
            assert Elements(html).found <= plain[0]


def fill(model, evil):
    """The text in every column that a client or staff may write and a report may print."""
    golden = model.datasets.get(kind="golden").versions.get()
    deployed(model, model.versions.get(number=0), golden)
    text = evil if connection.vendor == "sqlite" else evil.replace("\x00", "")

    def fit(limit):
        return text[:limit]

    model.name, model.client.name = fit(100), fit(100)
    model.save()
    model.client.save()
    model.tier.name = fit(60)
    model.tier.save()
    AgencySettings.objects.update_or_create(
        pk=1, defaults={"name": fit(100), "footer": fit(200), "logo_svg": text}
    )
    Rollout.objects.update(by=fit(150), reason=text)
    Decision.objects.update(by=fit(150) or "anna", reason=text or "a reason")
    KnownEvent.objects.create(
        client=model.client,
        kind="campaign",
        title=fit(200),
        starts_at=AFTER.replace(month=3, day=2),
        ends_at=AFTER.replace(month=3, day=4),
        declared_by=fit(150),
    )
    golden.dataset.versions.update(by=fit(150), reason=text)
    fault = {"field": text, "kind": "unit_change", "since": "2025-03-10", "factor": 1.8}
    Diagnosis.objects.update(
        findings={
            "causes": [
                {"cause": "unit_change", "evidence": text, "since": "2025-03-10"},
                {"cause": "new_category", "evidence": text, "since": text},
                {"cause": text, "evidence": [text], "since": "2025-03-10", "acts": False},
            ],
            "new_categories": [text, {"a": text}, None],
            "weak_categories": [text],
            "suspect_fields": [fault, {**fault, "segment": [text, text], "lag": 3}],
            "suspect_segments": [{"key": text, "value": text, "cause": text, "since": ""}],
            "excluded_days": [],
            "untrusted_signals": [text],
            "opportunity": None,
        }
    )
    comparison = Comparison.objects.get()
    for section in comparison.figures["categories"]:
        section["category"] = f"{section['category'][:2]}{text}"
    comparison.figures["reasons"] = [text] * 30
    comparison.save()
    EvalRun.objects.update(categories={text: {"estimate": 1.0, "low": 0.5, "high": 1.0, "n": 9}})
    cycle = model.cycles.get()
    cycle.collected = {"proposed": 20, "accepted": 15, "rejected": {text: 5}}
    cycle.monitor["signals"] = [{"name": text, "tripped": True}]
    cycle.save()


def strings(value, path=""):
    if is_dataclass(value):
        for field in fields(value):
            if field.name != "logo_svg":
                yield from strings(getattr(value, field.name), f"{path}/{field.name}")
    elif isinstance(value, tuple):
        for i, item in enumerate(value):
            yield from strings(item, f"{path}/{i}")
    elif isinstance(value, str):
        yield path, value


@pytest.mark.parametrize("kind", KINDS)
def test_any_text_in_any_column_makes_an_ordinary_page(world, plain, kind):
    model, _, _ = world
    fill(model, texts(out="http://127.0.0.1:9/x", file="file:///etc/passwd")[kind])
    facts = gathered(model)
    for path, said in strings(facts):
        assert clean(said) == " ".join(said.split()), path
        assert len(said) <= (SENTENCE if len(said) > NAME else NAME)
    assert canonical.from_json(canonical.to_json(facts))
    assert is_harmless(pages.to_html(facts), plain)


def test_the_pdf_of_it_all_is_ordinary_and_asks_for_nothing(world, canary):
    model, _, _ = world
    where, asked = canary
    bad = texts(**where)
    fill(model, " ".join(bad[kind][:300] for kind in KINDS))
    AgencySettings.objects.update(logo_svg=SVG.format(**where))
    report = services.publish(client=model.client, month=MARCH, at=AFTER)
    assert report.state == "rendered"
    pdf = services._pages(services.facts_of(report))[1]
    reader = pypdf.PdfReader(io.BytesIO(pdf.content))
    assert 2 <= len(reader.pages) <= 6
    assert {round(float(page.mediabox.height)) for page in reader.pages} == {842}
    said = " ".join(page.extract_text() for page in reader.pages)
    assert "<script" in said
    assert SECRET not in said and SECRET.encode() not in pdf.content
    assert not list(reader.attachments)
    assert asked == []


@pytest.mark.parametrize(
    "inside",
    [
        '<img alt="a" src="{out}">',
        '<img alt="a" src="{file}">',
        '<object data="{out}"></object><embed src="{file}">',
        '<link rel="stylesheet" href="{out}"><link rel="attachment" href="{file}">',
        "<style>@import url({out}); p{{background:url({file})}} p::before{{content:url({out})}}</style>",
        "<style>@font-face{{font-family:x;src:url({out}),url({file})}} p{{font-family:x}}</style>",
        '<a rel="attachment" href="{file}">x</a>',
        '<svg xmlns="http://www.w3.org/2000/svg"><image href="{out}"/><use href="{file}#a"/></svg>',
    ],
)
def test_a_page_that_did_ask_would_be_told_no(canary, inside):
    where, asked = canary
    page = f'<html lang="en"><title>t</title>{inside.format(**where)}<p>still here</p></html>'
    pdf = to_pdf(page)
    reader = pypdf.PdfReader(io.BytesIO(pdf.content))
    assert "still here" in reader.pages[0].extract_text()
    assert SECRET.encode() not in pdf.content and not list(reader.attachments)
    assert asked == []


@pytest.mark.parametrize("logo", [LAUGHS, OUTSIDE, SVG, "<svg", "not a picture", "<svg>" * 9000])
def test_a_logo_is_drawn_or_left_out_and_never_more(canary, logo):
    where, asked = canary
    fitted = logo.format(**where) if logo in (OUTSIDE, SVG) else logo
    html = pages.to_html(replace(made.report(), brand=replace(made.BRAND, logo_svg=fitted)))
    pdf = to_pdf(html, seconds=20)
    assert isinstance(pdf, Pdf) and pdf.pages >= 2
    assert SECRET.encode() not in pdf.content
    assert asked == []
