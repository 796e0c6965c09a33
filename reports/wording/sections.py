"""The sentences of the report's sections, each from the facts of one model."""

from collections import Counter
from collections.abc import Sequence

from reports.facts import (
    Categories,
    Category,
    Data,
    DataChange,
    Deployment,
    Edition,
    Event,
    Model,
    Next,
    NotDone,
    Report,
    Ruling,
    Service,
    Trial,
)
from reports.wording.base import Wording
from reports.wording.story import fault_line

EVERY = {1: "every.day", 7: "every.week", 14: "every.two_weeks", 30: "every.month"}


def provisional_note(report: Report, w: Wording) -> str:
    """Why this report may still change; empty when it is final."""
    if not report.provisional:
        return ""
    reasons = "; ".join(w.t(f"provisional.{reason}") for reason in report.provisional)
    return w.t("provisional.note", reasons=reasons)


def edition_lines(edition: Edition, w: Wording) -> list[str]:
    """What an earlier revision said otherwise, line by line."""
    lines = []
    for change in edition.changes:
        what = w.known(f"change.{change.what}", change.what)
        if change.model:
            what = f"{what} ({change.model})"
        if change.before == change.after:
            lines.append(f"{what}: {w.t('change.updated')}")
            continue
        before, after = (_said(change.what, value, w) for value in (change.before, change.after))
        lines.append(w.t("edition.line", what=what, before=before, after=after))
    return lines


def _said(what: str, value: str, w: Wording) -> str:
    if what == "status":
        return w.t(f"status.{value}")
    if what == "outcome":
        return ", ".join(w.known(f"outcome.{part}", part) for part in value.split()) or "\u2013"
    if what == "finding":
        return ", ".join(w.known(f"cause.{part}", part) for part in value.split()) or "\u2013"
    # Rates were written language-free: a point for decimals, "lo-hi" for the interval.
    return value.replace(".", w.decimal) if what in ("audit", "golden") else value or "\u2013"


def deployment_line(deployment: Deployment, w: Wording) -> str:
    """What went live and when."""
    return w.t(
        f"deploy.{deployment.kind}",
        version=deployment.version,
        replaced=deployment.replaced,
        day=w.day(deployment.day),
    )


def trial_line(trial: Trial, w: Wording) -> str:
    """What was compared, and what came out."""
    return w.t(
        "trial",
        incumbent=trial.incumbent,
        candidate=trial.candidate,
        golden=trial.golden_version,
        verdict=w.known(f"trial.{trial.verdict}", trial.verdict),
    )


def trial_rows(trial: Trial, w: Wording) -> list[tuple[str, str]]:
    """The figures of a comparison: what, and how much."""
    rows = [
        (w.t("trial.scored", version=version), w.rate(rate))
        for version, rate in ((trial.incumbent, trial.before), (trial.candidate, trial.after))
        if rate is not None
    ]
    groups = {
        "overall": trial.overall,
        "new": trial.new,
        "target": trial.target,
        "protected": trial.protected,
    }
    rows += [
        (w.t(f"trial.{group}"), w.difference(difference))
        for group, difference in groups.items()
        if difference is not None
    ]
    overall = trial.overall
    if overall is not None and overall.fixed is not None and overall.broken is not None:
        changed = w.t("trial.changed", fixed=overall.fixed, broken=overall.broken)
        rows.append((w.t("trial.rows"), changed))
    return rows


def ruling_line(ruling: Ruling, w: Wording) -> str:
    """Who decided what; of a repair, what it does to which days' rows."""
    key = f"ruling.{ruling.kind}"
    if f"{key}.{ruling.advice}" in w.strings:
        key = f"{key}.{ruling.advice}"
    repair = ruling.kind.startswith("repair")
    subject = w.t("quoted", text=ruling.subject) if repair else ruling.subject
    return w.t(
        key,
        by=ruling.by,
        subject=subject or w.t("ruling.the_check"),
        day=w.day(ruling.day),
        since=w.day(ruling.since) if ruling.since else "",
        until=w.day(ruling.until) if ruling.until else "",
    )


def not_done_line(item: NotDone, w: Wording, *, days: Sequence[str] = ()) -> tuple[str, str]:
    """What we did not do, and why, in two sentences; on ``days``, where that are several."""
    known = f"not.{item.outcome}" in w.strings
    what = w.t(f"not.{item.outcome if known else 'working'}", day=w.days(days or [item.day]))
    keys: tuple[str, ...] = (item.outcome, item.cause, item.verdict)
    if item.cause == "unsupported_category":
        keys = (item.cause,)
    for key in keys:
        if f"because.{key}" in w.strings:
            return what, w.t(f"because.{key}")
    return what, "" if item.outcome == "refused" else w.t("because.no_action")


def categories_basis(categories: Categories, w: Wording) -> str:
    """What is set beside what, in a sentence."""
    before, after = category_columns(categories, w)
    return w.t(f"cat.basis.{categories.basis}", before=before, after=after)


def category_columns(categories: Categories, w: Wording) -> tuple[str, str]:
    """The names of the two columns: versions, or months."""
    if categories.basis != "audit":
        return categories.before, categories.after
    before = w.month(categories.before) if categories.before else w.t("cat.first_labels")
    return before, w.month(categories.after)


def categories_summary(categories: Categories, w: Wording) -> str:
    """How many went which way; what nothing went is left out."""
    counts = Counter(row.verdict for row in categories.rows)
    if categories.basis == "golden":
        return w.t("cat.summary.golden", n=len(categories.rows), thin=counts["thin"])
    parts = [
        w.t(f"cat.count.{verdict}", n=counts[verdict])
        for verdict in ("worse", "new", "better", "same", "thin")
        if counts[verdict]
    ]
    return f"{', '.join(parts)}."


def category_verdict(category: Category, categories: Categories, w: Wording) -> str:
    """One category's verdict; never a verdict on too few rows."""
    if category.verdict == "thin":
        n = max((rate.n for rate in (category.before, category.after) if rate), default=0)
        return w.t("cat.thin", n=n)
    return "" if categories.basis == "golden" else w.t(f"cat.{category.verdict}")


def data_change_line(change: DataChange, w: Wording) -> str:
    """One new dataset version."""
    return w.t(
        f"data.{change.kind}",
        version=change.version,
        rows=w.number(change.rows),
        added=w.number(change.added),
        removed=w.number(change.removed),
    )


def data_lines(data: Data, w: Wording) -> list[str]:
    """How the data grew this month."""
    lines = [data_change_line(change, w) for change in data.changes]
    if not lines and data.steps:
        last = data.steps[-1]
        sizes = {"training": w.number(last.training_rows), "golden": w.number(last.golden_rows)}
        lines.append(w.t("data.unchanged", **sizes))
    if data.proposed:
        counts = {"proposed": w.number(data.proposed), "accepted": w.number(data.accepted)}
        lines.append(w.t("data.proposed", **counts))
    if data.set_aside:
        reasons = ", ".join(
            f"{w.number(count.n)} {w.known(f'aside.{count.what}', count.what)}"
            for count in data.set_aside
        )
        lines.append(w.t("data.set_aside", reasons=reasons))
    return lines


def every(days: int, w: Wording) -> str:
    """``every two weeks``."""
    return w.t(EVERY[days]) if days in EVERY else w.t("every.days", n=days)


def service_lines(service: Service, model: Model, w: Wording) -> list[str]:
    """The promise of the tier beside what was done."""
    promise = w.t("service.tier", tier=service.tier, every=every(service.every_days, w))
    done = w.t("service.checks", n=len(service.checks), promised=service.promised)
    labels = {
        "reviewed": w.number(service.reviewed),
        "corrected": w.number(service.corrected),
        "targeted": w.number(service.targeted),
    }
    tasks = {"task": w.t(f"task.{model.task}"), "Task": w.t(f"Task.{model.task}")}
    lines = [
        f"{promise} {done}.",
        w.t("service.rows", rows=w.number(service.rows), **tasks) + ".",
        w.t("service.labels", **labels) + ".",
    ]
    if service.awaited:
        lines.append(w.t("service.awaited", n=service.awaited) + ".")
    return lines


def event_line(event: Event, w: Wording) -> str:
    """A declared event with its days."""
    return w.t(
        "event.line",
        kind=w.known(f"event.{event.kind}", event.kind),
        title=event.title,
        starts=w.day(event.starts, year=False),
        ends=w.day(event.ends),
    )


def next_line(item: Next, w: Wording) -> str:
    """One thing that comes next."""
    return w.t(f"next.{item.what}", day=w.day(item.day), n=item.n, names=w.listed(item.names))


def asks(model: Model, w: Wording) -> list[str]:
    """What the client is asked to do; empty where that is nothing."""
    findings = model.findings
    faults = findings.faults if findings else ()
    lines = [
        w.t("ask.repair.over" if fault.until else "ask.repair", fault=fault_line(fault, w))
        for fault in faults[:4]
    ]
    for cause in findings.causes if findings else ():
        if cause.cause == "serving_change" and cause.acts:
            lines.append(w.t("ask.serving_change.over" if cause.until else "ask.serving_change"))
    todo = {item.what: item for item in model.next}
    if "label_audit" in todo:
        lines.append(w.t("ask.label", n=todo["label_audit"].n))
    elif "need_audit" in todo:
        lines.append(w.t("ask.need_audit", n=todo["need_audit"].n))
    lines += [
        w.t(f"ask.{what}", n=todo[what].n, names=w.listed(todo[what].names))
        for what in ("second_look", "name_rows")
        if what in todo
    ]
    if "new_categories" in todo:
        lines.append(w.t("ask.categories", names=w.listed(todo["new_categories"].names)))
    if "advised" in todo:
        lines.append(w.t("ask.advised"))
    return lines
