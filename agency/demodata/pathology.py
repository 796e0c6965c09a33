"""Coromandel Pathology: a second opinion on fine-needle samples, malignant or benign.

The measurements are real: scikit-learn's copy of the Wisconsin Diagnostic Breast Cancer data
(569 samples). A client's half year needs more rows than that, so production draws from the
samples kept for it, each at most once a month, and measures it anew: every value moves by
about 3%, which is roughly what outlining the same nuclei again does. Training and golden rows
are as published and their samples never appear in production. The data gives no units; calling
the perimeter micrometres, and shipping it in millimetres by mistake, is the demo's doing.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from sklearn.datasets import load_breast_cancer

from agency.demodata.calendar import days_of, midnight, moments
from agency.demodata.people import Habits
from agency.demodata.production import Labelled, Production, Row, stream, write_dataset
from agency.demodata.shapes import DemoClient, MonthStory

SLUG, MODEL = "coromandel-pathology", "needle-samples"
ZONE = "Asia/Kolkata"
# Our column names and the data's; the "worst" values are means of the three largest nuclei.
COLUMNS = {
    "perimeter_um": "worst perimeter",
    "texture_gray_sd": "mean texture",
    "smoothness_ratio": "mean smoothness",
    "compactness_ratio": "mean compactness",
    "symmetry_ratio": "mean symmetry",
    "fractal_dimension": "mean fractal dimension",
    "texture_error_gray_sd": "texture error",
}
TRAIN_ROWS, GOLDEN_ROWS, MONTH_ROWS = 180, 90, 150
JITTER = 0.03
UNIT_MONTH, UNIT_DAY, UNIT_FIELD, UNIT_FACTOR = 3, 8, "perimeter_um", 0.001


def _tidy(value: float) -> float:
    # Five significant digits: what the instrument exports, whatever the unit.
    return float(f"{value:.5g}")


class Samples:
    """The published samples in random order; what is not for training or golden is a pool."""

    def __init__(self, rng: np.random.Generator) -> None:
        bunch = load_breast_cancer()
        names = list(bunch.feature_names)
        at = [names.index(source) for source in COLUMNS.values()]
        order = rng.permutation(len(bunch.target))
        self.values = bunch.data[order][:, at]
        self.labels = [str(bunch.target_names[target]) for target in bunch.target[order]]
        self.next = 0

    def published(self, count: int) -> list[Labelled]:
        """The next ``count`` samples as published; they are gone from the pool."""
        taken = range(self.next, self.next + count)
        self.next += count
        return [Labelled(self._named(self.values[at]), self.labels[at]) for at in taken]

    def measured(self, count: int, rng: np.random.Generator) -> list[Labelled]:
        """``count`` samples of the pool, each once, measured anew."""
        chosen = self.next + rng.permutation(len(self.labels) - self.next)[:count]
        factors = np.exp(rng.normal(0.0, JITTER, size=(count, len(COLUMNS))))
        return [
            Labelled(self._named(self.values[at] * by), self.labels[at])
            for at, by in zip(chosen, factors, strict=True)
        ]

    @staticmethod
    def _named(values: np.ndarray) -> dict[str, float]:
        return {name: _tidy(value) for name, value in zip(COLUMNS, values, strict=True)}


def _rows(*, samples: Samples, index: int, month: date, rng: np.random.Generator) -> list[Row]:
    times = moments(
        rng=rng, count=MONTH_ROWS, days=days_of(month), zone=ZoneInfo(ZONE), weekend=0.4
    )
    rows = []
    for at, sample in zip(times, samples.measured(MONTH_ROWS, rng), strict=True):
        broken = index == UNIT_MONTH and at.day >= UNIT_DAY
        inputs = dict(sample.inputs)
        if broken:
            inputs[UNIT_FIELD] = _tidy(float(inputs[UNIT_FIELD]) * UNIT_FACTOR)
        rows.append(
            Row(
                at=at,
                inputs=inputs,
                context={
                    "site": str(rng.choice(["chennai", "madurai", "vellore"])),
                    "microscope": str(rng.choice(["m1", "m2"])),
                },
                truth=sample.label,
                event="unit_change" if broken else "",
                before=sample.inputs if broken else None,
            )
        )
    return rows


def _stories(months: Sequence[date]) -> tuple[MonthStory, ...]:
    quiet = ("Ordinary samples.", "None: nothing changed.")
    broken = (
        (
            f"From day {UNIT_DAY} to the end of the month the imaging software sends {UNIT_FIELD} "
            "in millimetres; the name stays. Put right on the 1st of the next month."
        ),
        "Have the unit fixed (multiply by 1,000); do not retrain.",
    )
    return tuple(
        MonthStory(f"{month:%Y-%m}", *(broken if index == UNIT_MONTH else quiet))
        for index, month in enumerate(months)
    )


def write(*, folder: Path, months: Sequence[date], seed: int) -> DemoClient:
    """Write the laboratory's files under ``folder/coromandel-pathology/needle-samples``."""
    home = folder / SLUG / MODEL
    samples = Samples(stream(seed, SLUG, "samples"))
    train, golden = samples.published(TRAIN_ROWS), samples.published(GOLDEN_ROWS)
    production = Production(
        folder=home,
        seed=seed,
        task="tabular",
        habits=Habits(0.4, "accepted"),
        train=train,
    )
    for index, month in enumerate(months):
        rng = stream(seed, SLUG, "logs", str(index))
        production.record(
            month=f"{month:%Y-%m}",
            rows=_rows(samples=samples, index=index, month=month, rng=rng),
            categories=("malignant", "benign"),
        )
    return DemoClient(
        slug=SLUG,
        model_slug=MODEL,
        client_name="Coromandel Pathology",
        model_name="Needle sample screening",
        tier="basic",
        domain="healthcare",
        timezone=ZONE,
        language="en",
        task="tabular",
        launch=midnight(months[0], ZoneInfo(ZONE)),
        train=write_dataset(path=home / "train.csv", prefix="t", rows=train),
        golden=write_dataset(path=home / "golden.csv", prefix="g", rows=golden),
        logs=production.logs,
        truth=production.truth,
        stories=_stories(months),
    )
