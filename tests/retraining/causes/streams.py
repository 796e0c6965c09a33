"""Seeded months of made-up production for causes to look at, quiet unless a test breaks them.

The model is a stub: it reads a keyword (text) or three fields (tabular), so that answering costs
nothing, and the world agrees with it on about 85% of the rows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from retraining.causes.evidence import Evidence, Rows
from retraining.learners.base import InputSpec
from retraining.policy import Policy

ZONE = "Europe/Berlin"
AGREES = 0.85
KINDS = ("card", "loan", "fees", "login", "limit", "abroad")
LEVELS = ("low", "mid", "high")
TEXT = InputSpec("text")
TABLE = InputSpec(
    "tabular",
    numeric=("hour", "weekday", "temp", "wind", "workingday", "holiday"),
    categorical=("site",),
)
# Days on which the calendar of the made-up bike hire says holiday.
HOLIDAYS = {(1, 1), (5, 1), (10, 3), (12, 25), (12, 26)}
SMALL_TALK = "please could you look into this for me as soon as you can thank you".split()


@dataclass(frozen=True)
class Stream:
    """A month, the months before it and the training set, before any fault."""

    task: str
    month: date
    now: Rows
    before: Rows
    training: pd.DataFrame
    labels: np.ndarray
    predict: Callable
    seed: int

    @property
    def days(self) -> tuple[date, ...]:
        following = (self.month + timedelta(days=32)).replace(day=1)
        return tuple(self.month + timedelta(days=i) for i in range((following - self.month).days))

    def evidence(self, **changes) -> Evidence:
        """The stream as causes take it."""
        values = {
            "policy": Policy(),
            "spec": TEXT if self.task == "text" else TABLE,
            "categories": KINDS if self.task == "text" else LEVELS,
            "days": self.days,
            "now": self.now,
            "before": self.before,
            "healthy": np.ones(len(self.before), dtype=bool),
            "training_inputs": self.training,
            "training_labels": self.labels,
            "predict": self.predict,
            "golden_accuracy": AGREES,
            "seed": self.seed,
            "timezone": ZONE,
        }
        return Evidence(**values | changes)

    def with_inputs(self, change: Callable[[pd.DataFrame, pd.Series], pd.DataFrame]) -> "Stream":
        """The month with inputs that ``change(inputs, days)`` gives, answered again.

        What is right stays what it was: labels don't follow the fault.
        """
        rows = self.now.rows.copy()
        inputs = change(self.now.inputs.copy(), rows["day"])
        rows["prediction"], rows["confidence"] = self.predict(inputs)
        return replace(self, now=Rows(rows, inputs, self.now.context, self.now.signals))

    def with_rows(self, **columns) -> "Stream":
        """The month with other labels, sources or signals."""
        signals = self.now.signals.assign(**columns.pop("signals", {}))
        rows = self.now.rows.assign(**columns)
        return replace(self, now=Rows(rows, self.now.inputs, self.now.context, signals))


def answer_text(inputs: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The first keyword that the text holds; without one the first kind, unsure."""
    found = [
        min((kind for kind in KINDS if kind in text), key=text.index, default=None)
        for text in inputs["text"]
    ]
    answers = np.array([kind or KINDS[0] for kind in found], dtype=object)
    return answers, np.array([0.9 if kind else 0.3 for kind in found])


def answer_table(inputs: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Warm rush hours of working days are high."""
    hour, temp = inputs["hour"].to_numpy(float), inputs["temp"].to_numpy(float)
    working = inputs["workingday"].to_numpy(float)
    rush = np.isin(hour, (7, 8, 9, 16, 17, 18))
    score = np.where(rush, 1.0, 0.0) * np.where(working > 0.5, 1.2, 0.4) + np.nan_to_num(temp) / 25
    level = np.where(score > 1.5, 2, np.where(score > 0.7, 1, 0))
    return np.array(LEVELS, dtype=object)[level], np.full(len(inputs), 0.8)


def _texts(rng: np.random.Generator, n: int, mix: np.ndarray) -> pd.DataFrame:
    texts = []
    for kind in rng.choice(KINDS, size=n, p=mix):
        words = list(rng.choice(SMALL_TALK, size=rng.integers(4, 14)))
        # Half of them come to the point late, past what a cut leaves.
        words.insert(0 if rng.random() < 0.5 else len(words), f"my {kind}")
        texts.append(f"{' '.join(words)} {rng.integers(1000)}")
    return pd.DataFrame({"text": pd.Series(texts, dtype=object)})


def _table(rng: np.random.Generator, stamps: pd.Series, weather: dict[date, float]) -> pd.DataFrame:
    local = stamps.dt.tz_convert(ZONE)
    days = local.dt.date
    holiday = np.array([float((d.month, d.day) in HOLIDAYS) for d in days])
    weekday = local.dt.day_of_week.to_numpy(float)
    hour = local.dt.hour.to_numpy(float)
    temp = np.array([weather[d] for d in days]) + 4 * np.sin((hour - 9) / 24 * 2 * np.pi)
    return pd.DataFrame(
        {
            "hour": hour,
            "weekday": weekday,
            "temp": np.round(temp + rng.normal(0, 1, len(days)), 1),
            "wind": np.round(rng.gamma(4, 3, len(days)), 1),
            "workingday": np.where((weekday < 5) & (holiday == 0), 1.0, 0.0),
            "holiday": holiday,
            "site": pd.Series(rng.choice(["north", "south"], len(days)), dtype=object),
        }
    )


def _weather(rng: np.random.Generator, first: date, count: int, swing: float) -> dict[date, float]:
    """Degrees Celsius a day: a season that swings so far, and weather that lasts some days."""
    found, mood = {}, 0.0
    for offset in range(count):
        day = first + timedelta(days=offset)
        season = 11 + swing * np.sin((day.timetuple().tm_yday - 105) / 365 * 2 * np.pi)
        mood = 0.7 * mood + rng.normal(0, 2)
        found[day] = float(season + mood)
    return found


def _rows(
    rng: np.random.Generator, task: str, first: date, count: int, n: int, weather, mix
) -> Rows:
    start = datetime.combine(first, datetime.min.time(), tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
    end = datetime.combine(
        first + timedelta(days=count), datetime.min.time(), tzinfo=ZoneInfo(ZONE)
    ).astimezone(UTC)
    seconds = np.sort(rng.uniform(0, (end - start).total_seconds() - 1, size=n))
    stamps = pd.Series(pd.to_datetime([start + timedelta(seconds=s) for s in seconds], utc=True))
    names = KINDS if task == "text" else LEVELS
    shares = np.array(mix, dtype=float) / np.sum(mix)
    inputs = _texts(rng, n, shares) if task == "text" else _table(rng, stamps, weather)
    answers, confidences = (answer_text if task == "text" else answer_table)(inputs)
    truth = np.where(rng.random(n) < AGREES, answers, rng.choice(names, size=n))
    review = rng.random(n) < 0.2
    override = ~review & (rng.random(n) < np.where(truth != answers, 0.35, 0.01))
    slip = rng.random(n) < 0.05
    said = np.where(slip, rng.choice(names, size=n), truth)
    channel = rng.choice(["web", "mobile", "email"], size=n)
    thumbs = np.where(rng.random(n) < 0.15, np.where(truth == answers, "up", "down"), None)
    rows = pd.DataFrame(
        {
            "id": [f"{first:%y%m}-{i:04d}" for i in range(n)],
            "timestamp": stamps,
            "day": stamps.dt.tz_convert(ZONE).dt.date.astype(object),
            "prediction": answers,
            "confidence": confidences,
            "label": pd.Series(np.where(review | override, said, None), dtype=object),
            "label_source": pd.Series(
                np.where(review, "review", np.where(override, "override", None)), dtype=object
            ),
            "thumbs": pd.Series(thumbs, dtype=object),
            "replayed": np.zeros(n, dtype=bool),
        }
    )
    context = pd.DataFrame(
        {
            "channel": pd.Series(channel, dtype=object),
            "app": pd.Series(np.where(channel == "mobile", "4.1", None), dtype=object),
        }
    )
    clicked = rng.random(n) < np.where(truth == answers, 0.7, 0.4)
    return Rows(rows, inputs, context, pd.DataFrame({"clicked": clicked}))


def quiet(
    task: str,
    *,
    seed: int,
    month: date | None = None,
    n: int = 380,
    swing: float = 10.0,
    mix: Sequence[float] = tuple(np.linspace(1.5, 0.7, len(KINDS))),
) -> Stream:
    """A month in which nothing happened, after two others; without ``month`` any of a year.

    ``swing`` is how far the seasons carry the temperature; they move the mix of answers too.
    ``mix`` are the weights of the kinds of a text month, of the months before it too.
    """
    rng = np.random.default_rng([seed, task == "text"])
    month = month or date(2025, int(rng.integers(1, 13)), 1)
    first = (month - timedelta(days=40)).replace(day=1)
    following = (month + timedelta(days=32)).replace(day=1)
    # The training set is of the year before, as a season of its own would be a change.
    weather = _weather(rng, month - timedelta(days=400), 470, swing)
    earlier = _rows(rng, task, first, (month - first).days, 2 * n, weather, mix)
    now = _rows(rng, task, month, (following - month).days, n, weather, mix)
    launch = _rows(rng, task, month - timedelta(days=400), 330, 400, weather, mix)
    predict = answer_text if task == "text" else answer_table
    labels = launch.rows["prediction"].to_numpy(dtype=object)
    return Stream(task, month, now, earlier, launch.inputs, labels, predict, seed)


def since(days: pd.Series, first: date, stop: date | None = None) -> np.ndarray:
    """Which rows are of the days from ``first`` on (before ``stop``)."""
    mask = (days >= first).to_numpy(dtype=bool)
    return mask if stop is None else mask & (days < stop).to_numpy(dtype=bool)
