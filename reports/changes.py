"""What a later gathering of the same month says otherwise than an earlier one. Pure."""

from collections.abc import Callable

from reports.facts import Model, Rate, Report, Revised
from reports.provenance import said

Says = Callable[[Model], str]


def changes(before: Report, after: Report) -> tuple[Revised, ...]:
    """The differences that a reader should know of, as codes with both values.

    Where only small print differs, there is one line that says that details were updated.
    """
    found = _of_report(before, after)
    old = {model.slug: model for model in before.models}
    for model in after.models:
        if model.slug in old:
            found += _of_model(old[model.slug], model)
    if not found and said(before) != said(after):
        found.append(Revised(model="", what="details", before="", after=""))
    return tuple(found)


def _of_report(before: Report, after: Report) -> list[Revised]:
    found = []
    status = [("provisional" if r.provisional else "final") for r in (before, after)]
    if status[0] != status[1]:
        found.append(Revised("", "status", *status))
    models = [", ".join(model.name for model in r.models) for r in (before, after)]
    if models[0] != models[1]:
        found.append(Revised("", "models", *models))
    return found


def _of_model(before: Model, after: Model) -> list[Revised]:
    says: dict[str, Says] = {
        "audit": lambda m: _rate(m.audit),
        "golden": lambda m: _rate(m.after_golden or m.golden),
        "version": lambda m: m.version,
        "outcome": lambda m: " ".join(check.outcome for check in m.service.checks),
        "finding": _finding,
        "labels": lambda m: str(m.service.reviewed),
        "rows": lambda m: str(m.service.rows),
        "rulings": lambda m: str(len(m.rulings)),
        "data": lambda m: str(m.data.steps[-1].training_rows) if m.data.steps else "",
    }
    return [
        Revised(after.name, what, say(before), say(after))
        for what, say in says.items()
        if say(before) != say(after)
    ]


def _finding(model: Model) -> str:
    if model.findings is None:
        return ""
    return " ".join(dict.fromkeys(cause.cause for cause in model.findings.causes)) or "nothing"


def _rate(rate: Rate | None) -> str:
    """``66.0% (55-75, n=92)``: free of words, for both languages."""
    if rate is None:
        return "\u2013"
    low, high = round(rate.low * 100), round(rate.high * 100)
    return f"{rate.estimate * 100:.1f}% ({low}\u2013{high}, n={rate.n})"
