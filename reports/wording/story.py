"""The month in three sentences: how good, what was found, what we did."""

from reports.facts import Cause, Deployment, Fault, Findings, Model, Ruling, Trial
from reports.wording.base import Wording

# A change from month to month is called one only where the two intervals leave no doubt.
_BY_VERDICT = {
    "fix_upstream": (
        "frozen_field unit_change shifted_field missing_values truncated_input late_field"
        " segment_fault serving_change"
    ).split(),
    "retrain": ["new_category", "weak_category", "concept_change"],
    "wait": ["transient", "known_event"],
    "collect_labels": ["insufficient_evidence", "label_noise"],
    "no_action": ["mix_shift", "proxy_inflation", "nothing"],
}
_TRIED = frozenset({"undecided", "rejected", "refused", "pending_approval"})
_STATES = _TRIED | {
    *("healthy", "waiting", "upstream", "needs_labels", "advised", "curating", "failed")
}


def three_sentences(model: Model, w: Wording) -> tuple[str, str, str]:
    """What a reader keeps who reads nothing else."""
    return accuracy_sentence(model, w), found_sentence(model, w), did_sentence(model, w)


def accuracy_sentence(model: Model, w: Wording) -> str:
    """How good the model was, by the randomly drawn rows where there are any."""
    task = w.t(f"task.{model.task}")
    if model.audit is None:
        if model.golden is None:
            return w.t("story.nothing_measured")
        return w.t("story.golden", task=task, rate=w.rate(model.golden))
    before, key = model.audit_before, "story.audit"
    values: dict[str, object] = {"task": task, "rate": w.rate(model.audit)}
    if before is not None:
        if model.audit.high < before.low:
            key = "story.audit.down"
        elif model.audit.low > before.high:
            key = "story.audit.up"
        else:
            key = "story.audit.level"
        values["before"] = w.rate(before)
    return w.t(key, n=w.number(model.audit.n), **values)


def found_sentence(model: Model, w: Wording) -> str:
    """The main cause, in words without statistics."""
    if not model.service.checks:
        return f"{w.t('story.no_check')} {w.t('story.no_check.why')}"
    if model.findings is None:
        return w.t("story.not_diagnosed")
    main = _main(model.findings)
    if main is None:
        return cause_sentence("nothing", model, model.findings, w)
    sentence = found_cause_sentence(main, model, model.findings, w)
    return f"{sentence} {w.t('story.over', day=w.day(main.until))}" if main.until else sentence


def main_cause(findings: Findings) -> str:
    """The cause that the verdict rests on: the first of the verdict's own kind."""
    main = _main(findings)
    return main.cause if main else "nothing"


def _main(findings: Findings) -> Cause | None:
    own = _BY_VERDICT.get(findings.verdict, [])
    found = [cause for cause in findings.causes if cause.acts]
    # A verdict without a cause of its kind: say what was found, or that nothing was.
    return next((cause for cause in [c for c in found if c.cause in own] + found), None)


def cause_title(cause: Cause, w: Wording) -> str:
    """The cause, or the kind of it that has words of its own."""
    key = f"cause.{cause.kind}"
    return w.strings.get(key) or w.known(f"cause.{cause.cause}", cause.cause)


def cause_days(cause: Cause, w: Wording) -> str:
    """``since 10 March 2025, over since 15 March 2025``; empty where no day is known."""
    since = w.t("cause.since", day=w.day(cause.since)) if cause.since else ""
    over = w.t("cause.over", day=w.day(cause.until)) if cause.until else ""
    return ", ".join(part for part in (since, over) if part)


def found_cause_sentence(cause: Cause, model: Model, findings: Findings, w: Wording) -> str:
    """``cause_sentence`` with the words of its kind, and with its own names where it has any."""
    known = f"cause.{cause.kind}.story" in w.strings
    return cause_sentence(
        cause.kind if known else cause.cause, model, findings, w, names=cause.names
    )


def cause_sentence(
    cause: str, model: Model, findings: Findings, w: Wording, *, names: tuple[str, ...] = ()
) -> str:
    """One cause in a plain sentence, with the names that belong to it."""
    key = f"cause.{cause}.story"
    if model.task == "tabular" and f"{key}.tabular" in w.strings:
        key = f"{key}.tabular"
    if key not in w.strings:
        return w.known(f"cause.{cause}", cause)
    names = names or names_of(cause, findings)
    sentence = w.t(key, names=w.listed(names) or "\u2026", task=w.t(f"task.{model.task}"))
    # Without names the sentence ends before the colon that would have led to them.
    return sentence if names else sentence.replace(": \u2026.", ".")


def names_of(cause: str, findings: Findings) -> tuple[str, ...]:
    """The categories, fields or signals that a cause is about."""
    if cause == "new_category":
        return findings.new_categories
    if cause == "weak_category":
        return findings.weak_categories
    if cause == "proxy_inflation":
        return findings.untrusted_signals
    return tuple(fault.full_name for fault in findings.faults if fault.kind == cause)


def outcome_of(model: Model) -> str:
    """How the month's last check ended; ``live`` wins, for it is what changed the model."""
    outcomes = [check.outcome for check in model.service.checks]
    if not outcomes:
        return "none"
    return "live" if "live" in outcomes else outcomes[-1]


def did_sentence(model: Model, w: Wording) -> str:
    """What we did about it."""
    back = [d for d in model.deployments if d.kind == "rolled_back" and d.this_month]
    if back:
        last = back[-1]
        values = {"version": last.version, "before": last.replaced, "day": w.day(last.day)}
        return w.t("story.did.rolled_back", **values)
    outcome = outcome_of(model)
    if outcome == "none":
        return w.t("story.no_check.did", version=model.version)
    if outcome == "live":
        return _live_sentence(model, w)
    trial = last_trial(model)
    if outcome in _TRIED and trial is None:
        return w.t("story.did.healthy" if outcome != "pending_approval" else "story.did.curating")
    if outcome not in _STATES:
        return w.t("story.did.working")
    if outcome == "advised" and model.service.retrain_every_days is not None:
        outcome = "advised.new"
    main = _main(model.findings) if model.findings else None
    own = f"story.did.{outcome}.{main.kind or main.cause}" if main else ""
    return w.t(
        own if own in w.strings else f"story.did.{outcome}",
        version=trial.candidate if trial else "",
        before=trial.incumbent if trial else "",
        by=signer(model, "refuse"),
        task=w.t(f"task.{model.task}"),
    )


def _live_sentence(model: Model, w: Wording) -> str:
    deployed = last_deployment(model)
    trial = next((t for t in reversed(model.trials) if t.deployed), None)
    day = w.day(deployed.day) if deployed else ""
    if trial is None or trial.overall is None or trial.overall.fixed is None:
        return w.t("story.did.live.plain", version=model.version, day=day)
    return w.t(
        "story.did.live",
        version=trial.candidate,
        before=trial.incumbent,
        day=day,
        by=signer(model, "approve"),
        fixed=trial.overall.fixed,
        broken=trial.overall.broken,
    )


def last_trial(model: Model) -> Trial | None:
    """The month's last comparison."""
    return model.trials[-1] if model.trials else None


def last_deployment(model: Model) -> Deployment | None:
    """The month's last version that went live, launch included."""
    deployed = [d for d in model.deployments if d.this_month]
    return deployed[-1] if deployed else None


def signer(model: Model, kind: str) -> str:
    """Who approved or refused last."""
    rulings: list[Ruling] = [ruling for ruling in model.rulings if ruling.kind == kind]
    return rulings[-1].by if rulings else "\u2026"


def fault_line(fault: Fault, w: Wording) -> str:
    """A broken field or segment, and what its owner should do."""
    subject = w.t(f"fault.{fault.where}", subject=w.t("quoted", text=fault.subject))
    if fault.segment:
        subject += w.t("fault.only_where", segment=w.t("quoted", text=fault.segment))
    what = w.known(f"fault.{fault.kind}", fault.kind)
    if fault.kind == "unit_change" and fault.factor is not None:
        figures = {"factor": fault.factor, "offset": fault.offset or 0.0}
        shown = {
            name: w.number(value, 4).rstrip("0").rstrip(".,") for name, value in figures.items()
        }
        what += w.t("fault.unit_change.figures", **shown)
    if fault.lag:
        what += w.t("fault.late_field.figures", n=w.number(fault.lag))
    since = f", {w.t('fault.since', day=w.day(fault.since))}" if fault.since else ""
    over = f", {w.t('cause.over', day=w.day(fault.until))}" if fault.until else ""
    return f"{subject} {what}{since}{over}"
