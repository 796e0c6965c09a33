from datetime import timedelta

import pytest

from agency.base.errors import BadInput, Conflict
from clients.ingest import ingest
from clients.models import Alert, Client, MaintainedModel, PredictionLog
from clients.schema import Schema
from clients.services import (
    LateLabel,
    attach_labels,
    close_alerts,
    raise_alert,
    register_client,
    register_model,
)
from tests.clients.samples import AT, log_row, ndjson

ACME = {
    "slug": "acme",
    "name": "Acme",
    "domain": "legal",
    "timezone": "Europe/Berlin",
    "language": "de",
    "at": AT,
}
SCHEMA = Schema("text", (), ("a", "b"))


def test_a_client_is_made_once(db):
    first = register_client(**ACME)
    assert register_client(**ACME) == first
    assert (first.domain, first.timezone, first.language, first.created_at) == (
        "legal",
        "Europe/Berlin",
        "de",
        AT,
    )


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"domain": "finance"}, "has the domain 'legal', not 'finance'"),
        ({"timezone": "UTC"}, "has the timezone"),
        ({"language": "en"}, "has the language"),
    ],
)
def test_a_known_client_is_not_changed_by_the_way(db, changes, says):
    register_client(**ACME)
    with pytest.raises(BadInput, match=says):
        register_client(**ACME | changes)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"slug": "Acme & Co"}, "slug"),
        ({"slug": ""}, "slug"),
        ({"name": ""}, "name"),
        ({"domain": "shoes"}, "domain"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"language": "fr"}, "language"),
    ],
)
def test_a_client_with_a_wrong_value_is_not_made(db, changes, says):
    with pytest.raises(BadInput, match=says):
        register_client(**ACME | changes)
    assert not Client.objects.exists()


def register(tiers, **changes):
    values = {
        "client": register_client(**ACME),
        "slug": "desk",
        "name": "Desk",
        "task": "text",
        "tier": tiers["basic"],
        "schema": SCHEMA,
        "at": AT,
    }
    return register_model(**values | changes)


def test_a_model_is_made_once(tiers):
    model = register(tiers)
    assert model.path == "acme/desk" and Schema.from_dict(model.schema) == SCHEMA
    with pytest.raises(BadInput, match="has a model 'desk' already"):
        register(tiers)


@pytest.mark.parametrize(
    ("changes", "says"), [({"slug": "a/b"}, "slug"), ({"task": "tabular"}, "text model")]
)
def test_a_model_with_a_wrong_value_is_not_made(tiers, changes, says):
    with pytest.raises(BadInput, match=says):
        register(tiers, **changes)
    assert not MaintainedModel.objects.exists()


def test_an_alert_is_raised_once_per_change(text_model):
    alarm = {"key": "golden:fell", "severity": "act", "message": "It fell."}
    first = raise_alert(model=text_model, at=AT, **alarm)
    assert first is not None and first.opened_at == AT
    assert raise_alert(model=text_model, at=AT + timedelta(days=1), **alarm) is None
    closed = close_alerts(
        model=text_model, keys_still_true=(), prefix="golden:", at=AT + timedelta(days=2)
    )
    assert closed == 1
    assert raise_alert(model=text_model, at=AT + timedelta(days=3), **alarm) is not None
    assert Alert.objects.count() == 2


def test_only_alerts_that_no_longer_hold_are_closed(text_model, tabular_model):
    for model, key in [
        (text_model, "golden:fell"),
        (text_model, "golden:old"),
        (text_model, "audit:fell"),
        (tabular_model, "golden:fell"),
    ]:
        raise_alert(model=model, key=key, severity="watch", message="x", at=AT)
    closed = close_alerts(
        model=text_model, keys_still_true=["golden:fell"], prefix="golden:", at=AT
    )
    still_open = Alert.objects.filter(closed_at__isnull=True).values_list("model", "key")
    assert closed == 1
    assert set(still_open) == {
        (text_model.pk, "golden:fell"),
        (text_model.pk, "audit:fell"),
        (tabular_model.pk, "golden:fell"),
    }


def test_an_alert_needs_a_known_severity(text_model):
    with pytest.raises(BadInput, match="unknown severity"):
        raise_alert(model=text_model, key="k", severity="panic", message="x", at=AT)


@pytest.fixture
def with_logs(text_model):
    corrected = {"label": "billing", "label_source": "override"}
    reviewed = {"label": "billing", "label_source": "review"}
    rows = [
        log_row(id="plain"),
        log_row(id="corrected", feedback=corrected),
        log_row(id="reviewed", feedback=reviewed),
    ]
    ingest(model=text_model, files=[("a.ndjson", ndjson(*rows))], at=AT)
    return text_model


def labels():
    return dict(PredictionLog.objects.values_list("row_id", "label"))


def test_late_labels_are_attached_by_id(with_logs):
    later = AT + timedelta(days=2)
    changed = attach_labels(
        model=with_logs,
        labels=[
            LateLabel("plain", " delivery ", "review"),
            LateLabel("reviewed", "billing", "review"),
        ],
        at=later,
    )
    log = PredictionLog.objects.get(row_id="plain")
    assert changed == 1
    assert (log.label, log.label_source, log.labelled_at) == ("delivery", "review", later)


def test_a_review_replaces_a_correction_but_nothing_replaces_a_review(with_logs):
    attach_labels(model=with_logs, labels=[LateLabel("corrected", "delivery", "review")], at=AT)
    log = PredictionLog.objects.get(row_id="corrected")
    assert (log.label, log.label_source) == ("delivery", "review")
    for item in (
        LateLabel("reviewed", "delivery", "review"),
        LateLabel("reviewed", "x", "override"),
    ):
        with pytest.raises(Conflict, match="has another label already"):
            attach_labels(model=with_logs, labels=[item], at=AT)
    assert labels()["reviewed"] == "billing"


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (LateLabel("unknown", "billing", "review"), "no log row 'unknown'"),
        (LateLabel("plain", "billing", "guess"), "unknown label source"),
        (LateLabel("plain", " ", "review"), "empty or too long"),
        (LateLabel("plain", "x" * 201, "review"), "empty or too long"),
    ],
)
def test_one_bad_late_label_attaches_none(with_logs, bad, says):
    before = labels()
    with pytest.raises(BadInput, match=says):
        attach_labels(
            model=with_logs, labels=[LateLabel("plain", "delivery", "review"), bad], at=AT
        )
    assert labels() == before


def test_another_models_rows_get_no_label(with_logs, tabular_model):
    with pytest.raises(BadInput, match="has no log row"):
        attach_labels(model=tabular_model, labels=[LateLabel("plain", "low", "review")], at=AT)
