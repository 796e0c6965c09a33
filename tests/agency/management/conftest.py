"""A model that has been through the whole loop once, on rows of its own: real bytes, real figures."""

import json
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import numpy as np
import pytest
from django.db import transaction
from django.test import override_settings

from agency.demodata.phrases import TOPICS
from agency.demodata.phrases_account import BORN
from agency.demodata.tickets import Desk
from clients.dataset_import import import_rows
from reports import services as reports
from retraining import services
from tests.factories import APRIL, MARCH, UserFactory, the_tiers

KNOWN = list(TOPICS)[:3]


def as_file(name, rows):
    lines = [json.dumps({"id": f"{name}-{i}", **r.inputs, "label": r.label}) for i, r in rows]
    return (f"{name}.ndjson", "\n".join(lines).encode())


def as_log(rows):
    """A month of rows, all of them reviewed."""
    lines = []
    for number, row in rows:
        at = datetime(2025, 3, 1 + number % 30, 9, number % 60, tzinfo=MARCH.tzinfo)
        feedback = {"label": row.label, "label_source": "review"}
        log = {"id": f"m-{number}", "timestamp": at.isoformat(), "input": dict(row.inputs)}
        lines.append(json.dumps(log | {"feedback": feedback}))
    return ("march.ndjson", "\n".join(lines).encode())


def walk_the_loop():
    """Onboard, a month of logs, a cycle that goes live, the month's report."""
    desk = Desk(np.random.default_rng(5))

    def tickets(categories, count):
        return list(enumerate(desk.labelled(categories, count)))

    the_tiers()
    UserFactory(username="ana")
    model = services.onboard(
        client="acme",
        model="tickets",
        name="Tickets",
        tier="premium",
        domain="customer_support",
        timezone="UTC",
        language="en",
        task="text",
        train=as_file("t", tickets(KNOWN, 60)),
        golden=as_file("g", tickets(KNOWN, 30)),
        as_of=MARCH,
        by="ana",
    ).model
    name, content = as_file("n", tickets([BORN], 8))
    how = {"by": "ana", "reason": "new category", "at": MARCH + timedelta(days=1)}
    import_rows(model=model, kind="golden", content=content, name=name, **how)
    services.import_logs(
        model=model,
        files=[as_log(tickets([*KNOWN, BORN], 90))],
        partial=False,
        ignore_predictions=False,
        at=APRIL,
    )
    services.run_cycle(model=model, as_of=APRIL, auto_curate=True, approve_as="ana")
    reports.publish(client=model.client, month=date(2025, 3, 1), at=APRIL + timedelta(hours=8))
    return model


@pytest.fixture(scope="module")
def own_files(tmp_path_factory):
    """Files that last as long as the module's rows."""
    with override_settings(
        STORAGES={
            "default": {
                "BACKEND": "django.core.files.storage.FileSystemStorage",
                "OPTIONS": {"location": str(tmp_path_factory.mktemp("files"))},
            },
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        }
    ):
        yield


@contextmanager
def rolled_back():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def module_rows(own_files, django_db_setup, django_db_blocker):
    """The walked model, for all tests of the module; each test's own changes are undone."""
    with django_db_blocker.unblock(), rolled_back():
        yield walk_the_loop()


@pytest.fixture
def walked(module_rows, db):
    return module_rows
