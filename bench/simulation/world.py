"""What every made-up client has, and its launch model, trained once a process by the real learner."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

import numpy as np
import pandas as pd

from retraining.learners.base import InputSpec, Model
from retraining.learners.registry import default_learner
from retraining.learners.selection import train_candidate

Values = Callable[[np.ndarray], np.ndarray]
YEAR = 2025
"""Streams run in this year; launch models learned from rows of the year before."""
WHOLE_YEAR = pd.Timestamp(year=YEAR - 1, month=1, day=1, tz="UTC")


@dataclass(frozen=True)
class Sample:
    """Rows as they truly are. ``score`` is what lies behind an ordered label (NaN for text)."""

    inputs: pd.DataFrame
    truth: np.ndarray
    score: np.ndarray

    def where(self, keep: np.ndarray) -> "Sample":
        return Sample(
            self.inputs.iloc[keep].reset_index(drop=True), self.truth[keep], self.score[keep]
        )


@dataclass(frozen=True)
class Feed:
    """How a table's fields can break: conversions by field, fields that lag, freeze or go empty."""

    units: dict[str, tuple[tuple[str, float, float], ...]] = field(default_factory=dict)
    """Field: (name of the conversion, factor, offset): sent = factor * true + offset."""
    together: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Fields that one device sends, so that its fault hits them all."""
    clock: tuple[tuple[str, int], ...] = ()
    """Fields that follow the timestamp, and their cycle."""
    lagging: tuple[str, ...] = ()
    freezing: tuple[str, ...] = ()
    emptied: tuple[str, ...] = ()
    swapped: tuple[tuple[str, str], ...] = ()


class World(Protocol):
    """A client: how its rows come about. Everything follows from ``seed``."""

    name: str
    seed: int
    task: str
    spec: InputSpec
    established: tuple[str, ...]
    thin: tuple[str, ...]
    unborn: tuple[str, ...]
    feed: Feed
    segments: dict[str, tuple[str, ...]]

    def sample(self, rng: np.random.Generator, stamps: pd.Series, wanted: np.ndarray) -> Sample:
        """A row for each instant, of the wanted category where one is given (else None)."""

    def stamps(self, rng: np.random.Generator, first: pd.Timestamp, days: int, n: int) -> pd.Series:
        """About ``n`` instants in order, in the half-open stretch of days."""

    def level(self, score: np.ndarray) -> np.ndarray:
        """The ordered label that a score means; only tables have it."""


@dataclass(frozen=True)
class Launch:
    """A world with the model that it launched with."""

    world: World
    model: Model
    training: pd.DataFrame
    labels: np.ndarray
    golden: Sample
    test: Sample

    @property
    def golden_accuracy(self) -> float:
        return self.accuracy(self.golden)

    def accuracy(self, sample: Sample) -> float:
        """Share of right answers to rows as they truly are."""
        return float((self.model.predict(sample.inputs)[0] == sample.truth).mean())

    def accuracy_of(self, category: str) -> float:
        """Share of right answers to the test rows of one category."""
        return self.accuracy(self.test.where(np.flatnonzero(self.test.truth == category)))


def launched(
    world: World,
    *,
    train: int,
    golden: int = 100,
    test: int = 700,
    first: pd.Timestamp = WHOLE_YEAR,
    days: int = 366,
) -> Launch:
    """The world's launch: a training set, a golden set and the product's model of it.

    Its rows are of ``days`` days from ``first`` on.
    """
    rng = np.random.default_rng([world.seed, 1])
    spread = world.stamps(rng, first, days, 3 * (train + golden + test))
    order = rng.permutation(len(spread))
    pools = {}
    taken = 0
    for name, n in (("train", train), ("golden", golden), ("test", test)):
        stamps = spread.iloc[np.sort(order[taken : taken + n])].reset_index(drop=True)
        taken += n
        wanted = np.full(n, None, dtype=object)
        if name == "train" and world.thin:
            few = rng.permutation(n)[: len(world.thin)]
            wanted[few] = np.resize(np.array(world.thin, dtype=object), len(few))
        elif name == "test" and world.thin:
            wanted[: 25 * len(world.thin)] = np.repeat(np.array(world.thin, dtype=object), 25)
        pools[name] = world.sample(rng, stamps, wanted)
    rows = pools["train"]
    trained = train_candidate(
        learner=default_learner("text" if world.task == "text" else "tabular"),
        checkpoint=None,
        inputs=rows.inputs,
        labels=rows.truth,
        spec=world.spec,
        seed=world.seed % 1000,
    )
    return Launch(world, trained.model, rows.inputs, rows.truth, pools["golden"], pools["test"])


@lru_cache(maxsize=64)
def launch_of(kind: str, seed: int) -> Launch:
    """The launch of one world of a kind; the same for the same seed.

    Kinds: text, bike, claims, and spring: a bike hire that launched on two warm months' rows, in a
    place where autumn and winter hurt.
    """
    # Imported here, as worlds are made of what stands above.
    from bench.simulation.bike_world import BikeWorld
    from bench.simulation.claims_world import ClaimsWorld
    from bench.simulation.text_world import TextWorld

    if kind == "text":
        return launched(TextWorld(seed), train=420)
    if kind == "bike":
        return launched(BikeWorld(seed), train=900)
    if kind == "spring":
        world = BikeWorld(seed, swing=(10, 13))
        may = pd.Timestamp(year=YEAR, month=5, day=1, tz="UTC")
        return launched(world, train=500, golden=100, test=600, first=may, days=61)
    return launched(ClaimsWorld(seed), train=500)
