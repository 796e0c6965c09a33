"""Plants in the world: new and weak categories, changed answers, campaigns and outages."""

import numpy as np

from bench.simulation.month import Month
from bench.simulation.plants import Plant
from bench.simulation.strength import (
    LABELLED_IF_WRONG,
    REVIEWED,
    SEEN,
    detectable_count,
    detectable_drop,
    detectable_weak,
)
from retraining.causes.evidence import Event

MOST_CHANGED = 0.6


class NewCategory(Plant):
    """One to three categories begin and stay; the model has never seen them."""

    cause = "new_category"
    verdict = "retrain"

    def traffic(self, month: Month) -> None:
        unborn = month.launch.world.unborn
        names = self.details.get("categories")
        if names is None:
            # The last one is what campaigns talk about.
            count = 1 + int(self.rng.integers(max(1, len(unborn) - 1)))
            names = [str(name) for name in unborn[:count]]
            self.details["categories"] = names
        inside = np.flatnonzero(self.rows(month))
        needed = detectable_count(expected=0.6, looks=1)
        share = self.wished * needed / LABELLED_IF_WRONG / max(len(inside), 1)
        share = min(share, 0.4 / len(names))
        rows = inside[month.rng.random(len(inside)) < share * len(names)]
        wanted = month.rng.choice(np.array(names, dtype=object), size=len(rows))
        month.redraw(rows, wanted, "new_category")
        most = max((int((wanted == name).sum()) for name in names), default=0)
        self.realized = most * LABELLED_IF_WRONG / needed


class WeakCategory(Plant):
    """Categories with next to no training rows become frequent."""

    cause = "weak_category"
    verdict = "retrain"

    def traffic(self, month: Month) -> None:
        launch = month.launch
        thin = np.array(launch.world.thin, dtype=object)
        accuracy = float(np.mean([launch.accuracy_of(name) for name in thin]))
        # Among rows that carry the label some are slips, and some right answers look wrong.
        needed = detectable_weak(accuracy=round(0.85 * accuracy + 0.05, 2))
        inside = np.flatnonzero(self.rows(month))
        share = min(self.wished * needed / REVIEWED / 0.9 / max(len(inside), 1), 0.5)
        rows = inside[month.rng.random(len(inside)) < share]
        month.redraw(rows, month.rng.choice(thin, size=len(rows)), "thin_surge")
        self.realized = len(rows) * REVIEWED * 0.9 / needed
        self.details["categories"] = [str(name) for name in thin]


class ConceptChange(Plant):
    """For some inputs another answer is right from now on."""

    cause = "concept_change"
    verdict = "retrain"

    def world(self, month: Month) -> None:
        inside = self.rows(month)
        truth = month.facts["truth"].to_numpy(dtype=object)
        bound = detectable_drop(after_n=REVIEWED * inside.sum(), before_n=month.reviewed_before)
        wished = min(self.wished * bound / SEEN, MOST_CHANGED)
        answers = month.answered()
        changed = self._changed(month, truth, inside, answers, wished)
        moved = np.flatnonzero(inside & (changed != truth))
        month.set(moved, truth=changed[moved])
        ordinary = moved[(month.facts["event"] == "ordinary").to_numpy(dtype=bool)[moved]]
        month.set(ordinary, event="concept_change")
        drop = float(((answers == truth) & inside).sum() - ((answers == changed) & inside).sum())
        self.realized = SEEN * drop / max(inside.sum(), 1) / bound

    def _changed(
        self, month: Month, truth: np.ndarray, inside: np.ndarray, answers: np.ndarray, drop: float
    ) -> np.ndarray:
        if month.launch.world.task == "text":
            if "mapping" not in self.details:
                self.details["mapping"] = self._mapping(month, truth[inside], answers[inside], drop)
            mapping = self.details["mapping"]
            return np.array([mapping.get(name, name) for name in truth], dtype=object)
        score = month.facts["score"].to_numpy(dtype=float)
        levels = np.isin(truth, month.launch.world.established)
        if "offset" not in self.details:
            sign = float(self.rng.choice([-1, 1]))
            steps = sign * np.linspace(0.02, 4, 200)
            was = (answers == truth)[inside].mean()
            drops = [
                was
                - np.where(
                    levels, answers == month.launch.world.level(score + step), answers == truth
                )[inside].mean()
                for step in steps
            ]
            enough = np.array(drops) >= drop
            self.details["offset"] = float(
                steps[enough.argmax() if enough.any() else int(np.argmax(drops))]
            )
        shifted = month.launch.world.level(score + self.details["offset"])
        return np.where(inside & levels, shifted, truth)

    def _mapping(
        self, month: Month, truth: np.ndarray, answers: np.ndarray, drop: float
    ) -> dict[str, str]:
        names = self.rng.permutation(np.array(month.launch.world.established, dtype=object))
        mapping: dict[str, str] = {}
        lost = 0.0
        for name in names[: len(names) - 4]:
            share = float(((truth == name) & (answers == name)).mean())
            if lost + share / 2 >= drop:
                break
            mapping[str(name)] = str(names[-1 - len(mapping) % 4])
            lost += share
        return mapping


class Transient(Plant):
    """Two to five days on which one thing is asked and filed oddly, and then no more."""

    cause = "transient"
    verdict = "wait"
    declared = False

    def traffic(self, month: Month) -> None:
        world = month.launch.world
        if self.declared:
            day = month.date_of
            month.events.append(Event("Promotion", "campaign", day(self.start), day(self.stop)))
        if not world.unborn:
            return
        length = self.stop - self.start
        usual = 0.25 * len(month) / month.days * length / len(world.established)
        needed = detectable_count(
            expected=round(usual, 1), looks=month.days * len(world.established)
        )
        rows = min(round(self.wished * needed / LABELLED_IF_WRONG / 0.9), 60 * length)
        days = month.rng.integers(self.start, self.stop, size=rows)
        added = month.add(days, np.full(rows, world.unborn[-1], dtype=object), "campaign")
        month.set(added, truth="__campaign__")
        self.realized = rows * LABELLED_IF_WRONG / needed

    def people(self, month: Month) -> None:
        """Temporary staff file the campaign's rows, and those of one more category, as one thing."""
        world = month.launch.world
        if not world.unborn:
            return
        campaign = (month.facts["event"] == "campaign").to_numpy(dtype=bool)
        filed, other = self.rng.choice(np.array(world.established, dtype=object), 2, replace=False)
        also = self.rows(month) & (month.facts["truth"] == other).to_numpy(dtype=bool)
        month.set(np.flatnonzero((campaign & self.rows(month)) | also), filed_as=filed)

    def world(self, month: Month) -> None:
        """Where nothing new can be asked (bikes): free rides lift every level by one."""
        world = month.launch.world
        if world.unborn:
            return
        levels = np.array(world.established, dtype=object)
        truth = month.facts["truth"].to_numpy(dtype=object)
        step = {name: levels[min(i + 1, len(levels) - 1)] for i, name in enumerate(levels)}
        changed = np.array([step[name] for name in truth], dtype=object)
        _overturn(self, month, truth, changed, "free_ride_days")


class Outage(Plant):
    """One to three days on which the service is closed: one answer is right for everything."""

    cause = "outage"
    verdict = "wait"

    def world(self, month: Month) -> None:
        truth = month.facts["truth"].to_numpy(dtype=object)
        # Everything is answered like the rarest thing, as when all is closed or all is checked.
        own = month.facts["truth"][month.facts["truth"].isin(month.launch.world.established)]
        one = own.value_counts().index[-1]
        _overturn(self, month, truth, np.full(len(truth), one, dtype=object), "outage")


class KnownEvent(Transient):
    """A campaign that the client has declared."""

    cause = "known_event"
    declared = True


def _overturn(
    plant: Plant, month: Month, truth: np.ndarray, changed: np.ndarray, event: str
) -> None:
    """Other answers are right on the plant's days; how strong: wrong answers that people label."""
    inside = plant.rows(month)
    answers = month.answered()
    rows = np.flatnonzero(inside)
    was = float((answers != truth)[rows].sum()) * LABELLED_IF_WRONG
    now = float((answers != changed)[rows].sum()) * LABELLED_IF_WRONG
    month.set(rows, truth=changed[rows], event=event)
    plant.realized = (now - was) / detectable_count(expected=round(was, 1), looks=month.days)
