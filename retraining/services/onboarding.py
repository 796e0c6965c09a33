"""A client's model comes in: data, schema, first version, baseline, live."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction

from agency.base.clock import zone_of
from agency.base.errors import BadInput
from clients import queries as client_queries
from clients import services as client_services
from clients.datasets import add_dataset_version
from clients.labelled import LabelledRow, read_labelled
from clients.models import Dataset, DatasetVersion, Domain, MaintainedModel, Tier
from clients.near_copy import NearCopyIndex, Task
from clients.schema import Schema
from retraining import evaluation
from retraining.learners.base import InputSpec, Learner
from retraining.learners.errors import LearnerError
from retraining.learners.registry import default_learner, learner_for
from retraining.learners.selection import train_candidate
from retraining.models import EvalRun, ModelVersion, Rollout
from retraining.policy import Policy
from retraining.queries import spec_from
from retraining.stages.retrain import create_version, version_values

# The name and the bytes of an uploaded file.
File = tuple[str, bytes]


@dataclass(frozen=True)
class Onboarded:
    """The model, its first version, how that does on the golden set, and rows set aside."""

    model: MaintainedModel
    version: ModelVersion
    golden: EvalRun
    set_aside: int


def onboard(
    *,
    client: str,
    model: str,
    name: str,
    tier: str,
    domain: str,
    timezone: str,
    language: str,
    task: str,
    train: File,
    golden: File,
    as_of: datetime,
    by: str,
    learner: str = "",
    progress: Callable[[str], None] | None = None,
) -> Onboarded:
    """Register, store both datasets, train v1.0 from scratch, measure it, make it live from ``as_of``.

    ``train`` and ``golden`` are (name, bytes) of dataset files; the training columns fix the
    schema. ``learner`` names another than the task's default. Training rows that copy a golden row,
    exactly or nearly, are set aside and counted. All or nothing: what fails leaves no row behind.
    Raises ``BadInput`` for unknown tiers, domains, time zones and learners, a learner whose optional
    extra is not installed, bad files, one-class data, and a model that exists.
    """
    zone_of(timezone)
    if domain not in Domain.values:
        raise BadInput(f"unknown domain {domain!r}: one of {', '.join(Domain.values)}")
    found_tier = Tier.objects.filter(slug=tier).first()
    if found_tier is None:
        tiers = ", ".join(Tier.objects.values_list("slug", flat=True))
        raise BadInput(f"unknown tier {tier!r}: one of {tiers}")
    if MaintainedModel.objects.filter(client__slug=client, slug=model).exists():
        raise BadInput(f"{client}/{model} exists already")
    training, schema = read_labelled(train[1], train[0], None, task)
    golden_rows, _ = read_labelled(golden[1], golden[0], schema, task)
    kept = _without_copies(training, golden_rows, task)
    set_aside, training = len(training) - len(kept), kept
    if len({row.label for row in training}) < 2:
        raise BadInput(f"{train[0]}: fewer than two categories are left beside the golden rows")
    # The same model gets the same seed on every machine.
    seed = zlib.crc32(f"{client}/{model}".encode()) % 2**31
    spec = spec_from(schema)
    taught_by = _learner(learner, spec)
    store = partial(
        _store,
        client=client,
        model=model,
        name=name,
        tier=found_tier,
        domain=domain,
        timezone=timezone,
        language=language,
        schema=schema,
        golden=golden_rows,
        training=training,
        by=by,
        at=as_of,
    )
    # Once for what the rows say, before minutes of training and a stored file: then for good.
    with transaction.atomic():
        store()
        transaction.set_rollback(True)
    inputs = client_queries.inputs_frame(schema=schema, inputs=[row.input for row in training])
    if progress:
        progress(f"training v1.0 of {client}/{model}")
    try:
        trained = train_candidate(
            learner=taught_by,
            checkpoint=None,
            inputs=inputs,
            labels=[row.label for row in training],
            spec=spec,
            seed=seed,
        )
    except LearnerError as error:
        raise BadInput(f"{train[0]}: {error}") from error
    values = version_values(trained, inputs, spec=spec, seed=seed)
    with transaction.atomic():
        maintained, golden_version, training_version = store()
        version = create_version(
            model=maintained, parent=None, training=training_version, values=values, at=as_of
        )
        run = evaluation.record(
            evaluation.score_golden(version, golden_version),
            version=version,
            kind=EvalRun.Kind.GOLDEN,
            policy=Policy(),
            at=as_of,
            golden=golden_version,
        )
        Rollout.objects.create(
            model=maintained,
            version=version,
            strategy="launch",
            started_at=as_of,
            by=by,
            reason="onboarding",
        )
    return Onboarded(maintained, version, run, set_aside)


def _store(
    *,
    client: str,
    model: str,
    name: str,
    tier: Tier,
    domain: str,
    timezone: str,
    language: str,
    schema: Schema,
    golden: list[LabelledRow],
    training: list[LabelledRow],
    by: str,
    at: datetime,
) -> tuple[MaintainedModel, DatasetVersion, DatasetVersion]:
    """Client, model and both datasets as rows: the model, its golden and its training version."""
    owner = client_services.register_client(
        slug=client,
        name=client.replace("-", " ").title(),
        domain=domain,
        timezone=timezone,
        language=language,
        at=at,
    )
    maintained = client_services.register_model(
        client=owner,
        slug=model,
        name=name or model.replace("-", " ").title(),
        task=schema.task,
        tier=tier,
        schema=schema,
        at=at,
    )
    add = partial(add_dataset_version, model=maintained, by=by, reason="onboarding", at=at)
    return (
        maintained,
        add(kind=Dataset.Kind.GOLDEN, rows=golden),
        add(kind=Dataset.Kind.TRAINING, rows=training),
    )


def _learner(name: str, spec: InputSpec) -> Learner:
    try:
        found = learner_for(name) if name else default_learner(spec.task)
    except LearnerError as error:
        raise BadInput(str(error)) from error
    if found.task != spec.task:
        raise BadInput(f"the learner {name!r} reads {found.task} inputs, not {spec.task}")
    return found


def _without_copies(
    training: list[LabelledRow], golden: list[LabelledRow], task: str
) -> list[LabelledRow]:
    kind: Task = "text" if task == "text" else "tabular"
    index = NearCopyIndex([(row.row_id, row.input) for row in golden], kind)
    matches = index.find_all([row.input for row in training])
    return [row for row, match in zip(training, matches, strict=True) if match is None]
