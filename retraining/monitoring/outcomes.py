"""Were the predictions good for anything? The client's KPIs by predicted band, and their trend."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from clients.models import MaintainedModel, Outcome
from clients.schema import parse_number
from retraining.causes.evidence import Evidence, Rows
from retraining.models import Cycle
from retraining.stats.outcomes import ratio_by_band, trend_over_months

# Rows with an outcome before a band is shown, and months before a trend is.
FEWEST_ROWS = 10
FEWEST_MONTHS = 3
MOST_KPIS = 5


@dataclass(frozen=True)
class Observed:
    """Answered rows with the outcomes that have come so far: month, predicted band, value."""

    name: str
    months: np.ndarray
    bands: np.ndarray
    values: np.ndarray
    is_now: np.ndarray


def outcomes(cycle: Cycle, evidence: Evidence) -> list[dict[str, Any]] | str:
    """Each KPI of the trailing month by predicted band, with interval and n, and its trend.

    Bands are the predicted categories, in the order of their numbers where they are numbers, else
    in the order that the KPI itself had in the months before; without either no pair can be called
    the wrong way round. Outcomes come late: ``coverage`` says of how many rows they are known.
    """
    found = _observed(cycle.model, evidence.before, evidence.now)
    if not found:
        return "no outcome of these rows has come"
    total = len(evidence.now)
    return [
        section
        for kpi in found[:MOST_KPIS]
        if (section := _section(kpi, total, evidence)) is not None
    ] or f"fewer than {FEWEST_ROWS} rows of the month have an outcome"


def _section(kpi: Observed, total: int, evidence: Evidence) -> dict[str, Any] | None:
    now = kpi.is_now
    if now.sum() < FEWEST_ROWS:
        return None
    order, judged = _order(kpi)
    enough = [band for band in order if (kpi.bands[now] == band).sum() >= FEWEST_ROWS]
    shown = now & np.isin(kpi.bands, np.array(enough, dtype=object))
    bands: list[dict[str, Any]] = []
    broken: list[list[str]] = []
    if shown.any():
        by_band = ratio_by_band(
            bands=list(kpi.bands[shown]),
            numerators=kpi.values[shown],
            order=enough,
            seed=evidence.seed,
            confidence=evidence.policy.confidence,
        )
        bands = [{"band": name, **rate.as_dict()} for name, rate in by_band.ratios.items()]
        broken = [list(pair) for pair in by_band.broken] if judged else []
    known = int(now.sum())
    return {
        "name": kpi.name,
        "coverage": {"n": known, "rows": total},
        "bands": bands,
        "broken": broken,
        "trend": _trend(kpi, evidence),
    }


def _order(kpi: Observed) -> tuple[list[str], bool]:
    """The bands from the lowest to the highest, and whether that order is known beforehand."""
    names = sorted(set(kpi.bands))
    numbers = [parse_number(name) for name in names]
    if all(number is not None for number in numbers):
        return sorted(names, key=lambda name: parse_number(name) or 0.0), True
    before = (
        pd.Series(kpi.values[~kpi.is_now]).groupby(kpi.bands[~kpi.is_now]).agg(["mean", "size"])
    )
    usual = before[before["size"] >= FEWEST_ROWS]["mean"].sort_values()
    ordered = [str(name) for name in usual.index]
    return ordered + [name for name in names if name not in ordered], len(ordered) == len(names)


def _trend(kpi: Observed, evidence: Evidence) -> dict[str, Any] | None:
    """The change a month of the KPI's mean; a month with few outcomes keeps its place, empty."""
    months = pd.Series(kpi.values).groupby(kpi.months).agg(["mean", "size"]).sort_index()
    values = months["mean"].where(months["size"] >= FEWEST_ROWS)
    if values.notna().sum() < FEWEST_MONTHS:
        return None
    found = trend_over_months(values=values.to_numpy(), confidence=evidence.policy.confidence)
    return {
        "slope": found.slope,
        "low": found.low,
        "high": found.high,
        "p_value": found.p_value,
        "n": found.n,
    }


def _observed(model: MaintainedModel, before: Rows, now: Rows) -> list[Observed]:
    """By KPI, the most known one first; rows are matched by id, whenever their outcome came."""
    rows = pd.concat([before.rows, now.rows], ignore_index=True)
    if not len(rows):
        return []
    rows = rows.assign(is_now=np.arange(len(rows)) >= len(before))
    sent = Outcome.objects.filter(client_id=model.client_id, model=model)
    known: Sequence[tuple[str, str, float]] = list(
        sent.order_by("pk").values_list("row_id", "name", "value").iterator(chunk_size=5000)
    )
    if not known:
        return []
    table = pd.DataFrame(known, columns=["id", "name", "value"]).merge(
        rows[["id", "day", "prediction", "is_now"]], on="id"
    )
    # Thirty days a month, counted back from the newest row: whole months of equal length.
    newest = max(rows["day"])
    back = np.array([(newest - day).days // 30 for day in table["day"]], dtype=int)
    sizes = table["name"].value_counts()
    return [
        Observed(
            str(name),
            -back[own],
            table["prediction"].to_numpy(dtype=object)[own],
            table["value"].to_numpy(dtype=float)[own],
            table["is_now"].to_numpy(dtype=bool)[own],
        )
        for name in sizes.index
        if (own := (table["name"] == name).to_numpy()).any()
    ]
