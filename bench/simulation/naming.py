"""Did the diagnosis name the right fields and segments, and since when?"""

from typing import Any

import numpy as np
import pandas as pd

from bench.simulation.month import Month
from bench.simulation.plants import Plant
from bench.simulation.plants_feed import FeedFault, ServingChange
from retraining.causes.registry import Diagnosed

# Days by which "since" may be off, and how alike the rows of two segments must be to be the same.
DAYS_OFF = 2
SAME_ROWS = 0.8


def named_right(month: Month, plants: list[Plant], found: Diagnosed) -> bool | None:
    """None where no fault was planted that has to be found (or it was not called at all).

    Right is: every field that is called broken is one that is (at least one, unless the whole
    segment is named), the segment selects the same rows, and it began within two days of the truth.
    """
    if any(isinstance(plant, ServingChange) for plant in plants):
        return None  # it has neither field nor segment
    faults = [p for p in plants if isinstance(p, FeedFault) and p.right() == {"fix_upstream"}]
    if not faults or found.verdict != "fix_upstream":
        return None
    named = found.as_dict()
    fields = [f for f in named["suspect_fields"] if f["acts"]]
    segments = [s for s in named["suspect_segments"] if s["acts"]]
    broken = {name for plant in faults for name in plant.fields}
    if any(f["field"] not in broken for f in fields):
        return False
    return all(_named(month, plant, fields, segments) for plant in faults)


def _named(
    month: Month, plant: FeedFault, fields: list[dict[str, Any]], segments: list[dict[str, Any]]
) -> bool:
    mine = [f for f in fields if f["field"] in plant.fields]
    whole = plant.segment is None
    if whole and month.launch.world.task == "tabular" and not mine:
        return False
    places = [(s["key"], s["value"]) for s in segments]
    places += [tuple(f["segment"]) for f in mine if f.get("segment")]
    if whole and places:
        return False
    if not whole and not any(_same(month, plant.segment, place) for place in places):
        return False
    since = min(f["since"] for f in (*mine, *segments)) if (mine or segments) else None
    if since is None:
        return whole and month.launch.world.task == "text"
    truth = pd.Timestamp(month.date_of(plant.start))
    return bool(abs((pd.Timestamp(since) - truth).days) <= DAYS_OFF)


def _same(month: Month, truth: tuple[str, str] | None, named: tuple[Any, ...]) -> bool:
    """Do both segments select nearly the same rows? An app's version may stand for its channel."""
    assert truth is not None
    key, value = named
    if key not in month.context:
        return False
    ours = (month.context[key].astype(str) == str(value)).to_numpy(dtype=bool)
    theirs = (month.context[truth[0]] == truth[1]).to_numpy(dtype=bool)
    return bool(np.sum(ours & theirs) >= SAME_ROWS * max(np.sum(ours | theirs), 1))
