"""A report's words: facts to plain sentences, in the client's language. Pure.

What is said, and when, is the same for all languages; how it is said is theirs, by gettext.
"""

from functools import cache

from reports.wording.base import Wording
from reports.wording.catalogue import Strings, languages


@cache
def _wording(language: str) -> Wording:
    return Wording(language=language, strings=Strings(language))


def wording_for(language: str) -> Wording:
    """The words of that language; English where we have none of our own."""
    return _wording(language if language in languages() else "en")


__all__ = ["Wording", "languages", "wording_for"]
