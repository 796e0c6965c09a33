"""The words that a report uses, each with its meaning; only those that it uses. Pure."""

from collections.abc import Iterator

from reports.facts import Model, Report
from reports.wording import Wording

COLUMNS = 3
TERMS = "audit golden interval points fixed training check provisional proof".split()


def glossary(report: Report, w: Wording) -> list[list[tuple[str, str]]]:
    """Terms and meanings in columns, in the order of ``TERMS``."""
    used = {term for model in report.models for term in _used(model)} | {"proof"}
    if report.provisional:
        used.add("provisional")
    said = [(w.t(f"gloss.{t}"), w.t(f"gloss.{t}.means")) for t in TERMS if t in used]
    height = -(-len(said) // COLUMNS)
    return [said[i : i + height] for i in range(0, len(said), height)]


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
