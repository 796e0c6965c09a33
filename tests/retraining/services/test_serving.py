"""Which version answers, which one answered then, and how to go back."""

from datetime import timedelta

import pytest

from agency.base.errors import BadInput, Conflict, NotFound
from clients.models import PredictionLog
from retraining import services
from retraining.models import Rollout
from retraining.queries import find_version, live_version
from retraining.stages.rollout import switch
from tests.factories import ModelVersionFactory, RolloutFactory
from tests.retraining import world

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def three(db):
    """v1.0 live from April, v1.1 from May, v1.2 from June; no artifacts."""
    first = RolloutFactory(version__number=0, started_at=world.APRIL).version
    others = [
        ModelVersionFactory(
            model=first.model, number=n, training_version=first.training_version, parent=first
        )
        for n in (1, 2)
    ]
    for version, at in zip(others, (world.MAY, world.JUNE), strict=True):
        switch(version=version, by="lee", reason="better", at=at, strategy="immediate")
    return [first, *others]


@pytest.mark.parametrize(
    ("at", "name"),
    [
        (world.APRIL - 90 * DAY, "v1.0"),  # what the logs of that time were written by
        (world.APRIL, "v1.0"),
        (world.MAY - timedelta(microseconds=1), "v1.0"),
        (world.MAY, "v1.1"),
        (world.MAY + DAY, "v1.1"),
        (world.JUNE, "v1.2"),
        (world.JULY, "v1.2"),
        (None, "v1.2"),
    ],
)
def test_which_version_was_live_at_any_instant_is_told_from_rows(three, at, name):
    assert live_version(three[0].model, at).name == name


def test_a_rollback_is_one_step_and_the_way_back_is_one_too(three):
    model = three[0].model
    done = services.rollback(model=model, by="lee", reason="Complaints.", at=world.JULY)
    assert (done.from_version.name, done.to_version.name) == ("v1.2", "v1.1")
    assert live_version(model).name == "v1.1"
    assert live_version(model, world.JULY - DAY).name == "v1.2"
    back = services.rollback(model=model, by="lee", reason="It was us.", at=world.JULY + DAY)
    assert (back.from_version.name, back.to_version.name) == ("v1.1", "v1.2")
    assert Rollout.objects.filter(model=model, ended_at=None).count() == 1
    last = Rollout.objects.latest("pk")
    assert (last.strategy, last.by, last.reason) == ("rollback", "lee", "It was us.")


def test_a_rollback_with_an_early_clock_ends_no_rollout_before_it_began(three):
    model = three[0].model
    services.rollback(model=model, by="lee", reason="x", at=world.APRIL)
    assert live_version(model).name == "v1.1"
    assert live_version(model, world.JUNE - DAY).name == "v1.1"
    assert live_version(model, world.MAY - DAY).name == "v1.0"


def test_the_first_version_has_nothing_before_it(db):
    only = RolloutFactory().version
    with pytest.raises(Conflict, match="no version before"):
        services.rollback(model=only.model, by="lee", reason="x", at=world.JULY)


@pytest.mark.parametrize(("by", "reason"), [("", "x"), (" ", "x"), ("lee", ""), ("lee", "  ")])
def test_a_rollback_is_signed(three, by, reason):
    with pytest.raises(BadInput, match="name and a reason"):
        services.rollback(model=three[0].model, by=by, reason=reason, at=world.JULY)
    assert live_version(three[0].model).name == "v1.2"


def test_versions_are_found_by_name_live_or_as_the_newest_candidate(three):
    model = three[0].model
    assert find_version(model, "v1.1") == three[1]
    assert find_version(model, "live") == three[2]
    for unknown in ("v2.0", "candidate", "latest", ""):
        with pytest.raises(NotFound):
            find_version(model, unknown)


def test_unanswered_rows_are_answered_by_the_version_of_their_time(retrained, rng):
    model = retrained.model
    switch(version=retrained.candidate, by="lee", reason="x", at=world.MAY, strategy="immediate")
    texts = [world.text_of("locker", rng) for _ in range(4)]
    times = [world.APRIL - DAY, world.MAY - timedelta(seconds=1), world.MAY, world.MAY + DAY]
    rows = [
        world.row(n, at, text, id=f"x-{n}")
        for n, (at, text) in enumerate(zip(times, texts, strict=True))
    ]
    done, scored = world.load(model, rows, at=world.JUNE)
    assert (done.accepted, scored) == (4, 4)
    logs = PredictionLog.objects.filter(row_id__startswith="x-").order_by("row_id")
    assert [log.model_version for log in logs] == ["v1.0", "v1.0", "v1.1", "v1.1"]
    assert {log.answered for log in logs} == {"service"}
    assert [log.prediction == "locker" for log in logs] == [False, False, True, True]
    assert services.score_pending(model=model) == 0


def test_replayed_rows_say_so_and_sent_answers_stay(model, rng):
    sent = {"prediction": "login", "confidence": 0.9, "model_version": "theirs"}
    rows = [{**world.row(n, world.APRIL + DAY, "paid invoice twice"), **sent} for n in range(2)]
    world.load(model, rows[:1])
    services.import_logs(
        model=model,
        files=[("x.json", world.json.dumps(rows[1:]).encode())],
        partial=False,
        ignore_predictions=True,
        at=world.MAY,
    )
    kept, again = PredictionLog.objects.order_by("row_id")
    assert (kept.answered, kept.prediction, kept.model_version) == ("client", "login", "theirs")
    assert (again.answered, again.prediction, again.model_version) == ("replay", "billing", "v1.0")


def test_predictions_name_their_version_and_store_nothing(model):
    rows = [("a", {"text": "paid invoice twice"}), ("b", {"text": "parcel courier late"})]
    answers = services.predict(model=model, rows=rows)
    assert [(a.id, a.prediction, a.version) for a in answers] == [
        ("a", "billing", "v1.0"),
        ("b", "delivery", "v1.0"),
    ]
    assert all(0.3 < a.confidence <= 1 for a in answers)
    assert not PredictionLog.objects.exists()
