"""Every cause that a diagnosis can find has its words in every language, and its month renders."""

from dataclasses import replace
from datetime import date

import pytest

from reports import canonical, model_page, pages
from reports.text import clean
from reports.wording import sections, story, wording_for
from retraining.causes.evidence import FieldFault, Finding, SegmentFault
from retraining.causes.registry import CAUSES, VERDICTS, Diagnosed
from retraining.models import State
from tests.reports.report_world import checked, gathered

LANGUAGES = ("en", "de")
SINCE, UNTIL = date(2025, 3, 10), date(2025, 3, 15)
PART = ("app", "3.1")
STATES = {
    "fix_upstream": State.UPSTREAM,
    "retrain": State.ADVISED,
    "wait": State.WAITING,
    "collect_labels": State.NEEDS_LABELS,
    "no_action": State.HEALTHY,
}
FIELDS = "frozen_field unit_change shifted_field missing_values late_field".split()


def field(kind, segment=PART, until=UNTIL):
    return FieldFault(
        "temp_c", kind, SINCE, until, factor=1.8, offset=32.0, lag=72.0, segment=segment
    )


def part(kind):
    return SegmentFault(*PART, kind, SINCE, UNTIL)


def finding(cause, **more):
    values = {"since": SINCE, "until": UNTIL, "numbers": {"labels_needed": 14}, **more}
    return Finding(cause, f"The evidence of {cause}.", "Mend it.", 0.001, **values)


def findings_of(cause):
    """A finding of the cause as its own file would make one."""
    if cause in FIELDS:
        return finding(cause, fields=(field(cause),), segments=(part(cause),))
    if cause == "truncated_input":
        return finding(cause, segments=(part(cause),))
    if cause == "segment_fault":
        return finding(cause, fields=(field("shifted_field"),), segments=(part("shifted_field"),))
    if cause in ("new_category", "weak_category"):
        return finding(cause, categories=("refund",), until=None)
    if cause == "proxy_inflation":
        return finding(cause, signals=("clicked",))
    return finding(cause)


def verdict_for(cause):
    return next(verdict for verdict, causes in VERDICTS.items() if cause in causes)


def month_of(world, made):
    model, version, _ = world
    verdict = verdict_for(made.cause)
    cycle = checked(model, version, state=STATES[verdict], verdict=verdict)
    found = Diagnosed(verdict, (made,)).as_dict()
    cycle.diagnosis.findings = {**found, "opportunity": None}
    cycle.diagnosis.save()
    return gathered(model)


def spoken(text):
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cause_has_a_title_and_a_sentence_in_every_language(language):
    strings = wording_for(language).strings
    kinds = [
        "unseen_values",
        "changed_text",
        "swapped_fields",
        "unlabelled_clusters",
        "known_event",
        "nothing",
    ]
    for cause in [*CAUSES, *kinds]:
        assert strings[f"cause.{cause}"] and strings[f"cause.{cause}.story"].endswith("."), cause


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fault_says_what_its_owner_should_do(language):
    strings = wording_for(language).strings
    for cause in [*VERDICTS["fix_upstream"], "unseen_values", "changed_text", "swapped_fields"]:
        assert ":" in strings[f"fault.{cause}"], cause


def test_the_story_knows_each_cause_under_its_verdict():
    for verdict, causes in VERDICTS.items():
        assert set(causes) <= set(story._BY_VERDICT[verdict]), verdict


@pytest.mark.parametrize("cause", CAUSES)
def test_a_month_with_each_cause_renders_in_both_languages(world, cause):
    report = month_of(world, findings_of(cause))
    assert canonical.from_json(canonical.to_json(report)) == report
    (model,) = report.models
    for language in LANGUAGES:
        w = wording_for(language)
        shown = model_page._found(model, model_page.DENSITIES[0], w)
        (told,) = shown["causes"]
        assert told["title"] == w.strings[f"cause.{cause}"]
        # The diagnosis words its evidence in English; a report speaks one language.
        quoted = clean(f"The evidence of {cause}.") if language == "en" else ""
        assert told["evidence"] == quoted
        assert "\u2026" not in told["plain"] and "{" not in told["plain"]
        assert all(line.endswith((".", "?")) for line in story.three_sentences(model, w))
        said = " ".join([*sections.asks(model, w), *(sections.next_line(n, w) for n in model.next)])
        assert "{" not in said and "  " not in said
        page = pages.to_html(replace(report, client=replace(report.client, language=language)))
        assert w.strings[f"cause.{cause}"] in page


@pytest.mark.parametrize("cause", [*FIELDS, "truncated_input", "segment_fault"])
def test_a_fault_of_one_segment_that_is_over_is_told_as_both(world, cause):
    (model,) = month_of(world, findings_of(cause)).models
    w = wording_for("en")
    (fault,) = model.findings.faults
    line = spoken(story.fault_line(fault, w))
    assert "app = 3.1" in line
    assert line.endswith("since 10 March 2025, over since 15 March 2025")
    assert "app = 3.1" in story.found_sentence(model, w)
    assert "It has been over since 15 March 2025." in spoken(story.found_sentence(model, w))
    (ask,) = sections.asks(model, w)
    assert ask.startswith("Please find out what caused this")
    assert [item.what for item in model.next] == ["repair_over", "next_check"]


def test_a_late_field_says_how_old_its_values_are(world):
    lasting = finding("late_field", until=None, fields=(field("late_field", None, None),))
    (model,) = month_of(world, lasting).models
    (ask,) = sections.asks(model, wording_for("en"))
    assert "“temp_c” arrives late" in ask and "about 72 hours old" in ask
    assert model.next[0].what == "repair"


def test_unknown_values_are_not_told_as_missing_ones(world):
    unseen = finding("missing_values", fields=(field("unseen_values", None, None),), until=None)
    (model,) = month_of(world, unseen).models
    sentence = story.found_sentence(model, wording_for("en"))
    assert "values that nobody ever sent before" in sentence and "temp_c" in sentence
    (ask,) = sections.asks(model, wording_for("en"))
    assert "tell us what the new values mean" in ask


def test_two_faults_of_one_kind_each_name_their_own_field(world):
    one = finding("missing_values", fields=(field("missing_values", None, None),), until=None)
    other = FieldFault("wind", "missing_values", date(2025, 3, 20))
    two = finding("missing_values", fields=(other,), since=other.since, until=None)
    report = month_of(world, one)
    cycle = world[0].cycles.get()
    cycle.diagnosis.findings |= Diagnosed("fix_upstream", (one, two)).as_dict()
    cycle.diagnosis.save()
    report = gathered(world[0])
    assert [cause.names for cause in report.models[0].findings.causes] == [("temp_c",), ("wind",)]


def test_a_changed_service_asks_the_client_to_look_at_what_runs(world):
    (model,) = month_of(world, finding("serving_change", until=None)).models
    for language, says in (
        ("en", "which version of the model"),
        ("de", "welche Version des Modells"),
    ):
        w = wording_for(language)
        (ask,) = sections.asks(model, w)
        assert says in ask
        assert "data has to be repaired" not in story.did_sentence(model, w)
        assert (
            sections.not_done_line(model.not_done[0], w)[1] == w.strings["because.serving_change"]
        )
    assert [item.what for item in model.next] == ["repair_serving", "next_check"]


def test_doubtful_labels_ask_for_a_second_person_and_not_for_more_rows(world):
    (model,) = month_of(world, findings_of("label_noise")).models
    for language, says in (("en", "14 rows with doubtful"), ("de", "14 Zeilen mit zweifelhaftem")):
        (ask,) = sections.asks(model, wording_for(language))
        assert says in ask
    assert "second person" in story.did_sentence(model, wording_for("en"))


def test_unlabelled_clusters_are_told_with_the_names_that_we_guess(world):
    numbers = {"labels_needed": 9, "proposed": {"apple pay": ["m-1"], "top up": ["m-2"]}}
    (model,) = month_of(world, finding("insufficient_evidence", numbers=numbers, until=None)).models
    for language in LANGUAGES:
        w = wording_for(language)
        (told,) = model_page._found(model, model_page.DENSITIES[0], w)["causes"]
        assert told["title"] == w.strings["cause.unlabelled_clusters"]
        assert "apple pay" in told["plain"] and "top up" in told["plain"]
        (ask,) = sections.asks(model, w)
        assert "9" in ask and "top up" in ask


def test_facts_without_the_new_words_are_written_as_they_always_were(world):
    quiet = finding("mix_shift", until=None, numbers={})
    plain = canonical.plain(month_of(world, quiet))
    (cause,) = plain["models"][0]["findings"]["causes"]
    assert set(cause) == {"cause", "evidence", "since", "acts"}
