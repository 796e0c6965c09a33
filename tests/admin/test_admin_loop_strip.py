"""Where a cycle stands in the seven stages of the loop."""

import pytest

from retraining.admin.loop_strip import STAGES, strip_of
from retraining.models import Cycle, State
from tests.factories import APRIL, MARCH


@pytest.mark.parametrize("state", State.values)
def test_every_state_stands_somewhere_in_the_strip(state):
    cycle = Cycle(state=state, created_at=MARCH, error="a disk was full")
    strip = strip_of(cycle, [("monitoring", "diagnosing", APRIL), ("diagnosing", state, APRIL)])
    assert [stage.name for stage in strip.stages] == list(STAGES)
    assert strip.waits
    here = [stage for stage in strip.stages if stage.here]
    assert len(here) == (0 if state == State.LIVE else 1)


def test_a_failed_cycle_stands_where_it_failed():
    cycle = Cycle(state="failed", created_at=MARCH, error="a disk was full")
    steps = [("monitoring", "diagnosing", MARCH), ("diagnosing", "collecting", MARCH)]
    strip = strip_of(
        cycle, [*steps, ("collecting", "retraining", MARCH), ("retraining", "failed", APRIL)]
    )
    words = {stage.name: stage.how for stage in strip.stages}
    assert words["Retrain"] == "failed here" and words["Collect"] == "done"
    assert words["Compare"] == "not needed"
    assert "a disk was full" in strip.waits and strip.for_people
