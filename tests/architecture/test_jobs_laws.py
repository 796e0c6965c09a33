"""Laws of every job row, whatever it does."""

import sys

import pytest
from django.apps import apps
from django.db import models

from agency.base.jobs import Job, Transition

JOBS = [model for model in apps.get_models() if issubclass(model, Job)]


def states(job):
    """The job's own table of states, which stands in the class or beside it."""
    table = getattr(job, "State", None) or sys.modules[job.__module__].State
    assert issubclass(table, models.TextChoices)
    return {str(value) for value in table.values}


def edges(job):
    return {str(start): {str(end) for end in ends} for start, ends in job.TRANSITIONS.items()}


def test_there_are_jobs():
    assert {job.__name__ for job in JOBS} >= {"Cycle", "MonthlyReport"}


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.__name__)
def test_transitions_name_only_known_states(job):
    named = set(edges(job)).union(*edges(job).values())
    assert named <= states(job)


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.__name__)
def test_there_is_one_beginning_and_every_state_can_be_reached_from_it(job):
    entered = set().union(*edges(job).values())
    beginnings = states(job) - entered
    assert len(beginnings) == 1
    reached, frontier = set(beginnings), list(beginnings)
    while frontier:
        for state in edges(job).get(frontier.pop(), set()) - reached:
            reached.add(state)
            frontier.append(state)
    assert reached == states(job)


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.__name__)
def test_no_state_leads_to_itself(job):
    assert [state for state, ends in edges(job).items() if state in ends] == []


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.__name__)
def test_its_steps_are_rows(job):
    transition = apps.get_model(job._meta.app_label, job.TRANSITION_MODEL)
    assert issubclass(transition, Transition)
    assert transition._meta.get_field("job").related_model is job
