"""Uploads from several processes at once, on the database of the environment; prints what came of it."""

import json
import multiprocessing
import os
import random

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "agency.settings")

import django

django.setup()

# ruff: noqa: E402
from django.core.management import call_command
from django.db import Error, connection, connections

from agency.base.tenancy import as_client
from clients.answers import store_answers
from clients.ingest import RejectedRows, ingest_stream, take_feedback
from clients.models import (
    Client,
    LogDay,
    MaintainedModel,
    PendingFeedback,
    PredictionLog,
    Tier,
    UploadBatch,
)
from tests.clients.samples import AT, log_row, ndjson

COUNT = 3000
CLIENTS = 4
NASTY = 'tab\t back\\slash \\N \\. "quoted"\r\nline  ü 🎈 \u2028 \x7f \u00a0'
UNANSWERED = {"prediction": ..., "confidence": ..., "model_version": ...}
SHOWN = (
    "row_id", "timestamp", "input", "context", "content_sha256", "answered", "replayed",
    "model_version", "prediction", "confidence", "label", "label_source", "thumbs", "signals",
    "signals_at", "labelled_at", "received_at",
)  # fmt: skip


def model_of(slug):
    client = Client.objects.create(slug=slug, name=slug, domain="legal", created_at=AT)
    return MaintainedModel.objects.create(
        client=client,
        slug="m",
        name="m",
        task="text",
        tier=Tier.objects.first(),
        schema={"task": "text", "fields": [], "categories": ["a", "b"]},
        created_at=AT,
    )


def rows(model, *given, **options):
    return ingest_stream(
        model=model, chunks=[ndjson(*given)], form="ndjson", name="rows", at=AT, **options
    )


def feedback(model, *given):
    return take_feedback(model=model, chunks=[ndjson(*given)], form="ndjson", name="said", at=AT)


def every_kind(model):
    """One of everything that a writer has to get across, and then the log as it is."""
    text = {"text": NASTY}
    feedback(model, {"id": "early", "label": NASTY, "label_source": "review", "note": NASTY})
    first = [
        log_row(id=f"nasty {NASTY}", input=text, context={NASTY: NASTY}, prediction=NASTY),
        log_row(id="plain", timestamp="2025-03-01T06:24:34.5+01:00", context=...),
        log_row(id="bare", prediction=..., confidence=...),
        log_row(id="early"),
        log_row(id="early", feedback={"thumbs": "up"}),
    ]
    done = [rows(model, *first), rows(model, *reversed(first))]
    # What separates values inside of a statement may be one itself.
    apart = rows(model, log_row(id="x\x1fy"), log_row(id="x")).accepted
    PredictionLog.objects.filter(model=model, row_id__startswith="x").delete()
    other = log_row(id="bare", input=text)
    done.append(rows(model, other, log_row(id="more"), "{", partial=True))
    try:
        rows(model, other)
    except RejectedRows as error:
        refused = error.status
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ingest_rows")
        left = cursor.fetchone()[0]
    logs = list(PredictionLog.objects.filter(model=model).order_by("row_id").values(*SHOWN))
    return {
        "counts": [[d.accepted, d.duplicates, d.labels, len(d.rejected)] for d in done],
        "refused": refused,
        "apart": apart,
        "left_in_the_stage": left,
        "quarantined": [q.content for q in done[-1].batch.quarantined.order_by("line")],
        "logs": logs,
        "days": LogDay.objects.get(model=model).changes,
    }


def work(number, key, kind, start, answers):
    """One client's program: the same rows as all the others, in an order of its own."""
    model = MaintainedModel.objects.select_related("client").get(pk=key)
    order = random.Random(number).sample(range(COUNT), COUNT)
    start.wait()
    with as_client(model.client):
        for part in (order[: COUNT // 2], order[COUNT // 2 :]):
            if kind == "rows":
                done = rows(model, *[log_row(id=f"m-{i}") for i in part])
            else:
                label = {"label": "a", "label_source": "review"}
                done = feedback(model, *[{"id": f"m-{i}", "n": number} | label for i in part])
            answers.put((kind, done.accepted, done.duplicates))


def at_once(model):
    """Every client sends the same rows, and two send feedback for them, all at one moment."""
    context = multiprocessing.get_context("fork")
    start, answers = context.Barrier(CLIENTS + 2), context.Queue()
    kinds = ["rows"] * CLIENTS + ["feedback"] * 2
    connections.close_all()
    clients = [
        context.Process(target=work, args=(number, model.pk, kind, start, answers))
        for number, kind in enumerate(kinds)
    ]
    for client in clients:
        client.start()
    answered = [answers.get(timeout=120) for _ in range(2 * len(clients))]
    for client in clients:
        client.join()
    logs = PredictionLog.objects.filter(model=model)
    said = list(logs.values_list("label", "signals"))
    batches = UploadBatch.objects.filter(model=model, kind="logs")
    return {
        "accepted": sum(accepted for kind, accepted, _ in answered if kind == "rows"),
        "duplicates": sum(twice for kind, _, twice in answered if kind == "rows"),
        "stored": logs.count(),
        "labelled": said.count(("a", {"n": CLIENTS + 1})),
        "waiting": PendingFeedback.objects.filter(model=model).count(),
        "batches": sum(batches.values_list("accepted", flat=True)),
    }


def change(number, key, kind, start, answers):
    """One of those who change known rows, every one in an order of its own."""
    model = MaintainedModel.objects.select_related("client").get(pk=key)
    order = random.Random(number).sample(range(COUNT), COUNT)
    found = list(PredictionLog.objects.filter(model=model))
    read = [found[i] for i in order]
    for row in read:
        row.prediction, row.confidence = "a", 0.5
        row.model_version, row.answered = "v1.0", "service"
    start.wait()
    try:
        if kind == "answers":
            said = store_answers(model=model, rows=read, at=AT)
        elif kind == "feedback":
            said = feedback(model, *[{"id": f"m-{i}", f"n{number}": 1} for i in order]).labels
        else:
            again = [log_row(id=f"m-{i}", **UNANSWERED, feedback={f"n{number}": 1}) for i in order]
            said = rows(model, *again).labels
        answers.put((kind, said))
    except Error as error:
        answers.put((kind, str(error)))


def crossing(model):
    """Two of each kind change the same known rows at one moment: who waits for whom?"""
    rows(model, *[log_row(id=f"m-{i}", **UNANSWERED) for i in range(COUNT)])
    context = multiprocessing.get_context("fork")
    start, answers = context.Barrier(6), context.Queue()
    connections.close_all()
    kinds = ["answers", "feedback", "rows"] * 2
    programs = [
        context.Process(target=change, args=(number, model.pk, kind, start, answers))
        for number, kind in enumerate(kinds)
    ]
    for program in programs:
        program.start()
    told = sorted((answers.get(timeout=120) for _ in programs), key=str)
    for program in programs:
        program.join()
    logs = PredictionLog.objects.filter(model=model, answered="service")
    whole = {"n1": 1, "n2": 1, "n4": 1, "n5": 1}
    said = list(logs.values_list("signals", flat=True))
    return {"told": told, "whole": said.count(whole)}


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    found = {"vendor": connection.vendor, "kinds": every_kind(model_of("kinds"))}
    found["at_once"] = at_once(model_of("at-once"))
    found["crossing"] = crossing(model_of("crossing"))
    print(json.dumps(found, default=str))
