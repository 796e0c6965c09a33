"""A client of whom something of every kind waits, each on a model of its own."""

from datetime import date, timedelta
from types import SimpleNamespace

from agency.base import clock
from clients import models as c
from reports import models as p
from retraining import models as r
from retraining.models import State
from tests.factories import (
    AlertFactory,
    ClientFactory,
    CycleFactory,
    DatasetVersionFactory,
    MaintainedModelFactory,
    ModelVersionFactory,
    MonthlyReportFactory,
    ProposalFactory,
    RolloutFactory,
    the_tiers,
)

DROP = {"name": "error_rate", "change": {"delta": 0.06, "low": 0.02, "high": 0.1, "n_after": 90}}


def live_model(customer, slug, *, tier="standard", checked=timedelta(days=1), **values):
    """A model with a live version that was checked so long ago, and that cycle."""
    at = clock.now()
    model = MaintainedModelFactory(
        client=customer, slug=slug, name=slug.title(), tier=the_tiers()[tier],
        created_at=at - timedelta(days=90), **values,
    )  # fmt: skip
    version = ModelVersionFactory(model=model, number=0)
    RolloutFactory(version=version, started_at=at - timedelta(days=90))
    cycle = CycleFactory(
        model=model, incumbent=version, window_start=at - checked - timedelta(days=30),
        window_end=at - checked, created_at=at - timedelta(hours=2),
    )  # fmt: skip
    return SimpleNamespace(model=model, version=version, cycle=cycle)


def in_state(customer, state, *, slug=None, **values):
    """A live model whose newest cycle is in that state."""
    made = live_model(customer, slug or state.replace("_", "-"), **values)
    r.Cycle.objects.filter(pk=made.cycle.pk).update(state=state, monitor={"signals": [DROP]})
    made.cycle.refresh_from_db()
    return made


def everything(slug="acme", name="Acme"):
    """Every kind of item once; what was made, by name."""
    at = clock.now()
    customer = ClientFactory(slug=slug, name=name)
    made = {
        state: in_state(customer, state)
        for state in (
            *(State.PENDING_APPROVAL, State.CURATING, State.UNDECIDED),
            *(State.UPSTREAM, State.NEEDS_LABELS, State.FAILED),
        )
    }
    approval = made[State.PENDING_APPROVAL]
    candidate = ModelVersionFactory(model=approval.model, number=1)
    r.Cycle.objects.filter(pk=approval.cycle.pk).update(candidate=candidate)
    for _ in range(3):
        ProposalFactory(cycle=made[State.CURATING].cycle)
    undecided = made[State.UNDECIDED]
    r.Comparison.objects.create(
        cycle=undecided.cycle, attempt=1, incumbent=undecided.version, candidate=undecided.version,
        golden_version=DatasetVersionFactory(dataset__model=undecided.model), verdict="undecided",
        figures={"label_more": {"n": 40, "rows": []}}, created_at=at,
    )  # fmt: skip
    late = live_model(customer, "late", checked=timedelta(days=70))
    calm = live_model(customer, "calm")
    alerts = {
        severity: AlertFactory(
            model=calm.model, severity=severity, key=f"other:{severity}", opened_at=at,
            message=f"Something to {severity} on.",
        )
        for severity in ("watch", "act", "fault")
    }  # fmt: skip
    report = MonthlyReportFactory(client=customer, month=date(2026, 10, 1), created_at=at)
    p.Delivery.objects.create(
        report=report, name="Ada", email=f"ada@{slug}.invalid", state="unknown", created_at=at
    )
    c.Notice.objects.create(
        alert=alerts["act"], event="opened", email="a@b.invalid", state="failed", created_at=at
    )
    batch = c.UploadBatch.objects.create(
        model=calm.model, name="x.ndjson", sha256="0" * 64, received_at=at
    )
    c.QuarantinedRow.objects.create(
        batch=batch, line=3, pointer="/x", code="bad", detail="no", content="{}"
    )
    c.StaffTime.objects.create(model=calm.model, by="lee", kind="review", minutes=90, at=at)
    return SimpleNamespace(
        client=customer, cycles=made, late=late, calm=calm, alerts=alerts, report=report
    )
