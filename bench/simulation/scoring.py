"""Verdicts against the truth: confusion matrix, rates with Wilson intervals, and the misses."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from bench.simulation.baselines import NAMES
from retraining.stats.intervals import wilson

Result = dict[str, Any]
VERDICTS = ("no_action", "wait", "fix_upstream", "retrain", "collect_labels", "crashed")
OURS = "ours"


def rate(yes: int, n: int) -> str:
    """A share with its 95% Wilson interval and its n."""
    if not n:
        return "none of these"
    interval = wilson(successes=yes, n=n, confidence=0.95)
    return (
        f"{100 * yes / n:5.1f}% ({100 * interval.low:.1f} to {100 * interval.high:.1f}, {yes}/{n})"
    )


def needs_nothing(result: Result) -> bool:
    """Only no_action is right."""
    return bool(result["right"] == ["no_action"])


def main_right(result: Result) -> str:
    """The verdict that stands for the month in the matrix: what was planted, if it can be seen."""
    right = result["right"]
    for verdict in ("fix_upstream", "retrain", "wait", "collect_labels"):
        if verdict in right and (len(right) == 1 or verdict in ("fix_upstream", "retrain")):
            return verdict
    return "no_action" if right == ["no_action"] else str(max(set(right) - {"no_action"}))


def agreed(result: Result, who: str = OURS) -> bool:
    return result[who] in result["right"]


def confusion(results: Sequence[Result], who: str = OURS) -> str:
    """Rows: the right verdict (a ~ where others are right too); columns: what was said."""
    cells: Counter[tuple[str, str]] = Counter()
    for result in results:
        name = main_right(result) + ("" if len(result["right"]) == 1 else " ~")
        cells[name, result[who]] += 1
    lines = [" " * 18 + "".join(f"{verdict:>16}" for verdict in VERDICTS)]
    for name in sorted({name for name, _ in cells}, key=lambda n: (n.endswith("~"), n)):
        row = "".join(f"{cells[name, verdict]:>16}" for verdict in VERDICTS)
        lines.append(f"{name:<18}{row}")
    return "\n".join(lines)


def figures(results: Sequence[Result], who: str = OURS) -> dict[str, str]:
    """The figures of one way to decide."""
    quiet = [r for r in results if needs_nothing(r)]
    retrain_wrong = [r for r in results if "retrain" not in r["right"]]
    planted = [r for r in results if not needs_nothing(r)]
    clear = [r for r in planted if len(r["right"]) == 1]
    decay = [r for r in results if r["right"] == ["retrain"]]
    return {
        "right verdict": _share(results, lambda r: agreed(r, who)),
        "... months with a plant that shows": _share(clear, lambda r: agreed(r, who)),
        "retrain, of months that need nothing": _share(quiet, lambda r: r[who] == "retrain"),
        "retrain, of months where it is wrong": _share(
            retrain_wrong, lambda r: r[who] == "retrain"
        ),
        "any alarm, of months that need nothing": _share(quiet, lambda r: r[who] != "no_action"),
        "retrain, of months that need it": _share(decay, lambda r: r[who] == "retrain"),
    }


def _share(results: Sequence[Result], yes: Any) -> str:
    return rate(sum(bool(yes(r)) for r in results), len(results))


def table(results: Sequence[Result]) -> str:
    """Our figures beside those of the baselines."""
    columns = {who: figures(results, who) for who in (OURS, *NAMES)}
    lines = [f"{'':<40}" + "".join(f"{who:>34}" for who in columns)]
    for name in columns[OURS]:
        lines.append(f"{name:<40}" + "".join(f"{found[name]:>34}" for found in columns.values()))
    named = [r["named"] for r in results if r["named"] is not None]
    lines.append(f"fields, segments and since named right   {rate(sum(named), len(named))}")
    return "\n".join(lines)


def by_cause(results: Sequence[Result]) -> str:
    """Right verdicts of months with one plant, by cause and strength as it came out."""
    alone = [r for r in results if len(r["plants"]) == 1]
    groups: dict[tuple[str, str], list[Result]] = {}
    for result in alone:
        plant = result["plants"][0]
        strength = plant["realized"]
        band = "<1" if strength < 1 else "1-2" if strength < 2 else "2+"
        groups.setdefault((plant["cause"], band), []).append(result)
    lines = []
    for (cause, band), found in sorted(groups.items()):
        said = Counter(r["ours"] for r in found)
        ok = sum(agreed(r) for r in found)
        lines.append(f"  {cause:<22}{band:<5}{ok:>3} of {len(found):<4} {dict(said)}")
    return "\n".join(lines)


def misses(results: Iterable[Result]) -> str:
    """The months that we got wrong, one paragraph each."""
    lines = []
    for result in results:
        wrong = not agreed(result)
        if not wrong and result["named"] is not False:
            continue
        what = "WRONG" if wrong else "MISNAMED"
        lines.append(
            f"{what} {result['stream']} month {result['month']} {result['world']}: said "
            f"{result['ours']} {result['causes']}, right {'/'.join(result['right'])}"
        )
        for plant in result["plants"]:
            lines.append(f"    planted {plant}")
        for text in result["evidence"]:
            lines.append(f"    said: {text}")
    return "\n".join(lines)
