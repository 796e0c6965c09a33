"""Rows of production on their way to files: answered, reacted to, written."""

import csv
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np

from agency.demodata.people import Habits, reactions
from agency.demodata.standin import Input, StandIn, Value

TRUTH_COLUMNS = ("id", "true_label", "event", "label_is_wrong", "input_before_fault")


@dataclass(frozen=True)
class Row:
    """One row of production before anybody reacted to it.

    ``event`` names what is special about it ("" for ordinary rows), ``belief`` what staff hold
    to be right where that is not the truth, ``before`` the input as it was before a fault.
    """

    at: datetime
    inputs: Input
    context: Mapping[str, str | None]
    truth: str
    event: str = ""
    belief: str | None = None
    before: Input | None = None


@dataclass(frozen=True)
class Labelled:
    """An input with its label: a row of a training or golden set."""

    inputs: Input
    label: str


def stream(seed: int, *purpose: str) -> np.random.Generator:
    """A generator for one purpose: more draws for one never move another's numbers."""
    return np.random.default_rng([seed, zlib.crc32("/".join(purpose).encode())])


def write_dataset(*, path: Path, prefix: str, rows: Sequence[Labelled]) -> Path:
    """Write ``id``, the input columns and ``label`` as CSV."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(["id", *rows[0].inputs, "label"])
        for number, row in enumerate(rows):
            writer.writerow([f"{prefix}-{number:04d}", *row.inputs.values(), row.label])
    return path


@dataclass
class Production:
    """Writes a client's months in order and remembers what people labelled.

    The stand-in starts out fitted on the training set; ``learn_labels`` refits it with every
    label so far, as the service will have done by then, so that later feedback is plausible.
    """

    folder: Path
    seed: int
    task: str
    habits: Habits
    train: Sequence[Labelled]
    logs: dict[str, list[Path]] = field(default_factory=dict)
    truth: dict[str, Path] = field(default_factory=dict)
    labelled: list[Labelled] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.standin = StandIn(task=self.task)
        self.learn_labels()

    def learn_labels(self) -> None:
        """Refit the stand-in on the training set and all labels so far."""
        rows = [*self.train, *self.labelled]
        self.standin.fit(inputs=[row.inputs for row in rows], labels=[row.label for row in rows])

    def record(
        self,
        *,
        month: str,
        rows: Iterable[Row],
        categories: Sequence[str],
        automatic: bool = False,
    ) -> None:
        """Answer, react to and write one month. ``automatic``: the proxy sets itself."""
        ordered = sorted(rows, key=lambda row: row.at)
        found = reactions(
            truths=[row.truth for row in ordered],
            beliefs=[row.belief or row.truth for row in ordered],
            answers=self.standin.answers([row.inputs for row in ordered]),
            categories=categories,
            habits=self.habits,
            automatic_proxy=automatic,
            rng=stream(self.seed, str(self.folder.name), "people", month),
        )
        lines: list[str] = []
        truths: list[list[Value]] = []
        for number, (row, reaction) in enumerate(zip(ordered, found, strict=True)):
            name = f"{month}-{number:04d}"
            feedback = {
                "label": reaction.label,
                "label_source": reaction.label_source,
                "thumbs": reaction.thumbs,
                self.habits.proxy: reaction.proxy,
            }
            log = {
                "id": name,
                "timestamp": row.at.isoformat(),
                "input": dict(row.inputs),
                "context": dict(row.context),
                "feedback": feedback,
            }
            lines.append(json.dumps(log, ensure_ascii=False))
            wrong = int(reaction.label is not None and reaction.label != row.truth)
            before = json.dumps(dict(row.before), ensure_ascii=False) if row.before else ""
            truths.append([name, row.truth, row.event, wrong, before])
            if reaction.label is not None:
                self.labelled.append(Labelled(row.inputs, reaction.label))
        self._write(month=month, lines=lines, truths=truths)

    def _write(self, *, month: str, lines: list[str], truths: list[list[Value]]) -> None:
        logs = self.folder / "logs" / f"{month}.ndjson"
        truth = self.folder / "truth" / f"{month}.csv"
        for path in (logs, truth):
            path.parent.mkdir(parents=True, exist_ok=True)
        logs.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        with truth.open("w", newline="", encoding="utf-8") as handle:
            writer = csv.writer(handle, lineterminator="\n")
            writer.writerow(TRUTH_COLUMNS)
            writer.writerows(truths)
        self.logs[month] = [logs]
        self.truth[month] = truth
