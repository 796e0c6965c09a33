"""The embeddings learner: sentence vectors under multinomial logistic regression.

It knows from elsewhere that "lost my card" and "can't find my Visa" are alike, so a category is
learned from fewer rows than TF-IDF needs. Only with the optional extra: see sentence_encoder.py.
"""

from typing import Any

import pandas as pd

from .base import Array
from .errors import NothingToLearn
from .linear import Encoder, LinearLearner
from .sentence_encoder import SentenceEncoder, installed_encoder

NAME = "text_embeddings"


class EmbeddingsLearner(LinearLearner):
    """The encoder never learns; the arms differ in where the head starts, and in the order of the
    categories. Every method raises MissingExtra where the extra is not installed, and `loads`
    WrongEncoder where another encoder is."""

    name = NAME
    settings = {
        # The least log loss of penalties 1 to 0.01, out of fold on a launch set of banking messages.
        # Vectors that lie close together need larger weights than TF-IDF.
        "penalty": 0.03,
        "iterations": 200,
        "weight_cap": 5.0,
    }

    def new_encoder(self, inputs: pd.DataFrame) -> SentenceEncoder:
        return installed_encoder()

    def stored_encoder(self, state: dict[str, Any]) -> SentenceEncoder:
        return SentenceEncoder.from_state(state)

    def told_of(self, encoder: SentenceEncoder) -> dict[str, Any]:
        return encoder.state()

    def encoded(self, encoder: Encoder, inputs: pd.DataFrame) -> Array:
        """Raises NothingToLearn where every text is absent or blank."""
        vectors: Array = encoder.encode(inputs)
        if not vectors.any():
            raise NothingToLearn("the texts are blank")
        return vectors
