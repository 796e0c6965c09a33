"""Facts: one spelling, one hash, and back again."""

import json
from dataclasses import replace

import pytest

from reports import canonical, changes
from reports.facts import Edition, Rate
from reports.text import clean, shorten
from tests.reports import report_facts as made


def test_facts_survive_json_and_keep_their_hash():
    report = made.report(made.retrained(), made.broken_feed())
    again = canonical.from_json(canonical.to_json(report))
    assert canonical.sha256_of(again) == canonical.sha256_of(report)
    assert canonical.from_json(canonical.to_json(again)) == again


def test_a_json_column_that_reorders_keys_changes_nothing():
    report = made.report()
    shuffled = dict(reversed(canonical.plain(report).items()))
    column = json.loads(json.dumps(shuffled))
    assert canonical.sha256_of(canonical.from_json(column)) == canonical.sha256_of(report)


def test_the_last_bits_of_a_float_are_not_a_new_fact():
    report = made.report()
    nudged = replace(report.models[0], audit=replace(report.models[0].audit, low=0.1 + 0.2))
    same = replace(report.models[0], audit=replace(report.models[0].audit, low=0.3))
    one, other = replace(report, models=(nudged,)), replace(report, models=(same,))
    assert one != other
    assert canonical.sha256_of(one) == canonical.sha256_of(other)


def test_another_figure_is_another_hash():
    report = made.report()
    model = replace(report.models[0], audit=Rate(0.66, 0.56, 0.76, 93))
    assert canonical.sha256_of(replace(report, models=(model,))) != canonical.sha256_of(report)


@pytest.mark.parametrize("figure", [float("nan"), float("inf")])
def test_what_is_no_number_is_refused(figure):
    report = made.report()
    model = replace(report.models[0], audit=Rate(figure, 0.5, 0.7, 92))
    with pytest.raises(canonical.FactsError, match="no figure"):
        canonical.to_json(replace(report, models=(model,)))


def test_json_that_is_no_report_is_refused_with_its_place():
    facts = canonical.plain(made.report())
    facts["models"][0]["audit"]["n"] = "92"
    with pytest.raises(canonical.FactsError, match="/models/0/audit/n should be int, not str"):
        canonical.from_json(facts)
    del facts["models"][0]["audit"]["n"]
    with pytest.raises(canonical.FactsError, match="/models/0/audit has missing or unknown keys"):
        canonical.from_json(facts)
    with pytest.raises(canonical.FactsError, match="not JSON"):
        canonical.from_json("{")


def test_a_revision_says_what_changed_and_its_number_is_no_change():
    first = made.report()
    model = first.models[0]
    assert changes.changes(first, replace(first, edition=Edition(2, "2025-05-01", ()))) == ()
    later = replace(
        first,
        provisional=("labels_awaited",),
        models=(
            replace(
                model,
                audit=Rate(0.7, 0.6, 0.79, 100),
                service=replace(model.service, reviewed=100),
            ),
        ),
    )
    found = {change.what: (change.before, change.after) for change in changes.changes(first, later)}
    assert found == {
        "status": ("final", "provisional"),
        "audit": ("66.0% (56\u201375, n=92)", "70.0% (60\u201379, n=100)"),
        "labels": ("92", "100"),
    }


def test_small_print_that_differs_is_one_line():
    first = made.report()
    later = replace(first, brand=replace(first.brand, footer="Moved to Kiel"))
    assert [change.what for change in changes.changes(first, later)] == ["details"]


@pytest.mark.parametrize(
    ("given", "printed"),
    [
        ("pay\x00pal\ud800", "paypal"),
        ("a\r\n b\u2028c", "a b c"),
        ("\u202egnp.exe\u2066", "gnp.exe"),
        ("שלום 👩‍💻", "שלום 👩‍💻"),
        (None, ""),
        ("x" * 100, "x" * 9 + "…"),
        (" " * 10_000 + "far", "…"),
    ],
)
def test_text_from_outside_becomes_one_printable_line(given, printed):
    assert clean(given, limit=10) == printed


def test_a_name_is_shortened_with_an_ellipsis():
    assert shorten("getting_virtual_card", 8) == "getting…"
