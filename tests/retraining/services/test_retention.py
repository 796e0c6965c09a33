"""Rows past their retention go; what they were counts on, and another client's rows stay."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db.models import Sum

from clients.models import LogDay, Outcome, PendingFeedback, PredictionLog
from retraining import profiles, services
from retraining.models import DailyProfile
from tests.retraining.world import APRIL, JULY, JUNE, MAY, load, month, onboard


@pytest.fixture
def kept_for_two_months(model, rng):
    """Rows of April, May and June; on 1 July May and June are kept."""
    for start in (APRIL, MAY, JUNE):
        load(model, month(rng, start=start, n=58), at=start + timedelta(days=30))
    model.client.keep_rows_days = 62
    model.client.save()
    return model


def counted(model, start, end):
    return profiles.window_counts(model=model, start=start, end=end).as_json()


def test_old_rows_go_and_their_counts_stay(kept_for_two_months):
    model = kept_for_two_months
    before = counted(model, APRIL, MAY)
    assert services.purge_old_rows(now=JULY) == {model.path: 58}
    left = PredictionLog.objects.filter(model=model).order_by("timestamp")
    assert left.first().timestamp >= JULY - timedelta(days=62)
    assert counted(model, APRIL, MAY) == before
    assert DailyProfile.objects.filter(kept=True, segment="").aggregate(n=Sum("rows"))["n"] == 58


def test_a_second_purge_of_the_day_finds_nothing(kept_for_two_months):
    services.purge_old_rows(now=JULY)
    assert services.purge_old_rows(now=JULY) == {}


def test_a_late_row_of_a_purged_day_goes_at_the_next_purge_and_changes_no_count(
    kept_for_two_months, rng
):
    model = kept_for_two_months
    services.purge_old_rows(now=JULY)
    before = counted(model, APRIL, MAY)
    late = month(rng, n=1)
    late[0]["id"] = "late"
    load(model, late, at=JULY)
    assert LogDay.objects.filter(model=model, day="2025-04-01").exists()
    assert services.purge_old_rows(now=JULY) == {model.path: 1}
    assert counted(model, APRIL, MAY) == before


def test_what_hangs_on_the_rows_by_id_goes_with_them(kept_for_two_months):
    model = kept_for_two_months
    own = {"client": model.client, "model": model}
    for row_id in PredictionLog.objects.filter(model=model).values_list("row_id", flat=True):
        Outcome.objects.create(**own, row_id=row_id, name="paid", value=1, received_at=MAY)
    PendingFeedback.objects.create(
        **own, row_id="never came", content={}, content_sha256="1", received_at=MAY
    )
    services.purge_old_rows(now=JULY)
    assert Outcome.objects.count() == PredictionLog.objects.filter(model=model).count()
    assert PendingFeedback.objects.count() == 1


def test_a_client_without_a_retention_keeps_its_rows(model, rng):
    other = onboard(path="other/tickets").model
    load(other, month(rng, n=20))
    assert services.purge_old_rows(now=JULY) == {}
    assert PredictionLog.objects.filter(model=other).count() == 20


def test_a_retention_shorter_than_what_a_check_looks_back_is_refused(model):
    model.client.keep_rows_days = 30
    with pytest.raises(ValidationError, match="looks back"):
        model.client.full_clean()
