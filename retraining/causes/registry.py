"""All causes in the order in which they look, and the verdict that their findings lead to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from retraining.causes import (
    concept_change,
    frozen_field,
    insufficient_evidence,
    label_noise,
    late_field,
    missing_values,
    mix_shift,
    new_category,
    proxy_inflation,
    segment_fault,
    serving_change,
    shifted_field,
    transient,
    truncated_input,
    unit_change,
    weak_category,
)
from retraining.causes.evidence import Evidence, Finding

Find = Callable[[Evidence, Sequence[Finding]], list[Finding]]

# Faults first: what a broken feed explains must not be taken for a change of the world.
CAUSES: dict[str, Find] = {
    "missing_values": missing_values.find,
    "frozen_field": frozen_field.find,
    "shifted_field": shifted_field.find,
    "unit_change": unit_change.find,
    "late_field": late_field.find,
    "truncated_input": truncated_input.find,
    "serving_change": serving_change.find,
    "segment_fault": segment_fault.find,
    "new_category": new_category.find,
    "transient": transient.find,
    "label_noise": label_noise.find,
    "weak_category": weak_category.find,
    "concept_change": concept_change.find,
    "mix_shift": mix_shift.find,
    "proxy_inflation": proxy_inflation.find,
    "insufficient_evidence": insufficient_evidence.find,
}

OF_THE_LIVE_VERSION = {
    "label_noise",
    "weak_category",
    "concept_change",
    "mix_shift",
    "proxy_inflation",
    "insufficient_evidence",
}

# In the order that wins when several causes hold; integrations rely on it.
VERDICTS: dict[str, tuple[str, ...]] = {
    "fix_upstream": (
        "frozen_field",
        "unit_change",
        "shifted_field",
        "missing_values",
        "truncated_input",
        "late_field",
        "serving_change",
        "segment_fault",
    ),
    "retrain": ("new_category", "weak_category", "concept_change"),
    "wait": ("transient", "known_event"),
    "collect_labels": ("insufficient_evidence", "label_noise"),
    "no_action": ("mix_shift", "proxy_inflation"),
}


@dataclass(frozen=True)
class Diagnosed:
    """The verdict and every finding, in the order that they were made."""

    verdict: str
    findings: tuple[Finding, ...]

    def as_dict(self) -> dict[str, Any]:
        """The sections of ``diagnosis`` in ``run_cycle --json``, verdict aside."""
        named = {
            cause: sorted({c for f in self.findings if f.cause == cause for c in f.categories})
            for cause in ("new_category", "weak_category")
        }
        return {
            "causes": [finding.as_dict() for finding in self.findings],
            "new_categories": named["new_category"],
            "weak_categories": named["weak_category"],
            "suspect_fields": [
                {**x.as_dict(), "acts": f.acts} for f in self.findings for x in f.fields
            ],
            "suspect_segments": [
                {**x.as_dict(), "acts": f.acts} for f in self.findings for x in f.segments
            ],
            "excluded_days": [
                [a.isoformat(), b.isoformat()] for f in self.findings for a, b in f.excluded
            ],
            "untrusted_signals": sorted({s for f in self.findings for s in f.signals}),
        }


def diagnose(evidence: Evidence) -> Diagnosed:
    """Ask every cause in turn, each without the rows that the earlier ones explain.

    Weekly checks look at a trailing month: how good the live version is (the causes after the
    transients) is asked of the rows that no earlier check has settled.
    """
    findings: list[Finding] = []
    for cause, find in CAUSES.items():
        seen = evidence.unsettled() if cause in OF_THE_LIVE_VERSION else evidence
        findings += find(seen.without(findings), tuple(findings))
    return Diagnosed(verdict_of(findings), tuple(findings))


def verdict_of(findings: Sequence[Finding]) -> str:
    """The first verdict that a finding which demands action calls for.

    >>> verdict_of([])
    'no_action'
    """
    acting = {finding.cause for finding in findings if finding.acts}
    for verdict, causes in VERDICTS.items():
        if acting & set(causes):
            return verdict
    return "no_action"
