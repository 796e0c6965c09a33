"""How many wrong labels are caught, how many right ones dropped, and is dropping worth it?

    python bench/label_checks.py FOLDER [FOLDER ...] [--seed 0]

For every month the labelled log rows of a scenario folder (golden copies and the days of a
campaign left out: other checks answer for these) are checked against train_month0.csv as a cycle
does it, once the month alone and once with the labelled rows of the months before, as after months
without a retrain; counted are the month's own rows. Texts cut upstream, which nobody can judge, are
in the first figure and out of the second; rows with a fault of their features are put right.
Prints rates with 95% Wilson intervals, the curve over the limit of doubt, and for tabular folders
what dropping does to cross-validated training (`curation.dropping`).
"""

import argparse
import csv
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import binomtest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from retraining.curation.candidates import Candidate
from retraining.curation.checks import DOUBT_LIMIT, REPEATS, check_labels
from retraining.curation.dropping import dropping
from retraining.learners.base import InputSpec
from retraining.learners.registry import default_learner
from retraining.learners.selection import out_of_fold

# Their labels are wrong for a reason that other stages find: not this check's business.
OTHER_EVENTS = ("campaign", "free_ride", "hurricane")
LIMITS = (0.65, 0.7, 0.75, 0.8, DOUBT_LIMIT, 0.85, 0.9, 0.95)


def labelled(folder: Path) -> list[dict[str, Any]]:
    """The labelled log rows, each with its month, whether its label is wrong and its text cut."""
    rows = []
    for month, path in enumerate(sorted((folder / "logs").glob("month_*.ndjson")), start=1):
        with (folder / "truth" / f"{path.stem}.csv").open(newline="") as file:
            truth = {r["id"]: r for r in csv.DictReader(file)}
        for line in path.read_text().splitlines():
            row = json.loads(line)
            told = truth[row["id"]]
            if not row["feedback"]["label"] or told["copy_of_golden_id"]:
                continue
            if any(word in told["event"] for word in OTHER_EVENTS):
                continue
            candidate = Candidate(
                f"{month}-{row['id']}",
                row["input"] | json.loads(told.get("input_before_fault") or "{}"),
                row["feedback"]["label"],
                row["feedback"]["label_source"],
                date.fromisoformat(row["timestamp"][:10]),
                row["prediction"],
            )
            rows.append(
                {
                    "month": month,
                    "candidate": candidate,
                    "wrong": told["label_is_wrong"] == "1",
                    "cut": bool(told.get("text_before_truncation")),
                    "truth": told["true_label"],
                }
            )
    return rows


def spec_of(train: pd.DataFrame) -> InputSpec:
    """Text where there is a text; else every column is a number or a category by what it holds."""
    features = [name for name in train.columns if name not in ("id", "label")]
    if "text" in features:
        return InputSpec("text")
    numeric = tuple(name for name in features if pd.api.types.is_numeric_dtype(train[name]))
    return InputSpec("tabular", numeric, tuple(name for name in features if name not in numeric))


def _rate(flags: Any) -> str:
    if not len(flags):
        return "no rows"
    ci = binomtest(int(flags.sum()), len(flags)).proportion_ci(method="wilson")
    return f"{flags.mean():6.1%} [{ci.low:.1%}, {ci.high:.1%}] of {len(flags)}"


def report(folder: Path, *, seed: int) -> None:
    """Print the figures of one folder."""
    train = pd.read_csv(folder / "train_month0.csv")
    spec = spec_of(train)
    known, columns = train["label"].astype(str).to_numpy(), list(spec.columns)
    rows = labelled(folder)
    for mode in ("month alone", "with the months before"):
        doubts: list[float] = []
        counted: list[dict[str, Any]] = []
        suspects: list[bool] = []
        print(f"\n{folder.name}, {mode}")
        for month in sorted({r["month"] for r in rows}):
            part = [
                r for r in rows if r["month"] == month or (mode[0] == "w" and r["month"] < month)
            ]
            candidates = [r["candidate"] for r in part]
            inputs = pd.DataFrame([dict(c.input) for c in candidates], columns=columns)
            labels = np.array([c.label for c in candidates])
            together = pd.concat([train[columns], inputs], ignore_index=True)
            how: dict[str, Any] = {
                "learner": default_learner(spec.task),
                "inputs": together,
                "labels": np.concatenate([known, labels]),
                "spec": spec,
                "seed": seed,
            }
            checks = check_labels(
                candidates=candidates,
                inputs=inputs,
                labels=labels.tolist(),
                reference_inputs=train[columns],
                reference_labels=known.tolist(),
                out_of_fold=out_of_fold(**how, repeats=REPEATS),
                seed=seed,
            )
            if spec.task == "tabular":
                suspect = np.zeros(len(known) + len(labels), dtype=bool)
                suspect[len(known) :] = [c.suspect for c in checks]
                found = dropping(**how, suspect=suspect)
                print(f"  month {month}: {found.reason}")
            own = [i for i, r in enumerate(part) if r["month"] == month]
            counted += [part[i] for i in own]
            doubts += [checks[i].doubt for i in own]
            suspects += [checks[i].suspect for i in own]
        w, d = np.array([r["wrong"] for r in counted]), np.array(doubts)
        s, cut = np.array(suspects), np.array([r["cut"] for r in counted])
        print(f"  all rows:          caught {_rate(s[w])}  dropped {_rate(s[~w])}")
        if cut.any():
            print(
                f"  without cut texts: caught {_rate(s[w & ~cut])}  dropped {_rate(s[~w & ~cut])}"
            )
        for limit in LIMITS:
            mark = "  <- the limit" if limit == DOUBT_LIMIT else ""
            caught, dropped = (d[w] > limit).mean(), (d[~w] > limit).mean()
            print(f"  doubt > {limit:.2f}: {caught:6.1%} {dropped:6.1%}{mark}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    for folder in args.folders:
        report(folder, seed=args.seed)


if __name__ == "__main__":
    main()
