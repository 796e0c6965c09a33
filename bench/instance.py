"""A throwaway instance of the service and a scenario folder, for benches that play one in the other."""

import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PATH = "bench/scenario"
USER = "bench"
# How often an undecided gate may look again.
LOOKS = 2


class Instance:
    """A throwaway instance, driven through ``manage.py`` as an integration would."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = {**os.environ, "WHETSTONE_HOME": str(home), "OMP_NUM_THREADS": "1"}
        self.environment.pop("DATABASE_URL", None)

    def run(self, *words: str, codes: tuple[int, ...] = (0,)) -> str:
        """The command's standard output; stops the bench where it exits with another code."""
        done = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *words],
            env=self.environment,
            capture_output=True,
            text=True,
        )
        if done.returncode not in codes:
            raise SystemExit(f"{' '.join(words[:2])} exited {done.returncode}:\n{done.stderr}")
        return done.stdout

    def json(self, *words: str, codes: tuple[int, ...] = (0,)) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run(*words, "--json", codes=codes))
        return found

    def predict(self, rows: Path, *, version: str = "live") -> list[str]:
        """A version's answer to each row of a CSV file."""
        lines = self.run("predict", PATH, str(rows), "--version", version).splitlines()
        return [json.loads(line)["prediction"] for line in lines]


class Resident(Instance):
    """The same commands in this process, which can have one home only: starting Python and Django
    anew takes longer than most commands."""

    def run(self, *words: str, codes: tuple[int, ...] = (0,)) -> str:
        os.environ |= {**self.environment, "DJANGO_SETTINGS_MODULE": "agency.settings"}
        from django.core.management import execute_from_command_line

        code: Any = 0
        with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as told:
            try:
                execute_from_command_line([str(ROOT / "manage.py"), *words])
            except SystemExit as end:
                code = end.code or 0
        if code not in codes:
            raise SystemExit(f"{' '.join(words[:2])} exited {code}:\n{told.getvalue()}")
        return out.getvalue()


@dataclass(frozen=True)
class Folder:
    """A scenario folder: see bench/scenarios.py for what it holds."""

    path: Path

    @property
    def truth(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.path / "truth.json").read_text())
        return found

    @property
    def task(self) -> str:
        return "text" if "text" in rows_of(self.path / "train_month0.csv")[0] else "tabular"

    @property
    def additions(self) -> Path:
        return self.path / "golden_additions.csv"

    def logs(self) -> list[Path]:
        """The log of each month, in order."""
        months = range(1, len(self.truth["months"]) + 1)
        return [self.path / f"logs/month_{number}.ndjson" for number in months]

    def joins(self) -> int:
        """The month in which the categories of the golden additions begin; 0 without any."""
        if not self.additions.exists():
            return 0
        new = {row["label"] for row in rows_of(self.additions)}
        for number in range(1, len(self.truth["months"]) + 1):
            rows = rows_of(self.path / f"truth/month_{number}.csv")
            if new & {row["true_label"] for row in rows}:
                return number
        return 1


def rows_of(path: Path) -> list[dict[str, str]]:
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def next_month(calendar: str) -> str:
    year, month = map(int, calendar.split("-"))
    return f"{year + month // 12}-{month % 12 + 1:02d}"


def launch(
    folder: Folder, *, tier: str, home: Path, resident: bool = False
) -> tuple[Instance, dict[str, Any]]:
    """An instance in which the folder's model has been onboarded, and what ``onboard`` printed."""
    instance = Resident(home) if resident else Instance(home)
    instance.run("migrate", "-v0")
    instance.environment["DJANGO_SUPERUSER_PASSWORD"] = os.urandom(12).hex()
    instance.run("createsuperuser", "--noinput", "--username", USER, "--email", "b@bench.invalid")
    start = f"{folder.truth['months'][0]['calendar']}-01T00:00:00Z"
    words = ["--tier", tier, "--domain", "customer_support", "--timezone", "UTC"]
    files = ["--train", str(folder.path / "train_month0.csv")]
    files += ["--golden", str(folder.path / "golden.csv")]
    words += ["--task", folder.task, "--as-of", start]
    return instance, instance.json("onboard", PATH, *words, *files)


def cycles(
    instance: Instance, folder: Folder, *, answer: bool = False
) -> Iterator[tuple[int, dict[str, Any], float]]:
    """Month by month: import the logs, the golden additions when they are due, run a cycle.

    With ``answer``, an undecided gate gets the labels that it asks for (the true ones, as targeted
    feedback in a file of its own) and looks again, twice at most. Gives each month's number, what
    the last command printed, and the seconds that ``run_cycle`` took.
    """
    joins = folder.joins()
    for number, month in enumerate(folder.truth["months"], start=1):
        log = str(folder.path / f"logs/month_{number}.ndjson")
        instance.run("import_logs", PATH, log, "--ignore-predictions")
        if number == joins:
            why = ["--reason", "new categories"]
            instance.run("import_dataset", PATH, "golden", str(folder.additions), *why)
        as_of = f"{next_month(month['calendar'])}-01T00:00:00Z"
        how = ["--auto-curate", "--approve-as", USER, "--immediate"]
        started = time.perf_counter()
        cycle = instance.json("run_cycle", PATH, "--as-of", as_of, *how, codes=(0, 1))
        seconds = time.perf_counter() - started
        for attempt in range(LOOKS if answer else 0):
            asked = ((cycle["comparison"] or {}).get("label_more") or {}).get("rows")
            if cycle["state"] != "undecided" or not asked:
                break
            labels = _labels(folder, set(asked), instance.home / f"asked_{number}_{attempt}.ndjson")
            instance.run("import_logs", PATH, str(labels), "--ignore-predictions")
            again = ["--by", USER, "--as-of", as_of]
            cycle = instance.json("look_again", PATH, *again, codes=(0, 1))
        yield number, cycle, seconds


def _labels(folder: Folder, asked: set[str], path: Path) -> Path:
    """The asked rows with their true labels, as a log file of targeted feedback."""
    lines = []
    for log in sorted((folder.path / "logs").glob("month_*.ndjson")):
        rows = [json.loads(line) for line in log.read_text().splitlines()]
        if not any(row["id"] in asked for row in rows):
            continue
        truths = {row["id"]: row for row in rows_of(folder.path / "truth" / f"{log.stem}.csv")}
        for row in rows:
            label = truths[row["id"]]["true_label"] if row["id"] in asked else "__none__"
            if not label.startswith("__"):
                row["feedback"] = {**row["feedback"], "label": label, "label_source": "targeted"}
                lines.append(json.dumps(row))
    path.write_text("\n".join(lines) + "\n")
    return path
