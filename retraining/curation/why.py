"""Why a row stands in the queue: a sentence for the person who decides about it."""

from collections.abc import Collection

from retraining.curation.candidates import Candidate

# Both tell whether the model agreed with the label: nobody may read them before they label the row.
CORRECTED = "Answered wrong and corrected."
SAMPLED = "Drawn at random and reviewed: part of the fair sample."


def why(
    candidate: Candidate,
    *,
    wanted: Collection[str],
    golden: bool = False,
    repaired: str = "",
    masked: str = "",
) -> str:
    """What the row is good for, and how it is not as it came.

    ``repaired``: the fields that a repair changed; ``masked``: a sentence on what was masked.

    ``wanted``: categories that the diagnosis asks examples of; ``golden``: held out to measure.
    """
    mended = f" Repaired, not as it came: {repaired}." if repaired else ""
    mended += f" {masked}" if masked else ""
    if golden:
        return f"Reviewed row of a new category, held out to measure it.{mended}"
    if candidate.label in wanted:
        return f"A category that the diagnosis asks examples of.{mended}"
    if candidate.label != candidate.prediction:
        return f"{CORRECTED}{mended}"
    return f"{SAMPLED}{mended}"
