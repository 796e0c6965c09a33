"""Dataset files against the running service: what the server's own stream makes of a body."""

import base64
import gzip
import hashlib
import json

import pytest

from tests.api import dataset_bodies as bodies

TRAINING = "models/only-alice/datasets/training"
HOURS = "models/bikes/datasets/golden"
TYPE = bodies.FORM.replace("; ", ";")
WHOLE = bodies.form(bodies.GOOD)

# The rows of these tests live in the service's own copy of the database.
pytestmark = pytest.mark.django_db


def chunk(content):
    return b"%x\r\n%b\r\n" % (len(content), content)


def post(live, path, *pieces, kind=TYPE, end=False, **headers):
    return live.raw(live.head(path, Content_Type=kind, **headers), *pieces, end=end)


def test_a_form_that_does_not_end_is_refused(live):
    before = live.counts()
    for cut in (WHOLE[:-4], WHOLE[: len(WHOLE) // 2], WHOLE[:-2] + b"x"):
        for pieces, said in (
            ([cut], {"Content_Length": str(len(cut))}),
            ([chunk(cut[:50]), chunk(cut[50:]), b"0\r\n\r\n"], {"Transfer_Encoding": "chunked"}),
        ):
            answer = post(live, TRAINING, *pieces, **said)
            assert answer.status == 400, answer
            assert json.loads(answer.body)["code"] in ("not_closed", "bad_form")
    longer = post(live, TRAINING, WHOLE[:-30], end=True, Content_Length=str(len(WHOLE)))
    assert (longer.status, json.loads(longer.body)["code"]) == (400, "truncated")
    broken = post(live, TRAINING, chunk(WHOLE), end=True, Transfer_Encoding="chunked")
    assert broken.status == 400
    assert live.counts() == before


def test_a_chunked_form_or_file_is_read_whole(live):
    pieces = [chunk(WHOLE[:60]), chunk(WHOLE[60:61]), chunk(WHOLE[61:]), b"0\r\n\r\n"]
    made = post(live, TRAINING, *pieces, Transfer_Encoding="chunked")
    assert (made.status, json.loads(made.body)["added"]) == (201, 2), made
    before = live.counts()
    zipped = gzip.compress(bodies.TEXTS.encode())
    digest = base64.b64encode(hashlib.sha256(zipped).digest()).decode()
    again = post(
        live,
        TRAINING,
        *(chunk(zipped[start : start + 7]) for start in range(0, len(zipped), 7)),
        b"0\r\n\r\n",
        kind="text/csv",
        Transfer_Encoding="chunked",
        Content_Encoding="gzip",
        Content_Digest=f"sha-256=:{digest}:",
    )
    assert (again.status, json.loads(again.body)["version"]) == (200, 1), again
    assert live.counts() == before


def test_every_bad_table_is_refused_over_the_wire(live):
    before = live.counts()
    for what, content, status, code, *_ in bodies.BAD_TABLES:
        if code == "one_class":  # of a first training set
            continue
        answer = live.post(HOURS, content, Content_Type="text/csv")
        assert (answer.status, json.loads(answer.body)["code"]) == (status, code), what
        assert answer.headers["content-type"] == "application/problem+json"
        assert bodies.CANARY not in answer.body
    assert live.counts() == before
