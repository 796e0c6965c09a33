"""The gate's verdict as three questions with their answers, from a stored comparison."""

from collections.abc import Mapping, Sequence
from typing import Any

from retraining.admin.comparison_view import points
from retraining.models import Comparison

BETTER, NOT_WORSE, OTHER = "better", "not worse", "other"
YES, NO, OPEN = "yes", "no", "not proven"
LABELS = {YES: "success", NO: "danger", OPEN: "warning"}

# How the gate's sentences begin (retraining.gain): which question each answers, and how. A test
# has the gate say each of them, so that the two can't drift apart.
BEGINS: tuple[tuple[str, str, str], ...] = (
    ("Better on ", BETTER, YES),
    ("No gain ", BETTER, NO),
    ("The asking ends", BETTER, NO),
    ("The gain is not proven", BETTER, OPEN),
    ("A gain of the size", BETTER, OPEN),
    ("Not worse on ", NOT_WORSE, YES),
    ("Worse on ", NOT_WORSE, NO),
    ("A loss of ", NOT_WORSE, OPEN),
    ("The candidate answers every golden row", BETTER, NO),
    ("Rows that must pass", OTHER, NO),
    ("The sealed golden rows say otherwise", OTHER, NO),
)
METRICS = {
    "calibration": ("Calibration error", "{:.3f}"),
    "latency_ms": ("Time a row, ms", "{:.1f}"),
    "artifact_mb": ("Size, MB", "{:.1f}"),
}


def gate_view(comparison: Comparison) -> dict[str, Any]:
    """The three questions, each with its answer, figures and sentences; guard metrics; the sums."""
    figures = comparison.figures
    groups = figures.get("groups") or {}
    guards = list(figures.get("guards") or ())
    said = [sorted_out(sentence, guards) for sentence in figures.get("reasons") or ()]
    target, protected = groups.get("target"), groups.get("protected")
    parts = [
        _part(
            "Is it better " + ("where it was meant to be?" if target else "on all rows?"),
            _word(said, BETTER, otherwise=OPEN),
            target or figures.get("overall"),
            [sentence for question, _, sentence in said if question == BETTER],
        ),
        _part(
            "Is it not worse elsewhere?",
            # Where no protected row was lost, or there is none, the gate says nothing of them.
            _word(said, NOT_WORSE, otherwise=OPEN if (protected or {}).get("broken") else YES),
            protected,
            [sentence for question, _, sentence in said if question == NOT_WORSE],
        ),
        _part(
            "Does nothing else speak against it?",
            _word(said, OTHER, otherwise=YES),
            None,
            [sentence for question, _, sentence in said if question == OTHER],
        ),
    ]
    if not parts[2]["sentences"]:
        parts[2]["sentences"] = [
            "No category lost grossly, no row that must pass, no guard metric."
        ]
    return {
        "parts": parts,
        "metrics": [_metric(metric) for metric in guards],
        "production": _production(figures.get("production")),
        "sealed": len(figures.get("sealed_rows") or ()),
        "opened": _figures(figures.get("sealed")) if figures.get("sealed") else None,
    }


def sorted_out(sentence: str, guards: Sequence[Mapping[str, Any]]) -> tuple[str, str, str]:
    """A sentence of the gate: the question that it answers, how, and the sentence.

    >>> sorted_out("Worse on the protected categories: -4.0 points (...).", [])[:2]
    ('not worse', 'no')
    """
    for begin, question, word in BEGINS:
        if sentence.startswith(begin):
            return question, word, sentence
    if any(metric["failed"] and metric["sentence"] == sentence for metric in guards):
        return OTHER, NO, sentence
    # What is left is about one category, whose loss was asked of other rows too.
    if sentence.endswith("no lasting loss."):
        return OTHER, YES, sentence
    return OTHER, NO if sentence.endswith("the loss is confirmed.") else OPEN, sentence


def _word(said: Sequence[tuple[str, str, str]], question: str, *, otherwise: str) -> str:
    words = {word for about, word, _ in said if about == question}
    return next((word for word in (NO, OPEN, YES) if word in words), otherwise)


def _part(
    question: str, word: str, figures: Mapping[str, Any] | None, sentences: list[str]
) -> dict[str, Any]:
    return {
        "question": question,
        "word": word,
        "label": LABELS[word],
        "figures": _figures(figures),
        "sentences": sentences,
    }


def _figures(found: Mapping[str, Any] | None) -> str:
    """A difference as staff read it: points (interval, n), fixed and broken rows."""
    if not found:
        return ""
    return (
        f"{points(found['delta'])} points ({points(found['low'])} to {points(found['high'])}, "
        f"n {found['n']}), {found['fixed']} fixed, {found['broken']} broken"
    )


def _metric(metric: Mapping[str, Any]) -> dict[str, str]:
    name, form = METRICS.get(metric["metric"], (str(metric["metric"]), "{:.3g}"))
    return {
        "name": name,
        "before": form.format(metric["before"]),
        "after": form.format(metric["after"]),
        "word": "too much worse" if metric["failed"] else "within its limit",
    }


def _production(found: Mapping[str, Any] | None) -> str:
    if not found or not found.get("n"):
        return ""
    differ = round(found["n"] * (found.get("disagree") or 0.0))
    return f"Of the month's {found['n']:,} production rows {differ:,} would be answered otherwise."
