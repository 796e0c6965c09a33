"""Whoever changes rows says so of their days, in the same transaction."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction

from clients.ingest import ingest
from clients.log_days import touch_days
from clients.models import LogDay
from clients.services import LateLabel, attach_labels
from tests.factories import ClientFactory, MaintainedModelFactory

AT = datetime(2025, 4, 2, 9, tzinfo=UTC)
FIRST, SECOND = date(2025, 3, 1), date(2025, 3, 2)


@pytest.fixture
def model(tiers):
    client = ClientFactory(timezone="Europe/Berlin")
    return MaintainedModelFactory(client=client, tier=tiers["standard"])


def changes(model):
    return dict(LogDay.objects.filter(model=model).values_list("day", "changes"))


def line(row_id, at, **feedback):
    said = ", ".join(f'"{key}": "{value}"' for key, value in feedback.items())
    return (
        f'{{"id": "{row_id}", "timestamp": "{at}", "input": {{"text": "where is it"}}, '
        f'"prediction": "login", "confidence": 0.5, "feedback": {{{said}}}}}'
    ).encode()


def test_a_day_counts_its_changes_from_the_first(model):
    touch_days(model=model, days=[SECOND, FIRST, FIRST], at=AT)
    touch_days(model=model, days=[FIRST], at=AT + timedelta(hours=1), labels=True)
    assert changes(model) == {FIRST: 2, SECOND: 1}
    first = LogDay.objects.get(day=FIRST)
    assert (first.labelled_at, first.changed_at) == (AT + timedelta(hours=1),) * 2
    assert LogDay.objects.get(day=SECOND).labelled_at is None
    assert (first.profiled, first.client_id) == (0, model.client_id)


def test_what_is_rolled_back_touched_nothing(model):
    with transaction.atomic():
        touch_days(model=model, days=[FIRST], at=AT)
        transaction.set_rollback(True)
    assert changes(model) == {}


def test_an_upload_touches_the_clients_days_of_its_new_rows_alone(model):
    # Half past eleven at night in UTC is the next day in Berlin.
    first = line("a", "2025-02-28T23:30:00Z") + b"\n" + line("b", "2025-03-02T12:00:00Z")
    ingest(model=model, files=[("a.ndjson", first)], at=AT)
    assert changes(model) == {FIRST: 1, SECOND: 1}
    ingest(model=model, files=[("a.ndjson", first)], at=AT)
    assert changes(model) == {FIRST: 1, SECOND: 1}
    late = line("b", "2025-03-02T12:00:00Z", label="login", label_source="review")
    ingest(model=model, files=[("b.ndjson", late)], at=AT)
    assert changes(model) == {FIRST: 1, SECOND: 2}
    assert LogDay.objects.get(day=SECOND).labelled_at == AT


def test_a_late_label_touches_the_day_of_its_row(model):
    ingest(model=model, files=[("a.ndjson", line("a", "2025-03-01T12:00:00Z"))], at=AT)
    label = LateLabel("a", "login", "review")
    for _ in range(2):  # the same label again changes nothing
        attach_labels(model=model, labels=[label], at=AT + timedelta(days=1))
    assert changes(model) == {FIRST: 2}
    assert LogDay.objects.get().labelled_at == AT + timedelta(days=1)
