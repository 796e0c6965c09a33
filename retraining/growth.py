"""Growth: would the new labelled rows make a model better that needs no cure?"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from retraining.causes.evidence import Rows
from retraining.evidence import Gathered, excluded_ids, training_ids
from retraining.learners.folds import stratified_folds
from retraining.learners.registry import learner_for
from retraining.models import Cycle
from retraining.policy import Policy
from retraining.repairs import repaired_rows
from retraining.stats.paired import PairedDifference, mcnemar_greater, paired_difference

FOLDS = 5


@dataclass(frozen=True)
class Opportunity:
    """What a model that also knew the new rows would gain, on reviewed rows that it did not see."""

    expected_gain: float
    low: float
    high: float
    rows: int
    n: int
    fixed: int
    broken: int

    def worth_it(self, policy: Policy) -> bool:
        """Threshold and test agree: 1.5 points or more, and more fixed than broken beyond chance."""
        return (
            self.expected_gain >= policy.growth_gain
            and mcnemar_greater(fixed=self.fixed, broken=self.broken) <= policy.gate_alpha
        )

    def as_dict(self) -> dict[str, Any]:
        return {
            "expected_gain": self.expected_gain,
            "low": self.low,
            "high": self.high,
            "rows": self.rows,
            "n": self.n,
            "fixed": self.fixed,
            "broken": self.broken,
        }


def opportunity(cycle: Cycle, gathered: Gathered) -> Opportunity | None:
    """Cross-fitted: each fold of the new rows is answered by a model trained on the rest.

    Compared row by row with the live version's answers to the same rows, on reviewed rows only
    (overrides were chosen because the answer was wrong). ``None`` with fewer new rows than a cycle
    collects, or fewer reviewed ones than an audit needs. The estimate reads a little low: each
    fold trains without a fifth of the new rows.
    """
    policy = gathered.evidence.policy
    new = _new_rows(cycle, gathered)
    fair = new.reviewed
    if len(new) < policy.collect_low or fair.sum() < policy.audit_min_n:
        return None
    labels = new.rows["label"].to_numpy(dtype=object)
    answers = _cross_fitted(cycle, gathered, new, labels)
    live = new.rows["prediction"].to_numpy(dtype=object)
    gain: PairedDifference = paired_difference(
        before=(live == labels)[fair], after=(answers == labels)[fair], confidence=policy.confidence
    )
    return Opportunity(
        expected_gain=gain.delta,
        low=gain.low,
        high=gain.high,
        rows=len(new),
        n=gain.n,
        fixed=gain.fixed,
        broken=gain.broken,
    )


def _new_rows(cycle: Cycle, gathered: Gathered) -> Rows:
    """Labelled rows of known categories that the live version was not trained on."""
    now = repaired_rows(gathered.evidence.now, model=cycle.model, version=cycle.incumbent)
    out = set(excluded_ids(cycle, now)) | training_ids(cycle.incumbent)
    known = now.rows["label"].isin(gathered.evidence.categories) & ~now.rows["id"].isin(out)
    return now.where(known.to_numpy(dtype=bool))


def _cross_fitted(cycle: Cycle, gathered: Gathered, new: Rows, labels: np.ndarray) -> np.ndarray:
    evidence = gathered.evidence
    learner = learner_for(cycle.incumbent.learner)
    fold = np.asarray(stratified_folds(labels.astype(str), folds=FOLDS, seed=cycle.seed))
    answers = np.empty(len(new), dtype=object)
    for number in range(FOLDS):
        held = fold == number
        if not held.any():
            continue
        model = learner.fit(
            inputs=pd.concat([evidence.training_inputs, new.inputs[~held]], ignore_index=True),
            labels=np.concatenate([evidence.training_labels, labels[~held]]),
            spec=gathered.spec,
            seed=cycle.seed,
        )
        answers[held], _ = model.predict(new.inputs[held].reset_index(drop=True))
    return answers
