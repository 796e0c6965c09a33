"""The fast way lets through only what the thorough way stores exactly alike."""

import json
from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.ingest.quick import QuickCheck
from clients.log_rows import RowError, Rules, check_log_row
from clients.readers import json_row
from clients.schema import Field, Schema
from tests.clients.samples import log_row

TEXT = Schema("text", (), ("billing", "delivery"))
TABLE = Schema(
    "tabular",
    (Field("temp c", "number"), Field("hour", "number", whole=True), Field("weather", "category")),
    ("high", "low"),
)
LATEST = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = {"hour": 8, "temp c": 12.5, "weather": "rain"}


def rules(schema, keep_raw=True):
    return Rules(schema=schema, latest=LATEST, keep_raw=keep_raw)


def quickly(line, schema=TEXT, keep_raw=True):
    return QuickCheck(rules(schema, keep_raw)).rows([line.encode()], 0, [1])[0]


def thoroughly(line, schema=TEXT, keep_raw=True):
    """The row, or ``None`` where it is refused, and whether anything in it was ignored."""
    ignored = Counter()
    raw = json_row(line.strip(), line=1)
    if raw.problem is not None:
        return None, ignored
    try:
        return check_log_row(raw, seq=0, rules=rules(schema, keep_raw), ignored=ignored), ignored
    except RowError:
        return None, ignored


def agree(line, schema):
    for keep_raw in (True, False):
        quick = quickly(line, schema, keep_raw)
        if quick is not None:
            row, ignored = thoroughly(line, schema, keep_raw)
            assert quick == row
            assert not ignored, "what is ignored has to be counted"


@pytest.mark.parametrize(
    ("row", "schema"),
    [
        (log_row(), TEXT),
        (log_row(feedback={"clicked": True, "thumbs": None, "seconds": 3}), TEXT),
        (log_row(prediction=..., confidence=..., model_version=...), TEXT),
        (log_row(timestamp="2025-03-01T06:24:34.123456+01:00", context=None), TEXT),
        (log_row(input={"text": 'Grüße "an" alle\n\\ 🎈'}), TEXT),
        (log_row(input=HOUR), TABLE),
        (log_row(input=HOUR | {"temp c": None, "weather": None}), TABLE),
    ],
)
def test_plain_rows_go_the_fast_way_and_end_alike(row, schema):
    line = json.dumps(row, ensure_ascii=False)
    quick = quickly(line, schema)
    assert quick is not None
    assert quick == thoroughly(line, schema)[0]


def raw(old, new):
    return json.dumps(log_row()).replace(old, new)


ODD = [
    raw('"channel": "web"', '"channel": "web", "channel": "web"'),
    raw('"text": "Where is my parcel?"', '"text": "a", "text": "\\u0022"'),
    raw('"context": {', '"id": "m-1", "context": {'),
    raw('"text": "Where', '"text": "\\u0000Where'),
    raw('"text": "Where', '"text": "\\ud800Where'),
    raw('"confidence": 0.9', '"confidence": NaN'),
    raw('"confidence": 0.9', '"confidence": 1e999'),
    raw('"confidence": 0.9', '"confidence": true'),
    raw('"app_version": null', '"app_version": ' + "9" * 4000),
    raw('"app_version": null', '"app_version": ' + "9" * 25),
    raw('"app_version": null', '"app_version": [1]'),
    raw('"app_version": null', '"app_version": ' + "[" * 40 + "]" * 40),
    raw('"id": "m-1"', '"id": "m-1", "runner_up": 1'),
    raw('"id": "m-1"', '"id": "   "'),
    raw("05:24:34Z", "05:24:34"),
    raw("05:24:34Z", "05:24:60Z"),
    raw("2025-03-01", "2025-02-30"),
    raw("2025-03-01", "2031-03-01"),
    raw('"Where is my parcel?"', '" "'),
    "[]",
    "null",
    "{",
]


@pytest.mark.parametrize("line", ODD)
def test_odd_rows_are_left_to_the_thorough_check(line):
    assert quickly(line) is None


SCALAR = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.sampled_from(
        ["", " ", "-0.0", "1e3", "x\ty", "a\\", '"', "\u0000", "\ud800", "ü", "\u2028"]
    ),
    st.text(max_size=5),
)
VALUE = st.one_of(
    SCALAR, st.lists(SCALAR, max_size=2), st.dictionaries(st.text(max_size=3), SCALAR)
)
TIMES = st.sampled_from(
    [
        "2025-03-01T05:24:34Z",
        "2025-03-01T05:24:34.5Z",
        "2025-03-01T05:24:34.1234567Z",
        "2025-03-01 05:24:34+00:00",
        "2025-03-01T05:24Z",
        "20250301T052434Z",
        "2025-W09-6T05:24:34Z",
        "2025-03-01T24:00:00Z",
        "0001-01-01T00:00:00+14:00",
        " 2025-03-01T05:24:34Z",
        "2025-03-01t05:24:34z",
        "2025-03-01T05:24:34-23:59",
    ]
)
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "id": SCALAR,
        "timestamp": TIMES | SCALAR,
        "input": st.fixed_dictionaries(
            {}, optional={"text": SCALAR, "hour": SCALAR, "temp c": SCALAR, "weather": SCALAR}
        )
        | VALUE,
        "context": st.dictionaries(st.text(max_size=3), VALUE, max_size=3) | SCALAR,
        "prediction": SCALAR,
        "confidence": st.floats(0, 1) | SCALAR,
        "model_version": SCALAR,
        "feedback": st.dictionaries(
            st.sampled_from(["label", "label_source", "thumbs", "clicked", "n"]),
            st.sampled_from(["review", "up", "billing", 1, True, -0.0, None]) | VALUE,
        ),
        "more": VALUE,
    },
)


@given(CHANGES, st.booleans(), st.sampled_from([TEXT, TABLE]))
def test_whatever_comes_both_ways_agree(changes, ascii_only, schema):
    row = log_row(input=HOUR if schema is TABLE else {"text": "Where?"}) | changes
    try:
        line = json.dumps(row, ensure_ascii=ascii_only)
        line.encode()
    except UnicodeEncodeError:
        return  # half a character can only come as an escape
    agree(line, schema)


def test_rows_beside_an_odd_one_are_what_they_are_alone():
    plain = [
        log_row(id="a"),
        log_row(id="b", feedback={"clicked": True}),
        log_row(id="c", prediction=..., confidence=..., model_version=...),
        log_row(id="d", timestamp="2025-03-01T06:24:34.5+01:00"),
    ]
    lines = [json.dumps(row) for row in plain]
    check = QuickCheck(rules(TEXT, keep_raw=False))
    alone = [check.rows([line.encode()], i, [i + 1])[0] for i, line in enumerate(lines)]
    assert all(row is not None for row in alone)
    together = [line.encode() for line in lines]
    assert check.rows(together, 0, range(1, 5)) == alone
    odd = json.dumps(log_row(id="e", feedback={"label_source": "nobody"})).encode()
    assert check.rows([*together, odd], 0, range(1, 6)) == [*alone, None]


@pytest.mark.parametrize(
    "written", ["2025-02-30T00:00:00Z", "1969-12-31T23:59:59Z", "2026-01-01T00:00:01Z"]
)
def test_a_time_that_is_none_or_out_of_range_is_left_to_the_thorough_check(written):
    rows = [log_row(id="a"), log_row(id="b", timestamp=written)]
    lines = [json.dumps(row).encode() for row in rows]
    found = QuickCheck(rules(TEXT)).rows(lines, 0, [1, 2])
    assert found[0] is not None and found[1] is None
