"""English: what was found, tried, decided and left alone."""

from collections.abc import Mapping

STRINGS: Mapping[str, str] = {
    # --- the three sentences
    "story.audit": "Of {n} {task} drawn at random, your model answered {rate} correctly.",
    "story.audit.down": "Of {n} {task} drawn at random, your model answered {rate} correctly,"
    " clearly less than the {before} of the month before.",
    "story.audit.up": "Of {n} {task} drawn at random, your model answered {rate} correctly, clearly"
    " more than the {before} of the month before.",
    "story.audit.level": "Of {n} {task} drawn at random, your model answered {rate} correctly; from"
    " the {before} of the month before that is no clear change.",
    "story.golden": "Nobody labelled randomly drawn {task} this month, so accuracy in use is unknown;"
    " on the reference rows the model scores {rate}.",
    "story.nothing_measured": "Accuracy was not measured this month.",
    "story.no_check": "No check fell into this month.",
    "story.no_check.why": "There is nothing to report beyond the traffic that arrived.",
    "story.no_check.did": "The version in use, {version}, stays as it is.",
    "story.not_diagnosed": "The check has not reached its findings yet.",
    "story.did.live": "We trained a new version, {version}, on your newest examples; it is live since"
    " {day}, approved by {by}, and answers {fixed} reference rows correctly that {before} missed,"
    " against {broken} the other way.",
    "story.did.live.plain": "We trained a new version, {version}, and it is live since {day}.",
    "story.did.healthy": "We left the model as it is, because a retrain would not have helped.",
    "story.did.waiting": "We did not retrain, because what happened is short-lived: learning from it"
    " would make the model worse for ordinary days.",
    "story.did.upstream": "We did not retrain, because the data has to be repaired at its source"
    " first; a model trained on damaged data learns the damage.",
    "story.did.needs_labels": "We changed nothing yet, because there are too few labelled rows to say"
    " what is right.",
    "story.did.advised": "We advise a retrain; your plan does not include one, so nothing was changed.",
    "story.did.advised.new": "We advise a retrain for the new categories; your plan covers the existing ones,"
    " so nothing was changed.",
    "story.did.curating": "We collected new examples for a retrain; people are checking them now.",
    "story.did.pending_approval": "We trained a new version, {version}, which did better on the"
    " reference rows; it waits for approval and is not live.",
    "story.did.undecided": "We trained a new version, {version}, but the reference rows are too few"
    " to say whether it is better, so it is not live.",
    "story.did.rejected": "We trained a new version, {version}, but it did not do well enough on the"
    " reference rows, so {before} stays in use.",
    "story.did.refused": "We trained a new version, {version}; {by} decided against it, so {before}"
    " stays in use.",
    "story.did.rolled_back": "We went back from {before} to {version} on {day}.",
    "story.did.failed": "A technical fault of ours stopped the check; nothing was changed and we are"
    " repeating it.",
    "story.did.working": "The check is still running; nothing has been changed so far.",
    # --- causes: a title, and one plain sentence with the names that belong in it
    "cause.frozen_field": "A field stands still",
    "cause.frozen_field.story": "A field arrives with the same value again and again: {names}.",
    "cause.unit_change": "A field changed its unit",
    "cause.unit_change.story": "A field now arrives in another unit than the model learned: {names}.",
    "cause.shifted_field": "A field is shifted",
    "cause.shifted_field.story": "The values of a field have moved away from what the model learned:"
    " {names}.",
    "cause.missing_values": "Values are missing",
    "cause.missing_values.story": "A field now arrives empty more often than it should: {names}.",
    "cause.truncated_input": "Texts arrive cut off",
    "cause.truncated_input.story": "Part of your traffic arrives cut off, so the model cannot read"
    " it whole: {names}.",
    "cause.late_field": "A field arrives late",
    "cause.late_field.story": "A field carries the values of some hours or days ago, so the model"
    " answers from outdated figures: {names}.",
    "cause.segment_fault": "One part of the traffic is broken",
    "cause.segment_fault.story": "One part of your traffic arrives broken or is answered much worse"
    " than the rest: {names}.",
    "cause.serving_change": "Production no longer answers as the approved model does",
    "cause.serving_change.story": "On the very same inputs, the logged answers are not those"
    " that the approved model gives: another version, another preparation of the inputs or a stand-in"
    " answer is in use. The model itself is as it was.",
    "cause.new_category": "A new kind of request",
    "cause.new_category.story": "Your customers now ask for something that the model has never been"
    " taught: {names}.",
    "cause.new_category.story.tabular": "Records of a kind appear that the model has never been"
    " taught: {names}.",
    "cause.weak_category": "A category that the model is weak in",
    "cause.weak_category.story": "Categories of which the model has seen too few examples now make up"
    " much of the traffic: {names}.",
    "cause.concept_change": "The right answer has changed",
    "cause.concept_change.story": "The same kind of input now has another right answer than before.",
    "cause.transient": "A short-lived burst",
    "cause.transient.story": "A burst of unusual {task} came and went; it is not a lasting change.",
    "cause.known_event": "A known event",
    "cause.known_event.story": "What was unusual this month fits an event that we knew of.",
    "cause.insufficient_evidence": "Too few labelled rows",
    "cause.insufficient_evidence.story": "Something moved, but there are too few labelled rows to say"
    " what it means.",
    "cause.label_noise": "Doubtful labels",
    "cause.label_noise.story": "The people who label rows seem to slip more often than before: they"
    " contradict the model where it is surest and follow no pattern. So the measured accuracy looks"
    " worse than the model probably is.",
    "cause.mix_shift": "Other proportions, same quality",
    "cause.mix_shift.story": "Your customers ask for the same things in other proportions; each kind"
    " is answered as well as before.",
    "cause.mix_shift.story.tabular": "The same kinds of record arrive in other proportions; each is"
    " answered as well as before.",
    "cause.proxy_inflation": "A signal that no longer tells the truth",
    "cause.proxy_inflation.story": "A usage signal rose although the answers did not get better, so"
    " we do not go by it: {names}.",
    "cause.nothing": "Nothing lasting changed",
    "cause.nothing.story": "Nothing changed that lasts and that the model would have to learn.",
    "cause.since": "since {day}",
    "evidence": "Evidence",
    "signals": "{n} early-warning signals were watched; {tripped} tripped: {names}.",
    "signals.quiet": "{n} early-warning signals were watched; none tripped.",
    "excluded": "Rows from {start} to {end} are kept out of training.",
    "growth": "The newest examples are expected to be worth {difference}, measured on rows that were"
    " held back for it.",
    # --- faults: what the client can repair
    "fault.field": "Field {subject}",
    "fault.segment": "Traffic with {subject}",
    "fault.unit_change": "arrives in another unit: send it in the unit used at launch",
    "fault.unit_change.figures": " (new value = {factor} × old value + {offset})",
    "fault.frozen_field": "stands still: check the sensor or the job that fills it",
    "fault.shifted_field": "is shifted: check what computes it",
    "fault.missing_values": "arrives empty too often: check the form or job that fills it",
    "fault.truncated_input": "arrives cut off: check the length limit of the release",
    "fault.late_field": "arrives late: check the job that joins it",
    "fault.segment_fault": "is answered much worse than the rest: check what this part sends",
    "fault.serving_change": "gives other answers for the same rows: check the last change there",
    "fault.since": "since {day}",
    # --- trial, deployment, rulings
    "trial": "{candidate} and {incumbent} answered the same reference rows (version {golden}):"
    " {verdict}.",
    "trial.scored": "{version} answered correctly",
    "trial.overall": "Difference over all rows",
    "trial.new": "\u2026 in new categories",
    "trial.target": "\u2026 where it was meant to improve",
    "trial.protected": "\u2026 everywhere else",
    "trial.rows": "Single rows",
    "trial.changed": "{fixed} fixed, {broken} broken",
    "trial.promote": "better, by rules set beforehand",
    "trial.reject": "not good enough",
    "trial.undecided": "too close to say",
    "deploy.deployed": "{version} went live on {day} in place of {replaced}.",
    "deploy.launch": "{version} went live on {day}; it is the first version.",
    "deploy.rolled_back": "{version} is in use again since {day}, in place of {replaced}.",
    "deploy.by": "Approved by {by}: “{reason}”",
    "nothing_changed": "No new version went live. {version} stays in use.",
    "ruling.approve": "{by} approved {subject} on {day}",
    "ruling.refuse": "{by} refused {subject} on {day}",
    "ruling.overrule": "{by} overruled our advice on {day}",
    "ruling.overrule.fix_upstream": "{by} overruled our advice on {day} to wait with the retrain for"
    " a repair at the source",
    "ruling.overrule.wait": "{by} overruled our advice on {day} to wait",
    "ruling.overrule.collect_labels": "{by} overruled our advice on {day} to label more rows first",
    "ruling.overrule.no_action": "{by} overruled our advice on {day} not to retrain",
    "ruling.overrule.retrain": "{by} ordered on {day} a retrain that the plan does not include",
    "ruling.overrule.rejected": "{by} overruled on {day} the rules that {subject} did not pass",
    "ruling.overrule.undecided": "{by} put {subject} forward on {day} though the evidence is thin",
    "ruling.repair.convert": "{by} repaired {subject} on {day}: the values from {since} to {until} are"
    " converted back for us; the stored rows stay as they came",
    "ruling.repair.shift": "{by} repaired {subject} on {day}: the values from {since} to {until} are"
    " shifted back for us; the stored rows stay as they came",
    "ruling.repair.exchange": "{by} repaired {subject} on {day}: the values from {since} to {until}"
    " are put back in each other's places for us; the stored rows stay as they came",
    "ruling.repair.fill": "{by} repaired {subject} on {day}: the values from {since} to {until} are"
    " derived from the other fields for us; the stored rows stay as they came",
    "ruling.repair.bring_forward": "{by} repaired {subject} on {day}: the values from {since} to"
    " {until} are taken from later rows for us; the stored rows stay as they came",
    "ruling.repair.leave_out": "{by} had the rows of {subject} from {since} to {until} left out on"
    " {day}: they cannot be repaired",
    "ruling.repair.withdrawn": "{by} withdrew the repair of {subject} on {day}: the rows from {since} to"
    " {until} count as they came",
    "ruling.the_check": "the change",
    # --- not done
    "not.healthy": "We did not retrain after the check of {day}.",
    "not.waiting": "We did not retrain on what came in up to {day}.",
    "not.upstream": "We did not retrain on data that arrives broken ({day}).",
    "not.needs_labels": "We did not decide on too few rows ({day}).",
    "not.advised": "We did not retrain after the check of {day}, though we advise it.",
    "not.curating": "We have not retrained yet ({day}).",
    "not.pending_approval": "We did not put the new version live without approval ({day}).",
    "not.undecided": "We did not put the new version live on thin evidence ({day}).",
    "not.rejected": "We did not put the new version live ({day}).",
    "not.refused": "The new version was refused ({day}).",
    "not.failed": "A check failed for a technical reason of ours ({day}).",
    "not.working": "A check is still running ({day}).",
    "because.no_action": "Nothing was found that a retrain would cure. Retraining for its own sake"
    " only risks what works.",
    "because.mix_shift": "Other proportions are not worse answers; retraining would follow the fashion"
    " of a month.",
    "because.proxy_inflation": "A rising usage signal is no proof of better answers, so it neither"
    " trains nor measures.",
    "because.wait": "What is short-lived should not be learned; its rows are kept out of training.",
    "because.fix_upstream": "The data must be whole first. Training on it would teach the damage.",
    "because.collect_labels": "With so few labelled rows, any decision would be a guess.",
    "because.advised": "Your plan does not include retraining; a named person can still order it.",
    "because.unsupported_category": "Your plan does not cover new categories; a named person"
    " can still order it.",
    "because.curating": "People are still checking the new examples.",
    "because.pending_approval": "It did well; a named person has to say yes first.",
    "because.undecided": "The difference is too small for the rows at hand.",
    "because.rejected": "It did not pass the rules that were set beforehand.",
    "because.failed": "Nothing was changed; the version in use kept answering.",
    "because.working": "Its answer will be in the next revision.",
    # --- next
    "next.next_check": "The next check is due on {day}.",
    "next.next_retrain": "The next retrain window opens on {day}.",
    "next.approve": "A named person approves or refuses {names}.",
    "next.label_more": "About {n} more reference rows are labelled, so that {names} can be judged.",
    "next.label_audit": "{n} randomly drawn rows are waiting for a label.",
    "next.label_audit.one": "1 randomly drawn row is waiting for a label.",
    "next.need_audit": "At least {n} randomly drawn rows a month need a label to measure accuracy.",
    "next.curate": "The new examples are checked one by one; then a new version is trained.",
    "next.repair": "Once {names} is repaired, we check again and retrain if that is still needed.",
    "next.watch": "We watch until {day} whether the unusual traffic comes back; what still differs"
    " then counts as lasting.",
    "next.advised": "We talk with you about a retrain.",
    "next.confirm": "We check whether {names} does in use what it did on the reference rows.",
    "next.retry": "We find the fault and repeat the check.",
    "next.new_categories": "Categories to decide on with you: {names}.",
    "ask.repair": "Please repair: {fault}.",
    "ask.label": "Please label the {n} randomly drawn rows that wait for you.",
    "ask.label.one": "Please label the 1 randomly drawn row that waits for you.",
    "ask.need_audit": "Please let a person label at least {n} randomly drawn rows a month.",
    "ask.categories": "Please confirm the new categories: {names}.",
    "ask.advised": "Please tell us whether you want the retrain that we advise.",
    "ask.nothing": "Nothing this month.",
    # --- what an earlier revision said otherwise
    "change.audit": "Accuracy in use",
    "change.golden": "Accuracy on reference rows",
    "change.version": "Version in use",
    "change.outcome": "Outcome of the checks",
    "change.finding": "Findings",
    "change.labels": "Labels on randomly drawn rows",
    "change.rows": "Rows seen",
    "change.rulings": "Decisions on record",
    "change.data": "Training rows",
    "change.status": "Status",
    "change.models": "Models in this report",
    "change.details": "Details",
    "status.final": "final",
    "status.provisional": "provisional",
    "change.updated": "updated",
}
