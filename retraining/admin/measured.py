"""What a cycle measured beyond its plain figures, in words that staff read."""

from collections.abc import Mapping
from typing import Any

from agency.base.admin import rate

NAMES = {
    "audit_corrected": "accuracy without wrong labels",
    "estimated": "estimated accuracy of all rows",
    "sequential": "months since the version went live",
    "decomposition": "reasons of the change",
    "cohorts": "segments",
    "categories": "categories",
}
NOISE = {
    "labelled_twice": "read from rows that were labelled twice",
    "doubt_filter": "read from the doubt filter of an earlier cycle",
    "assumed": "assumed, the model's own rows don't tell yet",
}
TRUST = {
    "thumbs_down_rate": "thumbs down",
    "override_rate": "corrected by a person",
    "escalated_rate": "escalated",
}
SHOWN = 12


def measured_view(monitor: Mapping[str, Any]) -> dict[str, Any]:
    """Lines for ``admin/overview/measured.html``; empty where the cycle is older than the figures."""
    # Most clients send no outcome: only that one says nothing where it has nothing.
    known = any(monitor.get(name) is not None for name in (*NAMES, "outcomes"))
    notes = monitor.get("notes") or {}
    # Where all has become worse, each segment has: then only those stand out that differ from the rest.
    change = monitor.get("decomposition")
    everywhere = change is not None and change["total"]["high"] < 0
    return {
        "shown": known or bool(notes),
        "corrected": _corrected(monitor.get("audit_corrected")),
        "estimated": _estimated(monitor.get("estimated")),
        "months": _months(monitor.get("sequential")),
        "change": _change(monitor.get("decomposition")),
        "cohorts": [
            _cohort(c)
            for c in monitor.get("cohorts") or ()
            if c["worse_than_rest"] or (c["worse_than_before"] and not everywhere)
        ],
        "categories": _categories(monitor.get("categories")),
        "outcomes": [_outcome(kpi) for kpi in monitor.get("outcomes") or ()],
        "trust": _trust(monitor.get("signals") or ()),
        "missing": [
            (name, f"{NAMES[name]}: {why}") for name, why in notes.items() if name in NAMES
        ],
    }


def _corrected(found: Mapping[str, Any] | None) -> str:
    if not found:
        return ""
    noise = found["label_error"]
    return (
        f"{rate(found)} if {100 * noise['estimate']:.0f}% of the labels are wrong "
        f"({100 * noise['low']:.0f} to {100 * noise['high']:.0f}%, {NOISE[noise['basis']]})"
    )


def _estimated(found: Mapping[str, Any] | None) -> str:
    if not found:
        return ""
    return (
        f"{rate(found)}, estimated from the model's confidence as calibrated on "
        f"{found['calibrated_on']} audited rows; not measured"
    )


def _months(found: Mapping[str, Any] | None) -> str:
    if not found:
        return ""
    state = f"ALARM: worse since {found['since']}" if found["alarm"] else "no alarm"
    return (
        f"{state}. Evidence of a drop {found['e_value']:.1f}, alarm from {found['limit']:.1f} "
        f"(a quiet year reaches that in 5% of cases); {found['n']} audited rows over "
        f"{len(found['e_values'])} months against {found['n_baseline']} at the start."
    )


def _change(found: Mapping[str, Any] | None) -> list[str]:
    if not found:
        return []
    total = found["total"]
    lines = [
        f"{_points(total)} since the healthy months "
        f"(n {total['n_before']} before, {total['n_after']} now).",
        f"Because other categories are asked for: {_points(found['mix'])}.",
        f"Because categories are answered differently: {_points(found['within'])}.",
    ]
    worst = ", ".join(
        f"{row['category']} {100 * (row['mix'] + row['within']):+.1f}"
        for row in found["categories"][:3]
    )
    return [*lines, f"Most of what was lost, in points: {worst}."] if worst else lines


def _points(part: Mapping[str, Any]) -> str:
    low, high = 100 * part["low"], 100 * part["high"]
    return f"{100 * part['delta']:+.1f} points ({low:+.1f} to {high:+.1f})"


def _cohort(found: Mapping[str, Any]) -> dict[str, str]:
    said = [f"{_points(found['against_rest'])} against the rest"]
    if found["against_before"]:
        said.append(f"{_points(found['against_before'])} against itself before")
    return {
        "name": f"{found['key']} = {found['value']}",
        "rate": f"{rate(found)} of its answers are wrong",
        "change": ", ".join(said),
    }


def _categories(found: Mapping[str, Any] | None) -> list[dict[str, str]]:
    """The worst first; a thin one says so."""
    if not found:
        return []
    worst = sorted(found["rates"].items(), key=lambda item: item[1]["estimate"])
    return [
        {"name": name, "rate": rate(row) + (", few rows" if row["thin"] else "")}
        for name, row in worst[:SHOWN]
    ]


def _outcome(found: Mapping[str, Any]) -> dict[str, Any]:
    """A KPI: how much of it is known, its bands, and in words what is odd about it."""
    known, trend = found["coverage"], found["trend"]
    said = [f"known of {known['n']:,} of {known['rows']:,} rows"]
    for lower, higher in found["broken"]:
        said.append(f"{higher} does no longer lie above {lower}")
    if trend:
        said.append(
            f"{trend['slope']:+.3g} a month ({trend['low']:+.3g} to {trend['high']:+.3g}, "
            f"{trend['n']} months)"
        )
    return {
        "name": found["name"],
        "said": "; ".join(said),
        "bands": [
            {
                "name": band["band"],
                "value": f"{band['estimate']:.3g} ({band['low']:.3g} to {band['high']:.3g}, "
                f"n={band['n']})",
            }
            for band in found["bands"]
        ],
    }


def signals_view(monitor: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The drift signals of a check, and which moved: PSI, what chance exceeds rarely, and a word."""
    every = [
        {
            "name": signal["name"].removesuffix("_psi").replace("_", " "),
            "value": signal["value"],
            "critical": signal["critical"],
            "n": signal["n_current"],
            "against": signal.get("against", "training"),
            "word": _drift_word(signal),
        }
        for signal in monitor.get("signals") or ()
        if signal["name"].endswith("_psi")
    ]
    return {
        "all": every,
        "moved": [signal for signal in every if signal["word"].startswith("moved")],
    }


def _drift_word(signal: Mapping[str, Any]) -> str:
    if signal.get("against", "training") == "training":
        return "shown, not judged"
    if not signal["tripped"]:
        return "steady"
    return "moved far" if signal.get("severe") else "moved"


def _trust(signals: Any) -> str:
    said = [
        f"{TRUST[s['name']]} {rate({**s, 'estimate': s['value']})}"
        for s in signals
        if s["name"] in TRUST
    ]
    return ", ".join(said)
