"""Worlds in which candidates are made: rows with their true labels, made up here or read from a folder.

A world holds the launch rows, reviewed rows of later months by kind, unlabelled production rows
(``window``) and a large set of rows with right labels (``truth``), from which golden sets are drawn.
Made-up worlds have a second one (``golden``) of the launch's mix: golden rows age, too.
"""

import csv
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from agency.demodata.phrases import TOPICS
from agency.demodata.phrases_account import BORN, CAMPAIGN
from agency.demodata.tickets import Desk
from retraining.learners.base import InputSpec

CUT = 20


@dataclass(frozen=True)
class Rows:
    """Inputs and labels, row by row."""

    inputs: pd.DataFrame
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, keep: Any) -> "Rows":
        return Rows(self.inputs.iloc[keep].reset_index(drop=True), self.labels[keep])

    def where(self, mask: Any) -> "Rows":
        return self.take(np.flatnonzero(mask))

    def __add__(self, other: "Rows") -> "Rows":
        return Rows(
            pd.concat([self.inputs, other.inputs], ignore_index=True),
            np.concatenate([self.labels, other.labels]),
        )


@dataclass(frozen=True)
class World:
    """``extra`` are clean reviewed rows of later months; ``harm`` names rows that mislead."""

    name: str
    spec: InputSpec
    launch: Rows
    extra: Rows
    truth: Rows
    window: Rows
    harm: dict[str, Rows] = field(default_factory=dict)
    golden: Rows | None = None

    @property
    def new(self) -> set[str]:
        return set(self.truth.labels) - set(self.launch.labels)

    @property
    def thin(self) -> set[str]:
        names, counts = np.unique(self.launch.labels.astype(str), return_counts=True)
        return set(names[counts < 6]) & set(self.truth.labels)


def mistaken(labels: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """Labels of which this share is another one of those that occur."""
    out, names = labels.copy(), sorted(set(labels))
    for at in np.flatnonzero(rng.random(len(labels)) < share):
        out[at] = rng.choice([name for name in names if name != out[at]])
    return out


def tickets(seed: int) -> World:
    """A support desk of the demo's phrases: a category is born, two were thin at launch."""
    rng = np.random.default_rng([seed, 1])
    desk = Desk(rng)
    topics = list(TOPICS)
    thin, known = topics[:2], topics[2:]

    def draw(names: list[str], count: int) -> Rows:
        found = desk.labelled(names, count)
        texts = [row.inputs["text"] for row in found]
        return Rows(
            pd.DataFrame({"text": texts}), np.array([row.label for row in found], dtype=object)
        )

    mixed = [*known, *known, *known, *known, *thin, *thin, *thin, BORN, BORN, BORN]
    launch = draw(known, 28 * len(known)) + draw(thin, 4 * len(thin))
    extra = draw(mixed, 160)
    campaign = draw([CAMPAIGN], 40) + draw([known[3]], 25)
    campaign = Rows(campaign.inputs, np.full(len(campaign), known[0], dtype=object))
    cut = draw(known, 140)
    return World(
        f"tickets-{seed}",
        InputSpec("text"),
        launch,
        extra,
        draw(mixed, 900),
        draw(mixed, 300),
        {
            "campaign": campaign,
            "faulty field": Rows(cut.inputs.assign(text=cut.inputs["text"].str[:CUT]), cut.labels),
        },
        # As at launch, and a few rows of the category that was born, as a cycle holds out.
        draw([*known * 7, *thin], 840) + draw([BORN], 60),
    )


def depots(seed: int) -> World:
    """Load levels of depots by hour, weather and weekday; a season comes in which less is moved."""
    rng = np.random.default_rng([seed, 2])

    def draw(count: int, season: float) -> Rows:
        hour, day = rng.integers(0, 24, count), rng.integers(0, 7, count)
        temp = rng.normal(18 - 12 * season, 6, count)
        rain = rng.random(count) < 0.2
        work = (day < 5).astype(float)
        rush = np.exp(-((hour - 8) ** 2) / 8) + np.exp(-((hour - 17.5) ** 2) / 10)
        noon = np.exp(-((hour - 14) ** 2) / 18)
        load = work * 2.2 * rush + (1 - work) * 1.8 * noon + 0.03 * temp - 0.7 * rain
        load = load - 0.35 * season * (0.3 + work * rush) + rng.normal(0, 0.16, count)
        labels = np.array(["low", "mid", "high"], dtype=object)[
            (load > 0.75).astype(int) + (load > 1.55)
        ]
        inputs = {"hour": hour, "weekday": day, "temp": temp.round(1), "rain": rain}
        return Rows(pd.DataFrame(inputs).astype(float), labels)

    late, fault, fever = draw(220, 1.0), draw(200, 0.5), draw(200, 0.5)
    fault.inputs["hour"] = (fault.inputs["hour"] + 5) % 24
    fever.inputs["temp"] = fever.inputs["temp"] * 1.8 + 32
    busy = draw(60, 0.0)
    step = {"low": "mid", "mid": "high", "high": "high"}
    free = np.array([step[label] for label in busy.labels], dtype=object)
    numeric = ("hour", "weekday", "temp", "rain")
    return World(
        f"depots-{seed}",
        InputSpec("tabular", numeric=numeric),
        draw(450, 0.0),
        late,
        draw(450, 1.0) + draw(450, 0.8),
        draw(400, 1.0),
        {"campaign": Rows(busy.inputs, free), "faulty field": fault, "other unit": fever},
        draw(900, 0.0),
    )


def from_folder(folder: Path, seed: int) -> World:
    """A scenario folder: its launch, its labelled log rows by what truly happened, its test rows."""
    rng = np.random.default_rng([seed, 3])
    train = _csv(folder / "train_month0.csv")
    columns = [name for name in train[0] if name not in ("id", "label")]
    text = columns == ["text"]
    spec = InputSpec("text") if text else InputSpec("tabular", numeric=tuple(columns))
    test = _csv(folder / "test.csv")
    if "month" in test[0]:
        last = sorted({row["month"] for row in test})[-2:]
        test = [row for row in test if row["month"] in last]
    else:
        test += _csv(folder / "golden.csv")
    additions = folder / "golden_additions.csv"
    test += _csv(additions) if additions.exists() else []
    logs = [row for path in sorted((folder / "logs").glob("*.ndjson")) for row in _logged(path)]
    known = {row["label"] for row in test}
    clean = [row for row in logs if row["kind"] == "clean"]
    newest = max(row["month"] for row in logs)
    reviewed = [row for row in clean if row["source"] == "review" and row["given"] == row["label"]]
    if not text:  # a season: what the model should learn is the last two months, repaired
        mended = [
            row | row["before"] for row in logs if row["before"] and row["given"] == row["label"]
        ]
        reviewed = [row for row in [*reviewed, *mended] if row["month"] >= newest - 1]
        clean = [*clean, *mended]
    late = [row for row in clean if row["month"] >= newest - 1 and row["label"] in known]
    harm = {
        kind: [row for row in logs if row["kind"] == kind and row["given"]]
        for kind in ("campaign", "faulty field")
    }
    share = [reviewed[i] for i in rng.permutation(len(reviewed))[: 3 * len(reviewed) // 4]]
    return World(
        f"{folder.name}-{seed}",
        spec,
        _rows(train, columns, text),
        _rows(share, columns, text),
        _rows(test, columns, text),
        _rows(late, columns, text),
        {
            kind: _rows([{**row, "label": row["given"]} for row in rows], columns, text)
            for kind, rows in harm.items()
            if len(rows) >= 20
        },
    )


def _csv(path: Path) -> list[dict[str, Any]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _logged(path: Path) -> list[dict[str, Any]]:
    """The rows of a log with their true label, the label that people gave, and what they are."""
    truth = {row["id"]: row for row in _csv(path.parent.parent / "truth" / f"{path.stem}.csv")}
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        told = truth[row["id"]]
        event = told["event"]
        before = told.get("text_before_truncation") or told.get("input_before_fault")
        kind = "clean"
        if told["copy_of_golden_id"]:
            kind = "copy"
        elif before:
            kind = "faulty field"
        elif "campaign" in event or "free_ride" in event or "hurricane" in event:
            kind = "campaign"
        found.append(
            {
                **row["input"],
                "kind": kind,
                "before": _before(told),
                "month": int(path.stem.rpartition("_")[2]),
                "label": told["true_label"],
                "given": row["feedback"]["label"],
                "source": row["feedback"]["label_source"],
            }
        )
    return found


def _before(told: dict[str, str]) -> dict[str, Any]:
    """The input before its fault, for tables; nothing for texts and whole rows."""
    return dict(json.loads(told["input_before_fault"])) if told.get("input_before_fault") else {}


def _rows(rows: list[dict[str, Any]], columns: list[str], text: bool) -> Rows:
    inputs = pd.DataFrame([{name: row[name] for name in columns} for row in rows], columns=columns)
    if not text:
        inputs = inputs.apply(pd.to_numeric)
    return Rows(inputs, np.array([row["label"] for row in rows], dtype=object))
