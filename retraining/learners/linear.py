"""What the two text learners share: multinomial logistic regression on what an encoder gives."""

from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import pandas as pd
from scipy.special import softmax
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


class Encoder(Protocol):
    """Texts as numbers, the same for the same text at any time."""

    @property
    def width(self) -> int:
        """Number of columns that `encode` gives."""

    def encode(self, inputs: pd.DataFrame) -> Any:
        """Shape (rows, width), dense or CSR; a row of zeros where the text is absent or blank."""

    def state(self) -> dict[str, Any]:
        """Plain values for the artifact."""


@dataclass(frozen=True)
class LinearModel(Answers):
    """A fitted head on an encoder, made by the learner of that name: see `base.Model`."""

    categories: tuple[str, ...]
    arm: str
    spec: InputSpec
    parameters: dict[str, Any]
    encoder: Encoder
    network: Network
    learner: str
    temperature: float = 1.0

    def predict_proba(self, inputs: pd.DataFrame) -> Array:
        """See `base.Model`. An absent or blank text gets what the biases alone say."""
        self.spec.check(inputs)
        with threadpool_limits(limits=1):
            scores = self.network.scores(self.encoder.encode(inputs))
            return apply_temperature(np.asarray(softmax(scores, axis=1)), self.temperature)

    def tempered(self, temperature: float) -> "LinearModel":
        """See `base.Model`."""
        parameters = {**self.parameters, "temperature": temperature}
        return replace(self, temperature=temperature, parameters=parameters)

    def dumps(self) -> bytes:
        """See `base.Model`. The head, and what the encoder says of itself."""
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


class LinearLearner:
    """See `base.Learner`. A learner of this kind says which encoder it uses, and its settings:
    `penalty`, `iterations` and `weight_cap`."""

    name: str
    settings: dict[str, Any]
    task: Task = "text"

    def new_encoder(self, inputs: pd.DataFrame) -> Encoder:
        """The encoder that a model from scratch gets."""
        raise NotImplementedError

    def stored_encoder(self, state: dict[str, Any]) -> Encoder:
        """The encoder of an artifact."""
        raise NotImplementedError

    def told_of(self, encoder: Any) -> dict[str, Any]:
        """What the model's parameters tell of its encoder."""
        raise NotImplementedError

    def encoded(self, encoder: Encoder, inputs: pd.DataFrame) -> Any:
        """The rows that the head learns from."""
        return encoder.encode(inputs)

    def fit(self, *, inputs: pd.DataFrame, labels: Any, spec: InputSpec, seed: int) -> LinearModel:
        """See `base.Learner`. The loss has one minimum, so the seed changes nothing."""
        spec.check(inputs)
        found = label_array(labels, rows=len(inputs))
        categories, encoder = sorted_categories(found), self.new_encoder(inputs)
        network = self._fitted(_blank(encoder, categories), encoder, inputs, found, categories)
        told = self._parameters(encoder, len(found), seed)
        return LinearModel(categories, "scratch", spec, told, encoder, network, self.name)

    def continue_from(
        self, *, checkpoint: Model, inputs: pd.DataFrame, labels: Any, spec: InputSpec, seed: int
    ) -> LinearModel:
        """See `base.Learner`."""
        old = self._own(checkpoint, spec)
        spec.check(inputs)
        found = label_array(labels, rows=len(inputs))
        categories = extended_categories(old.categories, found)
        start = old.network.padded(len(categories) - len(old.categories))
        network = self._fitted(start, old.encoder, inputs, found, categories)
        told = self._parameters(old.encoder, len(found), seed)
        return LinearModel(categories, "checkpoint", spec, told, old.encoder, network, self.name)

    def relearn(
        self, *, checkpoint: Model, inputs: pd.DataFrame, labels: Any, spec: InputSpec, seed: int
    ) -> LinearModel:
        """See `base.Learner`."""
        old = self._own(checkpoint, spec)
        network = _blank(old.encoder, old.categories)
        if len(inputs):
            found = label_array(labels, rows=len(inputs))
            network = self._fitted(network, old.encoder, inputs, found, old.categories)
        return replace(old, network=network, temperature=1.0)

    def loads(self, data: bytes) -> LinearModel:
        """See `base.Learner`."""
        content = artifact.unpack(data)
        if content.get("learner") != self.name:
            raise BrokenArtifact(f"a model of {content.get('learner')!r}, not of {self.name!r}")
        try:
            network = content["network"]
            return LinearModel(
                categories=content["categories"],
                arm=content["arm"],
                spec=content["spec"],
                parameters=content["parameters"],
                encoder=self.stored_encoder(content["encoder"]),
                network=Network(tuple(network["weights"]), tuple(network["biases"])),
                learner=self.name,
                temperature=float(content["temperature"]),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise BrokenArtifact(f"parts of the {self.name} model are missing") from error

    def _own(self, checkpoint: Model, spec: InputSpec) -> LinearModel:
        if isinstance(checkpoint, LinearModel):
            if (checkpoint.learner, checkpoint.spec) == (self.name, spec):
                return checkpoint
        raise WrongCheckpoint(f"the checkpoint is no {self.name} model of these columns")

    def _fitted(
        self,
        start: Network,
        encoder: Encoder,
        inputs: pd.DataFrame,
        labels: Any,
        categories: tuple[str, ...],
    ) -> Network:
        codes: Codes = coded(labels, categories)
        return fit_network(
            start,
            inputs=self.encoded(encoder, inputs),
            codes=codes,
            row_weights=balancing_weights(codes, cap=self.settings["weight_cap"]),
            penalty=self.settings["penalty"],
            iterations=self.settings["iterations"],
        )

    def _parameters(self, encoder: Encoder, rows: int, seed: int) -> dict[str, Any]:
        told = self.told_of(encoder)
        return {**self.settings, **told, "rows": rows, "seed": seed, "temperature": 1.0}


def _blank(encoder: Encoder, categories: tuple[str, ...]) -> Network:
    # Without a hidden layer a network starts at zero: there is nothing to draw.
    return blank_network(inputs=encoder.width, hidden=0, categories=len(categories), seed=0)
