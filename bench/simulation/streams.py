"""Streams of months: which world, which plants at which strength, all from one seed."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd

from bench.simulation import plants_feed, plants_people, plants_world
from bench.simulation.month import Month, make_month
from bench.simulation.plants import Plant
from bench.simulation.strength import REVIEWED, STRENGTHS
from bench.simulation.world import YEAR, Launch, launch_of

Split = Literal["tuning", "final"]

CAUSES: dict[str, tuple[type[Plant], str]] = {
    "mix_shift": (plants_people.MixShift, "harmless"),
    "proxy_inflation": (plants_people.ProxyInflation, "harmless"),
    "label_noise": (plants_people.LabelNoise, "labels"),
    "few_labels": (plants_people.FewLabels, "few"),
    "new_category": (plants_world.NewCategory, "decay"),
    "weak_category": (plants_world.WeakCategory, "decay"),
    "concept_change": (plants_world.ConceptChange, "decay"),
    "transient": (plants_world.Transient, "short"),
    "outage": (plants_world.Outage, "short"),
    "known_event": (plants_world.KnownEvent, "short"),
    "truncated_input": (plants_feed.TruncatedInput, "fault"),
    "missing_values": (plants_feed.MissingValues, "fault"),
    "frozen_field": (plants_feed.FrozenField, "fault"),
    "unit_change": (plants_feed.UnitChange, "fault"),
    "shifted_field": (plants_feed.ShiftedField, "fault"),
    "late_field": (plants_feed.LateField, "fault"),
    "segment_fault": (plants_feed.SegmentFault, "fault"),
    "serving_change": (plants_feed.ServingChange, "fault"),
}
EVERYWHERE = (
    "proxy_inflation label_noise concept_change transient outage known_event segment_fault "
    "serving_change"
)
BY_KIND = {
    "text": (
        *EVERYWHERE.split(),
        "mix_shift",
        "few_labels",
        "new_category",
        "weak_category",
        "truncated_input",
    ),
    "bike": (
        *EVERYWHERE.split(),
        "missing_values",
        "frozen_field",
        "unit_change",
        "shifted_field",
        "late_field",
    ),
    "claims": (
        *(*EVERYWHERE.split(), "mix_shift", "few_labels", "new_category", "weak_category"),
        *("missing_values", "frozen_field", "unit_change"),
    ),
}
# Which two may come together: what can be told apart by anyone.
TOGETHER = {
    frozenset(pair)
    for pair in (
        ("fault", "decay"),
        ("fault", "short"),
        ("fault", "harmless"),
        ("short", "decay"),
        ("short", "harmless"),
        ("decay", "harmless"),
        ("labels", "harmless"),
    )
}
WORLDS = {"text": 10, "bike": 5, "claims": 5}
IN_SEGMENT = {
    "truncated_input": 0.8,
    "unit_change": 0.3,
    "missing_values": 0.3,
    "segment_fault": 1.0,
}
SALT = "whetstone"


@dataclass(frozen=True)
class Stream:
    """A client's first months: which causes enter in which month, and at which strength.

    A strength of None is drawn from STRENGTHS.
    """

    seed: int
    draw: int
    split: Split
    kind: str
    world_seed: int
    first: date
    months: int
    rows: int
    schedule: tuple[tuple[int, str, float | None], ...] = ()
    repaired: bool = False
    """Faults are put right by the end of their month."""

    @property
    def name(self) -> str:
        return f"{self.split}-{self.draw}-{self.seed}"

    @property
    def causes(self) -> tuple[str, ...]:
        return tuple(cause for _, cause, _ in self.schedule)


def split_of(seed: int) -> Split:
    """To which half a seed belongs: by its salted hash, fixed for good."""
    digest = hashlib.sha256(f"{SALT}:{seed}".encode()).digest()
    return "tuning" if digest[0] % 2 == 0 else "final"


def seeds_of(split: Split) -> Iterator[int]:
    """The seeds of one half, without end."""
    seed = 0
    while True:
        if split_of(seed) == split:
            yield seed
        seed += 1


def _rng(seed: int, draw: int, *more: int) -> np.random.Generator:
    return np.random.default_rng([9173, draw, seed, *more])


def stream_of(
    seed: int, *, draw: int = 0, months: int | None = None, quiet: bool = False
) -> Stream:
    """The stream of a seed. ``draw``: another set of streams. ``quiet``: nothing planted at all."""
    rng = _rng(seed, draw)
    split = split_of(seed)
    kind = str(rng.choice(["text", "bike", "claims"], p=[0.5, 0.25, 0.25]))
    world = 1000 * draw + 100 * (split == "final") + int(rng.integers(WORLDS[kind]))
    lead = 1 + int(rng.random() < 0.6)
    length = lead + 1 + int(rng.random() < 0.4)
    first = 1 if months and months > 3 else int(rng.integers(1, 10))
    rows = int(rng.integers(540, 620) if kind == "bike" else rng.integers(300, 601))
    causes = () if quiet else _causes(rng, kind)
    schedule = tuple((lead + 1, cause, None) for cause in causes)
    return Stream(
        seed, draw, split, kind, world, date(YEAR, first, 1), months or length, rows, schedule
    )


def _causes(rng: np.random.Generator, kind: str) -> tuple[str, ...]:
    count = int(rng.choice([0, 1, 2], p=[0.12, 0.6, 0.28]))
    if count == 0:
        return ()
    names = list(BY_KIND[kind])
    one = str(rng.choice(names))
    if count == 1:
        return (one,)
    group = CAUSES[one][1]
    others = [n for n in names if frozenset((group, CAUSES[n][1])) in TOGETHER]
    if kind == "claims":  # its only new kind of claim cannot be born and be a campaign
        both = {"new_category", "transient", "known_event"}
        others = [n for n in others if not {one, n} <= both]
    return (one, str(rng.choice(others))) if others else (one,)


def plant_of(
    cause: str,
    *,
    days: int,
    rng: np.random.Generator,
    launch: Launch,
    strength: float | None = None,
) -> Plant:
    """A plant of this cause with its strength (drawn, if left out), days and segment."""
    made, group = CAUSES[cause]
    drawn = float(rng.choice(STRENGTHS))
    wished = drawn if strength is None else strength
    inside = False
    start = 0 if rng.random() < 0.2 else int(rng.integers(2, max(3, int(days * 0.6))))
    stop, lasts, segment = days, True, None
    if group == "short":
        length = int(rng.integers(1, 4) if cause == "outage" else rng.integers(2, 6))
        late = rng.random() < 0.15
        start = days - length if late else int(rng.integers(1, days - length))
        stop, lasts = start + length, False
    elif group == "fault":
        segments = [(k, v) for k, vs in launch.world.segments.items() for v in vs if v]
        if rng.random() < IN_SEGMENT.get(cause, 0.0):
            segment = segments[int(rng.integers(len(segments)))]
        inside = bool(rng.random() < 0.4)
        lasts = not inside and bool(rng.random() < 0.5)
    elif group in ("labels", "few"):
        start = 0 if group == "few" or rng.random() < 0.6 else start
        wished = max(wished, 1.0) if group == "few" else wished
        lasts = bool(rng.random() < 0.3)
    elif group == "harmless":
        lasts = bool(rng.random() < 0.5)
    plant = made(wished, start, stop, rng, segment=segment)
    plant.details |= {"lasts": lasts, "inside": inside, "whatever": bool(rng.random() < 0.2)}
    return plant


def play(stream: Stream) -> Iterator[tuple[Month, list[Plant]]]:
    """The stream's months in order, each with the plants that are in it."""
    launch = launch_of(stream.kind, stream.world_seed)
    plants: list[Plant] = []
    quiet_rows = 0
    first = pd.Timestamp(stream.first)
    for number in range(1, stream.months + 1):
        start = first + pd.DateOffset(months=number - 1)
        days = start.days_in_month
        plants = [plant for plant in plants if plant.goes_on(days)]
        plants += [
            plant_of(
                cause,
                days=days,
                rng=_rng(stream.seed, stream.draw, 50 + place),
                launch=launch,
                strength=strength,
            )
            for place, (enters, cause, strength) in enumerate(stream.schedule)
            if enters == number
        ]
        if stream.repaired:
            for plant in plants:
                plant.details["lasts"] &= plant.verdict != "fix_upstream"
        rng = _rng(stream.seed, stream.draw, number)
        month = make_month(
            launch,
            number=number,
            first=start.date(),
            n=round(stream.rows * rng.uniform(0.92, 1.08)),
            plants=plants,
            seed=(9173, stream.draw, stream.seed, number),
            reviewed_before=REVIEWED * quiet_rows,
        )
        if not plants:
            quiet_rows += len(month)
        yield month, plants
