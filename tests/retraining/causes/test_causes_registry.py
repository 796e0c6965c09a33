"""Which verdict wins, and what one cause leaves to the next."""

import itertools
from datetime import date

import pytest

from retraining.causes.evidence import FieldFault, Finding, SegmentFault
from retraining.causes.registry import VERDICTS, Diagnosed, diagnose, verdict_of
from tests.retraining.causes.streams import since

ORDER = ["fix_upstream", "retrain", "wait", "collect_labels", "no_action"]


def finding(cause, **more):
    return Finding(cause=cause, evidence="x", fix="y", p_value=0.001, **more)


def test_the_verdicts_stand_in_the_contracts_order():
    assert list(VERDICTS) == ORDER


@pytest.mark.parametrize(("first", "second"), list(itertools.combinations(ORDER, 2)))
def test_of_two_verdicts_the_earlier_one_wins_whichever_was_found_first(first, second):
    for one, other in itertools.product(VERDICTS[first], VERDICTS[second]):
        pair = [finding(one), finding(other)]
        assert verdict_of(pair) == verdict_of(pair[::-1]) == first


def test_nothing_found_is_no_action():
    assert verdict_of([]) == "no_action"


def test_what_does_not_act_does_not_decide():
    assert verdict_of([finding("unit_change", acts=False)]) == "no_action"
    assert verdict_of([finding("unit_change", acts=False), finding("new_category")]) == "retrain"


def test_rows_that_a_fault_explains_are_not_taken_for_a_change_of_the_world(table):
    tenth = date(2025, 5, 10)
    mask = since(table.now.rows["day"], tenth)

    def fahrenheit(inputs, days):
        return inputs.assign(temp=inputs["temp"].where(~mask, inputs["temp"] * 1.8 + 32))

    found = diagnose(table.with_inputs(fahrenheit).evidence())
    assert found.verdict == "fix_upstream"
    assert {f.cause for f in found.findings} <= {
        "unit_change",
        "mix_shift",
        "insufficient_evidence",
    }


def test_a_diagnosis_has_the_contracts_sections():
    fault = FieldFault("temp_c", "unit_change", date(2012, 8, 10), factor=1.8, offset=32.0)
    segment = SegmentFault("app", "5.2", "truncated_input", date(2025, 5, 9))
    found = Diagnosed(
        "fix_upstream",
        (
            finding("unit_change", fields=(fault,), since=date(2012, 8, 10)),
            finding("truncated_input", segments=(segment,)),
            finding("new_category", categories=("b", "a")),
            finding("transient", excluded=((date(2025, 4, 11), date(2025, 4, 15)),)),
            finding("proxy_inflation", signals=("clicked",)),
        ),
    ).as_dict()
    cause = found["causes"][0]
    assert cause["cause"] == "unit_change" and cause["since"] == "2012-08-10"
    assert {"evidence", "p_value"} <= set(cause)
    assert found["new_categories"] == ["a", "b"] and found["weak_categories"] == []
    assert found["suspect_fields"] == [
        {
            "field": "temp_c",
            "kind": "unit_change",
            "since": "2012-08-10",
            "until": None,
            "factor": 1.8,
            "offset": 32.0,
            "cycle": None,
            "lag": None,
            "segment": None,
            "partner": None,
            "acts": True,
        }
    ]
    assert found["suspect_segments"] == [
        {
            "key": "app",
            "value": "5.2",
            "cause": "truncated_input",
            "since": "2025-05-09",
            "until": None,
            "acts": True,
        }
    ]
    assert found["excluded_days"] == [["2025-04-11", "2025-04-15"]]
    assert found["untrusted_signals"] == ["clicked"]
