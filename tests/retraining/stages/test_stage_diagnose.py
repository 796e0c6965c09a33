"""Where a verdict leads: what the tier allows, what is told, and when growth is asked."""

from datetime import timedelta

import pytest

from clients.models import Alert, KnownEvent
from clients.services import LabelledRow, add_dataset_version
from retraining import services
from retraining.growth import Opportunity
from retraining.models import Cycle, Diagnosis
from retraining.policy import wait_days
from retraining.stages import diagnose, monitor
from tests.factories import CycleFactory, ModelVersionFactory
from tests.retraining import world

pytestmark = pytest.mark.django_db


def born_month(model, rng, start=world.APRIL, at=world.MAY):
    world.load(model, world.month(rng, start, born=15), at=at)


def diagnosed(model, **options):
    """The cycle just after its diagnosis."""
    cycle = world.loop.start_cycle(model=world.find_model(model.path), as_of=world.MAY)
    cycle = world.step(monitor, cycle)
    return world.step(diagnose, cycle)


def test_a_quiet_month_ends_healthy_and_tells_nobody(model, rng):
    world.load(model, world.month(rng))
    cycle = world.cycle(model)
    assert (cycle.state, cycle.reason) == ("healthy", "")
    assert cycle.diagnosis.verdict == "no_action"
    assert not Alert.objects.filter(key__startswith="cause:").exists()
    assert [(t.from_state, t.to_state) for t in cycle.transitions.all()] == [
        ("monitoring", "diagnosing"),
        ("diagnosing", "healthy"),
    ]


def test_a_new_category_goes_on_to_collect_where_the_tier_supports_it(model, rng):
    born_month(model, rng)
    cycle = diagnosed(model)
    assert (cycle.state, cycle.reason) == ("collecting", "decay")
    assert cycle.diagnosis.findings["new_categories"] == ["locker"]
    alert = Alert.objects.get(key="cause:new_category:locker")
    assert alert.severity == "act" and "locker" in alert.message


def test_the_basic_tier_is_advised_and_a_person_can_overrule(tiers, rng, lee):
    model = world.onboard(tier="basic").model
    born_month(model, rng)
    cycle = world.cycle(model, auto_curate=True)
    assert (cycle.state, cycle.reason) == ("advised", "decay")
    alert = Alert.objects.get(key="cause:new_category:locker")
    assert "The tier does not include it" in alert.message
    cycle = services.overrule(cycle=cycle, by=lee, reason="They paid for it.", at=world.MAY)
    assert cycle.state == "collecting"
    cycle = services.continue_cycle(cycle_id=cycle.pk, at=world.MAY)
    assert cycle.state == "pending_approval"
    assert cycle.decisions.get().kind == "overrule"


def test_a_tier_without_new_categories_is_advised_until_a_person_gives_one_golden_rows(tiers, rng):
    model = world.onboard(tier="standard").model
    assert model.tier.retrain_every_days and not model.tier.new_category_support
    born_month(model, rng)
    assert diagnosed(model).state == "advised"
    Diagnosis.objects.all().delete()
    Cycle.objects.all().update(state="failed")
    rows = [
        LabelledRow(f"n-{i}", {"text": world.text_of("locker", rng)}, "locker", "import")
        for i in range(3)
    ]
    add_dataset_version(model=model, kind="golden", rows=rows, by="lee", reason="new", at=world.MAY)
    cycle = world.loop.start_cycle(
        model=world.find_model(model.path), as_of=world.MAY, window_start=world.APRIL
    )
    cycle = world.step(diagnose, world.step(monitor, cycle))
    assert cycle.state == "collecting"


def test_a_cause_is_told_once_and_its_alert_closes_when_it_is_over(tiers, rng):
    model = world.onboard(tier="basic").model
    told = []
    for start, end, born in (
        (world.APRIL, world.MAY, True),
        (world.MAY, world.JUNE, True),
        (world.JUNE, world.JULY, False),
    ):
        if born:
            born_month(model, rng, start, end)
        else:
            world.load(model, world.month(rng, start), at=end)
        world.cycle(model, end)
        told.append(
            [(a.opened_at, a.closed_at) for a in Alert.objects.filter(key__contains="new_")]
        )
    assert told == [[(world.MAY, None)], [(world.MAY, None)], [(world.MAY, world.JULY)]]


def test_a_declared_campaign_keeps_its_days_out_in_the_clients_time(model, rng):
    world.load(model, world.month(rng))
    first = world.APRIL + timedelta(days=4)
    KnownEvent.objects.create(
        client=model.client,
        kind="campaign",
        title="Sale",
        starts_at=first,
        ends_at=first + timedelta(days=2),
    )
    findings = world.cycle(model).diagnosis.findings
    assert findings["excluded_days"] == [["2025-04-05", "2025-04-07"]]
    assert findings["excluded_windows"] == [["2025-04-04T22:00:00Z", "2025-04-06T22:00:00Z"]]
    (cause,) = findings["causes"]
    assert (cause["cause"], cause["acts"]) == ("known_event", False)


GAIN = Opportunity(0.04, 0.01, 0.07, rows=110, n=80, fixed=8, broken=1, p_value=0.02)


@pytest.mark.parametrize(
    ("growth", "state", "reason"),
    [
        (GAIN, "collecting", "growth"),
        (Opportunity(0.014, -0.01, 0.03, 110, 80, 2, 1, p_value=0.05), "healthy", ""),
        (Opportunity(0.04, -0.01, 0.09, 110, 80, 8, 5, p_value=0.3), "healthy", ""),
        (None, "healthy", ""),
    ],
)
def test_growth_is_worth_a_retrain_from_a_point_and_a_half_on(
    model, rng, monkeypatch, growth, state, reason
):
    monkeypatch.setattr(diagnose, "opportunity", lambda cycle, gathered: growth)
    world.load(model, world.month(rng))
    cycle = diagnosed(model)
    assert (cycle.state, cycle.reason) == (state, reason)
    found = cycle.diagnosis.findings["opportunity"]
    curve = cycle.diagnosis.findings["learning_curve"]
    assert found == (growth.as_dict() | {"curve": curve} if growth else None)


@pytest.mark.parametrize(
    ("domain", "every", "days"),
    [
        ("e_commerce", 7, 14),
        ("customer_support", 7, 35),
        ("customer_support", 30, 30),
        ("legal", 30, 90),
        ("legal", 14, 98),
    ],
)
def test_a_wait_ends_with_the_first_check_after_the_domains_usual_change(domain, every, days):
    assert wait_days(domain=domain, check_every_days=every) == days


def test_growth_is_not_even_asked_outside_the_tiers_window(tiers, rng, monkeypatch):
    model = world.onboard(tier="basic").model
    monkeypatch.setattr(diagnose, "opportunity", lambda cycle, gathered: GAIN)
    world.load(model, world.month(rng))
    assert diagnosed(model).state == "healthy"


@pytest.mark.parametrize(
    ("every", "since", "due"),
    [
        (None, None, False),
        (30, None, True),
        (30, 27, True),
        (30, 26, False),
        (7, 6, False),
        (7, 7, True),
    ],
)
def test_the_retrain_window_is_due_by_the_tier(db, every, since, due):
    version = ModelVersionFactory()
    if since is not None:
        end = world.MAY - timedelta(days=since)
        CycleFactory(
            model=version.model,
            incumbent=version,
            candidate=version,
            window_start=end - timedelta(days=1),
            window_end=end,
        )
    cycle = CycleFactory(
        model=version.model,
        incumbent=version,
        window_start=world.MAY - timedelta(days=1),
        window_end=world.MAY,
        tier={"retrain_every_days": every},
    )
    assert diagnose.window_is_due(cycle) is due


def test_reviews_of_months_that_needed_a_cure_are_no_baseline(tiers, rng):
    from retraining.evidence import gather

    model = world.onboard(tier="basic").model
    born_month(model, rng)
    world.cycle(model)
    world.load(model, world.month(rng, world.MAY), at=world.JUNE)
    cycle = world.cycle(model, world.JUNE)
    evidence = gather(cycle).evidence
    assert len(evidence.before) == 90
    assert not evidence.healthy.any()
    world.load(model, world.month(rng, world.JUNE), at=world.JULY)
    later = gather(world.cycle(model, world.JULY)).evidence
    assert later.healthy.sum() == 90 and len(later.before) == 180
