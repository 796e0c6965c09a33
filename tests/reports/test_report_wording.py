"""Words: numbers as people read them, the same things said in both languages."""

from dataclasses import replace

import pytest

from reports.facts import Difference, Rate
from reports.wording import sections, story, wording_for
from tests.reports import report_facts as made

EN, DE = wording_for("en"), wording_for("de")
OUTCOMES = (
    "healthy waiting upstream needs_labels advised curating pending_approval undecided rejected"
    " refused live failed working"
).split()


def test_an_unknown_language_reads_english():
    assert wording_for("fr") is EN


def test_a_rate_is_never_bare():
    rate = Rate(0.91, 0.8377, 0.9519, 100)
    assert EN.rate(rate) == "91.0% (84 to 95, n=100)"
    assert DE.rate(rate) == "91,0\u00a0% (84 bis 95, n = 100)"
    assert EN.rate(Rate(0.91, 0.9052, 0.9148, 12345)) == "91.0% (90.5 to 91.5, n=12,345)"


def test_a_difference_is_in_points_with_its_sign():
    assert EN.difference(Difference(0.06, 0.02, 0.1, 130, 10, 2)) == (
        "+6.0 points (2.0 to 10.0, n=130)"
    )
    assert EN.difference(Difference(-0.01, -0.03, 0.02, 90, 1, 2)) == (
        "\u22121.0 points (\u22123.0 to 2.0, n=90)"
    )
    assert EN.difference(Difference(-0.00001, None, None, 90, 0, 0)) == (
        "0.0 points (no interval, n=90)"
    )
    assert DE.points(0.125) == "+12,5 Punkte"


def test_days_months_and_lists_read_as_prose():
    assert EN.day("2025-03-01") == "1\u00a0March 2025"
    assert DE.day("2025-03-01") == "1.\u00a0März 2025"
    assert EN.listed(["a", "b", "c"], most=2) == "“a”, “b” and 1 more"
    assert DE.listed(["a", "b"]) == "„a“ und „b“"


def test_a_retrained_month_in_three_sentences():
    assert story.three_sentences(made.retrained(), EN) == (
        "Of 92 messages drawn at random, your model answered 66.0% (56 to 75, n=92) correctly,"
        " clearly less than the 89.4% (82 to 94, n=97) of the month before.",
        "Your customers now ask for something that the model has never been taught:"
        " “apple_pay_or_google_pay” and “automatic_top_up”.",
        "We trained a new version, v1.1, on your newest examples; it is live since 1\u00a0April"
        " 2025, approved by anna, and answers 24 reference rows correctly that v1.0 missed,"
        " against 3 the other way.",
    )


def test_a_broken_feed_is_the_clients_to_repair():
    model = made.broken_feed()
    assert story.found_sentence(model, EN) == (
        "A field now arrives in another unit than the model learned: “temp_c”."
    )
    assert sections.asks(model, EN) == [
        "Please repair: Field “temp_c” arrives in another unit: send it in the unit used at launch"
        " (new value = 1.8 × old value + 32), since 10\u00a0March 2025.",
        "Please label the 4 randomly drawn rows that wait for you.",
    ]
    assert "1,8 × alter Wert" in sections.asks(model, DE)[0]


def test_a_change_within_the_intervals_is_not_called_one():
    model = replace(made.retrained(), audit_before=Rate(0.7, 0.58, 0.8, 60))
    assert "no clear change" in story.accuracy_sentence(model, EN)


def test_without_checked_rows_accuracy_in_use_is_unknown():
    model = replace(made.retrained(), audit=None)
    assert "accuracy in use is unknown" in story.accuracy_sentence(model, EN)
    assert story.accuracy_sentence(replace(model, golden=None), EN) == (
        "Accuracy was not measured this month."
    )


@pytest.mark.parametrize("w", [EN, DE], ids=["en", "de"])
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_outcome_has_a_sentence_and_a_reason(outcome, w):
    model = made.retrained()
    checks = (replace(model.service.checks[0], outcome=outcome),)
    model = replace(model, service=replace(model.service, checks=checks))
    assert story.did_sentence(model, w).endswith(".")
    item = replace(model.not_done[0], outcome=outcome, verdict="", cause="")
    if outcome != "live":
        what, why = sections.not_done_line(item, w)
        assert what.endswith(".")
        assert why.endswith(".") or outcome == "refused"


def test_a_fault_that_moves_nothing_is_not_the_story():
    model = made.retrained()
    idle = replace(model.findings.causes[0], cause="frozen_field", acts=False)
    findings = replace(model.findings, verdict="no_action", causes=(idle,))
    assert story.main_cause(findings) == "nothing"


def test_a_cause_that_came_later_than_these_words_reads_as_itself():
    model = made.retrained()
    later = replace(model.findings.causes[0], cause="solar_flare")
    findings = replace(model.findings, causes=(later,), verdict="wait")
    assert story.cause_sentence("solar_flare", model, findings, EN) == "solar flare"


def test_a_category_with_few_rows_gets_no_verdict():
    categories = made.categories(20)
    thin = [row for row in categories.rows if row.verdict == "thin"]
    assert sections.category_verdict(thin[0], categories, EN) == "too few rows to say (n=3)"
    assert "3 with too few rows to say" in sections.categories_summary(categories, EN)
