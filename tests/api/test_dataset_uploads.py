"""Dataset files over HTTP: what is stored, by whom and why, and that it is stored once."""

import gzip
import json

import pytest

from clients.datasets import verify_dataset_version
from clients.models import DatasetRow, DatasetVersion, MaintainedModel
from clients.schema import Field, Schema
from tests.api import dataset_bodies as bodies
from tests.api.conftest import AT

TRAINING, GOLDEN = "models/desk/datasets/training", "models/desk/datasets/golden"
ROWS = [
    {"id": "n-1", "text": "Can I pay by phone?", "label": "apple_pay"},
    {"id": "n-2", "text": "Where is it?", "label": "delivery"},
]
LINES = "\n".join(json.dumps(row) for row in ROWS)


def stored(kind="training"):
    rows = DatasetRow.objects.filter(dataset__kind=kind).order_by("position")
    return [{"id": row.row_id, **row.input, "label": row.label} for row in rows]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("text/csv", bodies.TEXTS),
        ("text/csv; charset=utf-8", bodies.TEXTS.replace("\n", "\r\n")),
        ("application/x-ndjson", LINES),
        ("application/json", json.dumps(ROWS)),
        ("application/json", json.dumps({"rows": ROWS})),
        (bodies.FORM, bodies.form(bodies.part(bodies.TEXTS))),
        (bodies.FORM, bodies.form(bodies.part("\ufeff" + bodies.TEXTS, filename="ROWS.CSV"))),
        (bodies.FORM, bodies.form(bodies.part(LINES, filename="rows.ndjson"))),
        (bodies.FORM, bodies.form(bodies.part(json.dumps(ROWS), filename="Zeilen für Mai.json"))),
        (
            bodies.FORM,
            bodies.form(
                bodies.part(gzip.compress(bodies.TEXTS.encode(), mtime=0), filename="a.csv.gz")
            ),
        ),
        ('multipart/form-data; boundary="b0undary"', bodies.form(bodies.GOOD, end=b"--")),
    ],
)
@pytest.mark.parametrize("zipped", [False, True])
def test_each_form_of_file_is_read_zipped_or_not(kind, content, zipped, send, alice):
    headers = {}
    if zipped:
        content = gzip.compress(content if isinstance(content, bytes) else content.encode())
        headers = {"Content-Encoding": "gzip"}
    answer = send(TRAINING, alice, content, kind=kind, **headers)
    assert answer.status_code == 201, answer.content
    version = DatasetVersion.objects.get()
    assert answer.json() == {
        "dataset": "training",
        "version": 1,
        "sha256": version.sha256,
        "added": 2,
        "removed": 0,
        "released": 0,
    }
    assert stored() == ROWS and verify_dataset_version(version) == []


def test_a_version_says_who_brought_it_and_why(send, alice):
    send(TRAINING, alice, bodies.TEXTS, kind="text/csv")
    with_field = bodies.form(bodies.part("text,label\nHi,a\n"), bodies.field("reason", "für Mai"))
    send(TRAINING, alice, with_field, kind=bodies.FORM)
    header = {"X-Reason": "für Juni".encode().decode("latin-1")}
    send(TRAINING, alice, "text,label\nHo,b\n", kind="text/csv", **header)
    told = DatasetVersion.objects.order_by("number").values_list("by", "reason")
    assert list(told) == [
        ("integration", "uploaded over the API"),
        ("integration", "für Mai"),
        ("integration", "für Juni"),
    ]


@pytest.mark.parametrize(
    ("first", "again"),
    [
        (bodies.TEXTS, bodies.TEXTS),
        ("text,label\nHi,a\nHo,b\n", "text,label\nHi,a\nHo,b\n"),
        (bodies.TEXTS, 'label,id,text\ndelivery,n-2,"Where is it?"\n'),
    ],
)
def test_rows_that_are_there_make_no_version(first, again, send, alice):
    made = send(TRAINING, alice, first, kind="text/csv")
    answer = send(TRAINING, alice, again, kind="text/csv")
    assert (made.status_code, answer.status_code) == (201, 200)
    assert answer.json() == made.json() | {"added": 0}
    assert DatasetVersion.objects.count() == 1 and DatasetRow.objects.count() == 2


def test_training_rows_that_a_golden_file_copies_are_released(send, alice):
    send(TRAINING, alice, bodies.TEXTS, kind="text/csv")
    answer = send(GOLDEN, alice, "id,text,label\ng-1,where IS it,delivery\n", kind="text/csv")
    assert (answer.status_code, answer.json()["released"]) == (201, 1)
    assert DatasetVersion.objects.filter(dataset__kind="training").last().rows == 1


def test_a_repeat_with_its_key_is_answered_from_memory_whatever_boundary_it_has(send, alice):
    key = {"Idempotency-Key": "upload-1"}
    body = bodies.form(bodies.GOOD, bodies.field("reason", "May"))
    first = send(TRAINING, alice, body, kind=bodies.FORM, **key)
    other = body.replace(b"b0undary", b"another")
    again = send(TRAINING, alice, other, kind="multipart/form-data; boundary=another", **key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again["Idempotency-Replayed"] == "true" and again.json() == first.json()
    changed = body.replace(b"May", b"June")
    assert send(TRAINING, alice, changed, kind=bodies.FORM, **key).status_code == 422


def test_what_looks_like_a_number_stays_what_was_written(send, alice):
    rows = [
        {"id": "007", "text": "NA", "label": "NA"},
        {"id": "9007199254740993", "text": "9007199254740993", "label": "1.0"},
        {"id": "1e3", "text": "null", "label": "true"},
    ]
    content = "id,text,label\n" + "".join(",".join(row.values()) + "\n" for row in rows)
    assert send(TRAINING, alice, content, kind="text/csv").status_code == 201
    assert stored() == rows


def test_codes_of_a_category_stay_what_they_are(send, alice):
    fields = (Field("temp", "number"), Field("zip", "category", values=("01067",)))
    schema = Schema(task="tabular", fields=fields, categories=("high", "low"))
    MaintainedModel.objects.create(
        client=alice.client,
        slug="hours",
        name="Hours",
        task="tabular",
        tier=alice.model.tier,
        schema=schema.as_dict(),
        created_at=AT,
    )
    content = (
        "id,temp,zip,label\na,1,007,low\nb,9007199254740992,9007199254740993,high\nc,,NA,low\n"
    )
    assert (
        send("models/hours/datasets/training", alice, content, kind="text/csv").status_code == 201
    )
    assert [(row["temp"], row["zip"]) for row in stored()] == [
        (1.0, "007"),
        (2.0**53, "9007199254740993"),
        (None, "NA"),
    ]
    lines = '{"id": "d", "temp": 7, "zip": 9007199254740993, "label": "low"}'
    answer = send("models/hours/datasets/training", alice, lines, kind="application/x-ndjson")
    assert answer.status_code == 201 and stored()[-1]["zip"] == "9007199254740993"
