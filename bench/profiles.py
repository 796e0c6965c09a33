"""What do drift and a month of daily profiles cost?

    python bench/profiles.py [--rows 1000000] [--evidently PYTHON] [--database URL]

Drift of 20 numeric and 10 categorical features and confidence, from frames of so many rows against as
many: ours (counts on stored bins, PSI with its critical value), the plain way in this process (numpy's
histogram and pandas' value_counts on the same bins), scipy's two-sample tests, and Evidently's PSI
where `--evidently` names a Python that has it, for instance that of `uv venv FOLDER` after `uv pip
install --python FOLDER/bin/python evidently 'pandas<3'`. Then the same from stored profiles, the
database's part included, of a month with 10 thousand and one with 10 million rows. CPU
seconds, the fastest of some runs.
"""

import argparse
import subprocess
import sys
import time
import warnings
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from bench.live_models import clients_of, live_models
from bench.throwaway import cpu_seconds, instance

NUMERIC, CATEGORICAL = 20, 10
LINE = "{:58} {:>10} {:>9}"
START = datetime(2025, 3, 1, tzinfo=UTC)


def frame(rows: int, seed: int) -> pd.DataFrame:
    """Twenty columns of numbers, ten of strings, and a confidence; one value in a hundred missing."""
    rng = np.random.default_rng(seed)
    columns: dict[str, Any] = {}
    for i in range(NUMERIC):
        columns[f"n{i}"] = np.where(rng.random(rows) < 0.01, np.nan, rng.normal(i, 1 + i, rows))
    names = np.array([f"value {i}" for i in range(12)], dtype=object)
    for i in range(CATEGORICAL):
        values = names[rng.integers(12, size=rows)]
        values[rng.random(rows) < 0.01] = None
        columns[f"c{i}"] = values
    columns["confidence"] = rng.beta(6, 2, rows)
    return pd.DataFrame(columns)


def evidently(rows: int) -> None:
    """Run by the Python that has it: print the CPU seconds of its PSI."""
    warnings.filterwarnings("ignore")
    from importlib import import_module  # it is no dependency: nothing may ask for its types

    theirs = import_module("evidently")
    preset = import_module("evidently.presets").DataDriftPreset

    numbers = [f"n{i}" for i in range(NUMERIC)] + ["confidence"]
    columns = theirs.DataDefinition(
        numerical_columns=numbers, categorical_columns=[f"c{i}" for i in range(CATEGORICAL)]
    )
    sides = [theirs.Dataset.from_pandas(frame(rows, s), data_definition=columns) for s in (2, 1)]
    seconds, _ = cpu_seconds(lambda: theirs.Report([preset(method="psi")]).run(*sides))
    print(seconds)


def bins_of(table: pd.DataFrame) -> dict[str, Any]:
    """The bins that a version would keep, from ten thousand training rows."""
    from retraining.stats.drift import Bins

    some = table.head(10_000)
    return {
        name: Bins.of_labels(some[name])
        if name.startswith("c") and name != "confidence"
        else Bins.of_numbers(some[name])
        for name in table.columns
    }


def drift(rows: int, python: str) -> None:
    from scipy import stats

    from retraining.stats.drift import psi, psi_test

    before, now = frame(rows, 1), frame(rows, 2)
    bins = bins_of(before)

    def ours(*sides: pd.DataFrame) -> None:
        for name, of in bins.items():
            psi_test(reference=of.counts(sides[0][name]), current=of.counts(sides[1][name]))

    def plain() -> None:
        for name, of in bins.items():
            if of.kind == "labels":
                counted = [s[name].fillna("missing").value_counts() for s in (before, now)]
                table = pd.concat(counted, axis=1).fillna(0).to_numpy(dtype=int).T
            else:
                edges = [-np.inf, *of.edges, np.inf]
                table = np.array([np.histogram(s[name].dropna(), edges)[0] for s in (before, now)])
            psi(reference=table[0], current=table[1])

    def tests() -> None:
        for name, of in bins.items():
            if of.kind == "labels":
                table = pd.crosstab(
                    pd.concat([before[name], now[name]]), np.repeat([0, 1], [len(before), len(now)])
                )
                stats.chi2_contingency(table)
            else:
                stats.ks_2samp(before[name].dropna(), now[name].dropna(), method="asymp")

    names = [name for name, of in bins.items() if of.kind == "labels"]
    coded = [s.astype(dict.fromkeys(names, "category")) for s in (before, now)]
    own, _ = cpu_seconds(lambda: ours(before, now), times=3)
    codes, _ = cpu_seconds(lambda: ours(*coded), times=3)
    print(f"\nDrift of {len(bins)} columns, {rows:,} rows against {rows:,}, from frames")
    print(LINE.format("", "CPU s", "ratio"))
    print(LINE.format("ours, strings as objects", f"{own:.3f}", "1"))
    print(LINE.format("ours, strings as categories", f"{codes:.3f}", f"{codes / own:.1f}"))
    by_plain, _ = cpu_seconds(plain)
    by_tests, _ = cpu_seconds(tests)
    print(LINE.format("histogram and value_counts", f"{by_plain:.3f}", f"{by_plain / own:.1f}"))
    print(LINE.format("scipy's KS and chi-square", f"{by_tests:.3f}", f"{by_tests / own:.1f}"))
    if not python:
        print(LINE.format("Evidently's PSI", "not installed", ""))
        return
    done = subprocess.run(
        [python, __file__, "--as-evidently", "--rows", str(rows)],
        capture_output=True,
        text=True,
        check=True,
    )
    theirs = float(done.stdout.split()[-1])
    print(LINE.format("Evidently's PSI", f"{theirs:.3f}", f"{theirs / own:.0f}"))
    print(LINE.format("  against ours with categories", "", f"{theirs / codes:.0f}"))


def model_of(reference: dict[str, Any]) -> tuple[Any, Any]:
    """A live tabular model with these bins, of the bench's one client."""
    from clients.models import Client

    known: list[dict[str, Any]] = [
        {
            "name": n,
            "kind": "category" if n.startswith("c") else "number",
            "whole": False,
            "values": [],
        }
        for n in (*(f"n{i}" for i in range(NUMERIC)), *(f"c{i}" for i in range(CATEGORICAL)))
    ]
    schema = {"task": "tabular", "fields": known, "categories": ["a", "b"]}
    own = list(Client.objects.all()) or clients_of(1, at=START)
    (version,) = live_models(own, schema, at=START, reference=reference)
    return version.model, version


def month_of_drift(model: Any, version: Any, against: dict[str, np.ndarray]) -> None:
    """Read the month's days, add them up and test every dimension."""
    from retraining import profiles
    from retraining.profiles.daily import Basis
    from retraining.stats.drift import psi_test

    found = profiles.window_counts(
        model=model, start=START, end=START + timedelta(days=31), basis=Basis(version)
    )
    for name, counts in found.bins.items():
        psi_test(reference=against[name.removeprefix("feature:")], current=counts)


def months(before: pd.DataFrame) -> None:
    """From stored profiles: read, added up, and tested against the counts of another month."""
    from clients.models import LogDay
    from retraining.models import DailyProfile
    from retraining.profiles.counts import Agreement, Counts, Tally

    bins = bins_of(before)
    shares = {name: of.counts(before[name]) / len(before) for name, of in bins.items()}
    reference = {
        name if name == "confidence" else f"feature:{name}": {"bins": of.as_dict(), "counts": []}
        for name, of in bins.items()
    }
    print("\nA month of drift from daily profiles, reading included")
    print(LINE.format("", "CPU ms", "wall ms"))
    for rows in (10_000, 10_000_000):
        model, version = model_of(reference)
        rng = np.random.default_rng(rows)
        days = [date(2025, 3, 1) + timedelta(days=i) for i in range(31)]
        per_day = rows // 31
        made = []
        for day in days:
            said = {f"category {i}": per_day // 77 for i in range(77)}
            review = Agreement(100, 90, Tally(said), Tally(said), {("a", "b"): 10})
            counted = {
                name if name == "confidence" else f"feature:{name}": rng.multinomial(per_day, share)
                for name, share in shares.items()
            }
            counts = Counts(per_day, counted, Tally(said), {}, {"review": review}, {})
            made.append(
                DailyProfile(
                    client_id=model.client_id,
                    model=model,
                    day=day,
                    baseline=version,
                    kind="given",
                    version="v1.0",
                    rows=per_day,
                    counts=counts.as_json(),
                    changes=1,
                )
            )
        DailyProfile.objects.bulk_create(made)
        LogDay.objects.bulk_create(
            LogDay(client_id=model.client_id, model=model, day=day, profiled=1, changed_at=START)
            for day in days
        )
        against = {name: np.round(share * 100_000).astype(int) for name, share in shares.items()}
        model.client  # noqa: B018  # a cycle has it in hand

        month = partial(month_of_drift, model, version, against)
        month()
        wall = time.perf_counter()
        month()
        wall = time.perf_counter() - wall
        cpu, _ = cpu_seconds(month, times=20)
        print(LINE.format(f"{rows:,} rows", f"{cpu * 1000:.1f}", f"{wall * 1000:.1f}"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--evidently", default="", metavar="PYTHON")
    parser.add_argument("--database", default="", metavar="URL")
    parser.add_argument("--as-evidently", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.as_evidently:
        evidently(chosen.rows)
        return
    drift(chosen.rows, chosen.evidently)
    with instance(chosen.database):
        months(frame(100_000, 1))


if __name__ == "__main__":
    main()
