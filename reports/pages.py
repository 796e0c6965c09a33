"""Facts to the HTML of a report: every sentence and picture is made here, the template places them."""

from django.template.loader import render_to_string

from reports.colours import mixed, readable, text_on
from reports.facts import Report
from reports.model_page import DENSITIES, Density, model_page, picture_of
from reports.wording import Wording, sections, wording_for


def to_html(report: Report, *, density: Density = DENSITIES[0], roomy: bool = False) -> str:
    """The whole page, with styles and pictures inside. The same facts give the same text.

    ``roomy``: the details begin on a page of their own, for a month that would fill only one.
    """
    w = wording_for(report.client.language)
    return render_to_string(
        "report/report.html",
        {
            "report": report,
            "roomy": roomy,
            "lang": w.language,
            "month": w.month(report.month),
            "title": w.t("title", client=report.client.name, month=w.month(report.month)),
            "style": _style(report, w),
            "logo": picture_of(report.brand.logo_svg),
            "note": sections.provisional_note(report, w),
            "edition": w.t("edition", n=report.edition.revision, day=w.day(report.edition.dated)),
            "changes": sections.edition_lines(report.edition, w),
            "changes_title": w.t("edition.changes", n=report.edition.revision - 1),
            "models": [model_page(model, report, density, w) for model in report.models],
            "glossary": _glossary(w) if density.glossary else [],
            "h": {key[2:]: text for key, text in w.strings.items() if key.startswith("h.")},
            "w": {
                key.replace(".", "_"): w.strings[key]
                for key in ("kind", "provisional", "evidence", "colon")
            },
        },
    )


def _glossary(w: Wording) -> list[list[list[str]]]:
    """Words and their meanings, in two columns."""
    entries = [line.split("|", 1) for line in w.t("gloss").split("\n")]
    half = len(entries) // 2
    return [entries[:half], entries[half:]]


def _style(report: Report, w: Wording) -> str:
    """The style sheet, with the agency's colours where they are readable."""
    brand = report.brand
    primary = readable(brand.primary)
    return render_to_string(
        "report/report.css",
        {
            "primary": primary,
            "accent": readable(brand.accent),
            "on_primary": text_on(primary),
            "tint": mixed(primary, "#ffffff", 0.93),
            "rule": mixed(primary, "#ffffff", 0.75),
            "footer": _css_string(brand.footer or brand.name),
            "running": _css_string(f"{report.client.name} · {w.month(report.month)}"),
            "page": _css_string(w.t("page")),
            "of": _css_string(w.t("of")),
        },
    )


def _css_string(text: str) -> str:
    """``text`` as the inside of a CSS string: all but letters, digits and blanks as escapes."""
    return "".join(c if c.isalnum() or c == " " else f"\\{ord(c):06x} " for c in text)
