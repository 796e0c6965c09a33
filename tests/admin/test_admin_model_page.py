"""A model's page: where it is in the loop, how well it does, what moved, and what made what."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agency.cockpit.roles import APPROVER, READ_ONLY
from clients.models import KnownEvent
from retraining.admin.found import ANSWERS
from retraining.admin.loop_strip import AT
from retraining.causes.registry import VERDICTS
from retraining.models import (
    AuditSample,
    Cycle,
    CycleTransition,
    DailyProfile,
    Diagnosis,
    EvalRun,
    ModelVersion,
    Rollout,
)
from tests.admin.golden_world import add_days
from tests.factories import (
    APRIL,
    MARCH,
    CycleFactory,
    MaintainedModelFactory,
    ModelVersionFactory,
    PredictionLogFactory,
    RolloutFactory,
    UserFactory,
)

HOSTILE = "<script>alert(1)</script>"


def page_of(client, model):
    answer = client.get(reverse("admin:clients_maintainedmodel_change", args=[model.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def add_check(model, version, number, *, categories=None):
    """A healthy cycle with its audit, ``number`` months after March."""
    end = APRIL + timedelta(days=30 * number)
    cycle = CycleFactory(
        model=model, incumbent=version, window_start=end - timedelta(days=30), window_end=end
    )
    CycleTransition.objects.create(
        job=cycle, from_state="monitoring", to_state="diagnosing", by="the loop", at=end
    )
    Diagnosis.objects.create(cycle=cycle, verdict="no_action", findings={}, created_at=end)
    EvalRun.objects.create(
        version=version, kind="audit", cycle=cycle, n=40, correct=36, low=0.77, high=0.96,
        categories=categories or {}, created_at=end,
    )  # fmt: skip
    return cycle


def test_what_a_cycle_waits_for_is_told_with_the_decisions_as_buttons(client, staff, world):
    text = page_of(client, world.model)
    assert "Waits for a person." in text and AT["pending_approval"][2] in text
    for name in ("side_by_side", "approve", "refuse"):
        assert reverse(f"admin:retraining_cycle_{name}", args=[world.cycle.pk]) in text
    assert reverse("admin:retraining_cycle_look_again", args=[world.cycle.pk]) not in text


@pytest.mark.parametrize(("role", "offered"), [(READ_ONLY, False), (APPROVER, True)])
def test_only_an_approver_is_offered_the_decision(client, world, role, offered):
    person = UserFactory(username="kim", is_staff=True)
    person.groups.add(Group.objects.get(name=role))
    client.force_login(person)
    text = page_of(client, world.model)
    assert (reverse("admin:retraining_cycle_approve", args=[world.cycle.pk]) in text) is offered


def test_a_model_without_a_cycle_has_a_page_too(client, staff):
    text = page_of(client, MaintainedModelFactory())
    assert "No cycle yet." in text and "Nothing is live." in text and "No version yet." in text


def test_as_many_queries_for_twelve_cycles_as_for_one(client, staff, world):
    DailyProfile.objects.all().delete()

    def queries():
        with CaptureQueriesContext(connection) as seen:
            page_of(client, world.model)
        return len(seen)

    add_check(world.model, world.launch, 1, categories=figures(0.9, 20))
    page_of(client, world.model)  # what is read once and kept
    before = queries()
    for number in range(2, 13):
        add_check(world.model, world.launch, number, categories=figures(0.9, 20))
        version = ModelVersionFactory(model=world.model, number=number, parent=world.launch)
        at = APRIL + timedelta(days=number)
        Rollout.objects.filter(ended_at__isnull=True).update(ended_at=at)
        RolloutFactory(version=version, started_at=at)
    assert queries() == before
    assert before <= 40


def figures(estimate, n, *, name="login", thin=False):
    low, high = max(0.0, estimate - 0.1), min(1.0, estimate + 0.1)
    return {name: {"estimate": estimate, "low": low, "high": high, "n": n, "thin": thin}}


def test_accuracy_is_drawn_with_versions_and_events_and_told_in_a_table(client, staff, world):
    add_check(world.model, world.launch, 1)
    add_check(world.model, world.launch, 2)
    Rollout.objects.filter(version=world.launch).update(ended_at=APRIL + timedelta(days=40))
    RolloutFactory(version=world.second, started_at=APRIL + timedelta(days=40))
    KnownEvent.objects.create(
        client=world.client, kind="release", title="App 5.0", starts_at=APRIL + timedelta(days=45),
        ends_at=APRIL + timedelta(days=50), declared_by="lee",
    )  # fmt: skip
    text = page_of(client, world.model)
    assert text.count("2025: 90% (77 to 96%, n 40) of audited rows") == 2  # the dots' hover titles
    assert text.count("<td>90% (77 to 96%, n 40)</td>") == 2
    assert "v1.1 goes live, by lee" in text
    assert "App 5.0: release, 16 May to 20 May 2025" in text


def test_the_category_that_is_surely_low_stands_first_and_few_rows_are_told_in_words(
    client, staff, world
):
    categories = {
        **figures(0.5, 60, name="billing"),
        **figures(0.95, 60, name="login"),
        "other": {"estimate": 0.0, "low": 0.0, "high": 0.66, "n": 2, "thin": True},
    }
    add_check(world.model, world.launch, 1, categories=categories)
    text = page_of(client, world.model)
    places = [text.index(f'title="{name}"') for name in ("billing", "other", "login")]
    assert places == sorted(places)
    assert text.count("<span>few rows</span>") == 1


def test_a_finding_shows_its_example_rows_with_what_came_in(client, staff, world):
    log = PredictionLogFactory(model=world.model, input={"text": "refund, please"}, label="login",
                               label_source="override")  # fmt: skip
    cause = {"cause": "label_noise", "evidence": "Doubtful.", "fix": "Look at them.",
             "confidence": 0.97, "p_value": 0.0004, "rows": [log.row_id], "since": "2025-03-02"}  # fmt: skip
    Diagnosis.objects.filter(cycle=world.cycle).update(findings={"causes": [cause]})
    text = page_of(client, world.model)
    assert "1. The labels are in doubt" in text and "confidence 97% (p &lt; 0.001)" in text
    assert "refund, please" in text and "since 2025-03-02" in text


def test_every_cause_that_waits_for_people_is_answered_by_a_decision():
    upstream = set(VERDICTS["fix_upstream"])
    assert {cause for cause, names in ANSWERS.items() if "repair" in names} == upstream
    assert {c for c, names in ANSWERS.items() if "draw_labels" in names} == set(
        VERDICTS["collect_labels"]
    )


def test_a_decision_stands_once_at_the_cause_that_it_answers(client, staff, world):
    causes = [
        {"cause": "unit_change", "evidence": "Metres.", "confidence": 1.0},
        {"cause": "frozen_field", "evidence": "Stands still.", "confidence": 0.9},
    ]
    Diagnosis.objects.filter(cycle=world.cycle).update(findings={"causes": causes})
    Cycle.objects.filter(pk=world.cycle.pk).update(state="upstream")
    text = page_of(client, world.model)
    for decision in ("repair", "repair_and_retrain", "overrule"):
        link = reverse(f"admin:retraining_cycle_{decision}", args=[world.cycle.pk])
        assert text.count(f'href="{link}"') == 1
    repair = text.index(reverse("admin:retraining_cycle_repair", args=[world.cycle.pk]))
    assert text.index("Metres.") < repair < text.index("Stands still.")


def test_rows_to_label_are_drawn_where_labels_are_missing(client, staff, world):
    cause = {"cause": "insufficient_evidence", "evidence": "Few.", "numbers": {"labels_needed": 2}}
    Diagnosis.objects.filter(cycle=world.cycle).update(findings={"causes": [cause]})
    Cycle.objects.filter(pk=world.cycle.pk).update(state="needs_labels")
    for _ in range(4):
        PredictionLogFactory(model=world.model, timestamp=MARCH + timedelta(days=9))
    link = reverse("admin:retraining_cycle_draw_labels", args=[world.cycle.pk])
    assert link in page_of(client, world.model)
    assert 'value="2"' in client.get(link).content.decode()
    before = set(AuditSample.objects.values_list("pk", flat=True))
    assert client.post(link, {"confirmed": "yes", "n": "0"}).status_code == 200
    assert client.post(link, {"confirmed": "yes", "n": "3"}).status_code == 302
    sample = AuditSample.objects.exclude(pk__in=before).get()
    assert (sample.n, sample.drawn_by, sample.rows.count()) == (3, "dana", 3)


def test_what_calls_for_something_stands_above_what_is_only_listed(client, staff, world):
    causes = [
        {"cause": "known_event", "evidence": "A", "acts": False, "confidence": 1.0},
        {"cause": "mix_shift", "evidence": "B", "confidence": 0.5},
        {"cause": "new_category", "evidence": "C", "confidence": 0.9},
    ]
    Diagnosis.objects.filter(cycle=world.cycle).update(findings={"causes": causes})
    text = page_of(client, world.model)
    assert "1. A new category" in text and "2. Other proportions" in text
    assert "3. A known event" in text


def test_lineage_tells_data_parent_decision_and_time_live(client, staff, world):
    text = page_of(client, world.model)
    lineage = text[text.index('id="lineage-heading"') :]
    assert "v1.0, compared with it; trained from scratch" in lineage
    assert world.launch.training_version.sha256[:10] in lineage
    assert "The client asked." in lineage  # the decision about the cycle that made v1.1
    assert "1 Mar 2025 to now, lee" in lineage and "never" in lineage


def test_a_rollback_is_confirmed_by_what_goes_live_again(client, staff, world):
    link = reverse("admin:clients_maintainedmodel_roll_back", args=[world.model.pk])
    assert "there is nothing to roll back to" in client.get(link).content.decode()
    Rollout.objects.update(ended_at=APRIL)
    RolloutFactory(version=world.second, started_at=APRIL)
    assert (
        "v1.0 goes live again for Acme Support, Tickets (acme/tickets), instead of v1.1"
        in client.get(link).content.decode()
    )


def test_days_are_the_clients_everywhere_on_the_page(client, staff, world):
    world.client.timezone = "Pacific/Auckland"
    world.client.save()
    late = APRIL.replace(day=9, hour=20)
    Rollout.objects.update(started_at=late)
    Rollout.objects.update(by="lee")
    text = page_of(client, world.model)
    assert "since 10 Apr 2025, lee" in text and "10 Apr 2025 to now, lee" in text
    assert "9 Apr" not in text and "Pacific/Auckland" in text


def test_hostile_text_stays_text(client, staff, world):
    log = PredictionLogFactory(model=world.model, row_id=HOSTILE, input={"text": HOSTILE},
                               prediction=HOSTILE)  # fmt: skip
    cause = {"cause": HOSTILE, "evidence": HOSTILE, "fix": HOSTILE, "rows": [log.row_id]}
    Diagnosis.objects.filter(cycle=world.cycle).update(findings={"causes": [cause]})
    add_check(world.model, world.launch, 0, categories=figures(0.5, 9, name=HOSTILE, thin=True))
    DailyProfile.objects.all().delete()
    add_days(world.model, world.launch, date(2025, 3, 1), 30, {"login": 60})
    add_days(world.model, world.launch, date(2025, 4, 1), 1, {HOSTILE: 60})
    KnownEvent.objects.update(title=HOSTILE)
    Rollout.objects.update(by=HOSTILE, reason=HOSTILE)
    ModelVersion.objects.update(learner=HOSTILE[:40])
    world.model.name = HOSTILE
    world.model.save()
    Cycle.objects.filter(pk=world.cycle.pk).update(state="failed", error=HOSTILE)
    text = page_of(client, world.model)
    assert HOSTILE not in text
    assert text.count("&lt;script&gt;alert(1)") >= 8
