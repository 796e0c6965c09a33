"""JSON as it is meant: no key twice, no NaN, nothing too deep, no NUL and no half character. Pure."""

import json
import re
from typing import Any, NoReturn

DEEPEST = 32
LONGEST_INTEGER = 64

_SURROGATE = re.compile("[\ud800-\udfff]")


class Refused(ValueError):
    """JSON that Python reads and a database can't hold; ``code`` says why in a word."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise Refused("duplicate_key", f"the key {twice[:40]!r} stands twice in an object")
    return values


def _constant(word: str) -> NoReturn:
    raise Refused("not_finite", f"{word} is not a JSON number")


def _float(written: str) -> float:
    value = float(written)
    if value in (float("inf"), float("-inf")):
        raise Refused("not_finite", f"{written[:20]} is too large for a number")
    return value


def _int(written: str) -> int:
    if len(written) > LONGEST_INTEGER:
        raise Refused("too_long", f"an integer of {len(written)} digits")
    return int(written)


DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_constant=_constant, parse_float=_float, parse_int=_int
)


def check_value(text: str, value: Any) -> None:
    """Refuse what JSON can write and a database can't hold: deep nesting, NUL, half characters."""
    # Only an escape can bring in a NUL or a half character: the file was decoded strictly.
    if "\\u" not in text and text.count("{") + text.count("[") <= DEEPEST:
        return
    open_values = [(value, 1)]
    while open_values:
        item, depth = open_values.pop()
        if depth > DEEPEST + 1:
            raise Refused("too_deep", f"deeper than {DEEPEST} levels")
        if isinstance(item, str):
            if "\x00" in item:
                raise Refused("nul", "a NUL character")
            if _SURROGATE.search(item):
                raise Refused("half_character", "half of a surrogate pair, no character")
        elif isinstance(item, dict):
            open_values += [(part, depth + 1) for pair in item.items() for part in pair]
        elif isinstance(item, list):
            open_values += [(part, depth + 1) for part in item]
