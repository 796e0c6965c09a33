"""Is the loop worth it? Accuracy on the following months against simpler ways to keep a model.

    python bench/strategies.py FOLDER... [--tier premium] [--jobs 1] [--json FILE]

Folders are those of bench/scenarios.py. After each month but the last every strategy has a live
version; it is held against the month that follows: true labels, inputs as they should have been
where the feed was wrong, rows that are none of the client's (``__...__``) and copies of golden rows
left out. The strategies begin with the same v1.0, the one that the product onboards, and learn with
the product's own learner from the same launch rows (copies of golden rows are set aside at launch):

- never: v1.0 for good.
- once: v1.0 and, after month 1, one model from scratch on the launch rows and all labels of it.
- monthly: after each month one from scratch on the launch rows and all labels up to then, as they
  came: corrections and reviews, campaigns and faulty inputs too, deployed without a look.
- loop: the product, played through its commands as bench/scenarios.py does; where the gate asks for
  labels, it gets the true ones and looks again.

The last line holds the means to the goal: ahead of the first two in every scenario; ahead of the
third on the mean, within a point of it in each scenario, with at most half its deployments.
"""

import argparse
import json
import multiprocessing
import sys
import tempfile
import time
import warnings
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from bench.instance import Folder, Instance, cycles, launch, rows_of
from clients.near_copy import NearCopyIndex
from retraining.learners.base import InputSpec, Model
from retraining.learners.registry import default_learner
from retraining.learners.selection import train_candidate

SEED = 0
STRATEGIES = ("never", "once", "monthly", "loop")
BEFORE = ("text_before_truncation", "input_before_fault")


@dataclass(frozen=True)
class Month:
    """A month's rows as sent and as they should have been, its labels, and what was true."""

    sent: pd.DataFrame
    clean: pd.DataFrame
    labels: np.ndarray
    truth: np.ndarray
    counts: np.ndarray


def month_of(folder: Folder, number: int, columns: list[str]) -> Month:
    """Rows in the order of the log; ``counts`` are those on which strategies are measured."""
    path = folder.path / f"logs/month_{number}.ndjson"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    known = {row["id"]: row for row in rows_of(folder.path / f"truth/month_{number}.csv")}
    truths = [known[row["id"]] for row in rows]
    clean = [_clean(row["input"], truth) for row, truth in zip(rows, truths, strict=True)]
    true = np.array([truth["true_label"] for truth in truths], dtype=object)
    copies = np.array([bool(truth.get("copy_of_golden_id")) for truth in truths])
    return Month(
        sent=pd.DataFrame([row["input"] for row in rows], columns=columns),
        clean=pd.DataFrame(clean, columns=columns),
        labels=np.array([row["feedback"]["label"] for row in rows], dtype=object),
        truth=true,
        counts=~copies & np.array([not str(label).startswith("__") for label in true]),
    )


def _clean(sent: dict[str, Any], truth: dict[str, str]) -> dict[str, Any]:
    before = next((truth[key] for key in BEFORE if truth.get(key)), None)
    if before is None:
        return sent
    return {"text": before} if "text" in sent else json.loads(before)


def launch_rows(folder: Folder) -> tuple[pd.DataFrame, np.ndarray, InputSpec]:
    """The launch's inputs and labels as the product learns them; a column is a number where all its
    values are. Rows that copy a golden one are left out."""
    told = rows_of(folder.path / "train_month0.csv")
    golden = rows_of(folder.path / "golden.csv")
    columns = [name for name in told[0] if name not in ("id", "label")]
    index = NearCopyIndex(
        [(row["id"], _input(row, columns, folder.task)) for row in golden],
        "text" if folder.task == "text" else "tabular",
    )
    copies = index.find_all([_input(row, columns, folder.task) for row in told])
    rows = pd.DataFrame([row for row, copy in zip(told, copies, strict=True) if copy is None])
    labels = rows["label"].to_numpy(dtype=object)
    inputs = rows[[name for name in rows if name not in ("id", "label")]].copy()
    if folder.task == "text":
        return inputs, labels, InputSpec("text")
    numeric = []
    for name in inputs:
        try:
            inputs[name] = inputs[name].astype(float)
        except ValueError:
            continue
        numeric.append(str(name))
    categorical = [str(name) for name in inputs if name not in numeric]
    return inputs, labels, InputSpec("tabular", tuple(numeric), tuple(categorical))


def _input(row: dict[str, str], columns: list[str], task: str) -> dict[str, Any]:
    """A CSV row's input; 3 and 3.0 are one number, in whichever file."""
    if task == "text":
        return {"text": row["text"]}
    found: dict[str, Any] = {}
    for name in columns:
        try:
            found[name] = float(row[name])
        except ValueError:
            found[name] = row[name] or None
    return found


def trained(inputs: pd.DataFrame, labels: np.ndarray, spec: InputSpec) -> Model:
    learner = default_learner(spec.task)
    found = train_candidate(
        learner=learner, checkpoint=None, inputs=inputs, labels=labels, spec=spec, seed=SEED
    )
    return found.model


def simple(folder: Folder, months: list[Month]) -> dict[str, list[float]]:
    """Accuracy on months 2, 3, ... of the strategies that need no service but its v1.0."""
    inputs, labels, spec = launch_rows(folder)
    once: Model | None = None
    found: dict[str, list[float]] = defaultdict(list)
    for month, following in pairwise(months):
        given = pd.notna(month.labels)
        inputs = pd.concat([inputs, month.sent[given]], ignore_index=True)
        labels = np.concatenate([labels, month.labels[given]])
        monthly = trained(inputs, labels, spec)
        once = once or monthly
        for name, model in (("once", once), ("monthly", monthly)):
            found[name].append(right(model.predict(following.clean)[0], following))
    return found


def right(answers: Any, month: Month) -> float:
    """Share of right answers among the rows that count."""
    return float((np.asarray(answers, dtype=object) == month.truth)[month.counts].mean())


def looped(
    instance: Instance, folder: Folder, months: list[Month]
) -> tuple[dict[str, list[float]], list[dict[str, Any]]]:
    """Accuracy on months 2, 3, ... of v1.0 and of what the loop left live; each month's cycle."""
    accuracies: dict[str, list[float]] = {"never": [], "loop": []}
    played = []
    for number, cycle, _ in cycles(instance, folder, answer=True):
        played.append(cycle)
        if number == len(months):
            break
        rows = instance.home / f"month_{number + 1}.csv"
        months[number].clean.to_csv(rows, index=False)
        for name, version in (("never", "v1.0"), ("loop", "live")):
            answers = instance.predict(rows, version=version)
            accuracies[name].append(right(answers, months[number]))
    return accuracies, played


def compared(folder: Folder, *, tier: str, home: Path) -> dict[str, Any]:
    """All strategies on one folder."""
    columns = [c for c in rows_of(folder.path / "train_month0.csv")[0] if c not in ("id", "label")]
    count = len(folder.truth["months"])
    months = [month_of(folder, number, columns) for number in range(1, count + 1)]
    instance, launched = launch(folder, tier=tier, home=home, resident=True)
    inputs, _, _ = launch_rows(folder)
    told = len(rows_of(folder.path / "train_month0.csv"))
    if len(inputs) != told - launched["set_aside"]:
        raise SystemExit(f"{folder.path.name}: not the launch rows that the product learned")
    found, played = looped(instance, folder, months)
    accuracies = {**found, **simple(folder, months)}
    states = [cycle["state"] for cycle in played]
    deployments = {"never": 0, "once": 1, "monthly": count - 1}
    # The last cycle's version meets no month that could be measured: it is not counted anywhere.
    deployments["loop"] = sum(state == "live" for state in states[: count - 1])
    return {
        "scenario": folder.truth["scenario"],
        "accuracies": {name: accuracies[name] for name in STRATEGIES},
        "means": {name: float(np.mean(accuracies[name])) for name in STRATEGIES},
        "deployments": deployments,
        "cpu": time.process_time(),
        "states": states,
        "reasons": [cycle["reason"] for cycle in played],
        "verdicts": [cycle["diagnosis"]["verdict"] for cycle in played],
    }


def held(results: list[dict[str, Any]]) -> str:
    """Does the loop keep what is asked of it, and where not?"""
    mean = {name: np.mean([r["means"][name] for r in results]) for name in STRATEGIES}
    total = {name: sum(r["deployments"][name] for r in results) for name in STRATEGIES}
    misses = [
        f"{r['scenario']}: not ahead of {name} ({100 * (r['means']['loop'] - r['means'][name]):+.1f})"
        for r in results
        for name in ("never", "once")
        if r["means"]["loop"] <= r["means"][name]
    ]
    misses += [
        f"{r['scenario']}: {100 * (r['means']['loop'] - r['means']['monthly']):+.1f} to monthly"
        for r in results
        if r["means"]["loop"] < r["means"]["monthly"] - 0.01
    ]
    if mean["loop"] <= mean["monthly"]:
        misses.append("not ahead of monthly on the mean")
    if 2 * total["loop"] > total["monthly"]:
        misses.append("more than half of monthly's deployments")
    return "The goal is kept." if not misses else "Not kept. " + "; ".join(misses) + "."


def table(results: list[dict[str, Any]]) -> str:
    """A line a scenario: mean accuracy on the following months, and deployments."""
    lines = [f"{'mean accuracy (deployments)':<32}" + "".join(f"{n:>14}" for n in STRATEGIES)]
    for result in results:
        cells = "".join(
            f"{100 * result['means'][name]:9.1f} ({result['deployments'][name]:>2})"
            for name in STRATEGIES
        )
        lines.append(f"{result['scenario']:<32}{cells}")
    means = {name: 100 * np.mean([r["means"][name] for r in results]) for name in STRATEGIES}
    total = {name: sum(r["deployments"][name] for r in results) for name in STRATEGIES}
    lines.append(
        f"{'all':<32}" + "".join(f"{means[name]:9.1f} ({total[name]:>2})" for name in STRATEGIES)
    )
    return "\n".join(lines)


def _played(task: tuple[Path, str]) -> dict[str, Any]:
    path, tier = task
    with tempfile.TemporaryDirectory() as scratch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        home = Path(scratch).resolve() / path.name
        home.mkdir()
        return compared(Folder(path), tier=tier, home=home)


def line_of(result: dict[str, Any]) -> str:
    """A scenario's months: accuracies by strategy, and what became of the loop's cycles."""
    months = " ".join(
        f"{name} " + "/".join(f"{100 * value:.0f}" for value in values)
        for name, values in result["accuracies"].items()
    )
    states = ", ".join(
        f"{state} ({reason})" if reason else state
        for state, reason in zip(result["states"], result["reasons"], strict=True)
    )
    return f"{result['scenario']}: {months} [{states}] {result['cpu']:.0f} CPU seconds"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--tier", default="premium")
    parser.add_argument("--jobs", type=int, default=1, choices=(1, 2))
    parser.add_argument("--json", type=Path, dest="json_file", help="write all figures there too")
    options = parser.parse_args()
    todo = [(path.resolve(), options.tier) for path in options.folders]
    # One service has one home for as long as its process lives: a process a folder.
    with multiprocessing.get_context("spawn").Pool(options.jobs, maxtasksperchild=1) as pool:
        results = []
        for found in pool.imap(_played, todo, chunksize=1):
            results.append(found)
            print(line_of(found), flush=True)
    print()
    print(table(results))
    print(held(results))
    if options.json_file:
        options.json_file.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
