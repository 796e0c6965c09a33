"""MONITOR: how good is the live version, on the golden set and in the world, and what moved?"""

from datetime import datetime
from typing import Any

import numpy as np

from clients import queries as client_queries
from clients import services as client_services
from clients.models import Alert, Dataset
from retraining import evaluation, profiles
from retraining.evidence import LOOK_BACK, earlier_checks, gather, month_of
from retraining.models import Cycle, EvalRun, State
from retraining.monitoring.figures import further_figures
from retraining.policy import Policy
from retraining.profiles import Counts
from retraining.profiles.daily import Basis, Kind
from retraining.queries import estimate_json
from retraining.stats.drift import psi_test
from retraining.stats.intervals import rate_difference, wilson
from retraining.step import Step

# Earlier rows before drift is judged against production rather than only shown against training.
MIN_BASELINE = 60
REACTIONS = ("error", "thumbs_down", "override", "escalated")


def run(cycle: Cycle, *, at: datetime) -> Step:
    """Golden and audit accuracy, drift and reaction signals; alerts once per change."""
    gathered = gather(cycle)
    evidence = gathered.evidence
    policy = evidence.policy
    golden = client_queries.current_version(model=cycle.model, kind=Dataset.Kind.GOLDEN)
    on_golden = evaluation.score_golden(cycle.incumbent, golden)
    audited = evaluation.score_reviewed(evidence.now)
    now, before = seen(cycle)
    signals = drift_signals(cycle, now) + reaction_signals(now, before, policy)

    monitor: dict[str, Any] = {
        "rows": now.rows,
        "signals": signals,
        "audit": None,
        "macro_f1": {
            name: evaluation.scores(scored, policy=policy, seed=cycle.seed).macro_f1.as_dict()
            for name, scored in (("golden", on_golden), ("audit", audited))
            if len(scored.ids)
        },
        **further_figures(cycle, evidence),
    }

    def write() -> None:
        run = evaluation.record(
            on_golden,
            version=cycle.incumbent,
            kind=EvalRun.Kind.GOLDEN,
            policy=policy,
            at=at,
            golden=golden,
            cycle=cycle,
        )
        monitor["golden"] = estimate_json(run)
        if len(audited.ids):
            audit = evaluation.record(
                audited,
                version=cycle.incumbent,
                kind=EvalRun.Kind.AUDIT,
                policy=policy,
                at=at,
                cycle=cycle,
            )
            monitor["audit"] = {**estimate_json(audit), "kind": "review"}
            _alert_on_drop(cycle, audit, at, sequential=monitor["sequential"])
        _alert_on_signals(cycle, signals, at)
        Cycle.objects.filter(pk=cycle.pk).update(monitor=monitor)
        cycle.monitor = monitor

    return Step(State.DIAGNOSING, "measured", write)


def seen(cycle: Cycle) -> tuple[Counts, Counts]:
    """The counts of the trailing month on the live version's bins, and of the quarter before it.

    Both are of the answers that people got, and of answered rows alone.
    """
    start, baseline = month_of(cycle), Basis(cycle.incumbent)
    now = profiles.window_counts(
        model=cycle.model, start=start, end=cycle.window_end, basis=baseline
    )
    before = profiles.window_counts(
        model=cycle.model, start=start - LOOK_BACK, end=start, set_aside=earlier_checks(cycle)
    )
    return now, before


def drift_signals(cycle: Cycle, now: Counts) -> list[dict[str, Any]]:
    """PSI of answers, confidence and every feature on the reference's fixed bins.

    Against earlier production rows, answered again by the live version, where there are enough;
    before that against the training rows, whose mix was chosen and not drawn: shown, not judged.
    """
    if not now.rows:
        return []
    policy, reference = Policy.from_snapshot(cycle.policy), cycle.incumbent.reference
    start = month_of(cycle)
    again = profiles.window_counts(
        model=cycle.model,
        start=start - LOOK_BACK,
        end=start,
        basis=Basis(cycle.incumbent, Kind.AGAIN),
        set_aside=earlier_checks(cycle),
    )
    judged = again.rows >= MIN_BASELINE
    signals = []
    for name, counts in now.bins.items():
        test = psi_test(
            reference=again.bins[name] if judged else np.array(reference[name]["counts"]),
            current=counts,
            alpha=policy.drift_alpha,
            seed=cycle.seed,
        )
        signals.append(
            {
                "name": f"{name.replace('feature:', '')}_psi",
                **test.as_dict(),
                "against": "production" if judged else "training",
                "threshold": policy.psi_investigate,
                "tripped": judged and test.tripped_at(policy.psi_investigate),
                "severe": judged and test.tripped_at(policy.psi_retrain),
            }
        )
    return signals


def reaction_signals(now: Counts, before: Counts, policy: Policy) -> list[dict[str, Any]]:
    """Rates of what people said: errors, thumbs down, overrides, escalations; with interval and n.

    Thumbs, overrides and escalations are reactions to the answer in hand, so replayed rows have
    none.
    """
    rates = []
    for name in REACTIONS:
        events, n = _reaction(now, name)
        if not n:
            continue
        was, n_was = _reaction(before, name)
        signal: dict[str, Any] = {
            "name": f"{name}_rate",
            "value": events / n,
            **wilson(successes=events, n=n, confidence=policy.confidence).as_dict(),
            "critical": None,
            "tripped": False,
        }
        if n_was:
            change = rate_difference(
                before_successes=was,
                before_n=n_was,
                after_successes=events,
                after_n=n,
                confidence=policy.confidence,
            )
            signal["change"] = change.as_dict()
            signal["critical"] = was / n_was + policy.watch_drop
            signal["tripped"] = change.delta >= policy.watch_drop and change.low > 0
        rates.append(signal)
    return rates


def _reaction(counts: Counts, name: str) -> tuple[int, int]:
    if name == "error":
        right, n = counts.reviewed
        return n - right, n
    return counts.reactions.get(name, (0, 0))


def _alert_on_drop(
    cycle: Cycle, audit: EvalRun, at: datetime, *, sequential: dict[str, Any] | None = None
) -> None:
    """Watch at 3 points, act at 5, against the first audit; threshold and interval agree.

    Twelve looks a year at a 95% interval would often alarm in a quiet one, so where the months since
    the live version went live can be judged together (``sequential``), these have to agree too.
    A drop that grows from the one to the other is a change of its own, so each has its key.
    """
    policy = Policy.from_snapshot(cycle.policy)
    earlier = EvalRun.objects.filter(
        kind=EvalRun.Kind.AUDIT, cycle__model=cycle.model, pk__lt=audit.pk
    ).order_by("pk")
    first = earlier.first()
    still: set[str] = set()
    if first is not None:
        change = rate_difference(
            before_successes=first.correct,
            before_n=first.n,
            after_successes=audit.correct,
            after_n=audit.n,
            confidence=policy.confidence,
        )
        agreed = sequential is None or sequential["alarm"]
        if -change.delta >= policy.watch_drop and change.high < 0 and agreed:
            severe = -change.delta >= policy.retrain_drop
            severity = Alert.Severity.ACT if severe else Alert.Severity.WATCH
            key = f"accuracy:{severity}"
            still.add(key)
            client_services.raise_alert(
                model=cycle.model,
                key=key,
                severity=severity,
                message=(
                    f"Reviewed accuracy is {audit.estimate * 100:.0f}% "
                    f"({audit.low * 100:.0f} to {audit.high * 100:.0f}, n={audit.n}), "
                    f"{change.delta * 100:+.0f} points from the first audit "
                    f"({change.low * 100:+.0f} to {change.high * 100:+.0f})."
                ),
                at=at,
            )
    client_services.close_alerts(
        model=cycle.model, keys_still_true=still, prefix="accuracy:", at=at
    )


def _alert_on_signals(cycle: Cycle, signals: list[dict[str, Any]], at: datetime) -> None:
    tripped = {f"signal:{signal['name']}": signal for signal in signals if signal["tripped"]}
    for key, signal in tripped.items():
        bound = f", above {signal['critical']:.2f}" if signal["critical"] is not None else ""
        client_services.raise_alert(
            model=cycle.model,
            key=key,
            severity=Alert.Severity.WATCH,
            message=f"{signal['name']} is {signal['value']:.2f}{bound}: look at the diagnosis.",
            at=at,
        )
    client_services.close_alerts(
        model=cycle.model, keys_still_true=set(tripped), prefix="signal:", at=at
    )
