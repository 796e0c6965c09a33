"""English."""

from collections.abc import Mapping

from reports.wording.en_findings import STRINGS as FINDINGS

STRINGS: Mapping[str, str] = {
    **FINDINGS,
    **{
        f"month.{i}": name
        for i, name in enumerate(
            "January February March April May June July August September October November"
            " December".split(),
            1,
        )
    },
    "date.day": "{day}\u00a0{month} {year}",
    "date.day_short": "{day}\u00a0{month}",
    "number.span": "{low} to {high}",
    "number.n": "n={n}",
    "number.points": "{value} points",
    "number.no_interval": "no interval",
    "quoted": "“{text}”",
    "and": "{first} and {last}",
    "more": "{n} more",
    "none": "none",
    "colon": ": ",
    # --- the frame
    "title": "{client}: model report, {month}",
    "kind": "Monthly model report",
    "page": "Page",
    "of": "of",
    "provisional": "Provisional",
    "provisional.month_open": "the month is not over yet",
    "provisional.labels_awaited": "some randomly drawn rows still wait for their label",
    "provisional.cycle_open": "a check of this month still waits for a decision",
    "provisional.note": "This report may still change: {reasons}.",
    "edition": "Revision {n}, {day}",
    "edition.changes": "What changed since revision {n}",
    "edition.line": "{what}: was {before}, now {after}",
    # --- headings
    "h.month": "{month} in three sentences",
    "h.accuracy": "Accuracy over time",
    "h.ask": "What we ask of you",
    "h.found": "What we found",
    "h.did": "What we changed",
    "h.not_done": "What we decided not to do, and why",
    "h.rulings": "Who decided",
    "h.categories": "How each category is doing",
    "h.data": "How the data grew",
    "h.service": "What you were promised, and what we did",
    "h.events": "Known events",
    "h.next": "What comes next",
    "h.glossary": "The words of this report",
    "h.annex": "The other categories",
    "h.faults": "What arrives broken",
    # --- headline figures
    "tile.audit": "Accuracy in use",
    "tile.audit.none": "No randomly drawn rows were labelled",
    "tile.audit.about": "{version}, on rows drawn at random and checked by a person.",
    "tile.golden": "Accuracy on reference rows",
    "tile.golden.none": "Not measured this month",
    "tile.golden.about": "{version}, on a fixed set of rows with known answers (version {set}).",
    "tile.golden.before": "{version} before it: {rate}.",
    "tile.rows": "{task} seen",
    "tile.rows.about": "{labels} of them now carry a person’s label.",
    "tile.version": "Version in use",
    "tile.version.same": "Unchanged this month.",
    "tile.version.first": "Live since {day}; the first version.",
    "tile.version.new": "Live since {day}; before: {before}.",
    "task.text": "messages",
    "task.tabular": "records",
    "Task.text": "Messages",
    "Task.tabular": "Records",
    # --- charts
    "chart.audit": "in use (randomly drawn rows)",
    "chart.golden": "reference rows",
    "chart.live": "{version} live",
    "chart.percent": "answered correctly, %",
    "chart.training": "training rows",
    "chart.golden_rows": "reference rows",
    "chart.before": "before: {name}",
    "chart.after": "after: {name}",
    "chart.only": "{name}",
    "chart.better": "▲ better",
    "chart.worse": "▼ worse",
    "chart.thin": "too few rows",
    "chart.same": "no clear change",
    "chart.caption": "Bars are 95% intervals: where the true value most likely lies.",
    "alt.accuracy": "Chart of accuracy over time. {points}",
    "alt.accuracy.audit": "{day}: in use {rate}.",
    "alt.accuracy.golden": "{day}: reference rows {rate}.",
    "alt.categories": "Chart of accuracy by category. {rows}",
    "alt.category": "{name}: {rate}, {verdict}.",
    "alt.data": "Chart of data growth. Training rows from {first} to {last}, reference rows from"
    " {golden_first} to {golden_last}.",
    # --- categories
    "cat.basis.comparison": "{before} and {after}, both asked the same reference rows.",
    "cat.basis.audit": "Randomly drawn rows of {before} beside those of {after}.",
    "cat.basis.golden": "{after} on the reference rows. Nothing changed that could be set beside it.",
    "cat.summary": "{better} better, {worse} worse, {same} with no clear change,"
    " {thin} with too few rows to say.",
    "cat.summary.golden": "{n} categories; {thin} of them have too few rows to say.",
    "cat.thin": "too few rows to say (n={n})",
    "cat.better": "▲ better",
    "cat.worse": "▼ worse",
    "cat.same": "no clear change",
    "cat.annex": "Share answered correctly and number of rows; ▲ better, ▼ worse. A dash: fewer than"
    " {min_n} rows, too few to say.",
    "cat.annex.more": "{n} further categories are in the data of this report.",
    "cat.first_labels": "last month",
    # --- data
    "data.training": "Training rows: version {version}, {rows} rows, {added} added, {removed} removed.",
    "data.golden": "Reference rows: version {version}, {rows} rows, {added} added,"
    " {removed} removed.",
    "data.unchanged": "No data was added this month: training {training} rows, reference {golden}"
    " rows.",
    "data.proposed": "{proposed} new examples were looked at, {accepted} taken.",
    "data.set_aside": "Set aside: {reasons}.",
    "aside.person": "rejected by a person",
    "aside.over_limit": "more than a cycle takes",
    "aside.transient": "from a short-lived burst",
    "aside.upstream": "from broken data",
    "aside.golden_copy": "copies of reference rows",
    "aside.label_suspect": "a doubtful label",
    "aside.duplicate": "duplicates",
    "aside.unlabelled": "without a label",
    # --- service
    "service.tier": "{tier}: a check {every}.",
    "every.day": "every day",
    "every.week": "every week",
    "every.two_weeks": "every two weeks",
    "every.month": "every month",
    "every.days": "every {n} days",
    "service.checks": "{n} checks done, {promised} promised",
    "service.checks.one": "1 check done, {promised} promised",
    "service.rows": "{rows} {task} seen",
    "service.labels": "Labels from people: {reviewed} on randomly drawn rows (these measure),"
    " {corrected} corrections and {targeted} we asked for (these train)",
    "service.awaited": "{n} drawn rows still wait for their label",
    "service.awaited.one": "1 drawn row still waits for its label",
    "outcome.healthy": "healthy",
    "outcome.waiting": "waiting",
    "outcome.upstream": "repair needed at the source",
    "outcome.needs_labels": "needs labels",
    "outcome.advised": "retraining advised",
    "outcome.curating": "examples being checked",
    "outcome.pending_approval": "waiting for approval",
    "outcome.undecided": "undecided",
    "outcome.rejected": "candidate not good enough",
    "outcome.refused": "candidate refused",
    "outcome.live": "new version live",
    "outcome.failed": "a technical fault of ours",
    "outcome.working": "still running",
    "event.line": "{kind} “{title}”, {starts} to {ends}",
    "event.campaign": "Campaign",
    "event.release": "Release",
    "event.deprecation": "Deprecation",
    "event.other": "Event",
    # --- glossary
    "gloss": "in use|“Accuracy in use” comes from rows drawn at random from your traffic, which a"
    " person answers without seeing the model’s answer. Corrections and complaints are not random,"
    " so they never count here.\nreference rows|A fixed set of rows with known answers. The same"
    " model always scores the same on it, so a movement means that the model or its surroundings"
    " changed.\n84 to 95, n=100|With 100 rows we can only say that the true figure most likely"
    " (95%) lies between 84% and 95%. More rows, narrower range.\npoints|The difference of two"
    " percentages: from 80% to 86% is 6 points.\nfixed and broken|Rows that only the new version"
    " answers correctly, and rows that only the old one did.\ntraining rows|Examples with answers"
    " that the model learns from. Reference rows are never among them.",
}
