"""A support desk that is small enough to walk the whole loop in seconds; a category is born in it."""

import csv
import io
import json
from datetime import datetime, timedelta

import numpy as np

from agency.demodata.phrases import TOPICS
from agency.demodata.phrases_account import BORN
from agency.demodata.tickets import Desk

KNOWN = list(TOPICS)[:4]


class SmallDesk:
    """The same rows every time: ``train``, ``golden`` and ``golden_added`` as CSV, logs as NDJSON."""

    def __init__(self) -> None:
        self.rng = np.random.default_rng(5)
        self.desk = Desk(self.rng)
        self.train = self._dataset("t", KNOWN, 120)
        self.golden = self._dataset("g", KNOWN, 48)
        self.golden_added = self._dataset("n", [BORN], 10)

    def _dataset(self, prefix: str, categories: list[str], count: int) -> bytes:
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(["id", "text", "label"])
        for number, row in enumerate(self.desk.labelled(categories, count)):
            writer.writerow([f"{prefix}{number}", row.inputs["text"], row.label])
        return out.getvalue().encode()

    def logs(self, start: datetime, end: datetime, *, count: int = 150) -> bytes:
        """Reviewed rows at even distances; every fifth is of the new category."""
        gap = (end - start) / (count + 1)
        lines = []
        for number in range(count):
            label = BORN if number % 5 == 0 else KNOWN[number % len(KNOWN)]
            row = {
                "id": f"r{number}",
                "timestamp": (start + gap * (number + 1)).isoformat(),
                "input": {"text": self.desk.ticket(label, channel="web")},
                "feedback": {"label": label, "label_source": "review"},
            }
            lines.append(json.dumps(row))
        return "\n".join(lines).encode()


def midnight_before(instant: datetime, *, days: int) -> datetime:
    """A UTC midnight so many days before the instant's day."""
    day = instant.replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=days)
