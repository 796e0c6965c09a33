"""A report says what staff repaired, since when and how, and which advice a person overruled."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from agency.base.jobs import advance
from reports import canonical
from reports import facts as f
from reports.wording import sections, wording_for
from retraining.models import AppliedRepair, Decision, State
from retraining.stages import approve
from tests.reports import report_facts as made
from tests.reports.report_world import AFTER, checked, gathered

pytestmark = pytest.mark.django_db
FAULT = {
    "field": "temp_c",
    "kind": "unit_change",
    "segment": None,
    "cycle": None,
    "lag": None,
    "since": "2025-03-10",
    "until": "2025-04-01",
    "factor": 1.8,
    "offset": 32.0,
    "first": 0.0,
}
HOW = "convert shift exchange fill bring_forward leave_out withdrawn".split()
REPAIR = f.Ruling(
    "2025-04-02",
    "repair.convert",
    "anna",
    "The feed is in Fahrenheit.",
    "temp_c",
    since="2025-03-10",
    until="2025-03-31",
)


def applied(cycle, **more):
    return AppliedRepair.objects.create(
        model=cycle.model,
        cycle=cycle,
        subject="temp_c",
        kind="unit_change",
        since=date(2025, 3, 10),
        fault=FAULT,
        applied_by="anna",
        reason=REPAIR.reason,
        applied_at=AFTER,
        **more,
    )


def test_a_repair_is_told_with_its_days_and_its_reason(world):
    model, version, _ = world
    applied(checked(model, version, state=State.UPSTREAM, verdict="fix_upstream"))
    assert gathered(model).models[0].rulings == (REPAIR,)


def test_a_withdrawn_repair_is_told_too(world):
    model, version, _ = world
    cycle = checked(model, version, state=State.UPSTREAM, verdict="fix_upstream")
    at = datetime(2025, 4, 3, tzinfo=UTC)
    applied(cycle, withdrawn_by="ben", withdrawn_reason="Sent again.", withdrawn_at=at)
    _, back = gathered(model).models[0].rulings
    assert (back.kind, back.by, back.day, back.reason) == (
        "repair.withdrawn",
        "ben",
        "2025-04-03",
        "Sent again.",
    )


@pytest.mark.parametrize(
    ("state", "verdict", "advice"),
    [
        (State.WAITING, "wait", "wait"),
        (State.HEALTHY, "no_action", "no_action"),
        (State.REJECTED, "retrain", "rejected"),
    ],
)
def test_the_advice_that_was_overruled_is_named(world, state, verdict, advice):
    model, version, _ = world
    cycle = checked(model, version, state=state, verdict=verdict)
    approve.overrule(cycle, by="ben", reason="They insist.", at=AFTER)
    (ruling,) = gathered(model).models[0].rulings
    assert (ruling.kind, ruling.by, ruling.reason) == ("overrule", "ben", "They insist.")
    assert ruling.advice == advice


def test_diagnosis_and_gate_overruled_in_one_cycle_are_told_apart(world):
    model, version, _ = world
    cycle = checked(model, version, state=State.UPSTREAM, verdict="fix_upstream")
    approve.retrain_repaired(cycle, by="ben", reason="It is winter.", at=AFTER)
    for step in (State.RETRAINING, State.COMPARING, State.REJECTED):
        advance(cycle, to=step, by="loop", at=AFTER)
    approve.overrule(cycle, by="anna", reason="One row.", at=AFTER)
    rulings = gathered(model).models[0].rulings
    assert [(r.by, r.advice) for r in rulings] == [("ben", "fix_upstream"), ("anna", "rejected")]
    assert Decision.objects.count() == 2


@pytest.mark.parametrize(
    ("language", "says"),
    [
        (
            "en",
            ["repaired “temp_c” on 2 April 2025", "10 March 2025", "31 March 2025", "converted"],
        ),
        (
            "de",
            ["hat „temp_c“ am 2. April 2025", "10. März 2025", "31. März 2025", "zurückgerechnet"],
        ),
    ],
)
def test_a_repair_reads_as_a_sentence(language, says):
    line = sections.ruling_line(REPAIR, wording_for(language)).replace("\u00a0", " ")
    assert all(part in line for part in ["anna", *says])


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("how", HOW)
def test_every_repair_has_a_sentence_of_its_own(language, how):
    w = wording_for(language)
    line = sections.ruling_line(replace(REPAIR, kind=f"repair.{how}"), w)
    others = {
        sections.ruling_line(replace(REPAIR, kind=f"repair.{other}"), w)
        for other in HOW
        if other != how
    }
    assert "temp_c" in line and line not in others


@pytest.mark.parametrize(
    ("language", "says"), [("en", "wait with the retrain"), ("de", "Reparatur an der Quelle")]
)
def test_an_overruled_repair_says_which_advice_it_was(language, says):
    ruling = f.Ruling("2025-04-02", "overrule", "ben", "Winter.", "v1.1", advice="fix_upstream")
    assert says in sections.ruling_line(ruling, wording_for(language))


def test_facts_of_before_repairs_were_told_are_read_and_keep_their_hash():
    report = made.report()
    old = canonical.plain(report)
    assert not {"advice", "since"} & set(old["models"][0]["rulings"][0])
    assert canonical.sha256_of(canonical.from_json(old)) == canonical.sha256_of(report)
    told = replace(report.models[0], rulings=(REPAIR,))
    new = replace(report, models=(told,))
    assert canonical.from_json(canonical.to_json(new)).models[0].rulings == (REPAIR,)
    assert canonical.sha256_of(new) != canonical.sha256_of(report)
