import random
import time

import pytest

from clients.near_copy import Match, NearCopyError, NearCopyIndex, fold_text

GOLDEN = [
    ("g-1", {"text": "I still haven't received my card after 2 weeks, is it lost?"}),
    ("g-2", {"text": "How do I report a stolen card?"}),
    ("g-3", {"text": "Lost card"}),
    (
        "g-4",
        {"text": "Why was my cash withdrawal cancelled at the machine in the station?"},
    ),
]


@pytest.fixture(scope="module")
def golden() -> NearCopyIndex:
    return NearCopyIndex(GOLDEN, "text")


@pytest.mark.parametrize(
    ("text", "golden_id"),
    [
        ("HOW DO I REPORT A STOLEN CARD", "g-2"),
        ("how do i report  a stolen card ??", "g-2"),
        ("Ｌｏｓｔ ｃａｒｄ！", "g-3"),
        ("I still haven’t received my card after 10 weeks, is it lost?", "g-1"),
    ],
)
def test_case_punctuation_spaces_and_numbers_make_no_difference(golden, text, golden_id):
    assert golden.find({"text": text}) == Match(golden_id, "exact", 1.0)


@pytest.mark.parametrize(
    ("text", "golden_id"),
    [
        ("Hi, how do I report a stolen card? Thanks in advance", "g-2"),
        ("I still havent recieved my card after two weeks, is it lost?", "g-1"),
        ("is it lost? I still haven't received my card after 2 weeks", "g-1"),
        ("Why was my withdrawal cancelled at the machine in the station?", "g-4"),
        (
            (
                "I wrote on Monday: why was my cash withdrawal cancelled at the machine in the "
                "station? Nobody answered me so far. Maria"
            ),
            "g-4",
        ),
    ],
)
def test_small_edits_and_quotes_are_near_copies(golden, text, golden_id):
    match = golden.find({"text": text})
    assert match is not None
    assert (match.id, match.kind) == (golden_id, "near")
    assert 0.8 < match.similarity <= 1.0


@pytest.mark.parametrize(
    "text",
    [
        "My card never came in the post",
        "How do I replace a card that does not work?",
        "Somebody stole my card, where can I tell you?",
        "Lost cash",
        "My withdrawal was refused at a cash machine",
        "thanks",
        "",
    ],
)
def test_another_question_of_the_same_intent_passes(golden, text):
    assert golden.find({"text": text}) is None


def test_texts_without_letters_are_not_all_the_same():
    index = NearCopyIndex([("g-1", {"text": "1234 5678"}), ("g-2", {"text": "???"})], "text")
    assert index.find({"text": "9999 0000"}) is None
    assert index.find({"text": "!!!"}) is None
    assert index.find({"text": " 1234  5678 "}) == Match("g-1", "exact", 1.0)


def test_folding_is_stable_when_repeated():
    for text in ("Can't pay £1,000.50!", "ÜBER-weisung 3/4", "x\u200by", "12"):
        assert fold_text(fold_text(text)) == fold_text(text)


def test_tabular_copies_need_every_feature_equal_as_a_value():
    index = NearCopyIndex([("g-1", {"hour": 1, "temp": 29.5, "sky": "clear"})], "tabular")
    assert index.find({"hour": "1.0", "temp": "29.50", "sky": "clear", "extra": 9}) == Match(
        "g-1", "exact", 1.0
    )
    assert index.find({"hour": 1, "temp": 29.6, "sky": "clear"}) is None
    assert index.find({"hour": 1, "temp": 29.5}) is None
    assert index.find({"hour": 1, "temp": None, "sky": "clear"}) is None


def test_missing_values_are_equal_to_missing_values_only():
    index = NearCopyIndex([("g-1", {"a": float("nan"), "b": 2})], "tabular")
    assert index.find({"a": "", "b": "2"}) == Match("g-1", "exact", 1.0)
    assert index.find({"a": 0, "b": 2}) is None


def test_large_whole_numbers_are_not_rounded_together():
    index = NearCopyIndex([("g-1", {"account": 2**60})], "tabular")
    assert index.find({"account": 2**60 + 1}) is None


def test_find_all_answers_as_find_does(golden):
    inputs = [{"text": t} for t in ("Lost card!", "how do i report a stolen crad", "good morning")]
    assert golden.find_all(inputs) == [golden.find(row) for row in inputs]


def test_an_empty_index_finds_nothing():
    assert NearCopyIndex([], "text").find({"text": "anything at all"}) is None


def test_unknown_tasks_and_inputs_without_text_are_named(golden):
    with pytest.raises(NearCopyError, match="unknown task"):
        NearCopyIndex([], "image")
    with pytest.raises(NearCopyError, match="text"):
        golden.find({"words": "no text"})


def test_a_thousand_rows_against_two_hundred_take_well_under_a_second():
    rng = random.Random(0)
    words = [f"{a}{b}" for a in ("pay", "card", "bank", "loan") for b in "abcdefghij"]
    texts = [{"text": " ".join(rng.choices(words, k=12))} for _ in range(1200)]
    index = NearCopyIndex([(str(i), row) for i, row in enumerate(texts[:200])], "text")
    started = time.perf_counter()
    found = index.find_all(texts[200:] + texts[:5])
    assert time.perf_counter() - started < 2
    assert [match.id for match in found[-5:] if match] == ["0", "1", "2", "3", "4"]
