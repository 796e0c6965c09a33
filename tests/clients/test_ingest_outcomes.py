"""KPI values by log id, with lateness allowed."""

from itertools import permutations

import pytest

from clients.ingest import ConflictingRows, RejectedRows, ingest_stream, take_outcomes
from clients.models import LogDay, Outcome
from tests.clients.samples import AT, log_row, ndjson


def outcomes(model, *given, form="ndjson", content=None, **options):
    content = ndjson(*given) if content is None else content.encode()
    return take_outcomes(model=model, chunks=[content], form=form, name="kpi", at=AT, **options)


def stored():
    return {(o.row_id, o.name): o.value for o in Outcome.objects.all()}


def seen(value, day=None):
    more = {} if day is None else {"observed_at": f"2025-03-{day:02d}T00:00:00+01:00"}
    return {"id": "m-1", "name": "paid", "value": value} | more


def test_outcomes_are_kept_whether_their_row_is_known_or_not(text_model):
    ingest_stream(model=text_model, chunks=[ndjson(log_row())], form="ndjson", name="rows", at=AT)
    done = outcomes(
        text_model,
        {"id": "m-1", "name": "paid", "value": True},
        {"id": "m-9", "outcomes": {"paid": False, "amount": 12.5}},
        {"id": "m-1", "name": "paid", "value": 1},
    )
    assert (done.accepted, done.duplicates) == (2, 1)
    assert stored() == {("m-1", "paid"): 1, ("m-9", "paid"): 0, ("m-9", "amount"): 12.5}
    assert [(day.changes, day.labelled_at) for day in LogDay.objects.all()] == [(2, None)]
    again = outcomes(text_model, {"id": "m-9", "outcomes": {"amount": 12.5}})
    assert (again.accepted, again.duplicates) == (0, 1)


@pytest.mark.parametrize("order", list(permutations([seen(1), seen(2, 2), seen(3, 9), seen(4, 5)])))
@pytest.mark.parametrize("together", [True, False])
def test_the_value_observed_last_counts_in_any_order(text_model, order, together):
    for rows in [order] if together else [[row] for row in order]:
        outcomes(text_model, *rows)
    assert stored() == {("m-1", "paid"): 3}


@pytest.mark.parametrize("day", [None, 4])
def test_two_values_of_one_time_contradict_each_other(text_model, day):
    outcomes(text_model, seen(1, day))
    with pytest.raises(ConflictingRows):
        outcomes(text_model, {"id": "m-2", "name": "paid", "value": 1}, seen(2, day))
    assert stored() == {("m-1", "paid"): 1}


@pytest.mark.parametrize(
    ("row", "pointer", "code"),
    [
        ({"name": "paid", "value": 1}, "/id", "missing"),
        ({"id": "m-1", "value": 1}, "/name", "missing"),
        ({"id": "m-1", "name": "paid"}, "/value", "missing"),
        ({"id": "m-1", "name": "paid", "value": "often"}, "/value", "not_a_number"),
        ({"id": "m-1", "name": "paid", "value": [1]}, "/value", "not_a_value"),
        ({"id": "m-1", "name": "n" * 61, "value": 1}, "/name", "too_long"),
        ({"id": "m-1", "outcomes": {}}, "/outcomes", "missing"),
        ({"id": "m-1", "outcomes": {"paid": None}}, "/outcomes/paid", "missing"),
        ({"id": "m-1", "outcomes": [1]}, "/outcomes", "not_an_object"),
        (seen(1) | {"observed_at": "2031-01-01T00:00:00Z"}, "/observed_at", "in_the_future"),
    ],
)
def test_a_bad_outcome_is_told_by_its_place(text_model, row, pointer, code):
    with pytest.raises(RejectedRows) as caught:
        outcomes(text_model, seen(1), row)
    (bad,) = caught.value.rejected
    assert (bad["row"], bad["pointer"], bad["code"]) == (1, pointer, code)
    assert stored() == {}


def test_outcomes_come_as_csv_too(text_model):
    outcomes(text_model, form="csv", content="id,name,value\nm-1,paid,true\nm-2,amount,1e3\n")
    assert stored() == {("m-1", "paid"): 1, ("m-2", "amount"): 1000}
