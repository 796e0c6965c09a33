"""Live models with made-up values, for benches that need rows of the right shape and no learning."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any


def clients_of(count: int, *, at: datetime) -> list[Any]:
    """``count`` clients of the agency that were taken on at ``at``."""
    from clients.models import Client

    return Client.objects.bulk_create(
        Client(slug=f"c{i}", name=f"C {i}", domain="finance", created_at=at) for i in range(count)
    )


def live_models(
    clients: Sequence[Any],
    schema: Mapping[str, Any],
    *,
    at: datetime,
    reference: Mapping[str, Any] | None = None,
) -> list[Any]:
    """The live versions of new models, one for each entry of ``clients`` (a client may come again).

    ``schema`` is every model's; ``reference`` what its version was trained on, as a version keeps it.
    """
    from clients import models as c

    tier = c.Tier.objects.get(slug="standard")
    first = c.MaintainedModel.objects.count()
    made = c.MaintainedModel.objects.bulk_create(
        c.MaintainedModel(
            client=client,
            slug=f"m{number}",
            name=f"M {number}",
            task=schema["task"],
            tier=tier,
            schema=dict(schema),
            created_at=at,
        )
        for number, client in enumerate(clients, start=first)
    )
    return go_live(made, at=at, learner=schema["task"], reference=reference)


def go_live(
    models: Sequence[Any],
    *,
    at: datetime,
    learner: str,
    reference: Mapping[str, Any] | None = None,
) -> list[Any]:
    """A first version of each of ``models``, live since ``at``."""
    from clients import models as c
    from retraining import models as r

    sets = c.Dataset.objects.bulk_create(c.Dataset(model=m, kind="training") for m in models)
    trained = c.DatasetVersion.objects.bulk_create(
        c.DatasetVersion(
            dataset=s, number=1, sha256="0" * 64, rows=1, added=1, removed=0, created_at=at
        )
        for s in sets
    )
    versions = r.ModelVersion.objects.bulk_create(
        r.ModelVersion(
            model=m,
            number=0,
            training_version=t,
            artifact_sha256="0" * 64,
            artifact_bytes=1,
            learner=learner,
            arm="scratch",
            arms=[],
            parameters={},
            categories=[],
            reference=dict(reference or {}),
            library_versions={},
            seed=1,
            created_at=at,
        )
        for m, t in zip(models, trained, strict=True)
    )
    r.Rollout.objects.bulk_create(
        r.Rollout(model=v.model, version=v, started_at=at, by="b", reason="launch")
        for v in versions
    )
    return list(versions)
