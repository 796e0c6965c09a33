"""English: how sure we are, service, the glossary, and where a figure can be checked."""

from collections.abc import Mapping

STRINGS: Mapping[str, str] = {
    # --- the words of the report, each explained where it is used
    "gloss.audit": "In use",
    "gloss.audit.means": "“Accuracy in use” comes from rows drawn at random from your traffic, which a"
    " person answers without seeing the model’s answer. Corrections and complaints are not random,"
    " so they never count here.",
    "gloss.golden": "Reference rows",
    "gloss.golden.means": "A fixed set of rows with known answers. The same model always scores the"
    " same on it, so a movement means that the model or its surroundings changed.",
    "gloss.interval": "84 to 95, n=100",
    "gloss.interval.means": "With 100 rows we can only say that the true figure most likely (95%) lies"
    " between 84% and 95%. More rows, narrower range.",
    "gloss.points": "Points",
    "gloss.points.means": "The difference of two percentages: from 80% to 86% is 6 points.",
    "gloss.fixed": "Fixed and broken",
    "gloss.fixed.means": "Rows that only the new version answers correctly, and rows that only the old"
    " one did.",
    "gloss.training": "Training rows",
    "gloss.training.means": "Examples with answers that the model learns from. Reference rows are never"
    " among them.",
}
