"""How many wrong labels are caught, and how many right ones dropped?

    python bench/label_checks.py FOLDER [FOLDER ...] [--seed 0]

For every month the labelled log rows of a scenario folder (golden copies, the days of a campaign
and rows with a fault of their input left out) are checked against train_month0.csv, once the month
alone and once with the months before. Out-of-fold probabilities are those of a plain scikit-learn
model, so the figures don't depend on this project's learners. Prints rates with 95% Wilson
intervals, and the curve over the limit of doubt.
"""

import argparse
import csv
import json
import sys
import warnings
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import binomtest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline, make_union

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from retraining.curation.candidates import Candidate
from retraining.curation.checks import DOUBT_LIMIT, check_labels

# Their inputs or labels are wrong for a reason that other stages find: not this check's business.
OTHER_EVENTS = ("campaign", "truncated", "free_ride", "hurricane", "fahrenheit", "utc", "frozen")


def probabilities(inputs: pd.DataFrame, labels: Any, *, seed: int) -> tuple[list[str], Any]:
    """Five-fold out-of-fold probabilities of a plain model."""
    categories = np.unique(labels)
    table = np.zeros((len(labels), len(categories)))
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    is_text = list(inputs.columns) == ["text"]
    rows = inputs["text"] if is_text else inputs
    for fit, held in folds.split(rows, labels):
        model: Any = HistGradientBoostingClassifier(
            max_iter=80, learning_rate=0.06, random_state=seed
        )
        if is_text:
            model = make_pipeline(
                make_union(
                    TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
                    TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True),
                ),
                LogisticRegression(C=10, max_iter=300),
            )
        model.fit(rows.iloc[fit], labels[fit])
        table[np.ix_(held, np.searchsorted(categories, model.classes_))] = model.predict_proba(
            rows.iloc[held]
        )
    return [str(c) for c in categories], table


def _labelled(folder: Path) -> list[dict[str, Any]]:
    rows = []
    for month, path in enumerate(sorted((folder / "logs").glob("month_*.ndjson")), start=1):
        with (folder / "truth" / f"{path.stem}.csv").open(newline="") as file:
            truth = {r["id"]: r for r in csv.DictReader(file)}
        for line in path.read_text().splitlines():
            row = json.loads(line)
            told = truth[row["id"]]
            event = told["event"]
            if not row["feedback"]["label"] or told["copy_of_golden_id"]:
                continue
            if any(word in event for word in OTHER_EVENTS):
                continue
            candidate = Candidate(
                row["id"],
                row["input"],
                row["feedback"]["label"],
                row["feedback"]["label_source"],
                date.fromisoformat(row["timestamp"][:10]),
                row["prediction"],
            )
            rows.append(
                {"month": month, "candidate": candidate, "wrong": told["label_is_wrong"] == "1"}
            )
    return rows


def _rate(flags: Any) -> str:
    if not len(flags):
        return "no rows"
    ci = binomtest(int(flags.sum()), len(flags)).proportion_ci(method="wilson")
    return f"{flags.mean():6.1%} [{ci.low:.1%}, {ci.high:.1%}] of {len(flags)}"


def report(folder: Path, *, seed: int) -> None:
    """Print the figures of one folder."""
    train = pd.read_csv(folder / "train_month0.csv")
    features = [name for name in train.columns if name not in ("id", "label")]
    rows = _labelled(folder)
    for mode in ("month alone", "with the months before"):
        doubts: list[float] = []
        suspects: list[bool] = []
        wrong: list[bool] = []
        print(f"\n{folder.name}, {mode}")
        for month in sorted({r["month"] for r in rows}):
            part = [
                r for r in rows if r["month"] == month or (mode[0] == "w" and r["month"] < month)
            ]
            candidates = [r["candidate"] for r in part]
            checks = check_labels(
                candidates=candidates,
                inputs=pd.DataFrame([dict(c.input) for c in candidates], columns=features),
                labels=[c.label for c in candidates],
                reference_inputs=train[features],
                reference_labels=train["label"].tolist(),
                out_of_fold=lambda inputs, labels: probabilities(inputs, labels, seed=seed),
                seed=seed,
            )
            suspect = np.array([c.suspect for c in checks])
            is_wrong = np.array([r["wrong"] for r in part])
            print(
                f"  month {month}: caught {_rate(suspect[is_wrong])}"
                f"  dropped {_rate(suspect[~is_wrong])}"
            )
            doubts += [c.doubt for c in checks]
            suspects += suspect.tolist()
            wrong += is_wrong.tolist()
        w, d, s = np.array(wrong), np.array(doubts), np.array(suspects)
        print(f"  all:     caught {_rate(s[w])}  dropped {_rate(s[~w])}  (limit {DOUBT_LIMIT})")
        for limit in (0.6, 0.65, 0.7, 0.75, 0.8, 0.85):
            print(
                f"  doubt > {limit:.2f}: {(d[w] > limit).mean():6.1%} {(d[~w] > limit).mean():6.1%}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    # Categories with fewer rows than folds are what the check has to live with.
    warnings.filterwarnings("ignore", message="The least populated class")
    for folder in args.folders:
        report(folder, seed=args.seed)


if __name__ == "__main__":
    main()
