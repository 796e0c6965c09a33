"""The embeddings learner: sentence vectors under multinomial logistic regression.

It knows from elsewhere that "lost my card" and "can't find my Visa" are alike, so a category is
learned from fewer rows than TF-IDF needs. Only with the optional extra: see sentence_encoder.py.
"""

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
from .errors import BrokenArtifact, NothingToLearn, WrongCheckpoint
from .network import Network, blank_network, fit_network
from .sentence_encoder import WIDTH, SentenceEncoder, installed_encoder

SETTINGS: dict[str, Any] = {
    # The least log loss of penalties 1 to 0.01, out of fold on a launch set of banking messages. Vectors
    # that lie close together need larger weights than TF-IDF.
    "penalty": 0.03,
    "iterations": 200,
    "weight_cap": 5.0,
}

NAME = "text_embeddings"


@dataclass(frozen=True)
class EmbeddingsModel(Answers):
    """A fitted head on sentence vectors: see `base.Model`."""

    categories: tuple[str, ...]
    arm: str
    spec: InputSpec
    parameters: dict[str, Any]
    encoder: SentenceEncoder
    network: Network
    temperature: float = 1.0
    learner: str = NAME

    def predict_proba(self, inputs: pd.DataFrame) -> Array:
        """See `base.Model`. An absent or blank text gets what the biases alone say."""
        self.spec.check(inputs)
        with threadpool_limits(limits=1):
            scores = self.network.scores(self.encoder.encode(inputs))
            return apply_temperature(np.asarray(softmax(scores, axis=1)), self.temperature)

    def tempered(self, temperature: float) -> "EmbeddingsModel":
        """See `base.Model`."""
        parameters = {**self.parameters, "temperature": temperature}
        return replace(self, temperature=temperature, parameters=parameters)

    def dumps(self) -> bytes:
        """See `base.Model`. The head, and which encoder it was learned on."""
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


class EmbeddingsLearner:
    """The encoder never learns; the arms differ in where the head starts, and in the order of the
    categories. Every method raises MissingExtra where the extra is not installed."""

    name = NAME
    task: Task = "text"

    def fit(
        self, *, inputs: pd.DataFrame, labels: Any, spec: InputSpec, seed: int
    ) -> EmbeddingsModel:
        """See `base.Learner`. The loss has one minimum, so the seed changes nothing."""
        spec.check(inputs)
        found = label_array(labels, rows=len(inputs))
        categories, encoder = sorted_categories(found), installed_encoder()
        start = blank_network(inputs=WIDTH, hidden=0, categories=len(categories), seed=seed)
        network = _fitted(start, encoder, inputs, coded(found, categories))
        parameters = _parameters(encoder, len(found), seed)
        return EmbeddingsModel(categories, "scratch", spec, parameters, encoder, network)

    def continue_from(
        self, *, checkpoint: Model, inputs: pd.DataFrame, labels: Any, spec: InputSpec, seed: int
    ) -> EmbeddingsModel:
        """See `base.Learner`."""
        old = _own(checkpoint, spec)
        spec.check(inputs)
        found = label_array(labels, rows=len(inputs))
        categories = extended_categories(old.categories, found)
        start = old.network.padded(len(categories) - len(old.categories))
        network = _fitted(start, old.encoder, inputs, coded(found, categories))
        parameters = _parameters(old.encoder, len(found), seed)
        return EmbeddingsModel(categories, "checkpoint", spec, parameters, old.encoder, network)

    def relearn(
        self, *, checkpoint: Model, inputs: pd.DataFrame, labels: Any, spec: InputSpec, seed: int
    ) -> EmbeddingsModel:
        """See `base.Learner`."""
        old = _own(checkpoint, spec)
        start = blank_network(inputs=WIDTH, hidden=0, categories=len(old.categories), seed=seed)
        if len(inputs):
            codes = coded(label_array(labels, rows=len(inputs)), old.categories)
            start = _fitted(start, old.encoder, inputs, codes)
        return replace(old, network=start, temperature=1.0)

    def loads(self, data: bytes) -> EmbeddingsModel:
        """See `base.Learner`. Raises WrongEncoder where another encoder is installed."""
        content = artifact.unpack(data)
        if content.get("learner") != self.name:
            raise BrokenArtifact(f"a model of {content.get('learner')!r}, not of {self.name!r}")
        try:
            network = content["network"]
            return EmbeddingsModel(
                categories=content["categories"],
                arm=content["arm"],
                spec=content["spec"],
                parameters=content["parameters"],
                encoder=SentenceEncoder.from_state(content["encoder"]),
                network=Network(tuple(network["weights"]), tuple(network["biases"])),
                temperature=float(content["temperature"]),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise BrokenArtifact("parts of the embeddings model are missing") from error


def _own(checkpoint: Model, spec: InputSpec) -> EmbeddingsModel:
    if not isinstance(checkpoint, EmbeddingsModel) or checkpoint.spec != spec:
        raise WrongCheckpoint("the checkpoint is no embeddings model of these columns")
    return checkpoint


def _fitted(start: Network, encoder: SentenceEncoder, inputs: pd.DataFrame, codes: Any) -> Network:
    vectors = encoder.encode(inputs)
    if not vectors.any():
        raise NothingToLearn("the texts are blank")
    return fit_network(
        start,
        inputs=vectors,
        codes=codes,
        row_weights=balancing_weights(codes, cap=SETTINGS["weight_cap"]),
        penalty=SETTINGS["penalty"],
        iterations=SETTINGS["iterations"],
    )


def _parameters(encoder: SentenceEncoder, rows: int, seed: int) -> dict[str, Any]:
    return {**SETTINGS, **encoder.state(), "rows": rows, "seed": seed, "temperature": 1.0}
