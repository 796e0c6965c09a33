"""Every line of bad input, over HTTP against a running service without a broker.

Each is refused with its status as problem+json that repeats nothing of it, and changes no count of
rows or files; a 202 is the only answer after which there is more.
"""

import gzip
import json

import pytest

from tests.api.bad_bodies import (
    CANARY,
    GOOD,
    bad_gzip,
    bad_meaning,
    broken_json,
)

LOGS = "models/desk/logs"
GZIP = {"Content_Encoding": "gzip"}
BODY = json.dumps([GOOD]).encode()

# The rows of these tests live in the service's own copy of the database.
pytestmark = pytest.mark.django_db


def named(table):
    """The table's first column as the names of its cases."""
    return {"argvalues": table, "ids": [case[0] for case in table]}


@pytest.fixture
def untouched(live):
    """What was there before is there after, no more and no less."""
    before = live.counts()
    yield
    assert live.counts() == before


def check(answer, *statuses, what=""):
    """A refusal as the contract has it."""
    assert answer.status in statuses, (what, answer)
    assert answer.headers["content-type"] == "application/problem+json", what
    problem = json.loads(answer.body)
    assert problem["status"] == answer.status
    assert {"type", "title", "code", "request_id", "errors"} <= problem.keys()
    assert problem["errors"] and all(
        {"pointer", "code", "detail"} <= error.keys() for error in problem["errors"]
    )
    assert CANARY not in answer.body, what
    return problem


def test_who_may_not_is_told_so_before_anything_is_read(live, untouched):
    nobody = check(live.post(LOGS, BODY, key=None), 401)
    revoked = check(live.post(LOGS, BODY, key="revoked"), 401)
    stranger = check(live.post(LOGS, BODY, key="x.y"), 401)
    assert {**nobody, "request_id": ""} == {**revoked, "request_id": ""}
    assert {**nobody, "request_id": ""} == {**stranger, "request_id": ""}
    theirs = check(live.post("models/only-charlie/logs", BODY), 404)
    unknown = check(live.post("models/none/logs", BODY), 404)
    assert {**theirs, "request_id": ""} == {**unknown, "request_id": ""}
    check(live.post(LOGS, BODY, key="reader"), 403)
    limited = live.post(LOGS, BODY, key="limited")
    check(limited, 429)
    assert int(limited.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("what", "status", "headers"),
    **named(
        [
            ("no type", 415, {"Content_Type": None}),
            ("another type", 415, {"Content_Type": "text/html"}),
            ("a form", 415, {"Content_Type": "application/x-www-form-urlencoded"}),
            ("a zip", 415, {"Content_Type": "application/gzip"}),
            ("a type that is none", 415, {"Content_Type": CANARY}),
            ("another charset", 415, {"Content_Type": "application/json; charset=latin-1"}),
            ("a charset that is none", 415, {"Content_Type": f"text/csv; charset={CANARY}"}),
            ("another encoding", 415, {"Content_Encoding": "br"}),
            ("an encoding that is none", 415, {"Content_Encoding": CANARY}),
            ("a second encoding", 415, {"Content_Encoding": "gzip, br"}),
            ("gzip twice", 400, {"Content_Encoding": "gzip, gzip"}),
            ("a key too long", 400, {"Idempotency_Key": "x" * 201}),
            ("an answer that we lack", 406, {"Accept": "text/html"}),
        ]
    ),
)
def test_headers_that_ask_for_what_is_not_taken(what, status, headers, live, untouched):
    check(live.post(LOGS, BODY, **headers), status, what=what)


@pytest.mark.parametrize(
    ("what", "status", "body"),
    **named(
        [
            ("nothing", 400, b""),
            ("a byte order mark", 400, b"\xef\xbb\xbf" + BODY),
            ("invalid UTF-8", 400, BODY.replace(b"parcel", b"\xff\xfe")),
            ("half a character at the end", 400, BODY + b"\xc3"),
            ("UTF-16", 400, json.dumps([GOOD]).encode("utf-16")),
            ("a raw NUL", 400, BODY.replace(b"parcel", b"par\x00cel")),
            ("too many bytes", 413, b"[" + b" " * 3_000_000 + b"]"),
            ("too many rows", 413, json.dumps([{"id": str(n)} for n in range(2001)]).encode()),
        ]
    ),
)
@pytest.mark.parametrize("chunked", [False, True], ids=["with a length", "in chunks"])
def test_bodies_that_are_not_what_they_should_be(what, status, body, chunked, live, untouched):
    if chunked:
        head = live.head(LOGS, Content_Type="application/json", Transfer_Encoding="chunked")
        pieces = [body[start : start + 65536] for start in range(0, len(body), 65536)]
        chunks = [b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces]
        answer = live.raw(head, *chunks, b"0\r\n\r\n")
    else:
        answer = live.post(LOGS, body)
    check(answer, status, what=what)


def test_a_chunked_body_is_read_to_its_end(live):
    row = json.dumps([GOOD | {"id": "chunked"}]).encode()
    head = live.head(LOGS, Content_Type="application/json", Transfer_Encoding="chunked")
    chunks = [b"%x\r\n%s\r\n" % (1, row[place : place + 1]) for place in range(len(row))]
    answer = live.raw(head, *chunks, b"0\r\n\r\n")
    assert (answer.status, json.loads(answer.body)["accepted"]) == (202, 1)


def test_bodies_that_stop_before_their_end(live, untouched):
    longer = live.head(LOGS, Content_Type="application/json", Content_Length=str(len(BODY) + 9))
    check(live.raw(longer, BODY, end=True), 400, what="the connection ends")
    check(live.raw(longer, BODY), 408, what="nothing more comes")
    chunked = live.head(LOGS, Content_Type="application/json", Transfer_Encoding="chunked")
    check(
        live.raw(chunked, b"%x\r\n%s\r\n" % (len(BODY), BODY), end=True), 400, what="no last chunk"
    )
    check(live.raw(chunked, b"zz\r\nabc\r\n", end=True), 400, what="a chunk without a size")
    nothing = live.head(LOGS, Content_Type="application/json")
    check(live.raw(nothing), 400, 411, what="no length at all")


@pytest.mark.parametrize(("what", "body"), **named(list(bad_gzip())))
def test_gzip_that_is_none_or_more_than_one(what, body, live, untouched):
    check(live.post(LOGS, body, **GZIP), 400, what=what)


def test_a_bomb_is_refused_at_the_cap(live, untouched):
    bomb = gzip.compress(b"[" + b" " * 300_000_000 + b"]", compresslevel=6)
    assert len(bomb) < 400_000
    check(live.post(LOGS, bomb, **GZIP), 413)


@pytest.mark.parametrize("call", ["logs", "feedback", "outcomes", "predict"])
def test_what_is_no_json_of_ours(call, live, untouched):
    wrong = {}
    for what, body in broken_json(call):
        answer = live.post(f"models/desk/{call}", body.encode())
        try:
            check(answer, 400, what=what)
        except AssertionError:
            wrong[what] = (answer.status, answer.body[:200])
    assert wrong == {}


@pytest.mark.parametrize("kind", ["json", "x-ndjson"])
def test_rows_that_mean_nothing_storable(kind, live, untouched):
    wrong = {}
    for what, status, rows in bad_meaning():
        lines = "\n".join(json.dumps(row) for row in rows)
        body = json.dumps(rows) if kind == "json" else lines
        answer = live.post(LOGS, body.encode(), Content_Type=f"application/{kind}")
        try:
            problem = check(answer, status, what=what)
            assert problem["errors"][0]["index"] == (637 if len(rows) > 1 else 0)
        except AssertionError:
            wrong[what] = (status, answer.status, answer.body[:200])
    assert wrong == {}


@pytest.mark.parametrize(
    ("what", "row"),
    **named(
        [
            ("a word for a number", {"temp": CANARY, "sky": "rain"}),
            ("true for a number", {"temp": True, "sky": "rain"}),
            ("a list for a number", {"temp": [1], "sky": "rain"}),
            ("an object for a category", {"temp": 1, "sky": {CANARY: 1}}),
            ("none of the features", {CANARY: 1}),
        ]
    ),
)
def test_a_feature_of_another_type(what, row, live, untouched):
    rows = [GOOD | {"input": row, "prediction": "high"}]
    check(live.post("models/bikes/logs", json.dumps(rows).encode()), 422, what=what)


def test_an_id_that_is_known_with_other_content(live):
    rows = [GOOD | {"id": "known"}]
    assert live.post(LOGS, json.dumps(rows).encode()).status == 202
    before = live.counts()
    other = [GOOD | {"id": "known", "input": {"text": CANARY}}]
    check(live.post(LOGS, json.dumps(other).encode()), 409)
    assert live.counts() == before
    again = live.post(LOGS, json.dumps(rows).encode())
    assert (again.status, json.loads(again.body)["duplicates"]) == (202, 1)


@pytest.mark.parametrize(
    ("what", "changes"),
    **named(
        [
            ("a label that nobody knew", {"feedback": {"label": "new", "label_source": "review"}}),
            ("unknown keys", {"mood": "good", "input": {"text": "hi", "stranger": 1}}),
            ("a month long closed", {"timestamp": "2020-01-31T23:59:59+01:00"}),
            ("markup", {"input": {"text": "<script>alert(1)</script>{{7*7}}=cmd|' /C calc'!A0"}}),
            ("no answer, while the broker is away", {"prediction": None, "confidence": None}),
        ]
    ),
)
def test_what_looks_odd_and_is_stored(what, changes, live):
    before = live.counts()["clients_predictionlog"]
    rows = [GOOD | {"id": what} | changes]
    answer = live.post(LOGS, json.dumps(rows).encode())
    assert (answer.status, json.loads(answer.body)["accepted"]) == (202, 1), answer
    assert live.counts()["clients_predictionlog"] == before + 1


def test_addresses_methods_and_hosts_that_are_not_ours(live, untouched):
    for method in ("PUT", "DELETE", "PATCH", "GET"):
        head = live.head(LOGS, method=method, Content_Length="0")
        check(live.raw(head), 405, what=method)
    for path in ("models/../logs", "models/%00/logs", f"models/{CANARY}%2f..%2f/logs", "batches/x"):
        check(live.post(path, BODY), 404, what=path)
    check(live.raw(live.head("models", method="GET", Host="elsewhere.example")), 400)
