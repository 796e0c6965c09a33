"""What must not get in, as bytes; every bad thing carries the canary, which no answer may repeat."""

import gzip
import json

CANARY = "zq81canary"

GOOD = {
    "id": "m-1",
    "timestamp": "2025-03-01T05:24:34Z",
    "input": {"text": "Where is my parcel?"},
    "context": {"channel": "web"},
    "model_version": "v1.0",
    "prediction": "delivery",
    "confidence": 0.9,
    "feedback": {"label": "delivery", "label_source": "review"},
}
FEEDBACK = {"id": "m-1", "label": "delivery", "label_source": "review", "clicked": True}
OUTCOME = {"id": "m-1", "name": "returned", "value": 1, "observed_at": "2025-03-02T00:00:00Z"}
QUESTION = {"id": "q-1", "input": {"text": "Where is it?"}, "context": {"channel": "web"}}

FRAGMENTS = {
    "NUL": f'"{CANARY}\\u0000"',
    "high half": f'"{CANARY}\\ud800"',
    "low half": f'"\\udfff{CANARY}"',
    "halves in the wrong order": f'"\\udc00\\ud800{CANARY}"',
    "NaN": "NaN",
    "Infinity": "Infinity",
    "-Infinity": "-Infinity",
    "1e999": "1e999",
    "-1e999": "-1e999",
    "4,000 digits": "9" * 4000,
    "40 levels of lists": "[" * 40 + f'"{CANARY}"' + "]" * 40,
    "40 levels of objects": '{"a":' * 40 + f'"{CANARY}"' + "}" * 40,
    "100,000 levels": "[" * 100_000 + "]" * 100_000,
}
NO_OBJECTS = {"null": "null", "number": "7", "string": f'"{CANARY}"', "list": f'["{CANARY}"]'}
PLACES = {
    "logs": (GOOD, ("id", "timestamp", "model_version", "prediction", "confidence", "stranger",
                    "input.text", "input.stranger", "context.channel", "feedback.label",
                    "feedback.clicked")),
    "feedback": (FEEDBACK, ("id", "label", "label_source", "clicked", "stranger")),
    "outcomes": (OUTCOME, ("id", "name", "value", "observed_at", "stranger")),
    "predict": (QUESTION, ("id", "input.text", "input.stranger", "context.channel", "stranger")),
}  # fmt: skip
MARK = "@@here@@"


def with_value(row, place, fragment):
    """The row as JSON with the fragment at ``place``, ``outer.inner`` or a key of its own."""
    outer, _, inner = place.partition(".")
    changed = row | {outer: {**row.get(outer, {}), inner: MARK} if inner else MARK}
    return json.dumps(changed).replace(f'"{MARK}"', fragment)


def with_key(row, place, fragment):
    """The row as JSON with the string fragment for a key at ``place``."""
    changed = {**row, place: {**row.get(place, {}), MARK: 1}} if place else {**row, MARK: 1}
    return json.dumps(changed).replace(f'"{MARK}"', fragment)


def broken_json(call):
    """(what, body) of everything that is no JSON of ours, for the rows of that call."""
    row, places = PLACES[call]
    for place in places:
        for what, fragment in FRAGMENTS.items():
            yield f"{what} in {place}", f"[{with_value(row, place, fragment)}]"
    for what in ("NUL", "high half", "low half"):
        for place in ("", *(name for name in ("input", "context", "feedback") if name in row)):
            yield (
                f"{what} in a key of {place or 'the row'}",
                (f"[{with_key(row, place, FRAGMENTS[what])}]"),
            )
    for what, fragment in NO_OBJECTS.items():
        yield f"a {what} for a row", f"[{fragment}]"
        yield f"a {what} for the body", fragment if what != "list" else "7"
        if "input" in row and what != "null":
            yield f"a {what} for the input", f"[{with_value(row, 'input', fragment)}]"
            yield f"a {what} for the context", f"[{with_value(row, 'context', fragment)}]"
    good = json.dumps(row)
    yield "truncated", f"[{good}"[:-5]
    yield "a bare object", good
    yield "an unknown field", f'{{"rows": [{good}], "{CANARY}": 1}}'
    yield "an unknown field first", f'{{"{CANARY}": 1, "rows": [{good}]}}'
    yield "a client", f'{{"rows": [{good}], "client_id": 2}}'
    yield "rows that are none", f'{{"rows": {good}}}'
    yield "an open envelope", f'{{"rows": [{good}]'
    yield "something behind it", f'[{good}] "{CANARY}"'
    yield "an envelope and something behind it", f'{{"rows": [{good}]}}}} {CANARY}'
    yield "a key twice", f'[{good[:-1]}, "id": "{CANARY}"}}]'
    yield "no row", "[]"
    yield "white space", " \n "


def bad_meaning():
    """(what, status, rows) of production rows that are JSON and can't be stored."""
    rows = [GOOD | {"id": f"n-{number}"} for number in range(1000)]
    rows[637] = rows[637] | {"timestamp": f"{CANARY}"}
    yield "one bad row of a thousand", 422, rows
    for what, status, changes in (
        ("a naive time", 400, {"timestamp": "2025-03-01T05:24:34"}),
        ("30 February", 422, {"timestamp": "2025-02-30T05:24:34Z"}),
        ("a leap second", 422, {"timestamp": "2025-02-28T05:24:60Z"}),
        ("the far future", 422, {"timestamp": "2999-03-01T05:24:34Z"}),
        ("a number for a time", 422, {"timestamp": 1740806674}),
        ("a text that is a number", 422, {"input": {"text": 7}}),
        ("no text", 422, {"input": {CANARY: "x"}}),
        ("a long id", 422, {"id": CANARY * 30}),
        ("an empty id", 422, {"id": " "}),
        ("a confidence over one", 422, {"confidence": 1.5}),
        ("a prediction without confidence", 422, {"confidence": None}),
        ("a label from nowhere", 422, {"feedback": {"label": "x", "label_source": CANARY}}),
        ("a list in the context", 422, {"context": {CANARY: [CANARY]}}),
        ("another kind of thumb", 422, {"feedback": {"thumbs": CANARY}}),
    ):
        yield what, status, [GOOD | changes]


def bad_gzip():
    """(what, body) of gzip that is none, or more than one."""
    whole = gzip.compress(json.dumps([GOOD]).encode())
    yield "damaged", whole[:30] + b"\x00\x00\x00\x00" + whole[34:]
    yield "cut", whole[:-9]
    yield "not gzip", json.dumps([GOOD]).encode()
    yield "with something behind it", whole + CANARY.encode()
    yield "with a second member", whole + whole
    yield "zipped twice", gzip.compress(whole)
    yield "of nothing", gzip.compress(b"")
