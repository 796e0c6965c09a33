"""A small world with one row at least of every model, so that every page has something to show."""

from datetime import date
from types import SimpleNamespace

from django.contrib.auth.models import Group

from agency.base.files import store
from clients import models as c
from reports import models as p
from retraining import models as r
from tests.factories import (
    APRIL,
    MARCH,
    AlertFactory,
    ClientFactory,
    CycleFactory,
    DatasetFactory,
    DatasetRowFactory,
    DatasetVersionFactory,
    MaintainedModelFactory,
    ModelVersionFactory,
    MonthlyReportFactory,
    PredictionLogFactory,
    ProposalFactory,
    RolloutFactory,
    UserFactory,
)

FIGURES = {
    "overall": {"delta": 0.06, "low": 0.02, "high": 0.1, "p_value": 0.004, "n": 130}
    | {"fixed": 10, "broken": 2},
    "groups": {
        "new": None,
        "target": None,
        "protected": {"delta": -0.01, "low": -0.03, "high": 0.02, "n": 90, "fixed": 1, "broken": 2},
    },
    "categories": [
        {"category": "billing", "n": 20, "before": 0.9, "after": 0.9, "fixed": 0, "broken": 0},
        {"category": "login", "n": 20, "before": 0.9, "after": 0.85, "fixed": 0, "broken": 1},
    ],
    "label_more": {"n": 40, "rows": ["row-1"]},
    "reasons": ["More rows fixed than broken."],
}
AUDIT = {"estimate": 0.66, "low": 0.55, "high": 0.75, "n": 92, "kind": "review"}
GOLDEN = {"estimate": 0.91, "low": 0.84, "high": 0.95, "n": 100, "version": 2}
CAUSE = {
    "cause": "new_category",
    "evidence": "Eleven rows ask about refunds.",
    "since": "2025-03-02",
}


def make_world(slug="acme", name="Acme Support"):
    """A client with a model whose cycle waits for approval, and all that hangs on it."""
    customer = ClientFactory(slug=slug, name=name)
    model = MaintainedModelFactory(client=customer, slug="tickets", name="Tickets")
    training = DatasetFactory(model=model)
    golden = DatasetFactory(model=model, kind="golden")
    trained_on = DatasetVersionFactory(dataset=training, number=1)
    golden_version = DatasetVersionFactory(dataset=golden, number=1)
    DatasetRowFactory(dataset=training)
    launch = ModelVersionFactory(model=model, number=0, training_version=trained_on)
    second = ModelVersionFactory(model=model, number=1, training_version=trained_on, parent=launch)
    RolloutFactory(version=launch, started_at=MARCH)
    cycle = CycleFactory(
        model=model,
        state="pending_approval",
        reason="decay",
        incumbent=launch,
        candidate=second,
        monitor={"golden": GOLDEN, "audit": AUDIT, "signals": []},
    )
    curating = CycleFactory(
        model=model, state="curating", incumbent=launch, window_end=MARCH.replace(day=20)
    )
    for before, after in (("monitoring", "diagnosing"), ("comparing", "pending_approval")):
        r.CycleTransition.objects.create(
            job=cycle, from_state=before, to_state=after, by="the loop", at=APRIL
        )
    diagnosis = r.Diagnosis.objects.create(
        cycle=cycle, verdict="retrain", findings={"causes": [CAUSE]}, created_at=APRIL
    )
    run = r.EvalRun.objects.create(
        version=launch, kind="golden", golden_version=golden_version, n=100, correct=91,
        low=0.84, high=0.95, categories={}, created_at=MARCH,
    )  # fmt: skip
    r.EvalRow.objects.create(
        run=run, row_id="g-1", label="login", prediction="login", confidence=0.9, correct=True
    )
    comparison = r.Comparison.objects.create(
        cycle=cycle, attempt=1, incumbent=launch, candidate=second, golden_version=golden_version,
        verdict="promote", figures=FIGURES, created_at=APRIL,
    )  # fmt: skip
    r.Decision.objects.create(
        cycle=cycle, kind="overrule", by="lee", reason="The client asked.", at=APRIL
    )
    r.AppliedRepair.objects.create(
        model=model, cycle=cycle, subject="temp_c", kind="unit_change", since="2025-03-10",
        fault={"field": "temp_c", "kind": "unit_change", "since": "2025-03-10", "segment": None,
               "until": "2025-04-01", "factor": 1.8, "offset": 32.0, "cycle": None, "lag": None,
               "first": 0.0},
        applied_by="lee", reason="The feed is in Fahrenheit.", applied_at=APRIL,
        withdrawn_by="lee", withdrawn_reason="They sent it again.", withdrawn_at=APRIL,
    )  # fmt: skip
    sample = r.AuditSample.objects.create(
        model=model, window_start=MARCH, window_end=APRIL, n=1, seed=1, population=10,
        drawn_by="lee", drawn_at=APRIL,
    )  # fmt: skip
    log = PredictionLogFactory(model=model)
    r.AuditSampleRow.objects.create(sample=sample, log=log)
    r.PolicyOverride.objects.create(
        model=model, name="watch_drop", value=0.02, reason="A strict client.", by="lee"
    )
    r.MustPass.objects.create(model=model, row_id="g-0", reason="The law.", by="lee")
    proposals = [
        ProposalFactory(cycle=curating, input={"text": f"parcel {n} never came"}) for n in range(3)
    ]
    tell(AlertFactory(model=model), customer)
    r.ReviewOpinion.objects.create(
        proposal=proposals[0], by="lee", action="accept", label="login", seconds=4, at=APRIL
    )
    c.StaffTime.objects.create(model=model, by="lee", kind="review", minutes=4, at=APRIL)
    batch = c.UploadBatch.objects.create(
        model=model, name="march.ndjson", sha256="0" * 64, received_at=APRIL
    )
    c.QuarantinedRow.objects.create(
        batch=batch, line=3, pointer="/timestamp", code="bad_time", detail="no offset", content="{}"
    )
    own = {"client": customer, "model": model}
    c.Outcome.objects.create(**own, row_id="row-1", name="paid", value=1, received_at=APRIL)
    c.PendingFeedback.objects.create(
        **own,
        row_id="row-9",
        content={"label": "login"},
        content_sha256="0" * 64,
        received_at=APRIL,
    )
    # A day that no row of the factories can fall on: each row marks its own.
    c.LogDay.objects.create(**own, day=date(2024, 1, 2), changed_at=APRIL)
    c.Usage.objects.create(client=customer, kind="rows", starts_at=APRIL, used=10)
    c.IdempotentRequest.objects.create(
        client=customer, key="march-1", address="POST /x", status=202, answer={"accepted": 1},
        started_at=APRIL, lease_until=APRIL,
    )  # fmt: skip
    c.RedactionRule.objects.create(client=customer, kind="mail")
    c.Erasure.objects.create(
        client=customer, subject_sha256="0" * 64, by="lee", at=APRIL,
        touched={"log rows": {"n": 1, "ids": ["row-8"]}},
    )  # fmt: skip
    r.DailyProfile.objects.create(
        **own, day=date(2024, 1, 2), baseline=launch, kind="given", version="v1.0", rows=10,
        counts={}, changes=1,
    )  # fmt: skip
    c.Contact.objects.create(client=customer, name="Ada", email=f"ada@{slug}.invalid")
    c.Membership.objects.create(client=customer, user=UserFactory(username=f"v-{slug}"))
    c.ApiKey.objects.create_key(name="exporter", client=customer)
    c.KnownEvent.objects.create(
        client=customer, kind="campaign", title="Spring sale", starts_at=MARCH, ends_at=APRIL,
        declared_by="lee",
    )  # fmt: skip
    c.AgencySettings.current()
    Group.objects.get_or_create(name="leads")
    report = MonthlyReportFactory(
        client=customer, month=date(2025, 3, 1),
        html_sha256=store(b"<h1>March</h1>", suffix=".html"),
        pdf_sha256=store(b"%PDF-1.7 march", suffix=".pdf"),
    )  # fmt: skip
    p.ReportTransition.objects.create(
        job=report, from_state="frozen", to_state="rendered", by="the loop", at=APRIL
    )
    delivery = p.Delivery.objects.create(
        report=report, name="Ada", email=f"ada@{slug}.invalid", state="sent", created_at=APRIL
    )
    p.DeliveryTransition.objects.create(
        job=delivery, from_state="sending", to_state="sent", by="mail", at=APRIL
    )
    return SimpleNamespace(
        client=customer, model=model, cycle=cycle, curating=curating, launch=launch, second=second,
        proposals=proposals, report=report, diagnosis=diagnosis, comparison=comparison, log=log,
    )  # fmt: skip


def tell(alert, customer):
    """The alert went to a person and to a webhook."""
    c.Webhook.objects.create(
        client=customer, url="https://hooks.invalid/x", secret="s", by="lee", created_at=APRIL
    )
    reader = UserFactory(username=f"s-{customer.slug}")
    c.AlertSubscription.objects.create(client=customer, user=reader, created_at=APRIL)
    notice = c.Notice.objects.create(
        alert=alert, event="opened", email="a@b.invalid", state="sent", created_at=APRIL
    )
    c.NoticeTransition.objects.create(
        job=notice, from_state="sending", to_state="sent", by="mail", at=APRIL
    )
