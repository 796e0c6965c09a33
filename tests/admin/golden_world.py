"""A comparison with its golden rows, and days with their counts, for the pages of the admin."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from django.urls import reverse

from retraining.models import DailyProfile, EvalRow, EvalRun
from tests.admin.admin_world import FIGURES
from tests.factories import APRIL, DatasetRowFactory

# Row id -> label, the live version's answer, the candidate's.
ANSWERS = {
    "g-fixed": ("login", "billing", "login"),
    "g-broken": ("billing", "billing", "login"),
    "g-wrong": ("delivery", "login", "billing"),
    "g-right": ("login", "login", "login"),
    "g-sealed": ("login", "billing", "login"),
}


def add_golden_rows(world):
    """Five golden rows for the world's comparison, one of them sealed; both versions' answers."""
    comparison = world.comparison
    golden = comparison.golden_version.dataset
    for number, row_id in enumerate(ANSWERS):
        DatasetRowFactory(
            dataset=golden, row_id=row_id, position=number, label=ANSWERS[row_id][0],
            input={"text": f"the words of {row_id[2:]}"}, log_row_id="",
        )  # fmt: skip
    record(comparison, comparison.incumbent, 1)
    record(comparison, comparison.candidate, 2)
    say(comparison, sealed_rows=["g-sealed"])
    return world


def record(comparison, version, column, rows=ANSWERS):
    run = EvalRun.objects.create(
        version=version, kind="golden", golden_version=comparison.golden_version, n=len(rows),
        correct=0, low=0, high=1, categories={}, created_at=APRIL, cycle=comparison.cycle,
    )  # fmt: skip
    EvalRow.objects.bulk_create(
        EvalRow(
            run=run, row_id=row_id, label=told[0], prediction=told[column],
            confidence=0.5 + column / 10, correct=told[0] == told[column],
        )
        for row_id, told in rows.items()
    )  # fmt: skip


def say(comparison, **figures):
    """The comparison's figures with these on top."""
    comparison.figures = {**FIGURES, **comparison.figures, **figures}
    comparison.save()


def page(client, world, query="", **posted):
    address = reverse("admin:retraining_cycle_side_by_side", args=[world.cycle.pk]) + query
    answer = client.post(address, posted) if posted else client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def add_days(model, version, first, days, answers):
    DailyProfile.objects.bulk_create(
        DailyProfile(
            client_id=model.client_id, model=model, day=first + timedelta(days=n),
            baseline=version, kind="given", version=version.name, rows=sum(answers.values()),
            counts={"answers": {"named": answers, "rest": 0}}, changes=1,
        )
        for n in range(days)
    )  # fmt: skip


@dataclass
class Parrot:
    """A model that always says one thing."""

    word: str

    def predict(self, inputs):
        return np.array([self.word] * len(inputs), dtype=object), np.full(len(inputs), 0.75)
