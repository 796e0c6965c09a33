"""The fair sample: drawn at random, recorded, and with those rows in it that were corrected."""

import pytest

from agency.base.errors import BadInput
from clients.models import PredictionLog
from clients.services import LateLabel, attach_labels
from retraining import services
from tests.factories import MaintainedModelFactory, PredictionLogFactory
from tests.retraining import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def logs(db):
    """100 rows of April: every fifth corrected, every tenth reviewed."""
    model = MaintainedModelFactory()
    for n in range(100):
        said = {}
        if n % 10 == 0:
            said = {"label": "login", "label_source": "review"}
        elif n % 5 == 0:
            said = {"label": "login", "label_source": "override"}
        at = world.APRIL + world.timedelta(hours=n)
        PredictionLogFactory(model=model, row_id=f"m-{n:03d}", timestamp=at, **said)
    return model


def draw(model, **options):
    asked = {"start": world.APRIL, "end": world.MAY, "n": 20, "seed": 1, "by": "lee"}
    return services.draw_audit_sample(model=model, at=world.MAY, **asked | options)


def ids(sample):
    return [row.log.row_id for row in sample.rows.order_by("pk")]


def test_the_sample_is_drawn_and_recorded(logs):
    sample = draw(logs)
    assert sample.rows.count() == len(set(ids(sample))) == sample.n == 20
    assert (sample.population, sample.seed, sample.drawn_by) == (90, 1, "lee")


def test_the_same_seed_draws_the_same_rows_and_another_seed_others(logs):
    assert ids(draw(logs)) == ids(draw(logs)) != ids(draw(logs, seed=2))


def test_corrected_rows_are_drawn_like_any_other_and_reviewed_ones_never(logs):
    drawn = set(ids(draw(logs, n=200)))
    sources = dict(PredictionLog.objects.values_list("row_id", "label_source"))
    assert len(drawn) == 90
    assert {sources[row_id] for row_id in drawn} == {"", "override"}


def test_a_review_replaces_the_correction_of_a_drawn_row(logs):
    one = next(i for i in ids(draw(logs, n=90)) if i == "m-005")
    label = LateLabel(one, "billing", "review")
    attach_labels(model=logs, labels=[label], at=world.MAY)
    row = PredictionLog.objects.get(row_id=one)
    assert (row.label, row.label_source) == ("billing", "review")


def test_only_rows_of_the_half_open_window_are_drawn(logs):
    end = world.APRIL + world.timedelta(hours=12)
    drawn = ids(draw(logs, start=world.APRIL + world.timedelta(hours=1), end=end))
    assert sorted(drawn) == [f"m-{n:03d}" for n in range(1, 12) if n != 10]


@pytest.mark.parametrize("options", [{"n": 0}, {"n": -1}, {"end": world.APRIL}])
def test_there_is_no_sample_of_nothing(logs, options):
    with pytest.raises(BadInput):
        draw(logs, **options)
