"""A version's model, from its stored bytes: verified at every load, kept a little while in memory."""

from functools import lru_cache

from agency.base import files
from retraining.errors import NotRunnableHere
from retraining.learners.base import Model
from retraining.learners.errors import MissingExtra, WrongEncoder
from retraining.learners.registry import load_model
from retraining.models import ModelVersion

__all__ = ["NotRunnableHere", "load", "save"]

SUFFIX = ".skops"


def save(model: Model) -> tuple[str, int]:
    """Store the model's bytes; their SHA-256 and size."""
    content = model.dumps()
    return files.store(content, suffix=SUFFIX), len(content)


def load(version: ModelVersion) -> Model:
    """The version's model. Raises ``Corrupt`` where the stored bytes don't match their hash, and
    ``NotRunnableHere`` where an optional extra is missing or another release of it is installed."""
    try:
        return _load(version.artifact_sha256)
    except (MissingExtra, WrongEncoder) as error:
        raise NotRunnableHere(f"{version}: {error}") from error


@lru_cache(maxsize=8)
def _load(digest: str) -> Model:
    return load_model(files.fetch(digest, suffix=SUFFIX))
