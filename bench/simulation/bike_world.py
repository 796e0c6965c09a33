"""A bike hire: will demand be low, mid or high in this hour? Weather, clock and calendar."""

import numpy as np
import pandas as pd

from bench.simulation.world import YEAR, Feed, Sample
from retraining.learners.base import InputSpec

LEVELS = ("low", "mid", "high")
HOLIDAYS = {
    (1, 1),
    (1, 20),
    (2, 17),
    (5, 26),
    (7, 4),
    (9, 1),
    (10, 13),
    (11, 11),
    (11, 27),
    (12, 25),
}
WEATHER = ("weathersit", "temp_c", "feels_like_c", "humidity_pct", "wind_kmh")


class BikeWorld:
    """Hours of two years with a season, weather that lasts some days, rush hours and holidays."""

    task = "tabular"
    spec = InputSpec(
        "tabular",
        numeric=("hour", "weekday", "workingday", "holiday", *WEATHER),
    )
    established: tuple[str, ...] = LEVELS
    thin: tuple[str, ...] = ()
    unborn: tuple[str, ...] = ()
    feed = Feed(
        units={
            "temp_c": (("fahrenheit", 1.8, 32.0), ("kelvin", 1.0, 273.15)),
            "wind_kmh": (("mph", 0.621371, 0.0), ("m/s", 1 / 3.6, 0.0)),
            "humidity_pct": (("fraction", 0.01, 0.0),),
        },
        together={"temp_c": ("temp_c", "feels_like_c"), "workingday": ("workingday", "holiday")},
        clock=(("hour", 24),),
        lagging=("temp_c",),
        freezing=("temp_c", "workingday", "weathersit", "humidity_pct"),
        emptied=("temp_c", "hour", "workingday", "humidity_pct", "weathersit"),
        swapped=(("temp_c", "humidity_pct"), ("hour", "weekday")),
    )

    def __init__(self, seed: int, *, swing: tuple[float, float] = (2, 5)) -> None:
        """``swing``: between which degrees the season moves the temperature up and down."""
        self.name = f"bikes-{seed}"
        self.seed = seed
        rng = np.random.default_rng([seed, 0])
        self._first = pd.Timestamp(year=YEAR - 1, month=1, day=1, tz="UTC")
        self._hours = self._weather(rng, 366 + 365 + 31, swing=float(rng.uniform(*swing)))
        self._noise = float(rng.uniform(0.10, 0.16))
        self._warmth = float(rng.uniform(0.03, 0.05))
        rush = rng.uniform(1.4, 1.9)
        hours = np.arange(24)
        peak = np.exp(-((hours - 8) ** 2) / 3) + 1.2 * np.exp(-((hours - 17.5) ** 2) / 5)
        noon = 0.9 * np.exp(-((hours - 14) ** 2) / 22)
        night = np.where((hours < 6) | (hours > 22), -1.1, 0.0)
        self._working = rush * peak + 0.4 * noon + night
        self._free = 1.5 * noon + 0.7 * night
        self.segments: dict[str, tuple[str, ...]] = {
            "station_group": ("downtown", "suburbs", "university")
        }
        year = self._score(rng, self._hours[self._hours["day"] < 366])
        self._cuts = np.quantile(year, (0.36, 0.72))

    def _weather(self, rng: np.random.Generator, days: int, *, swing: float) -> pd.DataFrame:
        stamps = pd.Series(self._first + pd.to_timedelta(np.arange(days * 24), unit="h"))
        day = np.repeat(np.arange(days), 24)
        hour = stamps.dt.hour.to_numpy(dtype=float)
        mood, wet = np.zeros(days), np.zeros(days)
        for i in range(1, days):
            mood[i] = 0.7 * mood[i - 1] + rng.normal(0, 1.8)
            wet[i] = 0.4 * wet[i - 1] + rng.normal(0, 1)
        season = 13 + swing * np.sin((np.arange(days) - 105) / 365.25 * 2 * np.pi)
        temp = (
            (season + mood)[day]
            + 4 * np.sin((hour - 9) / 24 * 2 * np.pi)
            + rng.normal(0, 0.5, len(day))
        )
        humidity = np.clip(
            62 + 12 * wet[day] - 1.5 * (temp - temp.mean()) / 2 + rng.normal(0, 6, len(day)),
            15,
            100,
        )
        wind = np.clip(rng.gamma(4, 1.2, days)[day] * 3 * rng.uniform(0.7, 1.3, len(day)), 0, 70)
        sky = np.where(wet[day] > 1.6, 3, np.where(wet[day] > 0.5, 2, 1))
        weekday = ((stamps.dt.day_of_week + 1) % 7).to_numpy(dtype=float)
        holiday = np.array(
            [(m, d) in HOLIDAYS for m, d in zip(stamps.dt.month, stamps.dt.day, strict=True)]
        )
        working = ~np.isin(weekday, (0, 6)) & ~holiday
        return pd.DataFrame(
            {
                "day": day,
                "hour": hour,
                "weekday": weekday,
                "workingday": working.astype(float),
                "holiday": holiday.astype(float),
                "weathersit": sky.astype(float),
                "temp_c": np.round(temp, 1),
                "feels_like_c": np.round(temp + 0.1 * (temp - 10) - wind / 20, 1),
                "humidity_pct": np.round(humidity),
                "wind_kmh": np.round(wind),
            }
        )

    def _score(self, rng: np.random.Generator, rows: pd.DataFrame) -> np.ndarray:
        hour = rows["hour"].to_numpy(dtype=int)
        course = np.where(rows["workingday"] > 0.5, self._working[hour], self._free[hour])
        warm = self._warmth * np.minimum(rows["temp_c"].to_numpy(dtype=float), 27.0)
        sky = -0.35 * (rows["weathersit"].to_numpy(dtype=float) - 1)
        damp = -0.012 * np.maximum(rows["humidity_pct"].to_numpy(dtype=float) - 60, 0)
        noise = rng.normal(0, self._noise, len(rows))
        return np.asarray(course + warm + sky + damp + noise)

    def level(self, score: np.ndarray) -> np.ndarray:
        return np.array(LEVELS, dtype=object)[np.searchsorted(self._cuts, score)]

    def stamps(self, rng: np.random.Generator, first: pd.Timestamp, days: int, n: int) -> pd.Series:
        """Each hour at most once."""
        hours = rng.choice(days * 24, size=min(n, days * 24), replace=False)
        return pd.Series(first + pd.to_timedelta(np.sort(hours), unit="h"))

    def rows_at(self, stamps: pd.Series) -> pd.DataFrame:
        """The features as they truly were at these instants."""
        at = ((stamps - self._first) // pd.Timedelta(hours=1)).to_numpy(dtype=int)
        return self._hours.iloc[np.maximum(at, 0)].reset_index(drop=True)

    def sample(self, rng: np.random.Generator, stamps: pd.Series, wanted: np.ndarray) -> Sample:
        rows = self.rows_at(stamps)
        score = self._score(rng, rows)
        return Sample(rows[list(self.spec.columns)], self.level(score), score)
