"""What is masked in a client's rows before they are stored: its rules, made ready once."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from agency.base.errors import BadInput
from clients.models import Client, RedactionRule
from clients.redaction import KINDS, names_of, redact_text

Fields = dict[str, Any]
Redactor = Callable[[Fields, Fields], tuple[Fields, Fields]]

HIDDEN = "[hidden]"
LONGEST_PATTERN = 200
# A repeat of a repeat takes for ever on some texts: ((a+)+)b.
_NESTED_REPEAT = re.compile(r"[+*}]\)?[+*{]|\([^()]*[+*}][^()]*\)[+*{]")


def check_rule(*, kind: str, value: str) -> None:
    """``BadInput`` where the rule says nothing, or something that can't be done to every row."""
    if kind not in (RedactionRule.Kind.PATTERN, RedactionRule.Kind.FIELD):
        if value:
            raise BadInput(f"a rule for {kind} takes no value")
        return
    if kind == RedactionRule.Kind.FIELD:
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


def redactor_of(client: Client) -> Redactor | None:
    """(input, context) to the masked ones by the client's rules; ``None`` where it has none.

    Numbers are left as they are unless a rule names their field, which empties it. A context key
    that labels a person's name counts as a name in the input of its row.
    """
    rules = list(RedactionRule.objects.filter(client=client).order_by("pk"))
    if not rules:
        return None
    kinds = frozenset(rule.kind for rule in rules if rule.kind in KINDS)
    patterns = [re.compile(rule.value) for rule in rules if rule.kind == RedactionRule.Kind.PATTERN]
    fields = {rule.value for rule in rules if rule.kind == RedactionRule.Kind.FIELD}

    def masked(text: str, names: tuple[str, ...]) -> str:
        for pattern in patterns:
            text = pattern.sub(HIDDEN, text)
        return redact_text(text, names=names, kinds=kinds).text if kinds else text

    def part(name: str, values: Mapping[str, Any], names: tuple[str, ...]) -> Fields:
        done: Fields = {}
        for key, value in values.items():
            if f"{name}.{key}" in fields:
                done[key] = HIDDEN if isinstance(value, str) else None
            elif isinstance(value, str):
                done[key] = masked(value, names)
            else:
                done[key] = value
        return done

    def redact(given: Fields, context: Fields) -> tuple[Fields, Fields]:
        names = names_of(context) if RedactionRule.Kind.NAME in kinds else ()
        return part("input", given, names), part("context", context, names)

    return redact
