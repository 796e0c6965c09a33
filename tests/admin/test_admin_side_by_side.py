"""Candidate and live version on the same golden rows: what differs, why, and what goes live."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clients.models import DatasetRow
from retraining import artifacts, services
from retraining.admin.golden_rows import pairs_of
from retraining.models import Comparison, Cycle, EvalRow, EvalRun, MustPass, Rollout
from tests.admin.golden_world import ANSWERS, Parrot, add_golden_rows, page, record, say
from tests.factories import (
    APRIL,
    PredictionLogFactory,
    ProposalFactory,
)

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def compared(world):
    """The world's comparison with five golden rows, one of them sealed."""
    return add_golden_rows(world)


def rows_in(text):
    return [row_id for row_id in ANSWERS if f"the words of {row_id[2:]}" in text]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", ["g-fixed", "g-broken", "g-wrong", "g-right"]),
        ("?kind=fixed", ["g-fixed"]),
        ("?kind=broken", ["g-broken"]),
        ("?kind=both_wrong", ["g-wrong"]),
        ("?kind=both_right", ["g-right"]),
        ("?category=login", ["g-fixed", "g-right"]),
        ("?category=login&kind=fixed", ["g-fixed"]),
        ("?q=WORDS+wrong", ["g-wrong"]),
        ("?q=nothing+of+it", []),
        ("?kind=nonsense&page=99", ["g-fixed", "g-broken", "g-wrong", "g-right"]),
    ],
)
def test_rows_are_filtered_by_kind_category_and_words(client, staff, compared, query, shown):
    assert rows_in(page(client, compared, query)) == shown


def test_what_would_be_lost_stands_first(client, staff, compared):
    text = page(client, compared)
    places = [text.index(f"the words of {kind}") for kind in ("broken", "fixed", "wrong", "right")]
    assert places == sorted(places)


def test_the_tabs_count_what_fits_the_other_filters(client, staff, compared):
    text = page(client, compared, "?category=login&kind=fixed")
    for name, n in {"All": 2, "Fixed": 1, "Broken": 0, "Both wrong": 0, "Both right": 1}.items():
        assert f"{name} <b>{n}</b>" in text


def test_both_confidences_stand_with_a_word_for_right_and_wrong(client, staff, compared):
    text = page(client, compared, "?kind=fixed")
    assert "wrong, sure 60%" in text and "right, sure 70%" in text


@pytest.mark.parametrize("state", ["pending_approval", "undecided", "live", "refused"])
def test_a_sealed_row_is_never_shown_nor_tried_nor_found(client, staff, compared, state):
    Cycle.objects.filter(pk=compared.cycle.pk).update(state=state)
    for query in ("", "?q=sealed", "?kind=fixed", "?try=g-sealed"):
        text = page(client, compared, query)
        assert "words of sealed" not in text and ">g-sealed" not in text
    assert "1 golden rows are sealed" in page(client, compared)


def test_an_eval_run_on_other_golden_rows_is_not_taken(compared):
    other = compared.comparison
    later = {"g-fixed": ("login", "login", "login")}
    record(other, other.candidate, 2, rows=later)
    EvalRun.objects.filter(rows__row_id="g-fixed", n=1).update(created_at=APRIL.replace(year=2026))
    assert len(pairs_of(Comparison.objects.get(pk=other.pk))) == 4


def test_segments_come_from_the_production_rows_that_golden_rows_were_taken_from(
    client, staff, compared
):
    assert "Segment" not in page(client, compared)
    PredictionLogFactory(model=compared.model, row_id="log-1", context={"plan": "pro"})
    DatasetRow.objects.filter(row_id="g-broken").update(log_row_id="log-1")
    text = page(client, compared)
    assert "<option>plan=pro</option>" in text
    assert rows_in(page(client, compared, "?segment=plan%3Dpro")) == ["g-broken"]


def test_a_row_that_must_pass_and_is_answered_wrong_raises_an_alarm(client, staff, compared):
    assert 'role="alert"' not in page(client, compared)
    MustPass.objects.create(model=compared.model, row_id="g-right", reason="Law.", by="lee")
    assert 'role="alert"' not in page(client, compared)
    MustPass.objects.create(model=compared.model, row_id="g-broken", reason="Law.", by="lee")
    text = page(client, compared)
    assert "1 row that must pass is answered wrong by v1.1" in text
    assert "right until now. The gate was not asked about it" in text
    say(compared.comparison, registered={"must_pass": ["g-broken"]})
    assert "was not asked about it" not in page(client, compared)


def test_the_page_says_what_an_approval_puts_live_and_how_to_undo_it(client, staff, compared):
    promise = (
        "v1.1 goes live for Acme Support, Tickets (acme/tickets), instead of v1.0 "
        "(live since 2025-03-01)"
    )
    confirm = client.get(reverse("admin:retraining_cycle_approve", args=[compared.cycle.pk]))
    for text in (page(client, compared), confirm.content.decode()):
        assert promise in text and "To undo it, roll back" in text


def test_an_undecided_gate_lists_the_rows_to_label_without_any_answer(client, staff, compared):
    Cycle.objects.filter(pk=compared.cycle.pk).update(state="undecided")
    for row_id, label in (("ask-1", ""), ("ask-2", "login")):
        PredictionLogFactory(
            model=compared.model, row_id=row_id, input={"text": f"body of {row_id}"}, label=label,
            label_source="targeted" if label else "", prediction="secret-answer",
        )  # fmt: skip
    say(compared.comparison, label_more={"n": 40, "rows": ["ask-1", "ask-2"]})
    text = page(client, compared)
    assert "body of ask-1" in text and "body of ask-2" not in text
    assert "secret-answer" not in text
    assert "about 40 would decide; 1 of the 2 named have a label" in text
    assert reverse("admin:retraining_proposal_review", args=[compared.cycle.pk]) in text
    ProposalFactory(
        cycle=compared.cycle, kind="asked", row_id="ask-1", label="", state="relabelled",
        final_label="login", decided_by="kim", decided_at=APRIL,
    )  # fmt: skip
    text = page(client, compared)
    assert "1 given in the queue wait to be handed in" in text and "body of ask-1" not in text


def test_comparing_again_asks_for_a_reason_that_is_kept(client, staff, compared, monkeypatch):
    Cycle.objects.filter(pk=compared.cycle.pk).update(state="undecided")
    made = []
    monkeypatch.setattr(services, "look_again", lambda **a: made.append(a) or Cycle(state="live"))
    again = reverse("admin:retraining_cycle_look_again", args=[compared.cycle.pk])
    assert again in page(client, compared)
    assert client.post(again, {"confirmed": "yes"}).status_code == 200 and made == []
    assert client.post(again, {"confirmed": "yes", "reason": "Labelled."}).status_code == 302
    assert [(call["by"], call["reason"]) for call in made] == [("dana", "Labelled.")]


def test_where_another_version_is_live_by_now_the_page_says_so(client, staff, compared):
    Rollout.objects.update(ended_at=APRIL)
    text = page(client, compared)
    assert "is live no more" in text and "goes live for" not in text


def test_a_decided_gate_lists_no_rows_to_label(client, staff, compared):
    say(compared.comparison, label_more={"n": 40, "rows": ["row-1"]})
    assert "Rows to label next" not in page(client, compared)


def test_trying_starts_with_a_golden_row_where_one_is_named(client, staff, compared):
    text = page(client, compared, "?try=g-wrong&kind=fixed")
    assert text.count("the words of wrong") == 1  # in the box, not in the table


def test_strangers_are_sent_to_the_login(client, compared):
    address = reverse("admin:retraining_cycle_side_by_side", args=[compared.cycle.pk])
    assert client.get(address).status_code == 302


def test_a_cycle_that_compared_nothing_says_so_and_an_unknown_one_is_not_found(
    client, staff, world
):
    address = reverse("admin:retraining_cycle_side_by_side", args=[world.curating.pk])
    assert "no candidate that was compared" in client.get(address).content.decode()
    missing = reverse("admin:retraining_cycle_side_by_side", args=[987654])
    assert client.get(missing).status_code == 404


def test_hostile_text_stays_text(client, staff, compared, monkeypatch):
    monkeypatch.setattr(artifacts, "load", lambda version: Parrot(HOSTILE))
    EvalRow.objects.filter(row_id="g-wrong").update(prediction=HOSTILE, label=HOSTILE)
    DatasetRow.objects.filter(row_id="g-fixed").update(input={"text": HOSTILE}, log_row_id="log-1")
    PredictionLogFactory(model=compared.model, row_id="log-1", context={HOSTILE: HOSTILE})
    say(compared.comparison, reasons=[HOSTILE])
    text = page(client, compared, f"?q={HOSTILE}&category={HOSTILE}", **{"field-text": HOSTILE})
    assert HOSTILE not in text
    text = page(client, compared)
    assert HOSTILE not in text and text.count("&lt;script&gt;") >= 5


def test_a_page_holds_so_many_rows_and_as_many_queries_for_a_thousand(client, staff, compared):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            page(client, compared)
        return len(seen)

    page(client, compared)
    before = queries()
    comparison = compared.comparison
    EvalRun.objects.filter(cycle=comparison.cycle, kind="golden").delete()
    many = {f"g-{n:04}": ("login", "billing", "login") for n in range(1000)}
    record(comparison, comparison.incumbent, 1, rows=many)
    record(comparison, comparison.candidate, 2, rows=many)
    text = page(client, compared)
    assert "Rows 1 to 25 of 1000" in text and "g-0025" not in text
    assert "Rows 976 to 1000 of 1000" in page(client, compared, "?page=40")
    assert queries() == before <= 30
