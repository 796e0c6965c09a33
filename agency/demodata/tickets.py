"""Northwind Outdoor: a support desk whose tickets are made by a seeded generator of ours.

Six months: quiet; quiet; a category is born and stays; a campaign weekend that passes; an app
release that cuts texts; a declared sale that only shifts the mix.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from agency.demodata.calendar import days_of, midnight, moments
from agency.demodata.people import Habits
from agency.demodata.phrases import TOPICS, VAGUE
from agency.demodata.phrases_account import (
    ASIDES,
    BORN,
    BORN_TOPIC,
    CAMPAIGN,
    CAMPAIGN_FILED,
    CAMPAIGN_TOPIC,
)
from agency.demodata.production import Labelled, Production, Row, stream, write_dataset
from agency.demodata.shapes import DeclaredEvent, DemoClient, MonthStory
from agency.demodata.wording import Topic, as_typed, draw_slots, expand, pick

SLUG, MODEL = "northwind", "tickets"
ZONE = "Europe/Berlin"
TRAIN_ROWS, GOLDEN_ROWS, ADDED_GOLDEN_ROWS = 420, 100, 10
BORN_MONTH, CAMPAIGN_MONTH, CUT_MONTH, SALE_MONTH = 2, 3, 4, 5
BORN_SHARE = 0.12
CUT_VERSION, CUT_DAY, CUT_LENGTH = "4.2.0", 9, 20
SALE_TOPICS = ("delivery_late", "return_request", "payment_declined", "cancel_order")
ALL_TOPICS: dict[str, Topic] = {**TOPICS, BORN: BORN_TOPIC, CAMPAIGN: CAMPAIGN_TOPIC}

# Shares of tickets that say too little, and that also touch another category's matter.
VAGUE_SHARE, MIXED_SHARE = 0.04, 0.09


class Desk:
    """Writes tickets, none of them twice (after case, punctuation and digits are folded)."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.seen: set[str] = set()

    def _compose(self, category: str) -> str:
        rng, topic, slots = self.rng, ALL_TOPICS[category], draw_slots(self.rng)
        main, dice = pick(topic.says, rng), rng.random()
        rest: list[str] = []
        vague = [phrases for group, phrases in VAGUE if category in group]
        if vague and dice < VAGUE_SHARE:
            main = pick(vague[0], rng)
        elif category in TOPICS and dice < VAGUE_SHARE + MIXED_SHARE:
            other = ALL_TOPICS[pick([name for name in TOPICS if name != category], rng)]
            rest.append(pick((*other.adds, *(f"{say}." for say in other.says)), rng))
        else:
            if rng.random() < 0.6:
                rest.append(pick(topic.adds, rng))
            if rng.random() < 0.5:
                rest.append(pick(topic.asks, rng))
        if rng.random() < 0.45:
            rest.append(pick(ASIDES, rng))
        rng.shuffle(rest)
        end = "?" if main.startswith(("How", "Where", "When", "Can", "Is", "[How", "[Why")) else "."
        return " ".join(expand(part, slots=slots, rng=rng) for part in (f"{main}{end}", *rest))

    def ticket(self, category: str, *, channel: str) -> str:
        """A new ticket of ``category`` as it arrives by ``channel``."""
        while True:
            text = as_typed(self._compose(category), channel=channel, rng=self.rng)
            folded = "".join(letter for letter in text.lower() if letter.isalpha())
            if folded not in self.seen:
                self.seen.add(folded)
                return text

    def labelled(self, categories: Sequence[str], count: int) -> list[Labelled]:
        """``count`` rows, as evenly over ``categories`` as it goes, in random order."""
        labels = [categories[number % len(categories)] for number in range(count)]
        self.rng.shuffle(labels)
        return [
            Labelled({"text": self.ticket(label, channel=self.channel())}, label)
            for label in labels
        ]

    def channel(self) -> str:
        """Where a ticket comes in."""
        return str(self.rng.choice(["mobile", "web", "email"], p=[0.45, 0.35, 0.2]))


def campaign_days(month: date) -> list[date]:
    """Friday to Monday around the second weekend that begins in ``month``."""
    fridays = [day for day in days_of(month) if day.weekday() == 4]
    return [fridays[1] + timedelta(days=offset) for offset in range(4)]


def sale_days(month: date) -> list[date]:
    """The four days of the declared sale."""
    return [month + timedelta(days=offset) for offset in range(14, 18)]


def _app_version(*, index: int, day: date, rng: np.random.Generator) -> str:
    if index < CUT_MONTH or (index == CUT_MONTH and day.day < CUT_DAY) or rng.random() < 0.15:
        return "4.1.0"
    return CUT_VERSION if index == CUT_MONTH else "4.2.1"


def _categories(*, index: int, count: int, rng: np.random.Generator) -> list[str]:
    names = list(TOPICS)
    weights = np.linspace(1.5, 0.7, len(names))
    found = [str(name) for name in rng.choice(names, size=count, p=weights / weights.sum())]
    born = max(1, round(BORN_SHARE * count)) if index >= BORN_MONTH else 0
    for at in rng.permutation(count)[:born]:
        found[at] = BORN
    return found


def _rows(*, desk: Desk, index: int, month: date) -> list[Row]:
    """The rows of the ``index``-th month."""
    rng, zone = desk.rng, ZoneInfo(ZONE)
    count = int(rng.integers(360, 400))
    wanted = [("", days_of(month), _categories(index=index, count=count, rng=rng))]
    if index == CAMPAIGN_MONTH:
        wanted.append(("campaign", campaign_days(month), [CAMPAIGN] * 75))
    if index == SALE_MONTH:
        wanted.append(("sale", sale_days(month), [str(x) for x in rng.choice(SALE_TOPICS, 45)]))
    rows = []
    for event, days, categories in wanted:
        times = moments(rng=rng, count=len(categories), days=days, zone=zone, weekend=0.5)
        for at, category in zip(times, categories, strict=True):
            channel = desk.channel()
            version = _app_version(index=index, day=at.date(), rng=rng)
            text = desk.ticket(category, channel=channel)
            cut = channel == "mobile" and version == CUT_VERSION
            rows.append(
                Row(
                    at=at,
                    inputs={"text": text[:CUT_LENGTH].rstrip() if cut else text},
                    context={
                        "channel": channel,
                        "app_version": version if channel == "mobile" else None,
                        "customer_tier": str(rng.choice(["guest", "member", "club"])),
                    },
                    truth=category,
                    event="truncated" if cut else event,
                    belief=CAMPAIGN_FILED if category == CAMPAIGN else None,
                    before={"text": text} if cut else None,
                )
            )
    return rows


def _stories(months: Sequence[date]) -> tuple[MonthStory, ...]:
    told = [
        ("Ordinary traffic.", "None: nothing changed."),
        ("Ordinary traffic.", "None: nothing changed."),
        (
            f"Deliveries to parcel lockers begin; {BORN} is about 12% of the tickets from now on.",
            "Retrain with labelled tickets of the new category.",
        ),
        (
            (
                "A raffle from a Friday to the Monday after. Temporary staff file its tickets as "
                f"{CAMPAIGN_FILED}; they are gone afterwards. Nobody declared it."
            ),
            "Wait, and keep the tickets of those days out of training.",
        ),
        (
            (
                f"From day {CUT_DAY} the mobile app {CUT_VERSION} sends only the first "
                f"{CUT_LENGTH} characters. Web, e-mail and the older app are whole."
            ),
            "Have the app fixed; do not retrain on cut texts.",
        ),
        (
            (
                "The app is fixed (4.2.1). A declared sale brings more tickets of known categories "
                "on days 15 to 18, answered as well as ever."
            ),
            "None: look, but do not retrain.",
        ),
    ]
    told += [("Ordinary traffic.", "None: nothing changed.")] * max(0, len(months) - len(told))
    return tuple(
        MonthStory(f"{month:%Y-%m}", *story) for month, story in zip(months, told, strict=False)
    )


def write(*, folder: Path, months: Sequence[date], seed: int) -> DemoClient:
    """Write the support desk's files under ``folder/northwind/tickets``."""
    home, zone = folder / SLUG / MODEL, ZoneInfo(ZONE)
    known = list(TOPICS)
    sets = Desk(stream(seed, SLUG, "sets"))
    train, golden = sets.labelled(known, TRAIN_ROWS), sets.labelled(known, GOLDEN_ROWS)
    added = sets.labelled([BORN], ADDED_GOLDEN_ROWS)
    production = Production(
        folder=home, seed=seed, task="text", habits=Habits(0.2, "clicked"), train=train
    )
    additions: dict[str, Path] = {}
    events: tuple[DeclaredEvent, ...] = ()
    for index, month in enumerate(months):
        name = f"{month:%Y-%m}"
        desk = Desk(stream(seed, SLUG, "logs", str(index)))
        desk.seen = sets.seen
        categories = [*known, BORN] if index >= BORN_MONTH else known
        production.record(
            month=name,
            rows=_rows(desk=desk, index=index, month=month),
            categories=categories,
        )
        if index == BORN_MONTH:
            production.learn_labels()
            path = home / f"golden_additions_{name}.csv"
            additions[name] = write_dataset(path=path, prefix="gn", rows=added)
        if index == SALE_MONTH:
            days = sale_days(month)
            events = (
                DeclaredEvent(
                    kind="campaign",
                    title="Mid-season sale",
                    starts_at=midnight(days[0], zone),
                    ends_at=midnight(days[-1] + timedelta(days=1), zone),
                ),
            )
    return DemoClient(
        slug=SLUG,
        model_slug=MODEL,
        client_name="Northwind Outdoor",
        model_name="Ticket router",
        tier="premium",
        domain="customer_support",
        timezone=ZONE,
        language="en",
        task="text",
        launch=midnight(months[0], zone),
        train=write_dataset(path=home / "train.csv", prefix="t", rows=train),
        golden=write_dataset(path=home / "golden.csv", prefix="g", rows=golden),
        golden_additions=additions,
        logs=production.logs,
        events=events,
        truth=production.truth,
        stories=_stories(months),
    )
