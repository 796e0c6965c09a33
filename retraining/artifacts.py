"""A version's model, from its stored bytes: verified at every load, kept a little while in memory."""

from functools import lru_cache

from agency.base import files
from retraining.learners.base import Model
from retraining.learners.registry import load_model
from retraining.models import ModelVersion

SUFFIX = ".skops"


def save(model: Model) -> tuple[str, int]:
    """Store the model's bytes; their SHA-256 and size."""
    content = model.dumps()
    return files.store(content, suffix=SUFFIX), len(content)


def load(version: ModelVersion) -> Model:
    """The version's model. Raises ``Corrupt`` where the stored bytes don't match their hash."""
    return _load(version.artifact_sha256)


@lru_cache(maxsize=8)
def _load(digest: str) -> Model:
    return load_model(files.fetch(digest, suffix=SUFFIX))
