"""What a walk costs the person who walks: clicks, keys and seconds, step by step."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Locator, Page


@dataclass
class Step:
    """``seconds`` by the clock from the step's first action to the page that shows it is done."""

    name: str
    minutes: float
    clicks: int = 0
    keys: int = 0
    seconds: float = 0.0


class Walk:
    """A person's hands on one page. Everything they do goes through here, so nothing is forgotten."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.steps: list[Step] = []

    @contextmanager
    def step(self, name: str, *, minutes: float = 0.0) -> Iterator[Step]:
        """``minutes``: what a person takes for it by the cockpit's table, reading and thinking."""
        step = Step(name, minutes)
        self.steps.append(step)
        began = time.monotonic()
        yield step
        step.seconds = time.monotonic() - began

    def click(self, what: Locator) -> None:
        what.click()
        self.steps[-1].clicks += 1

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.steps[-1].keys += 1

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.steps[-1].keys += len(text)

    def table(self) -> str:
        """Markdown: a line a step, and the sum."""
        total = Step(
            "**together**",
            sum(step.minutes for step in self.steps),
            sum(step.clicks for step in self.steps),
            sum(step.keys for step in self.steps),
            sum(step.seconds for step in self.steps),
        )
        lines = [
            "| step | clicks | keys | seconds | minutes of a person |",
            "| --- |" + " --- |" * 4,
        ]
        for step in [*self.steps, total]:
            read = f"{step.minutes:.0f}" if step.minutes else ""
            lines.append(
                f"| {step.name} | {step.clicks} | {step.keys} | {step.seconds:.1f} | {read} |"
            )
        return "\n".join(lines)
