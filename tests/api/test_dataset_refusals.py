"""Every dataset file that must not get in: its answer, with the place, and nothing left behind."""

import base64
import gzip
import hashlib
from pathlib import Path

import pytest
from django.apps import apps
from django.core.files.storage import default_storage

from clients.datasets import add_dataset_version
from clients.labelled import LabelledRow
from clients.models import MaintainedModel
from clients.schema import Field, Schema
from tests.api import dataset_bodies as bodies
from tests.api.conftest import AT

TRAINING, GOLDEN = "models/desk/datasets/training", "models/desk/datasets/golden"
HOURS = "models/hours/datasets/training"
APPS = ("clients", "retraining", "reports")
UNCOUNTED = {"Usage", "ApiKey"}


def everything():
    """Rows of every table, and files."""
    rows = {
        model._meta.label: model._base_manager.count()
        for model in apps.get_models()
        if model._meta.app_label in APPS and model.__name__ not in UNCOUNTED
    }
    files = [path for path in Path(default_storage.location).rglob("*") if path.is_file()]
    return rows | {"files": len(files)}


@pytest.fixture
def hours(alice):
    """A tabular model without any rows yet."""
    fields = (Field("temp", "number"), Field("sky", "category", values=("clear", "rain")))
    schema = Schema(task="tabular", fields=fields, categories=("high", "low"))
    return MaintainedModel.objects.create(
        client=alice.client,
        slug="hours",
        name="Hours",
        task="tabular",
        tier=alice.model.tier,
        schema=schema.as_dict(),
        created_at=AT,
    )


@pytest.fixture
def refused(send, alice):
    """Send it and check what every refusal has in common; the first error."""

    def check(address, content, status, code, *, kind, **headers):
        before = everything()
        if not content:  # the test client says nothing of an empty body by itself
            headers |= {"Content-Type": kind, "Content-Length": "0"}
        answer = send(address, alice, content, kind=kind, **headers)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
        assert answer["Content-Type"] == "application/problem+json"
        assert bodies.CANARY not in answer.content.decode()
        assert everything() == before
        return answer.json()["errors"][0]

    return check


def test_a_bad_table_is_refused_with_its_line_and_column(hours, refused):
    for what, content, status, code, pointer, line, column in bodies.BAD_TABLES:
        for kind, body in (
            (bodies.TABLE, content),
            (bodies.FORM, bodies.form(bodies.part(content))),
        ):
            error = refused(HOURS, body, status, code, kind=kind)
            found = (error["pointer"], error.get("line"), error.get("column"))
            assert found == (pointer, line, column), what


def test_a_bad_form_is_refused(refused):
    for what, content, status, code in bodies.BAD_FORMS:
        error = refused(TRAINING, content, status, code, kind=bodies.FORM)
        assert error["detail"].endswith("."), what


def test_bad_json_is_refused_as_everywhere(send, alice):
    for what, content, status in bodies.BAD_JSON:
        before = everything()
        answer = send(GOLDEN, alice, content)
        assert answer.status_code == status, (what, answer.content)
        assert bodies.CANARY not in answer.content.decode()
        assert everything() == before


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("multipart/form-data", 400),
        ("multipart/form-data; boundary=", 400),
        (f"multipart/form-data; boundary={'x' * 71}", 400),
        ("multipart/mixed; boundary=b0undary", 415),
        ("application/vnd.ms-excel", 415),
        ("application/octet-stream", 415),
        ("text/csv; charset=latin-1", 415),
    ],
)
def test_another_type_is_refused(kind, status, send, alice):
    assert send(TRAINING, alice, bodies.form(bodies.GOOD), kind=kind).status_code == status


def digest(content):
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Content-Digest": digest(b"other rows")}, 422, "digest_mismatch"),
        ({"Content-Digest": "sha-256=:AAAA:"}, 400, "bad_digest"),
        ({"Content-Digest": "md5=:AAAA:"}, 400, "bad_digest"),
        ({"X-Reason": "x" * 501}, 400, "bad_reason"),
        ({"X-Reason": "two\tcells"}, 400, "bad_reason"),
        ({"Content-Encoding": "br"}, 415, "unsupported_encoding"),
        ({"Content-Encoding": "gzip"}, 400, "corrupt_gzip"),
        ({"Idempotency-Key": ""}, 400, "bad_idempotency_key"),
    ],
)
def test_what_is_said_of_the_file_is_checked(headers, status, code, refused):
    refused(TRAINING, bodies.TEXTS, status, code, kind=bodies.TABLE, **headers)


def test_a_declared_digest_is_that_of_the_bytes_as_they_are_sent(send, alice):
    zipped = gzip.compress(bodies.TEXTS.encode())
    headers = {"Content-Encoding": "gzip", "Content-Digest": digest(zipped)}
    assert send(TRAINING, alice, zipped, kind=bodies.TABLE, **headers).status_code == 201


def test_a_cell_of_fifty_megabytes_is_too_large(refused):
    for size, code in ((50_000_000, "too_large"), (5_000_000, "cell_too_long")):
        content = f"id,text,label\na,{'x' * size},b\n"
        refused(TRAINING, content, 413, code, kind=bodies.TABLE)
        zipped = gzip.compress(content.encode(), 1)
        body = bodies.form(bodies.part(zipped, filename="a.csv.gz"))
        refused(TRAINING, body, 413, code, kind=bodies.FORM)


def test_too_many_bytes_or_rows_are_too_large(refused, settings):
    settings.UPLOAD_MOST_ROWS = 1
    error = refused(TRAINING, bodies.TEXTS, 413, "too_many_rows", kind=bodies.TABLE)
    assert error["line"] == 3
    bomb = gzip.compress(b"id,text,label\n" + b" " * (32 * 1024 * 1024))
    headers = {"Content-Encoding": "gzip"}
    refused(TRAINING, bomb, 413, "too_large", kind=bodies.TABLE, **headers)


def golden(party, *texts):
    rows = [
        LabelledRow(f"g-{n}", {"text": text}, "billing", "import") for n, text in enumerate(texts)
    ]
    add_dataset_version(
        model=party.model, kind="golden", rows=rows, by="lee", reason="launch", at=AT
    )


def test_training_rows_that_overlap_the_golden_set_are_a_conflict(alice, refused):
    golden(alice, "Where is my refund?")
    content = "id,text,label\nn-1,Hi there,a\nn-2,where is MY refund,b\n"
    error = refused(TRAINING, content, 409, "golden_copy", kind=bodies.TABLE)
    assert (error["pointer"], error["line"]) == ("/1", 3)


def test_an_id_that_is_known_with_other_content_is_a_conflict(alice, refused):
    golden(alice, "Where is my refund?")
    content = "id,text,label\ng-0,Other words,billing\n"
    error = refused(GOLDEN, content, 409, "known_id", kind=bodies.TABLE)
    assert (error["pointer"], error["line"]) == ("/0/id", 2)


def test_only_a_key_for_datasets_may_add_rows(alice, charlie, send):
    alice.api_key.scopes = ["read", "logs:write"]
    alice.api_key.save()
    assert send(TRAINING, alice, bodies.TEXTS, kind=bodies.TABLE).status_code == 403
    assert send(TRAINING, None, bodies.TEXTS, kind=bodies.TABLE).status_code == 401
    alice.model.delete()
    charlie.model.slug = "other"
    charlie.model.save()
    assert send(TRAINING, charlie, bodies.TEXTS, kind=bodies.TABLE).status_code == 404
    assert send("models/other/datasets/test", charlie, bodies.TEXTS).status_code == 404


def test_more_rows_than_the_quota_leaves_are_refused_and_not_stored(alice, refused):
    alice.client.rows_a_day = 1
    alice.client.save()
    refused(TRAINING, bodies.TEXTS, 429, "throttled", kind=bodies.TABLE)
