"""How far two people agreed on the rows that both labelled."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from clients.models import MaintainedModel
from retraining.models import Cycle, ReviewOpinion

if TYPE_CHECKING:
    from retraining.stats.estimate import Estimate

REJECTED = "\0rejected"  # no label can be this


@dataclass(frozen=True)
class Agreement:
    """The share of shared rows on which two people said the same, and that beyond luck.

    ``kappa`` is None where both said one and the same category throughout.
    """

    raw: "Estimate"
    kappa: "Estimate | None"


def measure_agreement(
    *, cycle: Cycle | None = None, model: MaintainedModel | None = None
) -> Agreement | None:
    """Of one queue, or of all queues of a model; None while no row has two opinions."""
    said = ReviewOpinion.objects.filter(proposal__shared=True)
    if cycle is not None:
        said = said.filter(proposal__cycle=cycle)
    if model is not None:
        said = said.filter(proposal__model=model)
    by_row: dict[int, list[str]] = {}
    for proposal, label in said.order_by("pk").values_list("proposal", "label"):
        by_row.setdefault(proposal, []).append(label or REJECTED)
    pairs = [(labels[0], labels[1]) for labels in by_row.values() if len(labels) > 1]
    if not pairs:
        return None
    # The library behind them takes a second to load, and most pages have nothing to measure.
    from retraining.stats.agreement import cohen_kappa, raw_agreement
    from retraining.stats.errors import BadSample

    try:
        kappa = cohen_kappa(pairs=pairs)
    except BadSample:
        kappa = None
    return Agreement(raw_agreement(pairs=pairs), kappa)
