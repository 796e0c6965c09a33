"""What is masked in a client's rows before they are stored: its rules, made ready once."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.db import connection

from clients.models import Client, RedactionRule
from clients.redaction import KINDS, names_of, redact_text

Fields = dict[str, Any]
Redactor = Callable[[Fields, Fields], tuple[Fields, Fields]]

HIDDEN = "[hidden]"

# Asked in every upload, where composing a query takes longer than answering it.
_RULES = f"""
SELECT kind, value FROM {RedactionRule._meta.db_table} WHERE client_id = %s ORDER BY id
"""  # noqa: S608 -- names of ours; values are parameters


def redactor_of(client: Client) -> Redactor | None:
    """(input, context) to the masked ones by the client's rules; ``None`` where it has none.

    Numbers are left as they are unless a rule names their field, which empties it. A context key
    that labels a person's name counts as a name in the input of its row.
    """
    with connection.cursor() as cursor:
        cursor.execute(_RULES, [client.pk])
        rules = cursor.fetchall()
    if not rules:
        return None
    kinds = frozenset(kind for kind, _ in rules if kind in KINDS)
    patterns = [re.compile(value) for kind, value in rules if kind == RedactionRule.Kind.PATTERN]
    fields = {value for kind, value in rules if kind == RedactionRule.Kind.FIELD}

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
