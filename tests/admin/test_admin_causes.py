"""A cycle's page tells each cause by a name, its days and its fix, and what new rows are worth."""

from django.urls import reverse

from retraining.admin.causes import CAUSE_NAMES, growth_view
from retraining.causes.registry import CAUSES

CURVE = {"gain": 0.012, "low": 0.001, "high": 0.02, "n": 420, "rows": 12}
MEASURED = {"expected_gain": 0.031, "low": 0.01, "high": 0.05, "rows": 110, "n": 80}


def test_every_cause_has_a_name_that_staff_read():
    assert set(CAUSES) <= set(CAUSE_NAMES)
    assert all("_" not in name for name in CAUSE_NAMES.values())


def test_the_page_tells_a_fault_that_is_over_and_the_curve(client, staff, world):
    fault = {
        "cause": "late_field",
        "evidence": "temp_c is 72 hours old.",
        "fix": "Find the job that delays temp_c.",
        "since": "2025-03-10",
        "until": "2025-03-15",
        "acts": False,
    }
    world.diagnosis.findings |= {"causes": [fault], "learning_curve": CURVE}
    world.diagnosis.save()
    page = reverse("admin:retraining_cycle_change", args=[world.cycle.pk])
    text = client.get(page).content.decode()
    assert "A field arrives late" in text
    assert "since 2025-03-10, over since 2025-03-15, listed" in text
    assert "temp_c is 72 hours old. Find the job that delays temp_c." in text
    assert "12 more like them are worth +1.2 points (0.1 to 2.0)" in text


def test_growth_is_told_as_measured_first_and_by_the_curve_beside_it():
    assert growth_view({}) == ""
    both = growth_view({"opportunity": MEASURED, "learning_curve": CURVE})
    assert both.startswith("The 110 new rows are worth +3.1 points (1.0 to 5.0), measured on 80")
    assert both.endswith("that alone starts no retrain.")
