"""Inputs far from everything that was trained on, and close to each other: what might they be?"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

from retraining.causes.evidence import Evidence
from retraining.causes.onset import lasts
from retraining.causes.stratified import rise

# Clusters told apart in one month.
MOST = 4
# A seed is a message with so many others like it; so many rows make a cluster worth labels.
SEED_ROWS, LEAST_ROWS = 4, 10
# Of the training rows' closeness to their nearest fellow: a row less close than this quantile is far.
FAR = 0.5
# A cluster that had more than this share of its traffic before is no news but a mix that moved.
KNOWN_BEFORE = 0.25
# So much of it within the days of a burst is one.
BURST = 0.7
# Words of a proposed name, and the letters that make one worth naming.
WORDS, LETTERS = 3, 3


@dataclass(frozen=True)
class Cluster:
    """Rows of the month (n booleans) that are like each other and like nothing trained on."""

    rows: np.ndarray
    name: str
    share: float
    p_value: float


def unknown_clusters(evidence: Evidence, *, alpha: float) -> list[Cluster]:
    """Which groups of messages came up that the live version never learned? Texts only.

    TF-IDF of words. Among a random half of the month's rows, those far from training rows are
    gathered around the message that most others are like. A row is of the cluster if it is closer
    to its mean than to the mean of any category. On the other half, which had no part in making
    it, the cluster has to be more frequent than among earlier rows (exact; both halves take both
    parts, Bonferroni over the clusters tried), and nearly absent there. It has to last and to be
    answered less surely than usual, and reviews must not find it mostly right.
    """
    now, before = evidence.now, evidence.before
    if evidence.spec.task != "text" or min(len(now), len(before)) < 4 * LEAST_ROWS:
        return []
    words = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2))
    parts = [frame["text"].astype(str) for frame in _inputs(evidence)]
    vectors = words.fit_transform([text for part in parts for text in part])
    ends = np.cumsum([len(part) for part in parts])
    trained, was, is_ = vectors[: ends[0]], vectors[ends[0] : ends[1]], vectors[ends[1] :]
    means = _means(trained, evidence.training_labels)
    between = trained @ trained.T
    between.setdiag(0)
    far_bound = float(np.quantile(between.max(axis=1).toarray(), FAR))
    far = (is_ @ trained.T).max(axis=1).toarray().ravel() < far_bound
    half = np.random.default_rng(evidence.seed).random(len(now)) < 0.5
    found: list[Cluster] = []
    for chosen in (half, ~half):
        left = far & chosen
        for _ in range(MOST):
            seed = _seed(is_, left)
            if seed is None:
                break
            mean = normalize(np.asarray(is_[seed].mean(axis=0)))
            inside, came = _inside(is_, mean, means), _inside(was, mean, means)
            left &= ~inside
            left[seed] = False
            test = rise(
                now=(inside & ~chosen).sum(),
                now_n=(~chosen).sum(),
                before=came.sum(),
                before_n=len(before),
            )
            p_value = test.p_value * 2 * MOST
            if p_value < alpha and _is_news(evidence, inside, float(came.mean())):
                name = _name(words, is_, inside)
                found.append(Cluster(inside, name, float(inside.mean()), p_value))
                means = np.vstack([means, mean])
    return found


def _is_news(evidence: Evidence, inside: np.ndarray, share_before: float) -> bool:
    """Enough rows, hardly any before, answered less surely than usual, not right, and no burst."""
    confidence, usual = (
        rows.rows["confidence"].astype(float).to_numpy() for rows in (evidence.now, evidence.before)
    )
    return bool(
        inside.sum() >= LEAST_ROWS
        and share_before <= KNOWN_BEFORE * inside.mean()
        and np.median(confidence[inside]) < np.median(usual)
        and not _mostly_right(evidence, inside)
        and lasts(evidence, inside)
        and not _burst(evidence, inside)
    )


def _burst(evidence: Evidence, inside: np.ndarray) -> bool:
    """Did most of its rows come within a burst's days, and hardly any in the last of the month?"""
    per_day = evidence.per_day(evidence.now, inside)
    length = evidence.policy.transient_max_days
    sums = np.convolve(per_day, np.ones(min(length, len(per_day)), dtype=int), mode="valid")
    return bool(sums.max() > BURST * per_day.sum() and sums[-1] < sums.max() / 2)


def _inputs(evidence: Evidence) -> tuple[Any, Any, Any]:
    return evidence.training_inputs, evidence.before.inputs, evidence.now.inputs


def _means(vectors: Any, labels: np.ndarray) -> np.ndarray:
    kinds = sorted(set(labels))
    rows = [np.asarray(vectors[np.flatnonzero(labels == kind)].mean(axis=0)) for kind in kinds]
    return np.asarray(normalize(np.vstack(rows)))


def _inside(vectors: Any, mean: np.ndarray, means: np.ndarray) -> np.ndarray:
    return np.asarray((vectors @ mean.T).ravel() > (vectors @ means.T).max(axis=1))


def _seed(vectors: Any, left: np.ndarray) -> np.ndarray | None:
    """The rows most like the message that most of the others are like; None: no such group."""
    rows = np.flatnonzero(left)
    if len(rows) < SEED_ROWS:
        return None
    close = (vectors[rows] @ vectors[rows].T).toarray()
    np.fill_diagonal(close, 0.0)
    nearest = -np.sort(-close, axis=1)[:, : SEED_ROWS - 1]
    middle = int(nearest.mean(axis=1).argmax())
    if nearest[middle].min() <= 0:
        return None
    fellows = np.argsort(-close[middle])[: SEED_ROWS - 1]
    return np.asarray(rows[[middle, *fellows]])


def _mostly_right(evidence: Evidence, inside: np.ndarray) -> bool:
    reviewed = inside & evidence.now.reviewed
    failed = int((reviewed & evidence.now.failed).sum())
    return bool(reviewed.any()) and failed * 2 < int(reviewed.sum())


def _name(words: TfidfVectorizer, vectors: Any, inside: np.ndarray) -> str:
    """The words that set the cluster apart from the rest of the month, joined by underscores."""
    apart = np.asarray(vectors[inside].mean(axis=0) - vectors[~inside].mean(axis=0)).ravel()
    terms = words.get_feature_names_out()
    single = [i for i in np.argsort(-apart) if terms[i].isalpha() and len(terms[i]) >= LETTERS]
    return "_".join(str(terms[i]) for i in single[:WORDS])
