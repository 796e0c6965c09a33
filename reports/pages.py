"""Facts to the HTML of a report: every sentence and picture is made here, the template places them."""

from django.template.loader import render_to_string

from reports.canonical import sha256_of
from reports.colours import INK, contrast, mixed, readable, text_on
from reports.facts import Report
from reports.glossary import glossary
from reports.model_page import DENSITIES, Density, model_page, picture_of
from reports.wording import Wording, sections, wording_for

PAPERS = {"a4": ("A4", "178mm"), "letter": ("letter", "183.9mm")}
"""Paper to its name in CSS and the width of the text on it."""
SIDE = "16mm"
LINE = 19
"""Letters of a section's heading on one line of its column."""
_WORDS = (
    "kind provisional evidence colon cat.col.name cat.col.scale cat.col.change chart.better"
).split()


def to_html(report: Report, *, density: Density = DENSITIES[0], roomy: bool = False) -> str:
    """The whole page, with styles and pictures inside. The same facts give the same text.

    ``roomy``: the details begin on a page of their own, for a month that would fill only one.
    """
    w = wording_for(report.client.language)
    proof = f"{w.t('proof')}: {sha256_of(report)}"
    headings = {key[2:]: text for key, text in w.strings.items() if key.startswith("h.")}
    return render_to_string(
        "report/report.html",
        {
            "report": report,
            "layout": "roomy" if roomy else "small" if density.small else "",
            "lang": w.language,
            "month": w.month(report.month),
            "title": w.t("title", client=report.client.name, month=w.month(report.month)),
            "style": _style(report, proof, w),
            "logo": picture_of(report.brand.logo_svg),
            "note": sections.provisional_note(report, w),
            "edition": w.t("edition", n=report.edition.revision, day=w.day(report.edition.dated)),
            "changes": sections.edition_lines(report.edition, w),
            "changes_title": w.t("edition.changes", n=report.edition.revision - 1),
            "models": [model_page(model, report, density, w) for model in report.models],
            "glossary": glossary(report, w),
            "footer": report.brand.footer or report.brand.name,
            "proof": proof,
            "h": headings,
            "tall": {key: "tall" if len(text) > LINE else "" for key, text in headings.items()},
            "w": {key.replace(".", "_"): w.strings[key] for key in _WORDS},
        },
    )


def _style(report: Report, proof: str, w: Wording) -> str:
    """The style sheet, with the agency's colours where they are readable."""
    brand = report.brand
    primary, accent = readable(brand.primary), readable(brand.accent)
    # A light colour stays what it is where dark letters stand on it.
    band = brand.primary if contrast(text_on(brand.primary), brand.primary) >= 4.5 else primary
    ink = text_on(band)
    paper, width = PAPERS.get(report.client.paper, PAPERS["a4"])
    return render_to_string(
        "report/report.css",
        {
            "paper": paper,
            "width": width,
            "side": SIDE,
            "primary": primary,
            "accent": accent,
            "band": band,
            "on_band": ink,
            "band_ink": readable(brand.primary) if ink != INK else "#ffffff",
            "name_size": _name_size(report.client.name),
            "tint": mixed(primary, "#ffffff", 0.945),
            "tint_accent": mixed(accent, "#ffffff", 0.945),
            "rule": mixed(primary, "#ffffff", 0.78),
            "footer": _css_string(brand.footer or brand.name),
            "proof": _css_string(proof),
            "running": _css_string(f"{report.client.name} · {w.month(report.month)}"),
            "kind": _css_string(w.t("kind")),
            "page": _css_string(w.t("page")),
            "of": _css_string(w.t("of")),
        },
    )


def _name_size(name: str) -> str:
    """A long name is set smaller, so that it takes two lines at most."""
    return "23pt" if len(name) <= 32 else "18pt" if len(name) <= 48 else "15pt"


def _css_string(text: str) -> str:
    """``text`` as the inside of a CSS string: all but letters, digits and blanks as escapes."""
    return "".join(c if c.isalnum() or c == " " else f"\\{ord(c):06x} " for c in text)
