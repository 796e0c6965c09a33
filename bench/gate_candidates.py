"""Candidates of each kind, trained by the real learners, and all answers that the gate is shown."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bench.gate_worlds import Rows, World, mistaken
from retraining.guard import Fresh
from retraining.learners.base import Model
from retraining.learners.registry import default_learner
from retraining.learners.selection import out_of_fold

GOOD, HARMFUL, SAME = "good", "harmful", "A/A"
DRAWN_AGAIN = 3
TRUE_GAIN, TRUE_LOSS, CATEGORY_LOSS, CATEGORY_ROWS = 0.06, 0.02, 0.25, 15


@dataclass(frozen=True)
class Candidate:
    """One candidate against its incumbent: answers to the truth, the window, the fresh rows and
    golden rows of the launch's mix."""

    world: World
    kind: str
    name: str
    target: frozenset[str]
    new: frozenset[str]
    truth: tuple[np.ndarray, np.ndarray]
    window: tuple[np.ndarray, np.ndarray]
    fresh: Fresh | None
    golden: tuple[np.ndarray, np.ndarray] | None

    @property
    def gain(self) -> float:
        """The true overall gain."""
        before, after = (answers == self.world.truth.labels for answers in self.truth)
        return float(after.mean() - before.mean())

    @property
    def worst(self) -> float:
        """The largest true loss of a protected category that has rows enough to tell."""
        labels = self.world.truth.labels
        before, after = (answers == labels for answers in self.truth)
        losses = [0.0]
        for name in set(labels) - self.target - self.new:
            mask = labels == name
            if mask.sum() >= CATEGORY_ROWS:
                losses.append(float(before[mask].mean() - after[mask].mean()))
        return max(losses)

    @property
    def counts(self) -> bool:
        """Is it what its kind says? A candidate meant to be good that gained less is neither."""
        if self.kind == GOOD:
            return self.gain >= TRUE_GAIN and self.worst < CATEGORY_LOSS
        if self.kind == HARMFUL:
            return self.gain <= -TRUE_LOSS or self.worst >= CATEGORY_LOSS
        return abs(self.gain) <= TRUE_LOSS


def candidates(world: World, seed: int) -> list[Candidate]:
    """All candidates of one world."""
    rng = np.random.default_rng([seed, 4])
    learner = default_learner(world.spec.task)

    def fit(rows: Rows, number: int = 0) -> Model:
        return learner.fit(
            inputs=rows.inputs, labels=rows.labels, spec=world.spec, seed=seed + number
        )

    base = fit(world.launch)
    extra, harm = world.extra, world.harm
    new, thin = world.new, world.thin
    at_new = np.isin(extra.labels.astype(str), sorted(new))
    at_thin = np.isin(extra.labels.astype(str), sorted(thin))
    plans: list[tuple[str, str, Rows, set[str], bool]] = []
    if at_new.sum() >= 10:
        plans.append((GOOD, "new categories", extra.where(~at_thin), new, True))
    if at_thin.sum() >= 10:
        plans.append((GOOD, "weak categories", extra.where(~at_new), thin, True))
    if new | thin:
        plans.append((GOOD, "new and weak categories", extra, new | thin, True))
    plans.append((GOOD, "extra clean rows", extra, set(), True))
    plans.append(
        (GOOD, "half of the extra rows", extra.take(np.arange(len(extra) // 2)), set(), True)
    )
    noisy = Rows(extra.inputs, mistaken(extra.labels, 0.6, rng))
    plans.append((HARMFUL, "label-noised", noisy, set(), True))
    target = new | thin
    forgetful = extra.where(at_new | at_thin) if target else extra.take(np.arange(40))
    plans.append((HARMFUL, "forgetful", forgetful, target, False))
    for name, rows in harm.items():
        plans.append((HARMFUL, name, rows, set(), True))
        if target:
            plans.append((HARMFUL, f"{name} with new rows", extra + rows, target, True))
    own = _own(world)
    found = [_made(world, base, fit, *plan, own) for plan in plans]
    again = fit(world.launch, 100)
    found.append(_answered(world, base, again, SAME, "same rows, other seed", set(), None))
    n = len(world.launch)
    for number in range(DRAWN_AGAIN):
        one, other = (fit(world.launch.take(rng.permutation(n)[: 9 * n // 10])) for _ in "ab")
        name = f"rows drawn again, {number + 1}"
        found.append(_answered(world, one, other, SAME, name, set(), None))
    return found


def _own(world: World) -> np.ndarray:
    """What the incumbent's learner says to its own training rows, out of fold."""
    launch = world.launch
    proba = out_of_fold(
        learner=default_learner(world.spec.task),
        inputs=launch.inputs,
        labels=launch.labels,
        spec=world.spec,
        seed=1,
        folds=3,
    )
    answers: np.ndarray = np.array(sorted(set(launch.labels)), dtype=object)[proba.argmax(axis=1)]
    return answers


def _made(
    world: World,
    base: Model,
    fit: Callable[[Rows], Model],
    kind: str,
    name: str,
    rows: Rows,
    target: set[str],
    replay: bool,
    own: np.ndarray,
) -> Candidate:
    together = world.launch + rows if replay else rows
    model = fit(together)
    learner = default_learner(world.spec.task)
    proba = out_of_fold(
        learner=learner,
        inputs=together.inputs,
        labels=together.labels,
        spec=world.spec,
        seed=1,
        folds=3,
    )
    names = np.array(sorted(set(together.labels)), dtype=object)
    after = names[proba.argmax(axis=1)]
    before, _ = base.predict(rows.inputs)
    if not replay:
        return _answered(world, base, model, kind, name, target, Fresh(rows.labels, before, after))
    # As the loop does: old rows count too, where neither model answers from memory.
    fresh = Fresh(together.labels, np.concatenate([own, before]), after)
    return _answered(world, base, model, kind, name, target, fresh)


def _answered(
    world: World,
    base: Model,
    model: Model,
    kind: str,
    name: str,
    target: set[str],
    fresh: Fresh | None,
) -> Candidate:
    new = set(model.categories) - set(base.categories)
    return Candidate(
        world,
        kind,
        name,
        frozenset(target | (new if target else set())),
        frozenset(new),
        (base.predict(world.truth.inputs)[0], model.predict(world.truth.inputs)[0]),
        (base.predict(world.window.inputs)[0], model.predict(world.window.inputs)[0]),
        fresh,
        None
        if world.golden is None
        else (base.predict(world.golden.inputs)[0], model.predict(world.golden.inputs)[0]),
    )
