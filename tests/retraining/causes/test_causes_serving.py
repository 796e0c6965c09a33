"""Production that answers with something else than the live version."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from retraining.causes import serving_change
from retraining.causes.registry import diagnose
from tests.retraining.causes.streams import KINDS, LEVELS, quiet, since

TENTH, SIXTEENTH = date(2025, 5, 10), date(2025, 5, 16)


def served(stream, mask, answer):
    """The month in which production gave another answer on these rows."""
    prediction = stream.now.rows["prediction"].copy()
    prediction[mask] = answer
    return stream.with_rows(prediction=prediction)


def days(stream, start, stop=None):
    return since(stream.now.rows["day"], start, stop)


def test_a_default_that_answers_for_all_is_found_with_its_days_and_answer(text):
    stream = served(text, days(text, TENTH, SIXTEENTH), KINDS[2])
    found = diagnose(stream.evidence())
    (finding,) = [f for f in found.findings if f.cause == "serving_change"]
    assert (finding.since, finding.until) == (TENTH, SIXTEENTH)
    assert finding.numbers["answer"] == KINDS[2] and finding.numbers["share"] > 0.5
    assert KINDS[2] in finding.evidence and finding.acts
    assert found.verdict == "fix_upstream"
    rows = stream.now.rows.set_index("id")
    assert all(TENTH <= day < SIXTEENTH for day in rows.loc[list(finding.row_ids), "day"])


def test_another_version_that_is_served_to_the_end_has_no_last_day(table):
    rng = np.random.default_rng(0)
    mask = days(table, TENTH) & (rng.random(len(table.now)) < 0.3)
    stream = served(table, mask, rng.choice(LEVELS, size=mask.sum()))
    (finding,) = serving_change.find(stream.evidence(), ())
    assert finding.since == TENTH and finding.until is None


def test_a_month_that_was_served_wrongly_from_its_first_day_is_found(text):
    (finding,) = serving_change.find(served(text, days(text, text.month), "none").evidence(), ())
    assert finding.since == text.month and finding.numbers["share"] == 1.0


def test_other_confidences_with_the_same_answers_are_listed_and_demand_nothing(text):
    confidence = text.now.rows["confidence"].copy()
    confidence[days(text, TENTH)] -= 0.25
    (finding,) = serving_change.find(text.with_rows(confidence=confidence).evidence(), ())
    assert finding.since == TENTH and not finding.acts


def test_answers_of_ours_say_nothing_of_serving(text):
    stream = served(text, days(text, TENTH), KINDS[2])
    ours = stream.with_rows(replayed=np.ones(len(stream.now), dtype=bool))
    assert serving_change.find(ours.evidence(), ()) == []


def test_rows_that_the_version_before_answered_are_left_out(text):
    mask = days(text, text.month, TENTH)
    stream = served(text, mask, KINDS[2])
    settled = frozenset(stream.now.rows["id"][mask])
    assert serving_change.find(stream.evidence(settled=settled), ()) == []


@pytest.mark.parametrize("agreed", [0.5, 0.85])
def test_a_log_that_never_agreed_with_the_artifact_shows_no_change(text, agreed):
    rng = np.random.default_rng(1)
    now = served(text, rng.random(len(text.now)) > agreed, "else")
    rows = text.before.rows.copy()
    rows.loc[rng.random(len(rows)) > agreed, "prediction"] = "else"
    stream = replace(now, before=replace(text.before, rows=rows))
    assert serving_change.find(stream.evidence(), ()) == []


def test_inputs_that_break_are_no_change_of_serving(table):
    stream = table.with_inputs(lambda inputs, _: inputs.assign(temp=inputs["temp"] * 1.8 + 32))
    assert serving_change.find(stream.evidence(), ()) == []


def test_without_earlier_rows_the_months_first_days_say_what_agreed():
    stream = quiet("text", seed=5, month=date(2025, 5, 1))
    nobody = np.zeros(len(stream.before), dtype=bool)
    first = {"before": stream.before.where(nobody), "healthy": nobody[:0]}
    assert serving_change.find(stream.evidence(**first), ()) == []
    broken = served(stream, days(stream, TENTH), KINDS[2]).evidence(**first)
    assert [finding.since for finding in serving_change.find(broken, ())] == [TENTH]
