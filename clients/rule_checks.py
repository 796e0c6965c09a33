"""Which redaction rules say something that can be done to every row? Pure."""

import re

from agency.base.errors import BadInput

PATTERN, FIELD = "pattern", "field"
LONGEST_PATTERN = 200
# A repeat of a repeat takes for ever on some texts: ((a+)+)b.
_NESTED_REPEAT = re.compile(r"[+*}]\)?[+*{]|\([^()]*[+*}][^()]*\)[+*{]")


def check_rule(*, kind: str, value: str) -> None:
    """``BadInput`` where the rule says nothing, or something that can't be done to every row."""
    if kind not in (PATTERN, FIELD):
        if value:
            raise BadInput(f"a rule for {kind} takes no value")
        return
    if kind == FIELD:
        part, dot, name = value.partition(".")
        if part not in ("input", "context") or not dot or not name:
            raise BadInput("the field must be written input.NAME or context.NAME")
        return
    if not value or len(value) > LONGEST_PATTERN:
        raise BadInput(f"the pattern must have 1 to {LONGEST_PATTERN} characters")
    if _NESTED_REPEAT.search(value):
        raise BadInput("the pattern repeats a repeat, which takes for ever on some texts")
    try:
        pattern = re.compile(value)
    except re.error as error:
        raise BadInput(f"the pattern is no regular expression ({error})") from error
    if pattern.search(""):
        raise BadInput("the pattern matches nothing at all, and so would mask everything")
