"""Clients for the tenant matrix, and the accidents that it has to survive."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from unittest.mock import patch

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.test import Client as Browser

from agency.base.files import sha256_of
from clients.models import ApiKey, Client, MaintainedModel, Membership, Scope, Tier, UploadBatch
from reports.models import MonthlyReport
from tests.isolation.matrix import INTEGRATION, Side
from tests.isolation.parties import make_party

AT = datetime(2025, 4, 1, tzinfo=UTC)
SCHEMA = {"task": "text", "fields": [], "categories": ["a", "b"]}


def full_side(number: int, tier: Tier) -> Side:
    """A client with everything: a model that went round the loop, keys of every kind, people."""
    slug = f"tenant{number:04d}x"
    party = make_party(slug, tier)
    client, model = party.client, party.model
    # No two clients' models have one name here, so that a wrong row is seen to be wrong.
    MaintainedModel.objects.filter(pk=model.pk).update(slug=f"model-of-{slug}")
    model.refresh_from_db()
    gone = MaintainedModel.objects.get(pk=model.pk)
    gone.pk, gone.slug = None, f"gone-of-{slug}"
    gone.save(force_insert=True)
    batches = [
        UploadBatch.objects.create(
            model=of, name=f"secret of {slug}", sha256=sha256_of(slug.encode()), received_at=AT
        )
        for of in (model, gone)
    ]
    report = MonthlyReport.objects.get(pk=party.report.pk)
    report.pk, report.revision = None, 2
    report.save(force_insert=True)
    side = Side(
        slug=slug,
        model=model.slug,
        gone_model=gone.slug,
        report=party.report.pk,
        gone_report=report.pk,
        batch=batches[0].pk,
        gone_batch=batches[1].pk,
        keys={INTEGRATION: party.key},
        sessions={"staff session": _session(slug, client, staff=True)},
    )
    side.sessions["member session"] = _session(slug, client, staff=False)
    report.delete()
    gone.delete()
    for scope in Scope.values:
        side.keys[scope] = ApiKey.objects.create_key(name=scope, client=client, scopes=[scope])[1]
    for role, ends in (
        ("revoked", {"revoked": True}),
        ("expired", {"expiry_date": AT - timedelta(days=1)}),
    ):
        side.keys[role] = ApiKey.objects.create_key(name=role, client=client, **ends)[1]
    return side


def _session(slug: str, client: Client, *, staff: bool) -> Browser:
    name = f"{'staff' if staff else 'member'} of {slug}"
    user = User.objects.create(username=name, is_staff=staff, is_superuser=staff)
    Membership.objects.create(client=client, user=user)
    browser = Browser(raise_request_exception=False)
    browser.force_login(user)
    return browser


def ring(count: int, tier: Tier) -> list[Side]:
    """Clients with a model, a report, an upload and a key each."""
    clients = Client.objects.bulk_create(
        Client(slug=f"tenant{n:04d}x", name=f"Tenant {n:04d}x", domain="finance", created_at=AT)
        for n in range(count)
    )
    models = MaintainedModel.objects.bulk_create(
        MaintainedModel(
            client=client,
            slug=f"model-of-{client.slug}",
            name=f"secret of {client.slug}",
            task="text",
            tier=tier,
            schema=SCHEMA,
            created_at=AT,
        )
        for client in clients
    )
    reports = MonthlyReport.objects.bulk_create(
        MonthlyReport(
            client=client,
            month=date(2025, 3, 1),
            revision=1,
            provisional=False,
            facts={"client": client.slug},
            facts_sha256=sha256_of(client.slug.encode()),
            state="rendered",
            created_at=AT,
        )
        for client in clients
    )
    batches = UploadBatch.objects.bulk_create(
        UploadBatch(model=model, name=model.name, sha256=sha256_of(b""), received_at=AT)
        for model in models
    )
    keys = [ApiKey(name="ring", client=client) for client in clients]
    secrets = [ApiKey.objects.assign_key(key) for key in keys]
    ApiKey.objects.bulk_create(keys)
    return [
        Side(
            slug=client.slug,
            model=model.slug,
            gone_model="gone",
            report=report.pk,
            gone_report=0,
            batch=batch.pk,
            keys={INTEGRATION: secret},
        )
        for client, model, report, batch, secret in zip(
            clients, models, reports, batches, secrets, strict=True
        )
    ]


SCOPING = re.compile(r"(^|.*__)(client|model)(_id|__pk|__id)?$")


@contextmanager
def without_scoping() -> Iterator[None]:
    """The mistake that the second wall is for: no query asks any more whose rows it wants."""
    asked = QuerySet._filter_or_exclude_inplace

    def forgetful(self: QuerySet, negate: bool, args: tuple, kwargs: dict) -> None:
        kept = {name: value for name, value in kwargs.items() if not SCOPING.fullmatch(name)}
        asked(self, negate, args, kept)

    with patch.object(QuerySet, "_filter_or_exclude_inplace", forgetful):
        yield
