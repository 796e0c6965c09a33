"""Text from outside, made fit to print: no control characters, one line, a bounded length. Pure."""

import unicodedata

NAME = 60
"""The longest name of a category, field, person or client that a report prints, in characters."""
SENTENCE = 420
"""The longest reason or piece of evidence, in characters."""

# Marks that turn the direction of the text around them: a name could rewrite its whole line.
_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean(value: object, *, limit: int = SENTENCE) -> str:
    """``value`` as one printable line of at most ``limit`` characters, cut with an ellipsis.

    >>> clean("pay\\x00 me\\n\\n now", limit=8)
    'pay me…'
    """
    raw = "" if value is None else str(value)
    # Nobody types what follows here, and normalising megabytes would be somebody's attack.
    kept = (_printable(character) for character in raw[: limit * 8])
    line = " ".join(unicodedata.normalize("NFC", "".join(kept)).split())
    if len(line) <= limit and len(raw) <= limit * 8:
        return line
    return line[: limit - 1].rstrip() + "…"


def name(value: object) -> str:
    """``value`` as a name: at most ``NAME`` characters."""
    return clean(value, limit=NAME)


def shorten(line: str, limit: int) -> str:
    """An already clean line, cut for a narrow place.

    >>> shorten("getting_virtual_card", 12)
    'getting_vir…'
    """
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def _printable(character: str) -> str:
    if character in _DIRECTION:
        return ""
    category = unicodedata.category(character)
    if category in ("Zl", "Zp") or character in "\t\n\r":
        return " "
    # Cc control, Cs lone surrogate, Co private use, Cn unassigned: no font has them, JSON may not.
    return "" if category in ("Cc", "Cs", "Co", "Cn") else character
