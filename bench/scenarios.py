"""Plays scenario folders through the commands, month by month, and tables what came of it.

    python bench/scenarios.py FOLDER... [--tier premium] [--keep DIR] [--json FILE]

A folder holds train_month0.csv, golden.csv, logs/month_N.ndjson, truth.json, truth/month_N.csv,
test.csv and perhaps golden_additions.csv. Each is onboarded into an instance of its own, in a
temporary WHETSTONE_HOME; then, month by month: ``import_logs --ignore-predictions``, the golden
additions before the month in which their categories begin, ``run_cycle --auto-curate --approve-as
--immediate``, ``report``. Printed: a line a month (verdict beside the right action, live accuracy
on test.csv by group before and after the cycle), the confusion matrix of verdicts, and what three simple
rules make of the same months.
"""

import argparse
import json
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from bench.instance import PATH, Folder, Instance, cycles, launch, rows_of
from bench.simulation import baselines
from retraining.causes.evidence import Rows

VERDICTS = ("no_action", "wait", "fix_upstream", "retrain", "collect_labels")


def expected_verdict(right_action: str) -> str:
    """The contract's verdict for a truth's right action in words; its first word tells."""
    first = right_action.split()[0].strip(";,").lower()
    verdicts = {
        "none": "no_action",
        "retrain": "retrain",
        "wait": "wait",
        "fix": "fix_upstream",
        "replace": "fix_upstream",
        "repair": "fix_upstream",
        "collect": "collect_labels",
        "label": "collect_labels",
    }
    if first not in verdicts:
        raise SystemExit(f"no verdict is known for the right action {right_action!r}")
    return verdicts[first]


def accuracy(instance: Instance, folder: Path) -> dict[str, tuple[int, int]]:
    """Right answers and rows of test.csv by ``group`` or ``month``, by the live version."""
    truth = rows_of(folder / "test.csv")
    answers = instance.predict(folder / "test.csv")
    key = "group" if "group" in truth[0] else "month"
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row, answer in zip(truth, answers, strict=True):
        for group in (row.get(key, ""), "all"):
            found[group][0] += answer == row["label"]
            found[group][1] += 1
    return {group: (right, n) for group, (right, n) in found.items()}


def play(folder: Folder, *, tier: str, home: Path) -> list[dict[str, Any]]:
    """All months of one folder; a row a month."""
    instance, launched = launch(folder, tier=tier, home=home)
    truth = folder.truth
    print(
        f"\n## {truth['scenario']}: v1.0 on the golden set {shown(launched['golden'])}", flush=True
    )
    results = []
    logged = [answered(log) for log in folder.logs()]
    before = accuracy(instance, folder.path)
    for number, cycle, seconds in cycles(instance, folder):
        month = truth["months"][number - 1]
        out = ["--month", month["calendar"], "--out", str(home / "reports")]
        report = instance.json("report", PATH.split("/")[0], *out)
        moved = cycle["state"] == "live"
        after = accuracy(instance, folder.path) if moved else before
        results.append(
            {
                "scenario": truth["scenario"],
                "month": number,
                "calendar": month["calendar"],
                "right": expected_verdict(month["right_action"]),
                "verdict": cycle["diagnosis"]["verdict"],
                "baselines": baselines.verdicts(
                    logged[number - 1],
                    logged[: number - 1],
                    launch_accuracy=launched["golden"]["estimate"],
                ),
                "causes": [cause["cause"] for cause in cycle["diagnosis"]["causes"]],
                "state": cycle["state"],
                "live": cycle["live_version"],
                "before": before,
                "after": after,
                "seconds": round(seconds, 1),
                "pdf": report["pdf"],
            }
        )
        print(line_of(results[-1]), flush=True)
        before = after
    return results


def answered(log: Path) -> Rows:
    """A month's rows as the launch model answered them: what the simple rules look at."""
    rows = [json.loads(line) for line in log.read_text().splitlines()]
    frame = pd.DataFrame([{**row["feedback"], "prediction": row["prediction"]} for row in rows])
    nothing = pd.DataFrame(index=frame.index)
    return Rows(frame[["prediction", "label", "label_source"]], nothing, nothing, nothing)


def simple_rules(results: list[dict[str, Any]]) -> str:
    """How many verdicts the three simple rules have right, and where they retrain for nothing."""
    lines = []
    for name in baselines.NAMES:
        right = sum(row["baselines"][name] == row["right"] for row in results)
        false = [r for r in results if r["right"] != "retrain"]
        called = sum(row["baselines"][name] == "retrain" for row in false)
        lines.append(
            f"{name:<16}{right} of {len(results)} right; calls for a retrain in {called} of "
            f"{len(false)} months that want none"
        )
    return "\n".join(lines)


def shown(estimate: dict[str, Any]) -> str:
    low, high = estimate["low"] * 100, estimate["high"] * 100
    return f"{estimate['estimate'] * 100:.1f}% ({low:.0f} to {high:.0f}, n={estimate['n']})"


def line_of(row: dict[str, Any]) -> str:
    mark = "=" if row["verdict"] == row["right"] else "!"
    groups = " ".join(
        f"{group} {100 * row['before'][group][0] / n:.1f}>{100 * right / n:.1f}"
        if row["before"][group] != (right, n)
        else f"{group} {100 * right / n:.1f}"
        for group, (right, n) in sorted(row["after"].items(), key=lambda item: item[0] != "all")
    )
    return (
        f"{row['calendar']} {mark} {row['verdict']:<14} right: {row['right']:<12} "
        f"{row['state']:<10} {row['live']:<5} {row['seconds']:>5}s  {groups}  "
        f"[{', '.join(dict.fromkeys(row['causes'])) or 'no cause'}]"
    )


def confusion(results: list[dict[str, Any]]) -> str:
    """Rows: the right verdict; columns: ours."""
    counts = Counter((row["right"], row["verdict"]) for row in results)
    lines = [" " * 16 + "".join(f"{verdict:>16}" for verdict in VERDICTS)]
    for right in VERDICTS:
        if any(counts[right, verdict] for verdict in VERDICTS):
            cells = "".join(f"{counts[right, verdict]:>16}" for verdict in VERDICTS)
            lines.append(f"{right:<16}{cells}")
    agreed = sum(count for (right, verdict), count in counts.items() if right == verdict)
    lines.append(f"{agreed} of {len(results)} months agree")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--tier", default="premium")
    parser.add_argument("--keep", type=Path, help="keep the instances and PDFs below this folder")
    parser.add_argument("--json", type=Path, dest="json_file", help="write all rows there too")
    options = parser.parse_args()
    results: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as scratch:
        base = options.keep or Path(scratch)
        for folder in options.folders:
            home = base.resolve() / folder.resolve().name
            if (home / "db.sqlite3").exists():
                raise SystemExit(f"{home} holds an instance already")
            home.mkdir(parents=True, exist_ok=True)
            results += play(Folder(folder.resolve()), tier=options.tier, home=home)
    print("\nright verdict (rows) against ours (columns)")
    print(confusion(results))
    print("\nthree simple rules on the launch model's answers")
    print(simple_rules(results))
    if options.json_file:
        options.json_file.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
