"""A report's words: facts to plain sentences, in the client's language. Pure.

One file a language holds the strings; what is said, and when, is the same for all of them.
"""

from reports.wording import de, en
from reports.wording.base import Wording

_LANGUAGES = {
    "en": Wording(language="en", strings=en.STRINGS, decimal=".", thousands=",", space=""),
    "de": Wording(language="de", strings=de.STRINGS, decimal=",", thousands=".", space="\u00a0"),
}


def wording_for(language: str) -> Wording:
    """The words of that language; English where we have none of our own."""
    return _LANGUAGES.get(language, _LANGUAGES["en"])


__all__ = ["Wording", "wording_for"]
