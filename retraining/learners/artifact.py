"""Models as bytes: a skops file of plain values, arrays and, for trees, a few named types.

The order is skops' own and matters: parse, audit every type, only then construct. A pickle would
run code while it is read; here nothing is built before the whole file has passed.
"""

import zipfile
from typing import Any

import skops.io
from skops.io.exceptions import UntrustedTypesFoundException

from .base import InputSpec
from .errors import BrokenArtifact, UntrustedArtifact

FORMAT = "whetstone-model/1"

TRUSTED = ("sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",)
"""All that may be built beside what skops trusts by itself: one tree of a boosted ensemble.
Fixed here, never taken from the file."""


def pack(
    *, learner: str, spec: InputSpec, categories: tuple[str, ...], arm: str, **rest: Any
) -> bytes:
    """The bytes of a model: who made it, what it reads and answers, and `rest`, its own state."""
    content = {
        "format": FORMAT,
        "learner": learner,
        "spec": {
            "task": spec.task,
            "numeric": list(spec.numeric),
            "categorical": list(spec.categorical),
        },
        "categories": list(categories),
        "arm": arm,
        **rest,
    }
    return bytes(skops.io.dumps(content, compression=zipfile.ZIP_DEFLATED))


def unpack(data: bytes) -> dict[str, Any]:
    """The content of an artifact, with `spec` and `categories` as they were given to `pack`.

    Raises UntrustedArtifact when a type is not on the list, BrokenArtifact when the bytes are
    damaged or were not written by `pack`.
    """
    try:
        strangers = set(skops.io.get_untrusted_types(data=data)) - set(TRUSTED)
        if strangers:
            raise UntrustedArtifact(f"refused types: {', '.join(sorted(strangers))}")
        content = skops.io.loads(data, trusted=list(TRUSTED))
    except UntrustedArtifact:
        raise
    except UntrustedTypesFoundException as error:
        raise UntrustedArtifact(str(error)) from error
    except Exception as error:  # skops lets through whatever its zip, JSON or array readers raise
        raise BrokenArtifact(f"not a readable model: {type(error).__name__}") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise BrokenArtifact(f"not a model of the format {FORMAT}")
    try:
        spec = content["spec"]
        content["spec"] = InputSpec(
            spec["task"], tuple(spec["numeric"]), tuple(spec["categorical"])
        )
        content["categories"] = tuple(content["categories"])
    except (KeyError, TypeError) as error:
        raise BrokenArtifact("the header of the model is incomplete") from error
    return content
