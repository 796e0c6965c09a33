"""The agency's name, logo and colours on the pages that people outside it read."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_safe

from clients.models import AgencySettings
from reports.colours import PAPER, checked, contrast, mixed, readable, text_on

BLUE, RED = "#1f4e79", "#c8102e"
SHEET = """:root {{
  --brand: {brand};
  --brand-deep: {deep};
  --brand-soft: {soft};
  --brand-line: {line};
  --on-brand: {on_brand};
  --accent: {accent};
}}
"""
CACHED = {"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff"}
# A logo is a picture, whatever it holds.
PICTURE = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"


def brand(request: HttpRequest) -> dict[str, Any]:
    """``brand`` in every template: the agency's settings, looked up where a page prints them."""
    return {"brand": SimpleLazyObject(AgencySettings.current)}


def colours(agency: AgencySettings) -> dict[str, str]:
    """The sheet's colours: text and buttons in them are readable on white and on their own tint."""
    primary = checked(agency.primary_colour, otherwise=BLUE)
    soft = mixed(primary, PAPER, 0.92)
    accent = readable(checked(agency.accent_colour, otherwise=RED), on=soft)
    ink = readable(primary, on=soft)
    on_brand = text_on(ink)
    assert contrast(ink, soft) >= 4.5 and contrast(on_brand, ink) >= 4.5
    return {
        "brand": ink,
        "deep": mixed(ink, "#000000", 0.25),
        "soft": soft,
        "line": mixed(primary, PAPER, 0.65),
        "on_brand": on_brand,
        "accent": accent,
    }


@require_safe
def stylesheet(request: HttpRequest) -> HttpResponse:
    """The agency's colours as a sheet of their own: the pages' policy allows none inside them."""
    sheet = SHEET.format(**colours(AgencySettings.current()))
    return HttpResponse(sheet, content_type="text/css; charset=utf-8", headers=CACHED)


@require_safe
def logo(request: HttpRequest) -> HttpResponse:
    """The agency's logo; 404 where it has none."""
    svg = AgencySettings.current().logo_svg.strip()
    if not svg:
        return HttpResponse(status=404)
    headers = CACHED | {"Content-Security-Policy": PICTURE}
    return HttpResponse(svg, content_type="image/svg+xml; charset=utf-8", headers=headers)
