"""The tabular learner: boosted trees blended with a small network that can be continued.

From scratch both are fitted and their probabilities averaged. From a checkpoint only the network
goes on, because the trees can't without error: scikit-learn's warm start bins the new rows afresh
and then replays the old trees on bin numbers that meant other values, so it would boost wrong
residuals (on 9% of the rows of a small trial) even while the categories are unchanged.
Cross-validation decides between the two.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import softmax
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from . import artifact
from .base import (
    Answers,
    Array,
    Codes,
    InputSpec,
    Model,
    Task,
    balancing_weights,
    coded,
    extended_categories,
    label_array,
    sorted_categories,
)
from .calibration import apply_temperature
from .errors import BrokenArtifact, WrongCheckpoint
from .network import Network, blank_network, fit_network
from .table_encoder import TableEncoder, fit_table_encoder

SETTINGS: dict[str, Any] = {
    "hidden": 32,
    "penalty": 2.0,
    "iterations": 150,
    "weight_cap": 2.0,
}
"""The network's. Averaged over the bike months, penalties of 1 or 2 and 16 or 32 units came out
within a point of each other."""

TREES: dict[str, Any] = {
    "max_iter": 80,
    "learning_rate": 0.08,
    "max_leaf_nodes": 8,
    "min_samples_leaf": 10,
}
"""Small trees: with a thousand rows they were as good as large ones in two thirds of
the time."""


@dataclass(frozen=True)
class TabularModel(Answers):
    """A fitted tabular model: see `base.Model`. `trees` are absent once it was continued."""

    categories: tuple[str, ...]
    arm: str
    spec: InputSpec
    parameters: dict[str, Any]
    encoder: TableEncoder
    network: Network
    trees: HistGradientBoostingClassifier | None = None
    temperature: float = 1.0
    learner: str = "tabular_blend"

    def predict_proba(self, inputs: pd.DataFrame) -> Array:
        """See `base.Model`. Absent and unseen values are answered: see `table_encoder`."""
        self.spec.check(inputs)
        if len(inputs) == 0:
            return np.zeros((0, len(self.categories)))
        with threadpool_limits(limits=1):
            raw = self.encoder.raw(inputs)
            proba = np.asarray(softmax(self.network.scores(self.encoder.units(raw)), axis=1))
            if self.trees is not None:
                proba[:, self.trees.classes_] += self.trees.predict_proba(self.encoder.splits(raw))
                proba /= 2.0
            return apply_temperature(proba, self.temperature)

    def tempered(self, temperature: float) -> "TabularModel":
        """See `base.Model`."""
        parameters = {**self.parameters, "temperature": temperature}
        return replace(self, temperature=temperature, parameters=parameters)

    def dumps(self) -> bytes:
        """See `base.Model`."""
        return artifact.pack(
            learner=self.learner,
            spec=self.spec,
            categories=self.categories,
            arm=self.arm,
            parameters=self.parameters,
            temperature=self.temperature,
            encoder=self.encoder.state(),
            network={"weights": list(self.network.weights), "biases": list(self.network.biases)},
            trees=self.trees,
        )


class TabularLearner:
    """From a checkpoint the reading of the columns (levels, knots, categories) stays."""

    name = "tabular_blend"
    task: Task = "tabular"

    def fit(self, *, inputs: pd.DataFrame, labels: Any, spec: InputSpec, seed: int) -> TabularModel:
        """See `base.Learner`."""
        spec.check(inputs)
        found = label_array(labels, rows=len(inputs))
        categories = sorted_categories(found)
        codes = coded(found, categories)
        encoder = fit_table_encoder(inputs, spec)
        raw = encoder.raw(inputs)
        network = _fitted(_blank(encoder, len(categories), seed), encoder.units(raw), codes)
        trees = HistGradientBoostingClassifier(
            **TREES,
            early_stopping=False,
            categorical_features=None,
            random_state=seed,
        )
        with threadpool_limits(limits=1):
            trees.fit(encoder.splits(raw), codes)
        parameters = {**_parameters(len(found), seed), "trees": dict(TREES)}
        return TabularModel(categories, "scratch", spec, parameters, encoder, network, trees)

    def continue_from(
        self, *, checkpoint: Model, inputs: pd.DataFrame, labels: Any, spec: InputSpec, seed: int
    ) -> TabularModel:
        """See `base.Learner`."""
        old = _own(checkpoint, spec)
        spec.check(inputs)
        found = label_array(labels, rows=len(inputs))
        categories = extended_categories(old.categories, found)
        start = old.network.padded(len(categories) - len(old.categories))
        units = old.encoder.units(old.encoder.raw(inputs))
        network = _fitted(start, units, coded(found, categories))
        parameters = {**_parameters(len(found), seed), "trees": None}
        return TabularModel(categories, "checkpoint", spec, parameters, old.encoder, network)

    def relearn(
        self, *, checkpoint: Model, inputs: pd.DataFrame, labels: Any, spec: InputSpec, seed: int
    ) -> TabularModel:
        """See `base.Learner`. Trees are left out: nothing goes on from them."""
        old = _own(checkpoint, spec)
        network = _blank(old.encoder, len(old.categories), seed)
        if len(inputs):
            codes = coded(label_array(labels, rows=len(inputs)), old.categories)
            network = _fitted(network, old.encoder.units(old.encoder.raw(inputs)), codes)
        return replace(old, network=network, trees=None, temperature=1.0)

    def loads(self, data: bytes) -> TabularModel:
        """See `base.Learner`."""
        content = artifact.unpack(data)
        if content.get("learner") != self.name:
            raise BrokenArtifact(f"a model of {content.get('learner')!r}, not of {self.name!r}")
        try:
            network, trees = content["network"], content["trees"]
            if trees is not None and not isinstance(trees, HistGradientBoostingClassifier):
                raise BrokenArtifact("the trees of the tabular model are of another kind")
            return TabularModel(
                categories=content["categories"],
                arm=content["arm"],
                spec=content["spec"],
                parameters=content["parameters"],
                encoder=TableEncoder.from_state(content["encoder"]),
                network=Network(tuple(network["weights"]), tuple(network["biases"])),
                trees=trees,
                temperature=float(content["temperature"]),
            )
        except (KeyError, TypeError) as error:
            raise BrokenArtifact("parts of the tabular model are missing") from error


def _own(checkpoint: Model, spec: InputSpec) -> TabularModel:
    if not isinstance(checkpoint, TabularModel) or checkpoint.spec != spec:
        raise WrongCheckpoint("the checkpoint is no tabular model of these columns")
    return checkpoint


def _blank(encoder: TableEncoder, categories: int, seed: int) -> Network:
    width = encoder.units(np.zeros((0, len(encoder.columns)))).shape[1]
    return blank_network(inputs=width, hidden=SETTINGS["hidden"], categories=categories, seed=seed)


def _fitted(start: Network, units: Array, codes: Codes) -> Network:
    return fit_network(
        start,
        inputs=units,
        codes=codes,
        row_weights=balancing_weights(codes, cap=SETTINGS["weight_cap"]),
        penalty=SETTINGS["penalty"],
        iterations=SETTINGS["iterations"],
    )


def _parameters(rows: int, seed: int) -> dict[str, Any]:
    return {**SETTINGS, "rows": rows, "seed": seed, "temperature": 1.0}
