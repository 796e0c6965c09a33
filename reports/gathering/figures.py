"""Figures as the loop stores them to the figures of a report; what is absent stays absent."""

from collections.abc import Mapping
from typing import Any

from reports import facts as f
from retraining.models import EvalRun


def scored(run: EvalRun | None) -> f.Source | None:
    """The answers of a scored run, row by row."""
    return f.Source("scored_rows", f"eval_run {run.pk}", run.n) if run else None


def rate(section: Mapping[str, Any] | None, source: f.Source | None = None) -> f.Rate | None:
    """``{"estimate", "low", "high", "n"}`` as a rate; None where nothing was measured."""
    if not section or not section.get("n"):
        return None
    return f.Rate(
        estimate=float(section["estimate"]),
        low=float(section["low"]),
        high=float(section["high"]),
        n=int(section["n"]),
        source=source,
    )


def rate_of(run: EvalRun | None) -> f.Rate | None:
    """A scored run as a rate."""
    if run is None or not run.n:
        return None
    return f.Rate(estimate=run.estimate, low=run.low, high=run.high, n=run.n, source=scored(run))


def difference(
    section: Mapping[str, Any] | None, source: f.Source | None = None
) -> f.Difference | None:
    """``{"delta", "low", "high", "n", "fixed", "broken"}`` as a difference."""
    if not section or section.get("delta") is None:
        return None

    def whole(key: str) -> int | None:
        return None if section.get(key) is None else int(section[key])

    def real(key: str) -> float | None:
        return None if section.get(key) is None else float(section[key])

    return f.Difference(
        delta=float(section["delta"]),
        low=real("low"),
        high=real("high"),
        n=whole("n"),
        fixed=whole("fixed"),
        broken=whole("broken"),
        source=source,
    )
