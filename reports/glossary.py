"""The words that a report uses, each with its meaning; only those that it uses. Pure."""

from collections.abc import Iterator

from reports.facts import Model, Report
from reports.wording import Wording

COLUMNS, LINE = 3, 42
"""Columns, and the letters on a line of one."""
TERMS = "audit golden interval points fixed training check provisional proof".split()


def glossary(report: Report, w: Wording) -> list[list[tuple[str, str]]]:
    """Terms and meanings in columns, in the order of ``TERMS``."""
    used = {term for model in report.models for term in _used(model)} | {"proof"}
    if report.provisional:
        used.add("provisional")
    said = [(w.t(f"gloss.{t}"), w.t(f"gloss.{t}.means")) for t in TERMS if t in used]
    return _level(said)


def _level(said: list[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """Columns of about the same length: each is full when it has its share of all letters."""
    share = sum(map(_length, said)) / COLUMNS
    columns: list[list[tuple[str, str]]] = [[]]
    for entry in said:
        filled = sum(map(_length, columns[-1]))
        if columns[-1] and filled + _length(entry) / 2 > share and len(columns) < COLUMNS:
            columns.append([])
        columns[-1].append(entry)
    return columns


def _length(entry: tuple[str, str]) -> int:
    """In letters; a term stands on a line of its own."""
    return LINE + len(entry[1])


def _used(model: Model) -> Iterator[str]:
    rates = [model.audit, model.golden, model.after_golden]
    if model.audit is not None or any(point.audit for point in model.points):
        yield "audit"
    if any(rates[1:]) or any(point.golden for point in model.points) or model.trials:
        yield "golden"
    if any(rates):
        yield "interval"
    moved = model.categories is not None and any(
        row.verdict in ("better", "worse") for row in model.categories.rows
    )
    gain = model.findings is not None and model.findings.expected_gain is not None
    if model.trials or moved or gain:
        yield "points"
    if any(trial.overall and trial.overall.fixed is not None for trial in model.trials):
        yield "fixed"
    if model.data.steps or model.data.changes:
        yield "training"
    if model.service.checks or model.service.promised:
        yield "check"
