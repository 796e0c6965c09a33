"""Plants in what the model is sent and what is served: faults upstream."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from bench.simulation.bike_world import WEATHER, BikeWorld
from bench.simulation.month import Month
from bench.simulation.plants import BELOW, Plant
from bench.simulation.strength import FAULTY_ROWS, MATTERS

# Inputs of the rows that are hit, and their numbers in the month, to what is sent instead.
Break = Callable[[pd.DataFrame, np.ndarray], pd.DataFrame]


@dataclass(frozen=True)
class Way:
    """One way to break the feed: the inputs of the rows that are hit, as they are then sent."""

    name: str
    fields: tuple[str, ...]
    broken: Break


class FeedFault(Plant):
    """Inputs of some days (of one segment) arrive wrong, in a way that mostly matters.

    Its strength is the share of the month's answers that it changes, in multiples of MATTERS; its
    days follow from that.
    """

    verdict = "fix_upstream"

    def ways(self, month: Month) -> Sequence[Way]:
        """The ways in which this fault can come, in this world."""
        raise NotImplementedError

    def feed(self, month: Month) -> None:
        before = month.answered(month.inputs)
        ways = {way.name: way for way in self.ways(month)}
        if "way" not in self.details:
            self._choose(month, ways, before)
        way, rows = ways[str(self.details["way"])], np.flatnonzero(self.hit(month))
        month.inputs = _with(month.inputs, rows, way.broken(month.inputs.iloc[rows].copy(), rows))
        self.fields = way.fields
        self.told(month, rows, changed=month.answered(month.inputs) != before)

    def hit(self, month: Month) -> np.ndarray:
        """Which rows arrive wrong."""
        return self.rows(month) & self.among(month)

    def among(self, month: Month) -> np.ndarray:
        """Which rows are of the fault's segment, on any day."""
        if self.segment is None:
            return np.ones(len(month), dtype=bool)
        key, value = self.segment
        return (month.context[key] == value).to_numpy(dtype=bool)

    def _choose(self, month: Month, ways: dict[str, "Way"], before: np.ndarray) -> None:
        """A way that changes answers, if there is one, and as many days as the strength asks for."""
        rows = np.flatnonzero(self.among(month))
        rates = {}
        for name in self.rng.permutation(sorted(ways)):
            broken = ways[name].broken(month.inputs.iloc[rows].copy(), rows)
            answers = month.answered(_with(month.inputs, rows, broken))
            rates[str(name)] = float((answers != before)[rows].mean())
            if rates[str(name)] >= 0.15 or self.details.get("whatever"):
                break
        way = max(rates, key=lambda name: rates[name])
        self.details["way"] = way
        self.last_for(month, rate=rates[way], per_day=len(rows) / month.days)

    def last_for(self, month: Month, *, rate: float, per_day: float) -> None:
        """Set the days: ``rate`` of the rows hit get another answer, ``per_day`` are hit."""
        wanted = 1.15 * self.wished * MATTERS * len(month) / max(rate, 0.01)
        length = int(np.ceil(max(wanted, FAULTY_ROWS) / per_day))
        if length >= month.days - 1:
            self.start, self.stop = 0, month.days
        elif self.details.get("inside"):
            self.start = int(self.rng.integers(1, month.days - length))
            self.stop = self.start + length
        else:
            self.start, self.stop = month.days - length, month.days

    def told(self, month: Month, rows: np.ndarray, *, changed: np.ndarray) -> None:
        """Keep how strong it came out, in multiples of what matters."""
        effect = float(changed.mean())
        self.details |= {"effect": round(effect, 4), "rows": len(rows)}
        self.realized = effect / MATTERS
        events = month.facts["event"].to_numpy(dtype=object)[rows]
        joined = [self.cause if e == "ordinary" else f"{e}+{self.cause}" for e in events]
        month.set(rows, event=np.array(joined, dtype=object))

    def right(self) -> frozenset[str]:
        """A fault that moves next to nothing is only listed; up to twice the bound both are right."""
        if self.realized < 0.5:
            return frozenset({"no_action"})
        if self.realized < 1:
            return BELOW | {"fix_upstream"}
        return frozenset({"fix_upstream"} if self.realized >= 2 else {"fix_upstream", "no_action"})


class TruncatedInput(FeedFault):
    """An app sends the first characters only."""

    cause = "truncated_input"

    def ways(self, month: Month) -> Sequence[Way]:
        return [Way(str(n), ("text",), _cut(n)) for n in (12, 16, 20, 24)]


class MissingValues(FeedFault):
    """A field comes empty in half of the rows or more."""

    cause = "missing_values"

    def ways(self, month: Month) -> Sequence[Way]:
        share = float(self.details.setdefault("share", self.rng.uniform(0.5, 1)))

        def emptied(name: str) -> Break:
            def broken(frame: pd.DataFrame, rows: np.ndarray) -> pd.DataFrame:
                gone = month.rng.random(len(frame)) < share
                return frame.assign(**{name: frame[name].where(~gone, None)})

            return broken

        return [Way(name, (name,), emptied(name)) for name in month.launch.world.feed.emptied]


class FrozenField(FeedFault):
    """A field stands at the value that it had when it died."""

    cause = "frozen_field"

    def ways(self, month: Month) -> Sequence[Way]:
        feed = month.launch.world.feed
        found = []
        for name in feed.freezing:
            fields = feed.together.get(name, (name,))
            values = self.details.setdefault(
                f"stands {name}",
                month.clean[list(fields)].iloc[len(month) // 2].to_dict(),
            )
            if name == "workingday":
                values = {"workingday": 1.0, "holiday": 0.0}
            found.append(Way(name, fields, _standing(values)))
        return found


class UnitChange(FeedFault):
    """A field comes in another unit under the same name."""

    cause = "unit_change"

    def ways(self, month: Month) -> Sequence[Way]:
        feed = month.launch.world.feed
        return [
            Way(f"{name} {unit}", fields, _converted(fields, factor, offset))
            for name, units in feed.units.items()
            for unit, factor, offset in units
            for fields in (feed.together.get(name, (name,)),)
        ]


class ShiftedField(FeedFault):
    """The hour comes in another time zone."""

    cause = "shifted_field"

    def ways(self, month: Month) -> Sequence[Way]:
        def moved(name: str, step: int, cycle: int) -> Break:
            return lambda frame, rows: frame.assign(**{name: (frame[name] + step) % cycle})

        return [
            Way(f"{name} {step:+d}", (name,), moved(name, step, cycle))
            for name, cycle in month.launch.world.feed.clock
            for step in (-8, -5, -4, 3, 5, 6, 8)
        ]


class LateField(FeedFault):
    """The weather comes hours or days late."""

    cause = "late_field"

    def ways(self, month: Month) -> Sequence[Way]:
        world = month.launch.world
        assert isinstance(world, BikeWorld)
        stamps = month.facts["timestamp"]

        def late(hours: int, names: tuple[str, ...]) -> Break:
            old = world.rows_at(stamps - pd.Timedelta(hours=hours))
            return lambda frame, rows: frame.assign(**{n: old[n].to_numpy()[rows] for n in names})

        temps = ("temp_c", "feels_like_c")
        return [
            Way(f"{kind} {hours}", names, late(hours, names))
            for hours in (6, 12, 48, 72)
            for kind, names in (("weather", WEATHER), ("temp", temps))
        ]


class SegmentFault(FeedFault):
    """One segment's rows come garbled: letters turned round, or two fields swapped."""

    cause = "segment_fault"

    def ways(self, month: Month) -> Sequence[Way]:
        if month.launch.world.task == "text":
            turned = lambda frame, rows: frame.assign(text=[t[::-1] for t in frame["text"]])  # noqa: E731
            marks = lambda frame, rows: frame.assign(  # noqa: E731
                text=frame["text"].str.replace(r"[aeo]", "?", regex=True)
            )
            return [Way("reversed", ("text",), turned), Way("vowels lost", ("text",), marks)]
        return [
            Way(f"{a} with {b}", (a, b), _swapped(a, b)) for a, b in month.launch.world.feed.swapped
        ]


class ServingChange(FeedFault):
    """Since a day the service answers otherwise than the live version would: inputs are misread."""

    cause = "serving_change"

    def feed(self, month: Month) -> None:
        """What is sent is in order."""

    def serve(self, month: Month) -> None:
        share = float(self.details.setdefault("share", self.rng.uniform(0.6, 1)))
        misread = month.inputs.copy()
        if month.launch.world.task == "text":
            misread["text"] = misread["text"].str[:18]
        else:
            a, b = month.launch.world.feed.swapped[0]
            misread = _swapped(a, b)(misread, np.arange(len(month)))
        answers, confidences = month.launch.model.predict(misread)
        differ = month.answers["prediction"].to_numpy(dtype=object) != answers
        if "days" not in self.details:
            self.details["days"] = True
            self.last_for(month, rate=share * differ.mean(), per_day=len(month) / month.days)
        rows = np.flatnonzero(self.rows(month) & (month.rng.random(len(month)) < share))
        columns = {n: month.answers[n].to_numpy(copy=True) for n in ("prediction", "confidence")}
        columns["prediction"][rows], columns["confidence"][rows] = answers[rows], confidences[rows]
        month.answers = pd.DataFrame(columns)
        self.told(month, rows, changed=differ & np.isin(np.arange(len(month)), rows))


def _with(inputs: pd.DataFrame, rows: np.ndarray, broken: pd.DataFrame) -> pd.DataFrame:
    """``inputs`` with the rows ``rows`` (numbers) as ``broken`` has them."""
    columns = {}
    for name in inputs.columns:
        values = inputs[name].to_numpy(copy=True)
        values[rows] = broken[name].to_numpy()
        columns[name] = pd.Series(values, dtype=inputs[name].dtype)
    return pd.DataFrame(columns)


def _standing(values: dict[str, Any]) -> Break:
    return lambda frame, rows: frame.assign(**values)


def _cut(length: int) -> Break:
    return lambda frame, rows: frame.assign(text=frame["text"].str[:length])


def _converted(fields: tuple[str, ...], factor: float, offset: float) -> Break:
    return lambda frame, rows: frame.assign(
        **{name: (frame[name].astype(float) * factor + offset).round(4) for name in fields}
    )


def _swapped(a: str, b: str) -> Break:
    return lambda frame, rows: frame.assign(**{a: frame[b].to_numpy(), b: frame[a].to_numpy()})
