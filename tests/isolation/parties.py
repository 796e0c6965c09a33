"""A client whose model went once round the loop."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from agency.base.files import sha256_of, store
from clients.models import ApiKey, Client, Dataset, DatasetVersion, MaintainedModel
from reports.models import MonthlyReport
from retraining.models import Comparison, Cycle, EvalRun, ModelVersion, Rollout, State

AT = datetime(2025, 4, 1, tzinfo=UTC)
MARCH = datetime(2025, 3, 1, tzinfo=UTC)


@dataclass
class Party:
    """A client with one model that went once round the loop, and its key."""

    client: Client
    model: MaintainedModel
    report: MonthlyReport
    api_key: ApiKey
    key: str


def make_party(slug, tier):
    client = Client.objects.create(
        slug=slug, name=slug.title(), domain="finance", timezone="UTC", created_at=AT
    )
    # Both clients' models have one slug: only the key can tell them apart.
    model = MaintainedModel.objects.create(
        client=client,
        slug="tickets",
        name=f"Tickets of {slug}",
        task="text",
        tier=tier,
        schema={"task": "text", "fields": [], "categories": ["a", "b"]},
        created_at=AT,
    )
    versions = {}
    for kind in ("training", "golden"):
        dataset = Dataset.objects.create(model=model, kind=kind)
        versions[kind] = DatasetVersion.objects.create(
            dataset=dataset,
            number=1,
            sha256=sha256_of(f"{slug} {kind}".encode()),
            rows=10,
            added=10,
            removed=0,
            by="ops",
            created_at=AT,
        )
    launched, candidate = (
        ModelVersion.objects.create(
            model=model,
            number=number,
            training_version=versions["training"],
            artifact_sha256=sha256_of(f"{slug} {number}".encode()),
            artifact_bytes=100,
            learner="text",
            arm="scratch",
            arms=[],
            parameters={},
            categories=["a", "b"],
            reference={"secret": "bins"},
            library_versions={"scikit-learn": "1.9"},
            seed=1,
            created_at=AT,
        )
        for number in (0, 1)
    )
    cycle = Cycle.objects.create(
        model=model,
        state=State.LIVE,
        window_start=MARCH,
        window_end=AT,
        policy={},
        tier={},
        seed=1,
        incumbent=launched,
        candidate=candidate,
        created_at=AT,
    )
    EvalRun.objects.create(
        version=launched,
        kind="golden",
        golden_version=versions["golden"],
        n=10,
        correct=9,
        low=0.6,
        high=0.98,
        categories={"a": {"estimate": 0.9, "low": 0.6, "high": 0.98, "n": 10}},
        created_at=AT,
    )
    Comparison.objects.create(
        cycle=cycle,
        attempt=1,
        incumbent=launched,
        candidate=candidate,
        golden_version=versions["golden"],
        verdict="promote",
        figures={"overall": {"delta": 0.1}},
        created_at=AT,
    )
    Rollout.objects.create(
        model=model, version=candidate, cycle=cycle, started_at=AT, by="ops", reason="better"
    )
    report = MonthlyReport.objects.create(
        client=client,
        month=date(2025, 3, 1),
        revision=1,
        provisional=False,
        facts={"client": slug},
        facts_sha256=sha256_of(slug.encode()),
        pdf_sha256=store(f"%PDF of {slug}".encode(), suffix=".pdf"),
        state="rendered",
        created_at=AT,
    )
    api_key, key = ApiKey.objects.create_key(name="integration", client=client)
    return Party(client, model, report, api_key, key)
