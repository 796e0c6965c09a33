"""The agency's colours, made readable: contrast as WCAG 2 measures it. Pure."""

import re

INK = "#1b1f24"
PAPER = "#ffffff"
_HEX = re.compile(r"#[0-9a-fA-F]{6}")


def checked(colour: str, *, otherwise: str) -> str:
    """``colour`` where it is # and six hex digits; it goes into a style sheet, so nothing else may."""
    return colour.lower() if _HEX.fullmatch(colour) else otherwise


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 (none) to 21 (black on white).

    Source: WCAG 2.2, "contrast ratio" and "relative luminance".

    >>> round(contrast("#000000", "#ffffff"), 1)
    21.0
    """
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def readable(colour: str, *, on: str = PAPER, ratio: float = 4.5) -> str:
    """``colour``, darkened until text in it is readable on ``on`` (4.5 to 1, WCAG AA).

    >>> readable("#ffff00") != "#ffff00"
    True
    """
    for step in range(20):
        candidate = mixed(colour, "#000000", step / 20)
        if contrast(candidate, on) >= ratio:
            return candidate
    return INK


def text_on(colour: str) -> str:
    """White or dark ink, whichever reads better on that colour."""
    return max((PAPER, INK), key=lambda ink: contrast(ink, colour))


def mixed(colour: str, other: str, share: float) -> str:
    """``colour`` with ``share`` of ``other`` in it.

    >>> mixed("#000000", "#ffffff", 0.5)
    '#808080'
    """
    pairs = zip(_parts(colour), _parts(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in _parts(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
