"""Half a year of one client with a cause a month, as the public scenarios tell it."""

from datetime import date

import numpy as np

from bench.simulation.streams import Stream, split_of
from bench.simulation.world import YEAR

# What can enter in months 2 to 6, in an order that is drawn. Left out is what a folder cannot tell:
# declared events, other answers than the launch model's, and labels that are wrong on purpose. A
# change of what is right is told by a season (spring): it leaves the golden set true.
MENUS: dict[str, tuple[tuple[str, ...], ...]] = {
    "text": (
        ("mix_shift", "proxy_inflation"),
        ("new_category",),
        ("transient",),
        ("truncated_input", "segment_fault"),
        ("weak_category",),
    ),
    "claims": (
        ("mix_shift", "proxy_inflation"),
        ("new_category",),
        ("outage",),
        ("unit_change", "missing_values", "frozen_field"),
        ("unit_change", "segment_fault"),
    ),
    "spring": (
        ("unit_change",),
        ("shifted_field",),
        ("transient", "outage"),
        ("proxy_inflation",),
        ("frozen_field", "missing_values"),
    ),
}
# Clear, and no stronger than in the public scenarios.
STRENGTH = {"new_category": 3.0, "weak_category": 1.0, "mix_shift": 3.0}
OTHERWISE = 3.0


def story_of(seed: int, *, draw: int = 0) -> Stream:
    """Six months: the first is quiet, then one cause of each course of the menu, in any order."""
    rng = np.random.default_rng([4401, draw, seed])
    kind = sorted(MENUS)[int(rng.integers(len(MENUS)))]
    split = split_of(seed)
    world = 1000 * draw + 100 * (split == "final") + 50 + int(rng.integers(20))
    courses = [str(rng.choice(course)) for course in MENUS[kind]]
    order = rng.permutation(len(courses))
    if kind == "spring":  # the season hurts from the fifth month on, and should be seen then
        order = np.concatenate([rng.permutation(3), [3, 4]])
    schedule = tuple(
        (place + 2, courses[course], STRENGTH.get(courses[course], OTHERWISE))
        for place, course in enumerate(order)
    )
    first = date(YEAR, 7 if kind == "spring" else int(rng.integers(1, 8)), 1)
    rows = int(rng.integers(540, 620) if kind == "spring" else rng.integers(330, 560))
    return Stream(seed, draw, split, kind, world, first, 6, rows, schedule, repaired=True)
