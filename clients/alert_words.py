"""An alert in the words of the client it is about. What is ours to look after has none.

An alert's own message is for staff: it names tiers, levels and what to decide. Clients are told from
its key what has changed, in their language, and where they can do something about it.
"""

from django.utils.translation import gettext_lazy as later
from django.utils.translation import override

from clients.models import Alert

LONGEST = 120
"""Characters of the names that a sentence may hold."""

ACCURACY = {
    "watch": later("Fewer answers are right than before. We watch it closely."),
    "act": later("Clearly fewer answers are right than before. We look for the cause."),
}
CHANGED_TRAFFIC = later("What your model is asked looks different from before. We look at why.")
FIELD = later("A field arrives in another way than before: %(names)s. Please check what sends it.")
PART = later("A part of your traffic arrives broken: %(names)s. Please check what sends it.")
TEXT = later("Texts arrive cut off or changed. Please check what sends them: %(names)s.")
CAUSES = {
    "frozen_field": later("A field no longer changes: %(names)s. Please check what sends it."),
    "unit_change": later("A field seems to come in another unit: %(names)s. Please check it."),
    "shifted_field": FIELD,
    "missing_values": later("A field often arrives empty: %(names)s. Please check what sends it."),
    "late_field": later("A field arrives too late: %(names)s. Please check what sends it."),
    "truncated_input": TEXT,
    "segment_fault": PART,
    "serving_change": later(
        "Your model's answers come from a system that has changed. Was it yours?"
    ),
    "new_category": later("Your users ask for something the model was never taught: %(names)s."),
    "weak_category": later("The model answers less well where it is about: %(names)s."),
    "concept_change": later("What counts as the right answer seems to have changed: %(names)s."),
}
NAMELESS = {
    "truncated_input": later("Texts arrive cut off or changed. Please check what sends them."),
    "new_category": later("Your users ask for something the model was never taught."),
    "concept_change": later("What counts as the right answer seems to have changed."),
    "segment_fault": later("A part of your traffic arrives broken. Please check what sends it."),
}
SILENT = later("No new rows of production have reached us for a while. Please check the upload.")


def for_client(alert: Alert, *, language: str) -> str:
    """One sentence in ``language``; empty where the alert is no business of the client's.

    Needs ``alert`` only; the names in it are cut at ``LONGEST`` characters and are not escaped.
    """
    if alert.severity == Alert.Severity.FAULT:
        return ""
    kind, _colon, rest = alert.key.partition(":")
    with override(language):
        if kind == "accuracy":
            return str(ACCURACY.get(rest, ACCURACY["watch"]))
        if kind == "signal":
            return str(CHANGED_TRAFFIC)
        if kind == "silent":
            return str(SILENT)
        if kind == "cause":
            return _of_cause(rest)
    return ""


def _of_cause(rest: str) -> str:
    cause, _colon, names = rest.partition(":")
    sentence = CAUSES.get(cause)
    if sentence is None:
        return ""
    if not names:
        return str(NAMELESS.get(cause, CHANGED_TRAFFIC))
    shown = ", ".join(part for part in names.split(",") if part)
    cut = shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 1]}…"
    return str(sentence) % {"names": cut}
