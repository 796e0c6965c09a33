"""Growth: would the new labelled rows make a model better that needs no cure?"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from math import inf
from typing import Any

import numpy as np
import pandas as pd

from clients.models import Dataset
from retraining.causes.evidence import Rows
from retraining.collecting import ever, records
from retraining.curation.candidates import Candidate
from retraining.curation.selection import select
from retraining.evidence import Gathered, excluded_ids, logged_rows, training_ids
from retraining.learners.folds import stratified_folds
from retraining.learners.registry import learner_for
from retraining.models import Cycle
from retraining.policy import Policy
from retraining.stats.learningcurve import learning_curve
from retraining.stats.recent import recent_gain

FOLDS = 5
# How often the new rows are dealt into folds: which rows are held out together matters less then.
DEALS = 2
# Days after which a row's testimony counts half. Amounts follow the season, and the month to come
# resembles the newest rows; what texts ask for keeps its meaning.
HALF_LIFE: Mapping[str, float] = {"text": inf, "tabular": 30.0}
# The curve: shares of the training rows that models learn from, and how often they are dealt anew.
SHARES = (0.5, 0.7, 0.85, 1.0)
CURVE_FOLDS = 3
# Fewer training rows have no curve; from the second on, one fold says enough and costs a third.
CURVE_LEAST, CURVE_MANY = 40, 1500


@dataclass(frozen=True)
class CurveGain:
    """What the live version's own learning curve says that ``rows`` more like its own are worth.

    ``n`` is the number of rows that the live version was trained on. It is told, and decides nothing.
    """

    gain: float
    low: float
    high: float
    n: int
    rows: int

    def as_dict(self) -> dict[str, Any]:
        """``{gain, low, high, n, rows}``: fractions and counts."""
        return asdict(self)


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
    p_value: float
    curve: CurveGain | None = None

    def worth_it(self, policy: Policy) -> bool:
        """Threshold and test agree: 1.5 points or more, and more fixed than broken beyond chance.

        The test is a mild one (``growth_alpha``): it decides whether a candidate is tried, and the
        gate decides on the candidate.
        """
        return self.expected_gain >= policy.growth_gain and self.p_value <= policy.growth_alpha

    def as_dict(self) -> dict[str, Any]:
        return {
            "expected_gain": self.expected_gain,
            "low": self.low,
            "high": self.high,
            "rows": self.rows,
            "n": self.n,
            "fixed": self.fixed,
            "broken": self.broken,
            "p_value": self.p_value,
            "curve": self.curve.as_dict() if self.curve else None,
        }


def opportunity(cycle: Cycle, gathered: Gathered) -> Opportunity | None:
    """Cross-fitted: each fold of the new rows is answered by a model that learned from the rest.

    The new rows are all that no version has learned since the live one was made, the months before
    this one too: a month's reviews alone can't show a gain of a few points. From the rest of them a
    model learns what a cycle would choose (``curation.select``), so that the figure is that of the
    retrain that would follow. Compared row by row with the live version's answers, on reviewed rows
    only (overrides were chosen because the answer was wrong). ``None`` with fewer new rows than a
    cycle collects, or fewer reviewed ones than an audit needs. The estimate reads a little low:
    each fold learns without a fifth of the new rows.
    """
    policy = gathered.evidence.policy
    new = _new_rows(cycle, gathered)
    fair = new.reviewed
    if len(new) < policy.collect_low or fair.sum() < policy.audit_min_n:
        return None
    labels = new.rows["label"].to_numpy(dtype=object)
    answers = _cross_fitted(cycle, gathered, new, labels)
    # What was logged may be another version's answer, or an answer to an input since repaired.
    live, _ = gathered.model.predict(new.inputs)
    right_before, right_after = (live == labels)[fair], (answers == labels)[fair]
    days = new.rows["day"][fair]
    gain = recent_gain(
        before=right_before,
        after=right_after,
        age=[(max(days) - day).days for day in days],
        half_life=HALF_LIFE[gathered.spec.task],
        confidence=policy.confidence,
        seed=cycle.seed,
    )
    return Opportunity(
        expected_gain=gain.delta,
        low=gain.low,
        high=gain.high,
        rows=len(new),
        n=int(fair.sum()),
        fixed=int((right_after & ~right_before).sum()),
        broken=int((right_before & ~right_after).sum()),
        p_value=gain.p_value,
    )


def curve_gain(cycle: Cycle, gathered: Gathered) -> CurveGain | None:
    """The learning curve's word on the new rows, also where they are too few to collect.

    Models of the same learner are trained on nested, stratified shares of the live version's own
    training rows and scored on the fold that none of them saw; an inverse power law through these
    points foretells the step from its rows to its rows and the new ones. ``None`` without new rows
    or with too few training rows. Assumes that the new rows resemble the old ones: what a drifted
    month is worth, ``opportunity`` measures.
    """
    labels = np.asarray(gathered.evidence.training_labels).astype(str)
    new = len(_new_rows(cycle, gathered))
    if not new or len(labels) < CURVE_LEAST:
        return None
    fold = np.asarray(stratified_folds(labels, folds=CURVE_FOLDS, seed=cycle.seed))
    asked = range(CURVE_FOLDS if len(labels) < CURVE_MANY else 1)
    points = [_points(cycle, gathered, labels, fold == number) for number in asked]
    # (folds, shares) of sizes, right answers and answers
    sizes, correct, totals = (np.array(one) for one in zip(*points, strict=True))
    curve = learning_curve(
        rows=sizes.mean(axis=0).round().astype(int),
        correct=correct.sum(axis=0),
        totals=totals.sum(axis=0),
        seed=cycle.seed,
        confidence=gathered.evidence.policy.confidence,
    )
    # The models of the curve know two thirds of what the live version knows.
    gain = replace(curve, n=len(labels)).gain(new)
    return CurveGain(gain.estimate, gain.low, gain.high, gain.n, new)


def _points(
    cycle: Cycle, gathered: Gathered, labels: np.ndarray, held: np.ndarray
) -> tuple[list[int], list[int], list[int]]:
    """Training rows, right answers and answers for each share of the rows that are not held out."""
    evidence, learner = gathered.evidence, learner_for(cycle.incumbent.learner)
    kept = np.random.default_rng(cycle.seed).permutation(np.flatnonzero(~held))
    # The place of each row within its category, as a share: the first half holds half of each.
    place = pd.Series(kept).groupby(labels[kept]).rank(pct=True, method="first").to_numpy()
    sizes, correct = [], []
    for share in SHARES:
        # A category's first row is always in: a model can't be asked about what it never met.
        first = ~pd.Series(labels[kept]).duplicated().to_numpy()
        rows = kept[(place <= share) | first]
        model = learner.fit(
            inputs=evidence.training_inputs.iloc[rows].reset_index(drop=True),
            labels=labels[rows],
            spec=gathered.spec,
            seed=cycle.seed,
        )
        answers, _ = model.predict(evidence.training_inputs[held].reset_index(drop=True))
        sizes.append(len(rows))
        correct.append(int((answers == labels[held]).sum()))
    return sizes, correct, [int(held.sum())] * len(SHARES)


def _new_rows(cycle: Cycle, gathered: Gathered) -> Rows:
    """Labelled rows of known categories, since the live version was made, that it did not learn.

    Without what any diagnosis set aside and without copies of golden rows; repaired where a repair
    is in force.
    """
    made = Cycle.objects.filter(candidate=cycle.incumbent).order_by("-window_end").first()
    since = made.window_end if made else cycle.model.created_at
    rows = logged_rows(
        cycle.model,
        start=min(since, cycle.window_start),
        end=cycle.window_end,
        repaired=cycle.incumbent,
    )
    rows = rows.where(rows.labelled)
    out = set(excluded_ids(cycle, rows)) | training_ids(cycle.incumbent)
    known = rows.rows["label"].isin(gathered.evidence.categories) & ~rows.rows["id"].isin(out)
    rows = rows.where(known.to_numpy(dtype=bool))
    copies = ever(cycle, Dataset.Kind.GOLDEN).find_all(records(rows.inputs))
    return rows.where(np.array([copy is None for copy in copies], dtype=bool))


def _cross_fitted(cycle: Cycle, gathered: Gathered, new: Rows, labels: np.ndarray) -> np.ndarray:
    """Answers of models that did not learn the row: the mean of DEALS deals into FOLDS folds."""
    evidence = gathered.evidence
    learner = learner_for(cycle.incumbent.learner)
    candidates = _candidates(new)
    known = list(
        zip(records(evidence.training_inputs), map(str, evidence.training_labels), strict=True)
    )
    categories = np.array(sorted({str(label) for label in evidence.training_labels}), dtype=object)
    proba = np.zeros((len(new), len(categories)))
    for deal in range(DEALS):
        fold = np.asarray(
            stratified_folds(labels.astype(str), folds=FOLDS, seed=DEALS * cycle.seed + deal)
        )
        for number in np.unique(fold):
            held = fold == number
            chosen = select(
                candidates=[c for c, out in zip(candidates, held, strict=True) if not out],
                weights={},
                seed=cycle.seed,
                low=evidence.policy.collect_low,
                high=evidence.policy.collect_high,
                existing=known,
            ).chosen
            learned = new.rows["id"].isin(chosen).to_numpy(dtype=bool)
            model = learner.fit(
                inputs=pd.concat(
                    [evidence.training_inputs, new.inputs[learned]], ignore_index=True
                ),
                labels=np.concatenate([evidence.training_labels, labels[learned]]),
                spec=gathered.spec,
                seed=cycle.seed,
            )
            proba[held] += model.predict_proba(new.inputs[held].reset_index(drop=True))
    return np.asarray(categories[proba.argmax(axis=1)])


def _candidates(new: Rows) -> list[Candidate]:
    columns = (new.rows[name] for name in ("id", "label", "label_source", "day", "prediction"))
    return [
        Candidate(id=i, input=given, label=label, source=source, day=day, prediction=said)
        for given, i, label, source, day, said in zip(records(new.inputs), *columns, strict=True)
    ]
