"""A comparison's figures as staff read them before they sign."""

from collections.abc import Mapping
from typing import Any

from retraining.models import Comparison

LABELS = {"promote": "success", "reject": "danger", "undecided": "warning"}


def points(value: Any) -> str:
    """A difference of rates in points, signed; "-" where there is none."""
    return "-" if value is None else f"{100 * value:+.1f}"


def comparison_view(comparison: Comparison) -> dict[str, Any]:
    """Verdict, differences with their intervals, rows fixed and broken, overall and by category."""
    figures = comparison.figures
    groups = figures.get("groups") or {}
    lines = [_line("All golden rows", figures.get("overall"))]
    lines += [_line(f"{name.capitalize()} group", groups[name]) for name in groups]
    categories = [_line(entry["category"], entry) for entry in figures.get("categories") or ()]
    # A category has a handful of golden rows: they are counted, a difference of rates would mislead.
    moved = [line for line in categories if line and (line["fixed"] or line["broken"])]
    return {
        "row": comparison,
        "label": LABELS.get(comparison.verdict, ""),
        "lines": [line for line in lines if line],
        "categories": sorted(moved, key=lambda line: line["fixed"] - line["broken"]),
        "unmoved": len(categories) - len(moved),
        "reasons": figures.get("reasons") or [],
        "label_more": figures.get("label_more"),
        "use": figures.get("golden_use"),
        "sealed": len(figures.get("sealed_rows") or ()),
        "opened": bool(figures.get("sealed")),
    }


def _line(name: str, figures: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if not figures:
        return None
    low, high, p_value = (figures.get(key) for key in ("low", "high", "p_value"))
    return {
        "name": name,
        "delta": points(figures.get("delta")),
        "interval": "-" if low is None else f"{points(low)} to {points(high)}",
        "n": figures.get("n"),
        "fixed": figures.get("fixed"),
        "broken": figures.get("broken"),
        "p_value": "-" if p_value is None else _p_value(p_value),
    }


def _p_value(value: float) -> str:
    return "<0.001" if value < 0.001 else f"{value:.3f}"
