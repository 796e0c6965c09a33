"""What came of the rows in the client's business, by what the model had said of them."""

import itertools
import json

import numpy as np
import pytest

from clients.ingest import take_outcomes
from clients.models import PredictionLog
from retraining.admin.measured import measured_view
from tests.retraining import world

RATES = {"billing": 0.1, "delivery": 0.4, "login": 0.8}


def send(model, rates, rng, *, start, end, share=1.0):
    """Outcomes of the rows of a window: an escalation happens at the rate of the predicted band."""
    rows = PredictionLog.objects.filter(model=model, timestamp__gte=start, timestamp__lt=end)
    lines = [
        json.dumps({"id": i, "name": "escalated", "value": bool(rng.random() < rates[band])})
        for i, band in rows.values_list("row_id", "prediction")
        if rng.random() < share
    ]
    content = "\n".join(lines).encode()
    how = {"form": "ndjson", "name": "outcomes", "partial": False, "at": end}
    take_outcomes(model=model, chunks=[content], **how)


@pytest.fixture
def played(tiers, rng):
    """Four months with outcomes, the last one by rates of its own; its ``outcomes`` section."""

    def play(last, share=1.0):
        model = world.onboard(tier="basic").model
        starts = (world.APRIL, world.MAY, world.JUNE, world.JULY)
        for start, end in itertools.pairwise(starts):
            world.load(model, world.month(rng, start, n=150), at=end)
            rates = last if end == world.JULY else RATES
            send(model, rates, rng, start=start, end=end, share=share)
        return world.cycle(model, world.JULY).monitor

    return play


def test_bands_come_in_the_order_of_the_months_before_each_with_interval_and_n(played):
    (kpi,) = played(RATES)["outcomes"]
    assert [band["band"] for band in kpi["bands"]] == ["billing", "delivery", "login"]
    for band in kpi["bands"]:
        assert band["low"] <= band["estimate"] <= band["high"] and band["n"] >= 10
        assert abs(band["estimate"] - RATES[band["band"]]) < 0.25
    assert kpi["broken"] == []


def test_bands_that_changed_places_are_named(played):
    (kpi,) = played({"billing": 0.9, "delivery": 0.4, "login": 0.05})["outcomes"]
    assert ["delivery", "login"] in kpi["broken"]
    view = measured_view({"outcomes": [kpi], "notes": {}})
    assert "login does no longer lie above delivery" in view["outcomes"][0]["said"]


def test_the_trend_is_over_months_and_has_an_interval(played):
    (kpi,) = played(dict.fromkeys(RATES, 1.0))["outcomes"]
    trend = kpi["trend"]
    assert trend["n"] == 3 and trend["low"] <= trend["slope"] <= trend["high"]
    assert trend["slope"] > 0


def test_outcomes_that_are_still_to_come_are_counted_as_unknown(played):
    (kpi,) = played(RATES, share=0.5)["outcomes"]
    assert kpi["coverage"]["rows"] == 150
    assert 50 < kpi["coverage"]["n"] < 100


def test_without_outcomes_the_section_is_empty_and_staff_are_not_told_of_it(model):
    monitor = world.cycle(model).monitor
    assert monitor["outcomes"] is None
    assert "no outcome" in monitor["notes"]["outcomes"]
    assert not any(name == "outcomes" for name, _ in measured_view(monitor)["missing"])


def test_numbered_bands_stand_in_the_order_of_their_numbers():
    from retraining.monitoring.outcomes import Observed, _order

    bands = np.array(["10", "2", "1"], dtype=object)
    kpi = Observed("x", np.zeros(3), bands, np.ones(3), np.ones(3, dtype=bool))
    assert _order(kpi) == (["1", "2", "10"], True)
