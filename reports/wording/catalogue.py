"""The report's strings in a language, from gettext catalogues. Pure: the standard library alone.

The source strings are English and stand in this package, by key. A translation is a message whose
context is the key: ``locale/LANG/LC_MESSAGES/reports.po``. ``script/catalogs`` keeps them in step.
A string that counts has a second one under ``KEY.one``; both are one message with plural forms.
"""

import gettext
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from reports.wording.en import STRINGS as ENGLISH

DOMAIN = "reports"
LOCALE = Path(__file__).resolve().parents[2] / "locale"

__all__ = ["DOMAIN", "ENGLISH", "LOCALE", "Strings", "languages", "plural_keys"]


@cache
def plural_keys() -> frozenset[str]:
    """The keys of strings that read otherwise for one thing."""
    ones = (key.removesuffix(".one") for key in ENGLISH if key.endswith(".one"))
    return frozenset(key for key in ones if key in ENGLISH)


def languages() -> tuple[str, ...]:
    """The languages that a report can be written in, English first."""
    return ("en", *sorted(path.parts[-3] for path in LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.mo")))


class Strings(Mapping[str, str]):
    """Every string of one language by its key; English where that language has none."""

    def __init__(self, language: str) -> None:
        self._messages = gettext.translation(
            DOMAIN, localedir=LOCALE, languages=[language], fallback=True
        )

    def __getitem__(self, key: str) -> str:
        if key in plural_keys():
            return self.counted(key, 2)
        if key.endswith(".one") and key.removesuffix(".one") in plural_keys():
            return self.counted(key.removesuffix(".one"), 1)
        return self._messages.pgettext(key, ENGLISH[key])

    def __iter__(self) -> Iterator[str]:
        return iter(ENGLISH)

    def __len__(self) -> int:
        return len(ENGLISH)

    def counted(self, key: str, n: int) -> str:
        """The string of a key of ``plural_keys`` in the form that ``n`` things take."""
        return self._messages.npgettext(key, ENGLISH[f"{key}.one"], ENGLISH[key], n)
