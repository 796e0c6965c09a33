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
    "gloss.check": "Check",
    "gloss.check.means": "One look at all that came in: measured, diagnosed, and where it helps a new"
    " version trained and compared. Nothing goes live without a named person’s yes.",
    "gloss.provisional": "Provisional",
    "gloss.provisional.means": "Something that this month counts is still open. When it is known, a"
    " dated revision says what changed.",
    # --- the one number, and how sure we are
    "head.now": "this month",
    "head.before": "month before",
    "sure.down.chip": "▼ We are sure: worse",
    "sure.down": "The ranges of the two months do not meet: the model answered worse than in the"
    " month before.",
    "sure.up.chip": "▲ We are sure: better",
    "sure.up": "The ranges of the two months do not meet: the model answered better than in the"
    " month before.",
    "sure.level.chip": "≈ It could be chance",
    "sure.level": "The ranges of the two months overlap: nobody can call this difference a change.",
    "sure.few.chip": "… Too few rows to be sure",
    "sure.few": "With {n} labelled rows the range is {width} points wide: only a very large change"
    " would show.",
    "sure.first.chip": "● First measurement",
    "sure.first": "There is no month before it to set it beside.",
    "sure.none.chip": "? We do not know",
    "sure.none": "Without rows that are drawn at random and labelled by a person, nobody can say how"
    " well the model answers in use.",
    "alt.headline.now": "Accuracy in use this month {rate}.",
    "alt.headline.before": "In the month before {rate}.",
    # --- the table of categories
    "cat.col.name": "Category",
    "cat.col.scale": "0 to 100% correct",
    "cat.col.change": "Change",
    "cat.group.worse": "▼ Got worse",
    "cat.group.better": "▲ Got better",
    "cat.group.new": "● New",
    "cat.group.same": "No clear change, the weakest first",
    "cat.group.level": "The weakest first",
    "cat.group.thin": "Too few rows to say",
    # --- where it can be checked
    "proof": "SHA-256 of the facts",
    "gloss.proof": "SHA-256, on every page",
    "gloss.proof.means": "The fingerprint of all facts of this report. Each figure is kept with where it"
    " comes from: the command “verify” computes them all again and fails on one changed digit.",
    "deploy.by_rule": "Approved by {by}, by the rules set beforehand.",
    # --- how quickly we answered, and our hours
    "time.moment": "less than a minute",
    "time.minutes": "{n} minutes",
    "time.minutes.one": "1 minute",
    "time.hours": "{n} hours",
    "time.hours.one": "1 hour",
    "time.days": "{n} days",
    "time.days.one": "1 day",
    "care.quiet": "No alert called for us.",
    "care.alerts": "{n} alerts called for us.",
    "care.alerts.one": "1 alert called for us.",
    "care.alerts.answered": "A person of ours took up {n}, after {middle} in the middle case and"
    " {longest} at most.",
    "care.alerts.answered.alike": "A person of ours took up {n}, each within {longest}.",
    "care.alerts.answered.one": "A person of ours took up 1, after {longest}.",
    "care.alerts.open": "{n} were still open when the month ended.",
    "care.alerts.open.one": "1 was still open when the month ended.",
    "care.alerts.over": "{n} were over by themselves.",
    "care.alerts.over.one": "1 was over by itself.",
    "care.decisions.answered": "{n} decisions waited for one of our people: made after {middle} in the"
    " middle case and {longest} at most.",
    "care.decisions.answered.alike": "{n} decisions waited for one of our people: each was made within"
    " {longest}.",
    "care.decisions.answered.one": "1 decision waited for one of our people: made after {longest}.",
    "care.decisions.open": "{n} decisions are still waiting.",
    "care.decisions.open.one": "1 decision is still waiting.",
    "care.time": "Time that our people wrote down for this model: {minutes} minutes.",
    "signal.escalated_rate": "cases that were escalated",
    "signal.text_length": "the length of the texts",
}
