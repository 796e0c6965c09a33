"""A small real model with logs, for tests of stages, services and commands. Times are Berlin's."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import numpy as np
from django.db import transaction

from agency.base.clock import month_before, zone_of
from agency.base.jobs import advance
from clients.queries import find_model
from retraining import loop, services
from retraining.learners.selection import train_candidate
from retraining.models import Cycle, Diagnosis
from retraining.queries import find_cycle

ZONE = "Europe/Berlin"
APRIL = datetime(2025, 3, 31, 22, tzinfo=UTC)  # 1 April, midnight in Berlin
MAY = datetime(2025, 4, 30, 22, tzinfo=UTC)
JUNE = datetime(2025, 5, 31, 22, tzinfo=UTC)
JULY = datetime(2025, 6, 30, 22, tzinfo=UTC)

WORDS = {
    "billing": "invoice charged fee payment amount bill paid twice".split(),
    "delivery": "parcel courier late arrived tracking shipment driver depot".split(),
    "login": "password locked account reset username sign code access".split(),
}
BORN = {"locker": "locker pickup station compartment door box terminal opening".split()}
FILLER = "please help my the with this since monday again today cannot still order number".split()


def text_of(label, rng):
    """A message that nobody wrote before, recognisable by its words."""
    words = {**WORDS, **BORN}[label]
    said = [*rng.choice(words, 3, replace=False), *rng.choice(FILLER, 5)]
    return f"{' '.join(rng.permutation(said))} {''.join(rng.choice(list('abcdefghk'), 6))}"


_trained = {}


def train_once(*, inputs, labels, seed, **rest):
    """``train_candidate``, which need not train the same first version for every test again."""
    key = (seed, tuple(inputs.columns), tuple(inputs.iloc[:, 0]), tuple(labels))
    if key not in _trained:
        _trained[key] = train_candidate(inputs=inputs, labels=labels, seed=seed, **rest)
    return _trained[key]


def examples(rng, count, labels=tuple(WORDS)):
    """(text, label) pairs, labels in turn."""
    return [(text_of(labels[i % len(labels)], rng), labels[i % len(labels)]) for i in range(count)]


def csv_of(pairs, prefix):
    """A dataset file of (text, label) pairs."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["id", "text", "label"])
    writer.writerows([f"{prefix}-{i:03d}", text, label] for i, (text, label) in enumerate(pairs))
    return out.getvalue().encode()


def onboard(
    *,
    tier="standard",
    path="acme/tickets",
    as_of=APRIL,
    train=60,
    golden=30,
    seed=0,
    learner="",
):
    """The model at ``path``, trained on made-up rows of three categories."""
    rng = np.random.default_rng(seed)
    client, _, model = path.partition("/")
    return services.onboard(
        client=client,
        model=model,
        name="",
        tier=tier,
        domain="customer_support",
        timezone=ZONE,
        language="en",
        task="text",
        train=("train.csv", csv_of(examples(rng, train), "t")),
        golden=("golden.csv", csv_of(examples(rng, golden), "g")),
        as_of=as_of,
        by="lee",
        learner=learner,
    )


def row(number, at, text, *, label=None, source=None, **more):
    """A log row without an answer."""
    return {
        "id": more.pop("id", f"m-{at:%y%m}-{number:04d}"),
        "timestamp": at.isoformat(),
        "input": {"text": text},
        "context": {"channel": "web"},
        "feedback": {"label": label, "label_source": source, **more},
    }


def month(rng, start=APRIL, *, n=90, days=29, labels=tuple(WORDS), born=0, review=0.4):
    """Rows spread over a month; ``born`` of them, all reviewed or corrected, of a new category."""
    rows = []
    for i in range(n):
        at = start + timedelta(days=days) * (i / n) + timedelta(hours=1)
        label = (
            "locker"
            if born and i % max(1, n // born) == 0
            else labels[int(rng.integers(len(labels)))]
        )
        told = label == "locker" or rng.random() < review
        said = {"label": label, "source": "review"} if told else {}
        rows.append(row(i, at, text_of(label, rng), **said))
    return rows


def log_file(rows):
    """Rows as NDJSON."""
    return "\n".join(json.dumps(row) for row in rows)


def load(model, rows, *, at=MAY):
    """Store and answer rows as ``import_logs`` does."""
    content = log_file(rows).encode()
    return services.import_logs(
        model=model,
        files=[("logs.ndjson", content)],
        partial=False,
        ignore_predictions=False,
        at=at,
    )


def cycle(model, as_of=MAY, **options):
    """One pass of the loop."""
    return services.run_cycle(model=find_model(model.path), as_of=as_of, **options)


FINDINGS = {
    "causes": [],
    "new_categories": [],
    "weak_categories": [],
    "suspect_fields": [],
    "suspect_segments": [],
    "excluded_days": [],
    "excluded_windows": [],
    "untrusted_signals": [],
    "opportunity": None,
}


def at_stage(model, state, *, verdict="retrain", as_of=MAY, auto_curate=True, **findings):
    """A cycle that has come to ``state`` with a diagnosis that says these things."""
    started = loop.start_cycle(
        model=find_model(model.path),
        as_of=as_of,
        window_start=month_before(as_of, zone_of(ZONE)),
        auto_curate=auto_curate,
    )
    Cycle.objects.filter(pk=started.pk).update(state=state)
    Diagnosis.objects.create(
        cycle=started, verdict=verdict, findings={**FINDINGS, **findings}, created_at=as_of
    )
    return find_cycle(started.pk)


def step(stage, cycle, *, at=None):
    """Run one stage and write what it hands back, as the loop does; the cycle afterwards."""
    at = at or cycle.window_end
    done = stage.run(cycle, at=at)
    with transaction.atomic():
        advance(cycle, to=done.to, by="test", at=at, reason=done.reason, fields=done.fields)
        done.write()
    return find_cycle(cycle.pk)
