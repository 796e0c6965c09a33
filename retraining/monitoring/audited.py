"""Audited accuracy when some labels are wrong, and how many are."""

from typing import Any

import pandas as pd

from retraining.causes.evidence import Evidence, Rows
from retraining.models import Cycle
from retraining.stats.estimate import Estimate
from retraining.stats.noise import corrected_accuracy_unsure
from retraining.stats.noise_rate import error_rate_of_filter, error_rate_of_labellers

# The same question labelled twice, so often, before the model's own rows tell the noise.
LABELLED_TWICE = 30
# Labels that the doubt filter has seen before its counts tell the noise.
FILTERED = 100
# What the filter did where the truth is known: docs/evidence.md, "Wrong labels", text, with the months
# before and without cut texts, as a cycle sees it.
FILTER_CATCH, FILTER_FALSE_DROP = (62, 67), (21, 648)
# Without any of these the policy's rate is taken, and the truth to lie within half of it.
UNSURE_BY = 0.5
# From independent slips among many categories (0) to reviewers who wave half of their slips through.
WAVED_THROUGH = (0.0, 0.5)


def corrected(cycle: Cycle, evidence: Evidence) -> dict[str, Any] | str:
    """Audited accuracy without the share of its labels that is wrong, which is itself estimated."""
    fair = evidence.now.where(evidence.now.reviewed)
    if not len(fair):
        return "no row was reviewed"
    noise, basis = label_error(cycle, evidence)
    answer = corrected_accuracy_unsure(
        correct=int((~fair.failed).sum()),
        n=len(fair),
        label_error=noise,
        wave_through=WAVED_THROUGH,
        confidence=evidence.policy.confidence,
        seed=evidence.seed,
    )
    return {**answer.as_dict(), "label_error": {**noise.as_dict(), "basis": basis}}


def label_error(cycle: Cycle, evidence: Evidence) -> tuple[Estimate, str]:
    """How many labels are wrong, and how we know: ``labelled_twice``, ``doubt_filter``, ``assumed``."""
    policy = evidence.policy
    twice = _labelled_twice(evidence.now, evidence.before)
    if len(twice) >= LABELLED_TWICE:
        found = error_rate_of_labellers(
            labels=twice, categories=max(2, len(evidence.categories)), confidence=policy.confidence
        )
        return found, "labelled_twice"
    flagged, n = _filtered(cycle) if evidence.spec.task == "text" else (0, 0)
    if n >= FILTERED:
        found = error_rate_of_filter(
            flagged=flagged,
            n=n,
            catch=FILTER_CATCH,
            false_drop=FILTER_FALSE_DROP,
            confidence=policy.confidence,
            seed=evidence.seed,
        )
        return found, "doubt_filter"
    rate = policy.label_error
    return Estimate(rate, rate * (1 - UNSURE_BY), rate * (1 + UNSURE_BY), 0), "assumed"


def _labelled_twice(*parts: Rows) -> list[list[str]]:
    """Labels of reviewed rows whose inputs are equal to the last character."""
    labels: list[Any] = []
    keys: list[Any] = []
    for rows in parts:
        fair = rows.where(rows.reviewed)
        labels += list(fair.rows["label"])
        keys += list(pd.util.hash_pandas_object(fair.inputs.astype(str), index=False))
    groups = pd.Series(labels, dtype=object).groupby(pd.Series(keys, dtype="uint64"))
    return [list(group) for _, group in groups if len(group) > 1]


def _filtered(cycle: Cycle) -> tuple[int, int]:
    """Labels doubted and looked at by the newest cycle before this one that collected enough."""
    earlier = Cycle.objects.filter(model=cycle.model, pk__lt=cycle.pk, collected__isnull=False)
    for stored in earlier.order_by("-pk").values_list("collected", flat=True)[:6]:
        collected: dict[str, Any] = stored or {}
        aside = collected.get("rejected", {})
        # Copies of golden rows and rows of bursts and faults never reach the filter.
        unseen = sum(aside.get(name, 0) for name in ("golden_copy", "transient", "upstream"))
        n = int(collected.get("proposed", 0)) - unseen
        if n >= FILTERED:
            return int(aside.get("label_suspect", 0)), n
    return 0, 0
