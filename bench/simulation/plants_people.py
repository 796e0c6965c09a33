"""Plants in what people do: inflated proxies, careless reviewers, too few labels."""

import numpy as np

from bench.simulation.month import ERROR, Month
from bench.simulation.plants import Plant, strong_categories
from bench.simulation.strength import REVIEWED, detectable_drop

INFLATED = 0.93
# How much of a rise in wrong labels shows as a drop of reviewed accuracy.
SHOWN = 0.82
FEW = 0.015


class ProxyInflation(Plant):
    """The page now opens the article by itself: nearly every answer counts as clicked."""

    cause = "proxy_inflation"

    def people(self, month: Month) -> None:
        month.set(np.flatnonzero(self.rows(month)), accepts=INFLATED)


class LabelNoise(Plant):
    """New reviewers: many more labels are wrong than before, whatever the answer."""

    cause = "label_noise"
    verdict = "collect_labels"

    def people(self, month: Month) -> None:
        rows = np.flatnonzero(self.rows(month))
        bound = detectable_drop(after_n=REVIEWED * len(rows), before_n=month.reviewed_before)
        error = float(np.clip(ERROR + self.wished * bound / SHOWN, 0.25, 0.6))
        self.realized = SHOWN * (error - ERROR) / bound
        self.details["error"] = round(error, 3)
        month.set(rows, error=error)


class FewLabels(Plant):
    """Reviews all but stop while other things are asked: nobody can say what it means."""

    cause = "insufficient_evidence"
    verdict = "collect_labels"

    def traffic(self, month: Month) -> None:
        self.realized = self.wished
        _favour(self, month, share=0.35)

    def people(self, month: Month) -> None:
        month.set(np.flatnonzero(self.rows(month)), review=FEW)


class MixShift(Plant):
    """Other things are asked; each category is answered as well as before."""

    cause = "mix_shift"

    def traffic(self, month: Month) -> None:
        _favour(self, month, share=min(0.12 * self.wished, 0.45))


def _favour(plant: Plant, month: Month, *, share: float) -> None:
    """So many of the plant's rows become rows of a few strong categories."""
    strong = plant.details.get("categories")
    if strong is None:
        names = strong_categories(month)
        size = min(len(names), 4) if month.launch.world.task == "text" else 1
        strong = [str(name) for name in plant.rng.choice(names, size=size, replace=False)]
        plant.details["categories"] = strong
    hit = np.flatnonzero(plant.rows(month) & (month.rng.random(len(month)) < share))
    month.redraw(hit, month.rng.choice(np.array(strong, dtype=object), size=len(hit)), "mix_shift")
    plant.realized = share / 0.12
