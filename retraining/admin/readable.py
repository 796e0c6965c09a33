"""A row's input as a person reads it."""

from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.text import Truncator


def readable(content: Any, *, length: int | None = None) -> str:
    """A row's input as a person reads it: its text, or its fields by name. Escaped."""
    if isinstance(content, dict) and set(content) == {"text"}:
        text = str(content["text"])
        return format_html(
            '<span class="ws-text">{}</span>', Truncator(text).chars(length) if length else text
        )
    items = list(content.items()) if isinstance(content, dict) else [("", content)]
    shown = items if length is None else items[: length // 20]
    more = "" if len(shown) == len(items) else f" and {len(items) - len(shown)} more"
    pairs = format_html_join(" ", "<span><b>{}</b> {}</span>", ((k, plain(v)) for k, v in shown))
    return format_html('<span class="ws-fields">{}{}</span>', pairs, more)


def plain(value: Any) -> str:
    """One value: no number in a row needs more than six digits to be read."""
    return "-" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
