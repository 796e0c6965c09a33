from datetime import date

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline

from retraining.curation.candidates import CurationError
from retraining.curation.checks import KEEP_OF_NEW, Candidate, LabelCheck, check_labels

TOPICS = {
    "card": "card plastic chip pin activate delivery post envelope",
    "transfer": "transfer send recipient iban pending friend money abroad",
    "refund": "refund return shop goods merchant purchase credit store",
}
NEW = "wallet phone tap contactless watch apple google nfc"


def sentences(words: str, n: int, rng: np.random.Generator) -> list[str]:
    return [" ".join(rng.choice(words.split(), size=5)) for _ in range(n)]


def rows(texts: list[str], labels: list[str], **kwargs) -> list[Candidate]:
    return [
        Candidate(f"c-{i}", {"text": t}, label, "review", date(2025, 3, 1), **kwargs)
        for i, (t, label) in enumerate(zip(texts, labels, strict=True))
    ]


def probabilities(inputs: pd.DataFrame, labels):
    categories = np.unique(labels)
    table = np.zeros((len(labels), len(categories)))
    for fit, held in KFold(5, shuffle=True, random_state=0).split(inputs):
        model = make_pipeline(TfidfVectorizer(), LogisticRegression(C=10))
        model.fit(inputs["text"].iloc[fit], labels[fit])
        columns = np.searchsorted(categories, model.classes_)
        table[np.ix_(held, columns)] = model.predict_proba(inputs["text"].iloc[held])
    return list(categories), table


@pytest.fixture
def reference() -> tuple[pd.DataFrame, list[str]]:
    rng = np.random.default_rng(1)
    texts = [t for words in TOPICS.values() for t in sentences(words, 40, rng)]
    return pd.DataFrame({"text": texts}), [label for label in TOPICS for _ in range(40)]


def check(candidates: list[Candidate], reference, out_of_fold=probabilities) -> list[LabelCheck]:
    return check_labels(
        candidates=candidates,
        inputs=pd.DataFrame([dict(c.input) for c in candidates], columns=["text"]),
        labels=[c.label for c in candidates],
        reference_inputs=reference[0],
        reference_labels=reference[1],
        out_of_fold=out_of_fold,
        seed=0,
    )


def test_planted_wrong_labels_are_suspect_and_right_ones_are_not(reference):
    rng = np.random.default_rng(2)
    texts = [t for words in TOPICS.values() for t in sentences(words, 20, rng)]
    labels = [label for label in TOPICS for _ in range(20)]
    wrong = {0: "refund", 25: "card", 45: "transfer", 59: "card"}
    for i, label in wrong.items():
        labels[i] = label
    checks = check(rows(texts, labels), reference)
    assert {i for i, c in enumerate(checks) if c.suspect} == set(wrong)
    assert min(checks[i].doubt for i in wrong) > max(
        c.doubt for i, c in enumerate(checks) if i not in wrong
    )
    assert "prefers another category to refund" in checks[0].reason


def test_an_array_gives_the_same_answer_as_the_function_it_came_from(reference):
    rng = np.random.default_rng(3)
    candidates = rows(sentences(TOPICS["card"], 6, rng), ["card"] * 5 + ["refund"])
    texts = pd.concat([reference[0], pd.DataFrame([dict(c.input) for c in candidates])])
    labels = np.array([*reference[1], *[c.label for c in candidates]])
    array = probabilities(texts.reset_index(drop=True), labels)[1]
    assert check(candidates, reference, array) == check(candidates, reference)


def test_probabilities_of_another_shape_are_refused(reference):
    candidates = rows(["card pin"], ["card"])
    with pytest.raises(CurationError, match="shape"):
        check(candidates, reference, np.ones((3, 3)))
    with pytest.raises(CurationError, match="finite"):
        check(candidates, reference, np.full((121, 3), np.nan))


def test_columns_are_matched_by_the_categories_that_the_function_names(reference):
    candidates = rows(["card plastic chip pin activate"], ["card"])

    def turned(inputs, labels):
        categories, table = probabilities(inputs, labels)
        return categories[::-1], table[:, ::-1]

    assert check(candidates, reference, turned) == check(candidates, reference)


def test_a_new_category_that_is_used_consistently_is_kept(reference):
    rng = np.random.default_rng(4)
    for size in (2, 4, 12):
        candidates = rows(sentences(NEW, size, rng), ["wallet"] * size)
        assert not any(c.suspect for c in check(candidates, reference))


def test_a_single_row_of_an_unknown_label_is_suspect(reference):
    (only,) = check(rows(["card plastic chip pin activate"], ["crad"]), reference)
    assert only.suspect
    assert only.doubt == 1.0
    assert "no known category" in only.reason


def test_unlike_rows_under_one_unknown_label_are_suspect(reference):
    rng = np.random.default_rng(5)
    texts = [sentences(words, 1, rng)[0] for words in TOPICS.values()]
    assert all(c.suspect for c in check(rows(texts, ["misc"] * 3), reference))


def test_half_of_a_consistent_new_category_stays_whatever_the_model_says(reference):
    rng = np.random.default_rng(6)
    candidates = rows(sentences(NEW, 8, rng), ["wallet"] * 8)
    stubborn = np.zeros((128, 4))
    stubborn[:, 0] = 1.0
    kept = [c for c in check(candidates, reference, stubborn) if not c.suspect]
    assert len(kept) >= 8 * KEEP_OF_NEW


def test_an_override_that_confirms_the_model_is_doubted_more(reference):
    row = {"text": "card plastic chip pin activate"}
    day = date(2025, 3, 1)
    said = [
        Candidate("a", row, "card", "override", day, prediction="card"),
        Candidate("b", row, "card", "override", day, prediction="refund"),
    ]
    alone = [check([c], reference)[0].doubt for c in said]
    assert alone[0] > alone[1]


def test_wrong_labels_of_numeric_rows_are_found():
    rng = np.random.default_rng(7)
    labels = np.array(["low", "high"] * 60)
    table = pd.DataFrame(
        {
            "hour": np.where(labels == "low", 3.0, 15.0) + rng.normal(0, 1, 120),
            "sky": np.where(labels == "low", "dark", "bright"),
            "same": 1,
        }
    )
    table.loc[4, "hour"] = np.nan
    told = labels[80:].copy()
    told[3] = "low" if told[3] == "high" else "high"
    candidates = [
        Candidate(str(i), {}, label, "review", date(2025, 3, 1)) for i, label in enumerate(told)
    ]
    truth = np.column_stack([labels == "high", labels == "low"]) * 0.8 + 0.1
    checks = check_labels(
        candidates=candidates,
        inputs=table[80:],
        labels=list(told),
        reference_inputs=table[:80],
        reference_labels=list(labels[:80]),
        out_of_fold=truth,
        seed=0,
    )
    assert [c.id for c in checks if c.suspect] == ["3"]


def test_no_candidates_need_no_checks(reference):
    assert check([], reference) == []


def test_mismatched_rows_are_refused(reference):
    with pytest.raises(CurationError, match="length"):
        check_labels(
            candidates=rows(["card"], ["card"]),
            inputs=pd.DataFrame({"text": ["card", "pin"]}),
            labels=["card"],
            reference_inputs=reference[0],
            reference_labels=reference[1],
            out_of_fold=probabilities,
            seed=0,
        )
