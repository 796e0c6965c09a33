"""One month of a made-up client, from its traffic to what people said about the answers."""

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from bench.simulation.people import react
from bench.simulation.strength import REVIEWED
from bench.simulation.world import Launch
from retraining.causes.evidence import Event, Rows

if TYPE_CHECKING:
    from bench.simulation.plants import Plant

REPEATS = 0.02
GOLDEN_COPIES = 8
ERROR = 0.10


@dataclass
class Month:
    """A month in the making; plants change it on the way. All frames share one RangeIndex.

    ``facts``: timestamp, day (0-based), truth, event, score, and how people will react: review
    (chance), error (chance of a wrong label), filed_as (what anyone who labels it writes, if not
    None), accepts (chance that a proxy says yes, NaN: as usual), copy_of. ``clean`` are the inputs
    as they should have been, ``inputs`` as the feed sent them.
    """

    number: int
    first: date
    days: int
    launch: Launch
    rng: np.random.Generator
    reviewed_before: float
    facts: pd.DataFrame
    clean: pd.DataFrame
    inputs: pd.DataFrame = field(default_factory=pd.DataFrame)
    context: pd.DataFrame = field(default_factory=pd.DataFrame)
    answers: pd.DataFrame = field(default_factory=pd.DataFrame)
    feedback: pd.DataFrame = field(default_factory=pd.DataFrame)
    events: list[Event] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.facts)

    def between(self, start: int, stop: int) -> np.ndarray:
        """Which rows are of the days from ``start`` to before ``stop``."""
        day = self.facts["day"].to_numpy(dtype=int)
        return (day >= start) & (day < stop)

    def date_of(self, day: int) -> date:
        return (pd.Timestamp(self.first) + pd.Timedelta(days=day)).date()

    def redraw(self, rows: np.ndarray, wanted: np.ndarray, event: str) -> None:
        """Other rows of these categories at the places ``rows`` (numbers)."""
        if not len(rows):
            return
        stamps = self.facts["timestamp"].iloc[rows].reset_index(drop=True)
        sample = self.launch.world.sample(self.rng, stamps, wanted)
        for column in self.clean.columns:
            values = self.clean[column].to_numpy(copy=True)
            values[rows] = sample.inputs[column].to_numpy()
            self.clean[column] = values
        self.set(rows, truth=sample.truth, score=sample.score, event=event)

    def add(self, days: np.ndarray, wanted: np.ndarray, event: str) -> np.ndarray:
        """More rows on these days; their numbers, at the end (order is made later)."""
        n = len(days)
        old = len(self)
        base = pd.Timestamp(self.first, tz="UTC")
        seconds = np.sort(self.rng.integers(6 * 3600, 22 * 3600, size=n))
        stamps = pd.Series(base + pd.to_timedelta(np.sort(days) * 86400 + seconds, unit="s"))
        sample = self.launch.world.sample(self.rng, stamps, wanted)
        self.facts = pd.concat(
            [self.facts, _facts(stamps, base, sample.truth, sample.score)], ignore_index=True
        )
        self.clean = pd.concat([self.clean, sample.inputs], ignore_index=True)
        rows = np.arange(old, old + n)
        self.set(rows, event=event)
        return rows

    def set(self, rows: np.ndarray, **columns: object) -> None:
        """Write facts at these rows (numbers)."""
        for name, values in columns.items():
            column = self.facts[name].to_numpy(copy=True)
            column[rows] = values
            self.facts[name] = column

    def answered(self, inputs: pd.DataFrame | None = None) -> np.ndarray:
        """The live model's answers to these inputs; those as they truly are, if left out."""
        return self.launch.model.predict(self.clean if inputs is None else inputs)[0]

    def rows(self) -> Rows:
        """The month as the diagnosis takes it."""
        stamps = self.facts["timestamp"]
        table = pd.DataFrame(
            {
                "id": self.facts["id"],
                "timestamp": stamps,
                "day": stamps.dt.date.astype(object),
                "prediction": self.answers["prediction"],
                "confidence": self.answers["confidence"],
                "label": self.feedback["label"],
                "label_source": self.feedback["label_source"],
                "thumbs": self.feedback["thumbs"],
                "replayed": np.zeros(len(self), dtype=bool),
            }
        )
        return Rows(table, self.inputs, self.context, self.feedback[["clicked"]].astype(object))


def _facts(
    stamps: pd.Series, base: pd.Timestamp, truth: np.ndarray, score: np.ndarray
) -> pd.DataFrame:
    n = len(stamps)
    return pd.DataFrame(
        {
            "timestamp": stamps,
            "day": (stamps - base).dt.days.to_numpy(dtype=int),
            "truth": pd.Series(truth, dtype=object),
            "event": pd.Series(["ordinary"] * n, dtype=object),
            "score": score,
            "review": np.full(n, REVIEWED),
            "error": np.full(n, ERROR),
            "filed_as": pd.Series([None] * n, dtype=object),
            "accepts": np.full(n, np.nan),
            "copy_of": pd.Series([""] * n, dtype=object),
        }
    )


def make_month(
    launch: Launch,
    *,
    number: int,
    first: date,
    n: int,
    plants: "list[Plant]",
    seed: tuple[int, ...],
    reviewed_before: float,
) -> Month:
    """A month of about ``n`` rows with these plants in it; the same for the same arguments.

    ``reviewed_before``: about how many reviewed rows the months before it hold.
    """
    rng = np.random.default_rng(list(seed))
    base = pd.Timestamp(first, tz="UTC")
    days = base.days_in_month
    stamps = launch.world.stamps(rng, base, days, n)
    sample = launch.world.sample(rng, stamps, np.full(len(stamps), None, dtype=object))
    facts = _facts(stamps, base, sample.truth, sample.score)
    month = Month(number, first, days, launch, rng, reviewed_before, facts, sample.inputs)
    for plant in plants:
        plant.traffic(month)
    _repeat(month)
    if rng.random() < 0.3:
        _copy_golden(month)
    _in_order(month)
    month.context = _context(month)
    for plant in plants:
        plant.world(month)
    month.inputs = month.clean.copy()
    for plant in plants:
        plant.feed(month)
    predictions, confidences = launch.model.predict(month.inputs)
    month.answers = pd.DataFrame({"prediction": predictions, "confidence": confidences})
    for plant in plants:
        plant.serve(month)
    for plant in plants:
        plant.people(month)
    known = (*launch.world.established, *launch.world.thin)
    month.feedback = react(
        month.facts, month.answers["prediction"].to_numpy(dtype=object), known, rng
    )
    return month


def _repeat(month: Month) -> None:
    """People who ask the same again, later on the same day."""
    if month.launch.world.task != "text":
        return
    rows = month.rng.choice(len(month), size=round(REPEATS * len(month)), replace=False)
    again = month.facts.iloc[rows].copy()
    later = again["timestamp"] + pd.Timedelta(minutes=40)
    inside = (later.dt.day == again["timestamp"].dt.day).to_numpy(dtype=bool)
    again["timestamp"] = later
    again["event"] = np.where(again["event"] == "ordinary", "repeat", again["event"])
    month.facts = pd.concat([month.facts, again[inside]], ignore_index=True)
    month.clean = pd.concat([month.clean, month.clean.iloc[rows[inside]]], ignore_index=True)


def _copy_golden(month: Month) -> None:
    """Rows of the golden set that come back in the log, most of them with labels."""
    golden = month.launch.golden
    chosen = month.rng.choice(len(golden.truth), size=GOLDEN_COPIES, replace=False)
    rows = month.rng.choice(len(month), size=GOLDEN_COPIES, replace=False)
    rows = rows[(month.facts["event"] == "ordinary").to_numpy(dtype=bool)[rows]]
    chosen = chosen[: len(rows)]
    # The clock is that of the row that comes back, not of now: a table's fields would contradict it.
    if month.launch.world.task != "text":
        return
    for column in month.clean.columns:
        values = month.clean[column].to_numpy(copy=True)
        values[rows] = golden.inputs[column].to_numpy()[chosen]
        month.clean[column] = values
    names = np.array([f"g-{number:04d}" for number in chosen], dtype=object)
    month.set(rows, truth=golden.truth[chosen], event="golden_copy", copy_of=names)


def _in_order(month: Month) -> None:
    order = np.argsort(month.facts["timestamp"].to_numpy(), kind="stable")
    month.facts = month.facts.iloc[order].reset_index(drop=True)
    month.clean = month.clean.iloc[order].reset_index(drop=True)
    month.facts.insert(0, "id", [f"m{month.number}-{i:04d}" for i in range(len(month.facts))])


def _context(month: Month) -> pd.DataFrame:
    """Segments; a version belongs to one value of the first key, as an app's does to mobile."""
    segments = month.launch.world.segments
    keys = list(segments)
    n = len(month)
    found = {}
    main = month.rng.integers(len(segments[keys[0]]), size=n)
    for key in keys:
        values = np.array([value or None for value in segments[key]], dtype=object)
        own = "version" in key
        found[key] = values[
            main if own or key == keys[0] else month.rng.integers(len(values), size=n)
        ]
    return pd.DataFrame({key: pd.Series(values, dtype=object) for key, values in found.items()})
