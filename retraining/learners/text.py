"""The text learner: TF-IDF of words and characters under multinomial logistic regression."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import softmax
from threadpoolctl import threadpool_limits

from . import artifact
from .base import (
    Answers,
    Array,
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
from .text_encoder import TextEncoder, fit_text_encoder

SETTINGS: dict[str, Any] = {
    # C = 10: between 3 and 100 accuracy on banking messages moves by under a point; above 10,
    # wrong labels begin to cost.
    "penalty": 0.1,
    "iterations": 100,
    "weight_cap": 5.0,
}


@dataclass(frozen=True)
class TextModel(Answers):
    """A fitted text model: see `base.Model`."""

    categories: tuple[str, ...]
    arm: str
    spec: InputSpec
    parameters: dict[str, Any]
    encoder: TextEncoder
    network: Network
    temperature: float = 1.0
    learner: str = "text_linear"

    def predict_proba(self, inputs: pd.DataFrame) -> Array:
        """See `base.Model`. An absent or blank text gets what the biases alone say."""
        self.spec.check(inputs)
        with threadpool_limits(limits=1):
            scores = self.network.scores(self.encoder.encode(inputs))
            return apply_temperature(np.asarray(softmax(scores, axis=1)), self.temperature)

    def tempered(self, temperature: float) -> "TextModel":
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
        )


class TextLearner:
    """From scratch the vocabulary is learned too; from a checkpoint it stays, with its idf."""

    name = "text_linear"
    task: Task = "text"

    def fit(self, *, inputs: pd.DataFrame, labels: Any, spec: InputSpec, seed: int) -> TextModel:
        """See `base.Learner`. The loss has one minimum, so the seed changes nothing."""
        spec.check(inputs)
        found = label_array(labels, rows=len(inputs))
        categories = sorted_categories(found)
        encoder = fit_text_encoder(inputs)
        start = blank_network(inputs=encoder.width, hidden=0, categories=len(categories), seed=seed)
        network = _fitted(start, encoder, inputs, coded(found, categories))
        return TextModel(
            categories, "scratch", spec, _parameters(encoder, len(found), seed), encoder, network
        )

    def continue_from(
        self, *, checkpoint: Model, inputs: pd.DataFrame, labels: Any, spec: InputSpec, seed: int
    ) -> TextModel:
        """See `base.Learner`."""
        old = _own(checkpoint, spec)
        spec.check(inputs)
        found = label_array(labels, rows=len(inputs))
        categories = extended_categories(old.categories, found)
        start = old.network.padded(len(categories) - len(old.categories))
        network = _fitted(start, old.encoder, inputs, coded(found, categories))
        parameters = _parameters(old.encoder, len(found), seed)
        return TextModel(categories, "checkpoint", spec, parameters, old.encoder, network)

    def relearn(
        self, *, checkpoint: Model, inputs: pd.DataFrame, labels: Any, spec: InputSpec, seed: int
    ) -> TextModel:
        """See `base.Learner`."""
        old = _own(checkpoint, spec)
        start = blank_network(
            inputs=old.encoder.width, hidden=0, categories=len(old.categories), seed=seed
        )
        if len(inputs):
            codes = coded(label_array(labels, rows=len(inputs)), old.categories)
            start = _fitted(start, old.encoder, inputs, codes)
        return replace(old, network=start, temperature=1.0)

    def loads(self, data: bytes) -> TextModel:
        """See `base.Learner`."""
        content = artifact.unpack(data)
        if content.get("learner") != self.name:
            raise BrokenArtifact(f"a model of {content.get('learner')!r}, not of {self.name!r}")
        try:
            network = content["network"]
            return TextModel(
                categories=content["categories"],
                arm=content["arm"],
                spec=content["spec"],
                parameters=content["parameters"],
                encoder=TextEncoder.from_state(content["encoder"]),
                network=Network(tuple(network["weights"]), tuple(network["biases"])),
                temperature=float(content["temperature"]),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise BrokenArtifact("parts of the text model are missing") from error


def _own(checkpoint: Model, spec: InputSpec) -> TextModel:
    if not isinstance(checkpoint, TextModel) or checkpoint.spec != spec:
        raise WrongCheckpoint("the checkpoint is no text model of these columns")
    return checkpoint


def _fitted(start: Network, encoder: TextEncoder, inputs: pd.DataFrame, codes: Any) -> Network:
    return fit_network(
        start,
        inputs=encoder.encode(inputs),
        codes=codes,
        row_weights=balancing_weights(codes, cap=SETTINGS["weight_cap"]),
        penalty=SETTINGS["penalty"],
        iterations=SETTINGS["iterations"],
    )


def _parameters(encoder: TextEncoder, rows: int, seed: int) -> dict[str, Any]:
    terms = {f"{part}_terms": len(found) for part, found in encoder.terms.items()}
    return {**SETTINGS, **terms, "rows": rows, "seed": seed, "temperature": 1.0}
