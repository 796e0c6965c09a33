"""A version goes live: what was asked of the one before it is asked no more."""

import pytest
from django.db import transaction

from clients.models import Alert
from retraining.stages.rollout import switch
from tests import factories as make

pytestmark = pytest.mark.django_db


def test_the_gate_s_open_questions_end_when_another_version_goes_live():
    model = make.MaintainedModelFactory()
    old, new = (make.ModelVersionFactory(model=model, number=n) for n in range(2))
    make.RolloutFactory(version=old, started_at=make.MARCH)
    other = make.AlertFactory(key="gate:1:undecided")
    for key in ("gate:3:undecided", "gate:9:promote", "accuracy:act"):
        make.AlertFactory(model=model, key=key)
    with transaction.atomic():
        switch(version=new, by="lee", reason="better", at=make.APRIL, strategy="immediate")
    still_open = Alert.objects.filter(closed_at__isnull=True)
    assert sorted(still_open.values_list("key", flat=True)) == ["accuracy:act", other.key]
