"""What do two cycles of learning bring, on labels as they come?

    python bench/learners.py FOLDER [FOLDER ...] [--seeds 3] [--no-checks] [--everything]
        [--learner NAME]

The launch model learns train_month0.csv; after every month whose right action is a retrain (after
months 3 and 6 on the support desk) a cycle collects the labelled rows since the last one: golden
copies set aside, the days and texts that the diagnosis sets aside left out by the truth, feature
faults put right, then the curation's own doubt filter and selection, and the training of both arms.
Each seed deals the rows in another order and goes into curation and learner. Printed, per cycle,
are accuracy on test.csv by group before and after, its change, the mean and range over the seeds,
the CPU seconds, the arms' cross-validated accuracy, and how many of the wrong labels got in.
`--learner` names another than the task's default, `--no-checks` trains without the doubt filter,
`--everything` on all rows that nothing set aside.
"""

import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from bench.label_checks import labelled, spec_of
from clients.near_copy import NearCopyIndex
from clients.redaction import redact_input
from retraining.curation.candidates import GOLDEN_COPY, LABEL_SUSPECT, UPSTREAM, Candidate
from retraining.curation.checks import REPEATS, check_labels
from retraining.curation.dropping import dropping
from retraining.curation.selection import select
from retraining.learners.base import InputSpec, Learner, Model
from retraining.learners.registry import default_learner, learner_for
from retraining.learners.selection import Trained, out_of_fold, train_candidate

# What a diagnosis asks for has failed in most of at least so many labelled rows.
WANTED, WANTED_ROWS = {"text": 4.0, "tabular": 2.0}, 5
STRONG = 0.9


@dataclass
class Run:
    """One seed's way through the months: the rows learned so far and the live model."""

    inputs: pd.DataFrame
    labels: np.ndarray
    model: Model
    known: list[bool] = field(default_factory=list)


def learner_of(spec: InputSpec, args: Any) -> Learner:
    """The learner that was asked for, or the task's default."""
    return learner_for(args.learner) if args.learner else default_learner(spec.task)


def golden_of(folder: Path, columns: list[str]) -> list[tuple[str, dict[str, Any]]]:
    """Golden rows and the additions, as a copy index takes them."""
    found = []
    for name in ("golden.csv", "golden_additions.csv"):
        if (folder / name).exists():
            table = pd.read_csv(folder / name)
            for row in table.to_dict("records"):
                found.append((str(row["id"]), {c: row[c] for c in columns}))
    return found


def trained(
    run: Run | None, inputs: pd.DataFrame, labels: Any, spec: InputSpec, seed: int, args: Any
) -> Trained:
    return train_candidate(
        learner=learner_of(spec, args),
        checkpoint=run.model if run else None,
        inputs=inputs,
        labels=labels,
        spec=spec,
        seed=seed,
        is_new=np.arange(len(labels)) >= len(run.labels) if run else None,
    )


def curated(
    run: Run, rows: list[dict[str, Any]], golden: Any, spec: InputSpec, seed: int, args: Any
) -> tuple[list[dict[str, Any]], Counter[str]]:
    """The rows that the curation lets in, and how many it set aside for which reason."""
    columns, candidates = list(spec.columns), []
    for row in rows:
        c: Candidate = row["candidate"]
        # As the loop has it: answered by the version that is live, on the row as repaired.
        said = run.model.predict(pd.DataFrame([dict(c.input)], columns=columns))[0][0]
        clean = redact_input(c.input)[0]
        candidates.append(Candidate(c.id, clean, c.label, c.source, c.day, str(said)))
    aside = {row["candidate"].id: UPSTREAM for row in rows if row["cut"]}
    matches = NearCopyIndex(golden, spec.task).find_all([c.input for c in candidates])
    aside |= {
        c.id: GOLDEN_COPY for c, match in zip(candidates, matches, strict=True) if match is not None
    }
    if not args.no_checks:
        aside |= suspects(run, [c for c in candidates if c.id not in aside], spec, seed, args)
    failed: Counter[str] = Counter()
    count: Counter[str] = Counter()
    for c in candidates:
        if c.id not in aside:
            count[c.label] += 1
            failed[c.label] += c.failed
    wanted = {k for k, n in count.items() if n >= WANTED_ROWS and failed[k] > n / 2}
    chosen = select(
        candidates=candidates,
        weights=dict.fromkeys(wanted, WANTED[spec.task]),
        seed=seed,
        high=10_000 if args.everything else 200,
        already=aside,
        existing=[
            ({str(k): v for k, v in given.items()}, str(label))
            for given, label in zip(run.inputs.to_dict("records"), run.labels, strict=True)
        ],
    )
    by_id = {row["candidate"].id: row for row in rows}
    return [by_id[i] for i in chosen.chosen], Counter(chosen.set_aside.values())


def suspects(
    run: Run, rows: list[Candidate], spec: InputSpec, seed: int, args: Any
) -> dict[str, str]:
    """The doubt filter as the collect stage runs it."""
    inputs = pd.DataFrame([dict(c.input) for c in rows], columns=list(spec.columns))
    labels = np.array([c.label for c in rows], dtype=object)
    how: dict[str, Any] = {
        "learner": learner_of(spec, args),
        "inputs": pd.concat([run.inputs, inputs], ignore_index=True),
        "labels": np.concatenate([run.labels, labels]),
        "spec": spec,
        "seed": seed,
    }
    checks = check_labels(
        candidates=rows,
        inputs=inputs,
        labels=labels.tolist(),
        reference_inputs=run.inputs,
        reference_labels=run.labels.tolist(),
        out_of_fold=out_of_fold(**how, repeats=REPEATS),
        seed=seed,
    )
    suspect = np.array([check.suspect for check in checks])
    if spec.task == "tabular":
        judged = dropping(**how, suspect=np.concatenate([np.zeros(len(run.labels)), suspect]))
        print(f"    {judged.reason}")
        suspect &= judged.worth
    return {c.id: LABEL_SUSPECT for c, out in zip(rows, suspect, strict=True) if out}


def groups(folder: Path, model: Model, test: pd.DataFrame) -> dict[str, np.ndarray]:
    """Rows of test.csv by group or month, and the strong ones: categories that the launch model
    answered at 90% or better on the truth of months 1 and 2."""
    key = "group" if "group" in test else "month"
    found = {f"{key} {g}": (test[key] == g).to_numpy() for g in sorted(test[key].unique())}
    if key == "group":
        right: dict[str, list[bool]] = defaultdict(list)
        for month in (1, 2):
            told = pd.read_csv(folder / "truth" / f"month_{month}.csv")
            lines = (folder / "logs" / f"month_{month}.ndjson").read_text().splitlines()
            texts = pd.DataFrame([json.loads(line)["input"] for line in lines])
            for label, said in zip(told["true_label"], model.predict(texts)[0], strict=True):
                right[label].append(label == said)
        strong = {k for k, hits in right.items() if np.mean(hits) >= STRONG}
        found[f"strong ({len(strong)} categories)"] = test["label"].isin(strong).to_numpy()
    return found | {"all": np.ones(len(test), dtype=bool)}


def play(folder: Path, *, seed: int, args: Any) -> list[dict[str, Any]]:
    """One seed through all months: a record per cycle."""
    train, test = pd.read_csv(folder / "train_month0.csv"), pd.read_csv(folder / "test.csv")
    spec = spec_of(train)
    columns = list(spec.columns)
    rng = np.random.default_rng(seed)
    train = train.iloc[rng.permutation(len(train))].reset_index(drop=True)
    labels = train["label"].astype(str).to_numpy(dtype=object)
    run = Run(train[columns], labels, trained(None, train[columns], labels, spec, seed, args).model)
    months = json.loads((folder / "truth.json").read_text())["months"]
    due = [
        m["month"]
        for m in months
        if "retrain" in m["right_action"] and "not retrain" not in m["right_action"]
    ]
    rows, golden = labelled(folder), golden_of(folder, columns)
    parts = groups(folder, run.model, test)
    launch = run.model.predict(test[columns])[0] == test["label"].to_numpy()
    records, last = [], 0
    for month in due:
        fresh = [r for r in rows if last < r["month"] <= month]
        fresh = [fresh[i] for i in rng.permutation(len(fresh))]
        started = time.process_time()
        chosen, aside = curated(run, fresh, golden, spec, seed, args)
        new = pd.DataFrame([redact_input(r["candidate"].input)[0] for r in chosen], columns=columns)
        inputs = pd.concat([run.inputs, new], ignore_index=True)
        said = np.array([r["candidate"].label for r in chosen], dtype=object)
        together = np.concatenate([run.labels, said])
        result = trained(run, inputs, together, spec, seed, args)
        seconds = time.process_time() - started
        run, last = Run(inputs, together, result.model), month
        now = result.model.predict(test[columns])[0] == test["label"].to_numpy()
        records.append(
            {
                "cycle": f"after month {month}",
                "cpu": seconds,
                "groups": {k: (launch[m].mean(), now[m].mean()) for k, m in parts.items()},
                "arms": {a.arm: a.cv_accuracy for a in result.arms},
                "chosen": result.chosen,
                "rows": len(chosen),
                "offered": len(fresh),
                "aside": aside,
                "wrong": sum(r["wrong"] for r in chosen),
                "wrong_offered": sum(r["wrong"] and not r["cut"] for r in fresh),
            }
        )
    return records


def _range(values: list[float]) -> str:
    return f"{np.mean(values):6.1f} ({min(values):.1f} to {max(values):.1f})"


def report(folder: Path, *, seeds: int, args: Any) -> None:
    """Print the figures of one folder."""
    runs = [play(folder, seed=seed, args=args) for seed in range(1, seeds + 1)]
    print(f"\n## {folder.name}, {seeds} seeds: mean (range), test.csv in percent")
    for cycle in zip(*runs, strict=True):
        print(f"\n{cycle[0]['cycle']}: {'v1.0':>34} {'now':>22} {'change in points':>22}")
        for group in cycle[0]["groups"]:
            old, new = ([100 * r["groups"][group][i] for r in cycle] for i in (0, 1))
            gain = [b - a for a, b in zip(old, new, strict=True)]
            print(f"  {group:28} {_range(old):>22} {_range(new):>22} {_range(gain):>22}")
        print(f"  CPU seconds {_range([r['cpu'] for r in cycle])}")
        for arm in cycle[0]["arms"]:
            print(f"  {arm:11} {_range([100 * r['arms'][arm] for r in cycle])} cross-validated")
        print(f"  arm chosen: {', '.join(r['chosen'] for r in cycle)}")
        for r in cycle:
            aside = ", ".join(f"{k} {n}" for k, n in sorted(r["aside"].items()))
            print(
                f"  {r['rows']} of {r['offered']} rows chosen, {r['wrong']} of "
                f"{r['wrong_offered']} wrong labels among them; set aside: {aside}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--learner", default="")
    parser.add_argument("--no-checks", action="store_true")
    parser.add_argument("--everything", action="store_true")
    args = parser.parse_args()
    for folder in args.folders:
        report(folder, seeds=args.seeds, args=args)


if __name__ == "__main__":
    main()
