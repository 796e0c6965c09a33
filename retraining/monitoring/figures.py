"""The sections that a cycle's ``monitor`` gains, each with interval and n, as JSON keeps them.

A figure that can't be had is null, and ``notes`` says why.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from retraining.causes.evidence import Evidence, Rows
from retraining.causes.input_clusters import input_kinds
from retraining.models import Cycle
from retraining.monitoring.audited import corrected
from retraining.monitoring.months import live_since, monthly
from retraining.monitoring.outcomes import outcomes
from retraining.stats.cohorts import failing_cohorts
from retraining.stats.decomposition import Part, decompose_change
from retraining.stats.intervals import wilson
from retraining.stats.labelfree import calibrate, contradicts, estimated_accuracy
from retraining.stats.pooling import pooled_rates

# Audited rows before a confidence can be calibrated: its slope needs some wrong answers.
CALIBRATE_ON = 60
# A context key with more values than this is no segment but a name.
MOST_VALUES = 20
KIND = "kind of input"
"""The key of segments that no context names and that were found in the inputs."""
SHOWN = 5
ADJUSTED_LEVEL = 0.05


@dataclass
class Monitored:
    """The sections that a cycle's ``monitor`` gains."""

    sections: dict[str, Any] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, found: dict[str, Any] | list[Any] | str) -> None:
        """A section, or in words why there is none."""
        self.sections[name] = None if isinstance(found, str) else found
        if isinstance(found, str):
            self.notes[name] = found


def further_figures(cycle: Cycle, evidence: Evidence) -> dict[str, Any]:
    """``audit_corrected``, ``estimated``, ``sequential``, ``decomposition``, ``cohorts``,
    ``categories``, ``outcomes``, and ``notes``: for each section that is null, why."""
    since = live_since(cycle)
    now, before, healthy = evidence.now, evidence.before, evidence.healthy
    if since is not None:
        own = (before.rows["timestamp"] >= since).to_numpy(dtype=bool)
        before, healthy = before.where(own), healthy[own]
    baseline = before.where(healthy)
    found = Monitored()
    made: dict[str, Callable[[], dict[str, Any] | list[Any] | str]] = {
        "audit_corrected": lambda: corrected(cycle, evidence),
        "estimated": lambda: estimated(evidence, evidence.unsettled().now, baseline),
        "sequential": lambda: monthly(cycle, evidence),
        "decomposition": lambda: decomposition(evidence, now, baseline),
        "cohorts": lambda: cohorts(evidence, now, baseline),
        "categories": lambda: categories(evidence, now),
        "outcomes": lambda: outcomes(cycle, evidence),
    }
    for name, make in made.items():
        found.add(name, make())
    return {**found.sections, "notes": found.notes}


def estimated(evidence: Evidence, now: Rows, baseline: Rows) -> dict[str, Any] | str:
    """Accuracy of all rows, unlabelled ones too, from confidence; none where the audit contradicts."""
    policy = evidence.policy
    fair = baseline.where(baseline.reviewed & _sure(baseline))
    if len(fair) < CALIBRATE_ON:
        return f"only {len(fair)} audited rows of healthy months to calibrate confidence on"
    every = now.where(_sure(now))
    if not len(every):
        return "no row has a confidence"
    calibration = calibrate(confidences=fair.rows["confidence"], correct=~fair.failed)
    answer = estimated_accuracy(
        calibration=calibration,
        confidences=every.rows["confidence"],
        confidence=policy.confidence,
    )
    audited = now.where(now.reviewed)
    if len(audited):
        seen = wilson(
            successes=int((~audited.failed).sum()), n=len(audited), confidence=policy.confidence
        )
        if contradicts(estimated=answer, audited=seen):
            return (
                f"switched off: confidence says {answer.estimate * 100:.0f}%, "
                f"the reviewed rows say {seen.estimate * 100:.0f}% (n={seen.n})"
            )
    return {**answer.as_dict(), "kind": "estimated", "calibrated_on": calibration.n}


def _sure(rows: Rows) -> np.ndarray:
    return rows.rows["confidence"].notna().to_numpy(dtype=bool)


def decomposition(evidence: Evidence, now: Rows, baseline: Rows) -> dict[str, Any] | str:
    """The change since the healthy months: another mix of categories, or worse within them."""
    policy = evidence.policy
    sides = [_by_category(rows) for rows in (baseline, now)]
    sizes = [sum(n for _, n in side.values()) for side in sides]
    if min(sizes) < policy.audit_min_n:
        return f"{sizes[0]} reviewed rows in healthy months before and {sizes[1]} now are too few"
    found = decompose_change(
        before=sides[0], after=sides[1], seed=evidence.seed, confidence=policy.confidence
    )

    def part(told: Part) -> dict[str, Any]:
        return {**told.as_dict(), "n_before": found.n_before, "n_after": found.n_after}

    worst = sorted(found.by_group.items(), key=lambda item: sum(item[1]))[:SHOWN]
    return {
        "total": part(found.total),
        "mix": part(found.mix),
        "within": part(found.within),
        "categories": [
            {"category": name, "mix": mix, "within": within}
            for name, (mix, within) in worst
            if mix + within < 0
        ],
    }


def _by_category(rows: Rows) -> dict[str, tuple[int, int]]:
    fair = rows.where(rows.reviewed)
    right = pd.Series(~fair.failed).groupby(fair.rows["label"]).agg(["sum", "size"])
    return {str(name): (int(good), int(n)) for name, good, n in right.itertuples()}


def cohorts(evidence: Evidence, now: Rows, baseline: Rows) -> list[dict[str, Any]] | str:
    """The segments, kinds of input and versions that fail most clearly more often than the rest, or
    than before."""
    fair, was = now.where(now.reviewed), baseline.where(baseline.reviewed)
    if not len(fair):
        return "no row was reviewed"
    kinds = input_kinds(
        spec=evidence.spec,
        training=evidence.training_inputs,
        frames=(fair.inputs, was.inputs),
        seed=evidence.seed,
    )
    found = failing_cohorts(
        failed=fair.failed,
        keys={**_keys(fair), KIND: kinds.of[0]},
        failed_before=was.failed,
        keys_before={
            **{
                key: values
                for key, values in _keys(was, few=False).items()
                if len(values) == len(was)
            },
            KIND: kinds.of[1],
        },
        min_n=evidence.policy.confirm_reviews,
        confidence=evidence.policy.confidence,
    )
    return [
        {
            **cohort.as_dict(),
            "worse_than_rest": cohort.against_rest.delta > 0
            and cohort.p_adjusted <= ADJUSTED_LEVEL,
            "worse_than_before": cohort.against_before is not None
            and cohort.against_before.delta > 0
            and (cohort.before_p_adjusted or 0.0) <= ADJUSTED_LEVEL,
        }
        for cohort in found[:SHOWN]
    ]


def _keys(rows: Rows, *, few: bool = True) -> dict[str, list[Any]]:
    """Context keys with a handful of values, and the version that answered."""
    keys = {
        str(key): list(rows.context[key])
        for key in rows.context.columns
        if not few or rows.context[key].astype(str).nunique() <= MOST_VALUES
    }
    if "model_version" in rows.rows:
        keys["model_version"] = [version or None for version in rows.rows["model_version"]]
    return keys


def categories(evidence: Evidence, now: Rows) -> dict[str, Any] | str:
    """Each category's accuracy, small ones drawn towards what all have in common."""
    counts = _by_category(now)
    if not counts:
        return "no row was reviewed"
    found = pooled_rates(counts=counts, confidence=evidence.policy.confidence)
    return {
        "common": found.common,
        "strength": found.strength,
        "rates": {
            name: {**rate.as_dict(), "thin": rate.n < evidence.policy.category_min_n}
            for name, rate in found.rates.items()
        },
    }
