"""Lakeside Clinic: reads handwritten digits off its paper forms.

The images are real: scikit-learn's copy of the test part of the UCI optical digits (8 x 8
pixels, 0 to 16, from 13 writers), each block of 2 x 2 pixels summed to one cell, as a cheap
reader does: 16 features from 0 (white) to 64. At launch the forms only used the digits 0 to 7;
new forms bring 8 and 9. Images are shuffled, so that writers mix, and each is used once; only
when a demo of more than about seven months has used up a digit does it begin again, with cells
jittered by one step.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from sklearn.datasets import load_digits

from agency.demodata.calendar import days_of, midnight, moments
from agency.demodata.people import Habits
from agency.demodata.production import Labelled, Production, Row, stream, write_dataset
from agency.demodata.shapes import DemoClient, MonthStory

SLUG, MODEL = "lakeside-clinic", "form-digits"
ZONE = "America/New_York"
LAUNCH = tuple("01234567")
NEW = tuple("89")
TRAIN_ROWS, GOLDEN_ROWS, ADDED_GOLDEN_ROWS, MONTH_ROWS = 300, 80, 20, 190
NEW_MONTH = 2
COLUMNS = tuple(f"cell_{row}{column}" for row in range(4) for column in range(4))


class Images:
    """The stock of images, drawn digit by digit without repeats while they last."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        bunch = load_digits()
        self.stock: dict[str, list[np.ndarray]] = {}
        self.used: dict[str, list[np.ndarray]] = {digit: [] for digit in LAUNCH + NEW}
        # 8 x 8 pixels as 4 x 2 by 4 x 2, then both twos summed away.
        cells = bunch.images.reshape(-1, 4, 2, 4, 2).sum(axis=(2, 4)).reshape(-1, 16).astype(int)
        for at in rng.permutation(len(bunch.target)):
            self.stock.setdefault(str(bunch.target[at]), []).append(cells[at])

    def draw(self, digit: str) -> dict[str, int]:
        """The cells of a further image of ``digit``."""
        if not self.stock[digit]:
            self.stock[digit], self.used[digit] = self.used[digit], []
            self.stock[digit] = [self._jittered(image) for image in self.stock[digit]]
        image = self.stock[digit].pop()
        self.used[digit].append(image)
        return dict(zip(COLUMNS, image.tolist(), strict=True))

    def _jittered(self, image: np.ndarray) -> np.ndarray:
        ink = (image > 0) * self.rng.integers(-1, 2, size=image.shape)
        return np.clip(image + ink, 0, 64)

    def labelled(self, digits: Sequence[str], count: int) -> list[Labelled]:
        """``count`` rows, as evenly over ``digits`` as it goes, in random order."""
        labels = [digits[number % len(digits)] for number in range(count)]
        self.rng.shuffle(labels)
        return [Labelled(self.draw(label), label) for label in labels]


def _rows(*, images: Images, index: int, month: date, rng: np.random.Generator) -> list[Row]:
    digits = LAUNCH + NEW if index >= NEW_MONTH else LAUNCH
    times = moments(
        rng=rng, count=MONTH_ROWS, days=days_of(month), zone=ZoneInfo(ZONE), weekend=0.1
    )
    labels = [digits[number % len(digits)] for number in range(MONTH_ROWS)]
    rng.shuffle(labels)
    return [
        Row(
            at=at,
            inputs=images.draw(label),
            context={
                "scanner": str(rng.choice(["front-desk", "ward-2", "lab"])),
                "feeder": str(rng.choice(["tray", "flatbed"])),
            },
            truth=label,
            event="new_digit" if label in NEW else "",
        )
        for at, label in zip(times, labels, strict=True)
    ]


def _stories(months: Sequence[date]) -> tuple[MonthStory, ...]:
    quiet = ("Ordinary forms.", "None: nothing changed.")
    new = (
        (
            "The new forms also use the digits 8 and 9, a fifth of all boxes from now on. The "
            "model has never seen them and answers some other digit."
        ),
        "Retrain with labelled images of the two new digits.",
    )
    return tuple(
        MonthStory(f"{month:%Y-%m}", *(new if index == NEW_MONTH else quiet))
        for index, month in enumerate(months)
    )


def write(*, folder: Path, months: Sequence[date], seed: int) -> DemoClient:
    """Write the clinic's files under ``folder/lakeside-clinic/form-digits``."""
    home = folder / SLUG / MODEL
    images = Images(stream(seed, SLUG, "images"))
    train = images.labelled(LAUNCH, TRAIN_ROWS)
    golden = images.labelled(LAUNCH, GOLDEN_ROWS)
    added = images.labelled(NEW, ADDED_GOLDEN_ROWS)
    production = Production(
        folder=home,
        seed=seed,
        task="tabular",
        habits=Habits(0.4, "accepted"),
        train=train,
    )
    additions: dict[str, Path] = {}
    for index, month in enumerate(months):
        name = f"{month:%Y-%m}"
        rng = stream(seed, SLUG, "logs", str(index))
        production.record(
            month=name,
            rows=_rows(images=images, index=index, month=month, rng=rng),
            categories=LAUNCH + NEW if index >= NEW_MONTH else LAUNCH,
        )
        if index == NEW_MONTH:
            production.learn_labels()
            path = home / f"golden_additions_{name}.csv"
            additions[name] = write_dataset(path=path, prefix="gn", rows=added)
    return DemoClient(
        slug=SLUG,
        model_slug=MODEL,
        client_name="Lakeside Clinic",
        model_name="Form digit reader",
        tier="standard",
        domain="healthcare",
        timezone=ZONE,
        language="en",
        task="tabular",
        launch=midnight(months[0], ZoneInfo(ZONE)),
        train=write_dataset(path=home / "train.csv", prefix="t", rows=train),
        golden=write_dataset(path=home / "golden.csv", prefix="g", rows=golden),
        golden_additions=additions,
        logs=production.logs,
        truth=production.truth,
        stories=_stories(months),
    )
