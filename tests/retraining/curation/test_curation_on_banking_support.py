"""The figures that were promised, on the scenario where the right answers are known."""

import csv
import json
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline, make_union

from clients.near_copy import NearCopyIndex
from retraining.curation.candidates import Candidate
from retraining.curation.checks import check_labels

FOLDER = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "banking-support"
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="../shared/data/banking-support is not on this machine"
)


def probabilities(inputs: pd.DataFrame, labels):
    categories = np.unique(labels)
    table = np.zeros((len(labels), len(categories)))
    for fit, held in KFold(3, shuffle=True, random_state=0).split(inputs):
        model = make_pipeline(
            make_union(
                TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
                TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True),
            ),
            LogisticRegression(C=10, max_iter=100),
        )
        model.fit(inputs["text"].iloc[fit], labels[fit])
        columns = np.searchsorted(categories, model.classes_)
        table[np.ix_(held, columns)] = model.predict_proba(inputs["text"].iloc[held])
    return list(categories), table


def log_rows(months: range):
    for month in months:
        with (FOLDER / "truth" / f"month_{month}.csv").open(newline="") as file:
            truth = {row["id"]: row for row in csv.DictReader(file)}
        for line in (FOLDER / "logs" / f"month_{month}.ndjson").read_text().splitlines():
            row = json.loads(line)
            yield row, truth[row["id"]]


def test_golden_copies_in_the_logs_are_found_and_ordinary_rows_pass():
    golden = pd.read_csv(FOLDER / "golden.csv")
    rows = list(zip(golden["id"], ({"text": t} for t in golden["text"]), strict=True))
    found = {True: [], False: []}
    log = list(log_rows(range(1, 7)))
    for match, (_, told) in zip(
        NearCopyIndex(rows, "text").find_all([row["input"] for row, _ in log]), log, strict=True
    ):
        found[bool(told["copy_of_golden_id"])].append(match is not None)
    assert len(found[True]) == 20
    assert all(found[True])
    assert np.mean(found[False]) < 0.025


def test_wrong_labels_are_caught_and_right_ones_stay():
    train = pd.read_csv(FOLDER / "train_month0.csv")
    candidates, wrong = [], []
    for row, told in log_rows(range(1, 4)):
        label, source = row["feedback"]["label"], row["feedback"]["label_source"]
        if label and not told["copy_of_golden_id"]:
            day = date.fromisoformat(row["timestamp"][:10])
            candidates.append(
                Candidate(row["id"], row["input"], label, source, day, row["prediction"])
            )
            wrong.append(told["label_is_wrong"] == "1")
    checks = check_labels(
        candidates=candidates,
        inputs=pd.DataFrame([dict(c.input) for c in candidates]),
        labels=[c.label for c in candidates],
        reference_inputs=train[["text"]],
        reference_labels=train["label"].tolist(),
        out_of_fold=probabilities,
        seed=0,
    )
    suspect, is_wrong = np.array([c.suspect for c in checks]), np.array(wrong)
    assert suspect[is_wrong].mean() >= 0.8
    assert suspect[~is_wrong].mean() <= 0.06
    new = np.array([c.label not in set(train["label"]) for c in candidates])
    assert suspect[new & ~is_wrong].mean() <= 0.2
