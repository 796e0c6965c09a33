"""Which learners there are, and which one reads a stored model."""

from collections.abc import Mapping
from types import MappingProxyType

from . import artifact
from .base import Learner, Model, Task
from .embeddings import EmbeddingsLearner
from .errors import MissingExtra, UnknownLearner
from .sentence_encoder import EXTRA, installed
from .tabular import TabularLearner
from .text import TextLearner

_ALL: tuple[Learner, ...] = (
    TextLearner(),
    TabularLearner(),
    *([EmbeddingsLearner()] if installed() else []),
)

LEARNERS: Mapping[str, Learner] = MappingProxyType({learner.name: learner for learner in _ALL})
"""Every learner that this machine can run, by name. Whoever adds one adds it to `_ALL`;
tests/retraining/learners/test_laws.py then puts it through the laws that all obey."""


def learner_for(name: str) -> Learner:
    """The learner of that name; raises UnknownLearner, or its kind MissingExtra where an optional
    extra would bring it."""
    try:
        return LEARNERS[name]
    except KeyError:
        if name == EmbeddingsLearner.name:
            raise MissingExtra(
                f"the learner {name!r} needs the optional extra {EXTRA!r}, which is not installed; "
                "CONTRIBUTING.md says how to add it"
            ) from None
        raise UnknownLearner(f"no learner {name!r}; there are {', '.join(LEARNERS)}") from None


def default_learner(task: Task) -> Learner:
    """The first learner registered for the task; raises UnknownLearner."""
    for learner in LEARNERS.values():
        if learner.task == task:
            return learner
    raise UnknownLearner(f"no learner for the task {task!r}")


def load_model(data: bytes) -> Model:
    """The stored model, read by the learner that its header names.

    Raises BrokenArtifact, UntrustedArtifact, UnknownLearner where that learner is gone, MissingExtra
    where it is not installed here, or WrongEncoder where its encoder is another one here.
    """
    return learner_for(str(artifact.unpack(data).get("learner"))).loads(data)
