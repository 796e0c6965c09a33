"""Which source speaks for which figure, and that none is without one."""

import dataclasses
from dataclasses import replace
from datetime import timedelta

import pytest

from clients.models import Client
from reports import canonical, provenance, services
from reports import facts as f
from reports.gathering import of_records, of_rows, of_runs, sources
from reports.models import MonthlyReport
from retraining.models import EvalRow, EvalRun
from tests.reports import report_facts as made
from tests.reports.report_world import AFTER, MARCH, checked, deployed, gathered

HERE = f.Source("scored_rows", "eval_run 1", 92)


def places(found):
    return [place for place, _ in found]


def test_a_number_without_a_source_is_found_wherever_it_stands():
    silent = provenance.silent(made.report())
    assert "/models/0/audit/n" in silent
    assert "/models/0/service/rows" in silent
    assert "/edition/revision" in silent
    assert "/format" not in silent


def test_a_source_speaks_for_what_its_record_holds_but_not_for_what_has_its_own():
    categories = replace(made.categories(3), source=HERE)
    trial = replace(made.retrained().trials[0], source=HERE)
    own = replace(trial, before=replace(trial.before, source=HERE))
    assert "/c/rows/2/after/n" in places(provenance.said_by(categories, "/c"))
    assert "/t/before/n" in places(provenance.said_by(trial, "/t"))
    assert "/t/before/n" not in places(provenance.said_by(own, "/t"))


def test_a_models_source_speaks_for_its_own_fields_alone():
    model = replace(made.retrained(3), source=HERE)
    spoken = places(provenance.said_by(model, "/m"))
    assert "/m/golden_version" in spoken
    assert not any(place.startswith(("/m/service", "/m/audit")) for place in spoken)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"estimate": 0.66, "low": 0.55, "high": 0.75, "n": 92}, []),
        ({"estimate": 0.6600004, "low": 0.55, "high": 0.75, "n": 92}, []),
        ({"estimate": 0.660001, "low": 0.55, "high": 0.75, "n": 92}, ["/r/estimate is 0.66, "]),
        (
            {"estimate": 0.66, "low": 0.55, "high": 0.75, "n": 93},
            ["/r/n is 92, its source says 93"],
        ),
        (
            {"estimate": 0.66, "low": 0.55, "high": 0.75},
            ["/r/n is 92, of which its source says no"],
        ),
    ],
)
def test_one_digit_is_a_difference_and_what_rounding_takes_is_none(values, says):
    found = provenance.differences(f.Rate(0.66, 0.55, 0.75, 92, HERE), values, "/r")
    assert len(found) == len(says)
    assert all(one.startswith(other) for one, other in zip(found, says, strict=True))


def test_a_row_that_was_left_out_of_a_list_is_a_difference():
    whole = replace(made.categories(4), source=HERE)
    short = replace(whole, rows=whole.rows[:3])
    found = provenance.differences(short, dataclasses.asdict(whole), "/c")
    assert found == ["/c/rows has 3 items, its source says 4"]


def test_sources_and_format_change_nothing_that_a_reader_sees():
    one = made.report()
    other = replace(one, format=2, models=tuple(replace(m, source=HERE) for m in one.models))
    assert canonical.sha256_of(one) != canonical.sha256_of(other)
    assert provenance.said(one) == provenance.said(other)


def test_every_query_that_a_gathering_names_is_there(world):
    model, version, golden = world
    deployed(model, version, golden)
    named = {record.source.query for _, record in provenance.sourced(gathered(model))}
    assert named - {"earlier_revision"} <= set(sources.QUERIES)
    assert len(named) >= 8
    assert {module.__name__ for module in (of_records, of_rows, of_runs)}


def test_two_queries_of_one_name_are_refused():
    with pytest.raises(ValueError, match="two queries are called 'scored_rows'"):
        sources.query("scored_rows")(lambda *asked: sources.Again({}))


def with_rows(version, cycle, *, right, n, **fields):
    """A scored run with an answer a row, in two categories."""
    run = EvalRun.objects.create(
        version=version, cycle=cycle, n=n, correct=right, low=0.5, high=0.9, created_at=AFTER,
        categories={}, **fields,
    )  # fmt: skip
    EvalRow.objects.bulk_create(
        EvalRow(
            run=run,
            row_id=f"{run.pk}-{i}",
            label="login",
            prediction="login" if i < right else "billing",
            confidence=0.9,
            correct=i < right,
        )
        for i in range(n)
    )
    return run


def asked_about(model):
    report = MonthlyReport(client=model.client, month=MARCH, revision=1, created_at=AFTER)
    return sources.Asked(report, made.report())


def test_two_months_of_checked_rows_are_counted_by_category_from_their_answers(world):
    model, version, _ = world
    start, end = AFTER - timedelta(days=60), AFTER - timedelta(days=33)
    cycles = [checked(model, version, window_start=start, window_end=end)]
    cycles.append(checked(model, version))
    runs = [
        with_rows(version, cycle, right=right, n=40, kind="audit")
        for cycle, right in zip(cycles, (36, 20), strict=True)
    ]
    source = f.Source(
        "categories_audited",
        f"eval_run {runs[0].pk} eval_run {runs[1].pk} model {model.pk} month 2025-03",
    )
    told = replace(made.categories(1, basis="audit"), source=source)
    (row,) = sources.ask(asked_about(model), told).values["rows"]
    assert (row["name"], row["verdict"]) == ("login", "worse")
    assert (row["before"]["estimate"], row["after"]["estimate"]) == (0.9, 0.5)


def test_another_clients_run_is_none_of_this_one(world):
    model, version, _ = world
    run = with_rows(version, checked(model, version), right=3, n=4, kind="audit")
    told = f.Rate(0.75, 0.3, 0.95, 4, f.Source("scored_rows", f"eval_run {run.pk}", 4))
    assert sources.ask(asked_about(model), told).values["n"] == 4
    stranger = asked_about(model)
    stranger.report.client = Client(slug="stranger", pk=model.client_id + 1)
    with pytest.raises(sources.Unknown, match="is nothing of stranger"):
        sources.ask(stranger, told)


def test_a_source_that_cannot_be_read_is_unknown(world):
    model, _, _ = world
    for source in (
        f.Source("scored_rows", "eval_run"),
        f.Source("scored_rows", "eval_run seven"),
        f.Source("never_heard_of", "eval_run 1"),
        f.Source("rows_and_labels", f"model {model.pk} month soon"),
        f.Source("rows_and_labels", f"model {model.pk} month 2025-03"),
    ):
        told = sources.check(asked_about(model), "/r", f.Rate(0.5, 0.4, 0.6, 9, source))
        assert len(told.problems) == 1, source


def test_facts_of_before_sources_are_read_and_make_no_new_revision(world, no_pages):
    model, version, _ = world
    checked(model, version)
    report = services.freeze(client=model.client, month=MARCH, at=AFTER)
    facts = services.facts_of(report)
    old = replace(provenance.said(facts), format=1, edition=replace(facts.edition, source=None))
    report.facts, report.facts_sha256 = canonical.plain(old), canonical.sha256_of(old)
    report.save()
    again = services.freeze(client=model.client, month=MARCH, at=AFTER + timedelta(days=1))
    assert (again.pk, again.revision) == (report.pk, 1)
    assert services.facts_of(again).format == 1
