"""English: kinds of a cause, faults that are over, and what only some causes ask for."""

from collections.abc import Mapping

STRINGS: Mapping[str, str] = {
    "cause.unseen_values": "Unknown values arrive",
    "cause.unseen_values.story": "A field now arrives with values that nobody ever sent before,"
    " so the model cannot know what they mean: {names}.",
    "cause.changed_text": "Texts arrive in another form",
    "cause.changed_text.story": "Texts arrive written otherwise than before, for example with"
    " other characters or other spacing, so the model cannot read them well: {names}.",
    "cause.swapped_fields": "Two fields have changed places",
    "cause.swapped_fields.story": "Two fields arrive with each other's values, so the model reads"
    " one for the other: {names}.",
    "cause.unlabelled_clusters": "Perhaps a new kind of request",
    "cause.unlabelled_clusters.story": "A group of {task} came up that are like each other and"
    " like nothing the model was taught; until people label some, nobody can say what they are."
    " Our guesses at names: {names}.",
    "cause.over": "over since {day}",
    "story.over": "It has been over since {day}.",
    "story.did.upstream.serving_change": "We did not retrain, because the model itself is as it"
    " was: what runs around it has to be put right first.",
    "story.did.needs_labels.label_noise": "We changed nothing, because a model that learns from"
    " doubtful labels gets worse; the doubtful rows should first be labelled again by a second"
    " person.",
    "story.did.needs_labels.unlabelled_clusters": "We changed nothing yet, because people first"
    " have to say what the unfamiliar {task} are.",
    "fault.unseen_values": "arrives with values that nobody sent before: send it as at launch, or"
    " tell us what the new values mean",
    "fault.changed_text": "arrives written otherwise than before: check the encoding and what"
    " prepares the text",
    "fault.swapped_fields": "carries another field's values: put both back in their places",
    "fault.only_where": " (only where {segment})",
    "fault.late_field.figures": " (the values are about {n} hours old)",
    "fault.late_field.figures.one": " (the values are about 1 hour old)",
    "because.serving_change": "The model itself is as it was; no training cures what runs around"
    " it.",
    "because.label_noise": "A model that learns from doubtful labels gets worse.",
    "because.unlabelled_clusters": "People first have to say what the unfamiliar rows are.",
    "next.repair_over": "What was wrong with {names} is over; its rows of these days stay out of"
    " training until they are repaired, and we check again.",
    "next.repair_serving": "Once the approved version answers again as it was approved, we check"
    " again.",
    "next.second_look": "{n} rows with doubtful labels are labelled again by a second person;"
    " then we measure again.",
    "next.second_look.one": "1 row with a doubtful label is labelled again by a second person;"
    " then we measure again.",
    "next.name_rows": "Once {n} of the unfamiliar rows are labelled, we say whether they are a"
    " new category.",
    "next.name_rows.one": "Once 1 of the unfamiliar rows is labelled, we say whether they are a"
    " new category.",
    "ask.repair.over": "Please find out what caused this, so that it does not come back: {fault}.",
    "ask.serving_change": "Please check what your system runs: which version of the model, what"
    " prepares its inputs, and which answer stands in when the model is not reached.",
    "ask.serving_change.over": "Please find out what ran in place of the approved model in those"
    " days, so that it does not come back.",
    "ask.second_look": "Please have the {n} rows with doubtful labels labelled again by a second"
    " person who does not see the first answer.",
    "ask.second_look.one": "Please have the 1 row with a doubtful label labelled again by a"
    " second person who does not see the first answer.",
    "ask.name_rows": "Please let a person label {n} of the unfamiliar rows: do they belong to a"
    " known category, or are they one of their own (perhaps {names})?",
    "ask.name_rows.one": "Please let a person label 1 of the unfamiliar rows: does it belong to a"
    " known category, or to one of its own (perhaps {names})?",
}
