"""A report laid out in this process, so that a test can ask where on a page its words stand."""

import os
from dataclasses import dataclass

from reports import pages, render_server

MM = 96 / 25.4
HEADINGS = ("h1", "h2", "h3")


@dataclass(frozen=True)
class Words:
    """A run of text: its page, the elements around it from the inside, and its box in pixels."""

    page: int
    tags: tuple[str, ...]
    classes: tuple[str, ...]
    text: str
    left: float
    right: float
    bottom: float

    @property
    def heading(self):
        return any(tag in HEADINGS for tag in self.tags)


def laid_out(report, **how):
    """The pages of ``report`` and all words on them, in reading order; the margins are left out."""
    os.environ["FONTCONFIG_FILE"] = render_server.FONTS
    document = render_server.lay_out(pages.to_html(report, **how))
    found = []
    for number, page in enumerate(document.pages):
        _walk(page._page_box.children[0], number, (), (), found)
    return document.pages, found


def _walk(box, page, tags, classes, found):
    element = getattr(box, "element", None)
    if element is not None and box.element_tag and not box.element_tag.startswith("html"):
        if not tags or tags[0] != box.element_tag:
            tags = (box.element_tag, *tags)
        classes = (*(element.get("class") or "").split(), *classes)
    text = getattr(box, "text", "")
    if isinstance(text, str) and text.strip():
        right, bottom = box.position_x + box.width, box.position_y + box.height
        found.append(Words(page, tags, classes, text, box.position_x, right, bottom))
    for child in getattr(box, "children", ()):
        _walk(child, page, tags, classes, found)
