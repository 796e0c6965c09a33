from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

from agency.base.errors import NotFound
from clients.ingest import ingest
from clients.models import KnownEvent, PredictionLog
from clients.queries import (
    current_version,
    dataset_frame,
    find_client,
    find_model,
    known_events,
    logs,
)
from clients.services import register_client
from tests.clients.samples import AT, log_row, ndjson

MARCH = datetime(2025, 3, 1, tzinfo=UTC)
APRIL = datetime(2025, 4, 1, tzinfo=UTC)


def take(model, *rows, **options):
    ingest(model=model, files=[("a.ndjson", ndjson(*rows))], at=AT, **options)


def test_a_model_is_found_by_its_path(text_model):
    assert find_model("parcels/model") == text_model
    assert find_client("parcels") == text_model.client


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("nobody/model", "no client 'nobody'"),
        ("parcels/other", "no model 'other'"),
        ("bikes/parcels", "no client 'bikes'"),
        ("parcels", "not of the form"),
        ("parcels/", "not of the form"),
        ("/model", "not of the form"),
        ("parcels/model/x", "not of the form"),
        ("", "not of the form"),
    ],
)
def test_an_unknown_path_is_not_found(text_model, path, says):
    with pytest.raises(NotFound, match=says):
        find_model(path)


def test_logs_are_frames_in_order_of_time_then_id(text_model):
    take(
        text_model,
        log_row(id="c", timestamp="2025-03-31T21:59:59Z"),
        log_row(id="b", timestamp="2025-03-01T22:30:00Z", prediction=..., confidence=...),
        log_row(id="a", timestamp="2025-03-01T23:30:00Z", context={"plan": "free"}),
        log_row(id="z", timestamp="2025-04-01T00:00:00Z"),
        log_row(id="y", timestamp="2025-02-28T23:59:59.999Z"),
        log_row(
            id="aa",
            timestamp="2025-03-01T22:30:00Z",
            feedback={"label": "billing", "label_source": "review", "thumbs": "down"},
        ),
    )
    found = logs(model=text_model, start=MARCH, end=APRIL)
    rows = found.rows
    assert len(found) == 4 and list(rows["id"]) == ["aa", "b", "a", "c"]
    for frame in (rows, found.inputs, found.context, found.signals):
        assert frame.index.equals(pd.RangeIndex(4))
    # Berlin is an hour ahead in March and two from the 30th.
    assert list(rows["day"]) == [
        date(2025, 3, 1),
        date(2025, 3, 1),
        date(2025, 3, 2),
        date(2025, 3, 31),
    ]
    assert str(rows["timestamp"].dt.tz) == "UTC"
    assert rows["timestamp"][0] == pd.Timestamp("2025-03-01T22:30:00Z")
    assert list(rows["answered"]) == ["client", "none", "client", "client"]
    assert list(rows["prediction"]) == ["delivery", None, "delivery", "delivery"]
    assert list(rows["label"]) == ["billing", None, None, None]
    assert list(rows["label_source"]) == ["review", None, None, None]
    assert list(rows["thumbs"]) == ["down", None, None, None]
    assert rows["confidence"][0] == 0.9 and np.isnan(rows["confidence"][1])
    assert list(found.inputs.columns) == ["text"]
    assert list(found.context["plan"]) == [None, None, "free", None]
    assert list(found.context["channel"]) == ["web", "web", None, "web"]


def test_signals_have_the_type_that_they_were_sent_in(text_model):
    take(
        text_model,
        log_row(id="a", feedback={"clicked": True, "seconds": 2, "page": "faq"}),
        log_row(id="b", feedback={"clicked": False, "asked": True}),
    )
    signals = logs(model=text_model, start=MARCH, end=APRIL).signals
    assert signals["clicked"].dtype == bool and list(signals["clicked"]) == [True, False]
    assert signals["seconds"].dtype == float and np.isnan(signals["seconds"][1])
    assert list(signals["page"]) == ["faq", None] and list(signals["asked"]) == [None, True]


def test_features_are_floats_and_objects(tabular_model):
    take(
        tabular_model,
        log_row(id="a", input={"hour": 3, "weather": "fog", "extra": 1}),
        log_row(id="b", input={"hour": None, "temp_c": "4.5", "weather": None}),
    )
    inputs = logs(model=tabular_model, start=MARCH, end=APRIL).inputs
    assert list(inputs.columns) == ["hour", "temp_c", "weather"]
    assert inputs["hour"].dtype == inputs["temp_c"].dtype == float
    assert inputs["temp_c"][1] == 4.5 and np.isnan(inputs["hour"][1])
    assert inputs["weather"].dtype == object and list(inputs["weather"]) == ["fog", None]


def test_an_empty_window_has_the_same_columns(text_model, tabular_model):
    empty = logs(model=tabular_model, start=MARCH, end=APRIL)
    take(text_model, log_row())
    full = logs(model=text_model, start=MARCH, end=APRIL)
    assert len(empty) == 0 and len(full) == 1
    assert empty.rows.dtypes.equals(full.rows.dtypes)
    assert list(empty.inputs.columns) == ["hour", "temp_c", "weather"]


def test_logs_of_another_model_are_not_seen(text_model, tabular_model):
    take(text_model, log_row())
    assert len(logs(model=tabular_model, start=MARCH, end=APRIL)) == 0


def test_logs_are_read_in_one_query(text_model, django_assert_num_queries):
    take(text_model, *(log_row(id=f"m-{i}") for i in range(50)))
    with django_assert_num_queries(1):
        assert len(logs(model=text_model, start=MARCH, end=APRIL)) == 50


def test_no_row_becomes_an_object_on_its_way_to_a_frame(text_model, monkeypatch):
    take(text_model, *(log_row(id=f"m-{i}") for i in range(7)))

    def made(*args, **kwargs):
        raise AssertionError("a PredictionLog was built")

    monkeypatch.setattr(PredictionLog, "from_db", made)
    monkeypatch.setattr(PredictionLog, "__init__", made)
    monkeypatch.setattr("clients.queries.ROWS_AT_ONCE", 3)
    found = logs(model=text_model, start=MARCH, end=APRIL)
    assert list(found.rows["id"]) == [f"m-{i}" for i in range(7)]
    assert len(found.inputs) == len(found.context) == 7


def test_rows_that_no_upload_would_take_are_read_all_the_same(text_model):
    take(text_model, log_row(id="a"))
    PredictionLog.objects.update(signals={"page": "\ud800"})
    assert list(logs(model=text_model, start=MARCH, end=APRIL).signals["page"]) == ["\ud800"]


def test_a_dataset_comes_as_frame_and_labels(tabular_model):
    data = dataset_frame(current_version(model=tabular_model, kind="training"))
    assert data.ids == ["t-1", "t-2", "t-3"] and len(data) == 3
    assert list(data.labels) == ["low", "high", "low"] and data.labels.dtype == object
    assert data.inputs["temp_c"].isna().tolist() == [False, False, True]
    assert data.sources == ["import"] * 3


def test_a_set_that_is_not_there_yet_is_not_found(text_model):
    with pytest.raises(NotFound, match="has no golden set yet"):
        current_version(model=text_model, kind="golden")


def test_events_of_the_client_and_of_the_model_touch_the_window(text_model, tabular_model):
    def declare(title, client, model, start, end):
        KnownEvent.objects.create(
            client=client,
            model=model,
            kind="campaign",
            title=title,
            starts_at=datetime(2025, *start, tzinfo=UTC),
            ends_at=datetime(2025, *end, tzinfo=UTC),
            declared_by="lee",
        )

    client = text_model.client
    declare("ours", client, text_model, (3, 5), (3, 9))
    declare("everyone's", client, None, (2, 20), (3, 2))
    declare("over", client, None, (2, 1), (3, 1))
    declare("to come", client, None, (4, 1), (4, 2))
    declare("another client's", tabular_model.client, None, (3, 5), (3, 9))
    found = known_events(model=text_model, start=MARCH, end=APRIL)
    assert [event.title for event in found] == ["everyone's", "ours"]


def test_the_client_is_where_a_query_starts(text_model, tiers):
    register_client(slug="other", name="O", domain="legal", timezone="UTC", language="de", at=AT)
    with pytest.raises(NotFound):
        find_model("other/model")
