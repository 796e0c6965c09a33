"""Asked of rows: production rows and their labels, the rows of datasets, proposals."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db.models import Q, QuerySet

from agency.base.clock import days_between
from clients.models import DatasetRow, DatasetVersion, LogDay, PredictionLog, StaffTime, Tier
from clients.queries import rows_of
from reports.gathering import care, data, record
from reports.gathering.month import ModelMonth
from reports.gathering.sources import Again, Asked, query
from reports.text import name
from retraining.models import AuditSampleRow, CycleTransition, DailyProfile, Proposal
from retraining.queries import month_counts

Parts = Mapping[str, str]
SOURCES = {"reviewed": "review", "corrected": "override", "targeted": "targeted"}
WENT_ON = "the month's checks went on after the report was frozen"
LATE = "rows or labels of the month changed after the report was frozen"


def went_on(month: ModelMonth) -> str:
    """Why what is said of the month's checks may have changed since; empty where they stood still."""
    later = CycleTransition.objects.filter(job__in=month.history, at__gt=month.at)
    return WENT_ON if later.exists() else ""


@query("rows_and_labels")
def rows_and_labels(asked: Asked, parts: Parts, told: Any) -> Again:
    """Rows and labels of a calendar month as known when the report was frozen; what was promised."""
    month = asked.month(parts)
    days = days_between(*month.window, month.zone)
    profiles = DailyProfile.objects.filter(model=month.model, day__in=days, kept=True)
    purged = set(profiles.values_list("day", flat=True))
    gone = len(purged)
    counts = _kept(month, told) if gone else _counted(month, told)
    checks = [{"day": each.day, "outcome": each.outcome} for each in record.checks(month)]
    return Again(
        {**_promise(month, told), **counts, "checks": checks},
        counts["rows"],
        moved=_changed(month, days, purged=bool(purged)) or went_on(month),
        gone=f"the rows of {gone} days, of which the daily counts are kept" if gone else "",
    )


def _changed(month: ModelMonth, days: Sequence[date], *, purged: bool) -> str:
    """Why the rows may count otherwise than then: some came or were labelled since, or labels went
    with a person's rows. Of purged days the revision tells that late rows made due."""
    start, end = month.window
    rows = month.model.logs.filter(timestamp__gte=start, timestamp__lt=end)
    late = rows.filter(Q(received_at__gt=month.at) | Q(labelled_at__gt=month.at))
    touched = LogDay.objects.filter(model=month.model, day__in=days, labelled_at__gt=month.at)
    revised = month.model.client.reports.filter(month=month.first, created_at__gt=month.at)
    moved = late.exists() or touched.exists() or (purged and revised.exists())
    return LATE if moved else ""


def _counted(month: ModelMonth, told: Any) -> dict[str, int]:
    """From the rows: what had come in by then, or all, where the clock of the rows is another one."""
    start, end = month.window
    rows = PredictionLog.objects.filter(
        client=month.model.client_id, model=month.model, timestamp__gte=start, timestamp__lt=end
    )
    known = rows.filter(received_at__lte=month.at)
    dated = Q(labelled_at__isnull=True) | Q(labelled_at__lte=month.at)
    drawn = AuditSampleRow.objects.filter(
        sample__model=month.model, log__timestamp__gte=start, log__timestamp__lt=end
    )
    waiting = drawn.filter(sample__drawn_at__lte=month.at).filter(
        Q(log__label="") | Q(log__labelled_at__gt=month.at)
    )
    then = {**_sources(known.filter(dated)), "rows": known.count(), "awaited": waiting.count()}
    now = {
        **_sources(rows),
        "rows": rows.count(),
        "awaited": drawn.filter(log__label="").count(),
    }
    return {key: now[key] if getattr(told, key) == now[key] else then[key] for key in then}


def _sources(rows: QuerySet[PredictionLog]) -> dict[str, int]:
    answered = rows.exclude(answered=PredictionLog.Answered.NONE).exclude(label_source="")
    found = Counter(answered.values_list("label_source", flat=True))
    return {key: found.get(source, 0) for key, source in SOURCES.items()}


def _kept(month: ModelMonth, told: Any) -> dict[str, int]:
    """From the daily counts, where rows were deleted at the end of their retention."""
    start, end = month.window
    counts = month_counts(month.model, start, end)
    unanswered = month.model.logs.filter(timestamp__gte=start, timestamp__lt=end, answered="none")
    labels = {source: found.n for source, found in counts.labels.items()}
    return {
        **{key: labels.get(source, 0) for key, source in SOURCES.items()},
        "rows": counts.rows + unanswered.count(),
        # Drawn rows go with the rows themselves.
        "awaited": told.awaited,
    }


def _promise(month: ModelMonth, told: Any) -> dict[str, Any]:
    """What the tier promised: as it is now, or as it ever was where it was edited since."""
    tier = month.model.tier
    kept = (name(tier.name), tier.check_every_days, tier.retrain_every_days)
    for past in Tier.history.all():
        was = (name(past.name), past.check_every_days, past.retrain_every_days)
        if was == (told.tier, told.every_days, told.retrain_every_days):
            kept = was
    return {
        **dict(zip(("tier", "every_days", "retrain_every_days"), kept, strict=True)),
        "promised": record.promised(month, every_days=kept[1]),
    }


@query("dataset_rows")
def dataset_rows(asked: Asked, parts: Parts, told: Any) -> Again:
    """How many rows the versions of both datasets hold; an erased row keeps its place."""
    found: dict[str, Any] = {}
    for version in _versions(asked, parts):
        found[f"{version.dataset.kind}_version"] = version.number
        found[f"{version.dataset.kind}_rows"] = rows_of(version).count()
    return Again(found)


@query("dataset_changes")
def dataset_changes(asked: Asked, parts: Parts, told: Any) -> Again:
    """What one version of a dataset added and took away."""
    (version,) = _versions(asked, parts)
    rows = DatasetRow.objects.filter(dataset=version.dataset)
    return Again(
        {
            "kind": version.dataset.kind,
            "version": version.number,
            "rows": rows_of(version).count(),
            "added": rows.filter(added_in=version.number).count(),
            "removed": rows.filter(removed_in=version.number).count(),
        }
    )


def _versions(asked: Asked, parts: Parts) -> list[DatasetVersion]:
    found = []
    for mark in ("", "'"):
        if f"dataset_version{mark}" in parts:
            version = DatasetVersion.objects.select_related("dataset").get(
                pk=int(parts[f"dataset_version{mark}"]), dataset__model__client=asked.client
            )
            if not version.sha256.startswith(parts[f"sha256{mark}"]):
                raise ValueError(f"{version} has another SHA-256 than the source names")
            found.append(version)
    return found


@query("proposals")
def proposals(asked: Asked, parts: Parts, told: Any) -> Again:
    """What was proposed for the datasets, and what checks and people said of it until then."""
    month = asked.month(parts)
    # Rows that a comparison asked for are labelled in the same queue; no candidate for a dataset.
    rows = Proposal.objects.filter(cycle__in=month.cycles).exclude(kind=Proposal.Kind.ASKED)
    decided = rows.filter(decided_at__lte=asked.at)
    taken = decided.filter(state__in=[Proposal.State.ACCEPTED, Proposal.State.RELABELLED])
    aside: Counter[str] = Counter()
    rejected = decided.filter(state=Proposal.State.REJECTED)
    for by, reason in rejected.values_list("decided_by", "reason"):
        aside[name(reason) if by == data.CHECKS else "person"] += 1
    later = rows.filter(decided_at__gt=asked.at).exists()
    return Again(
        {
            # One a candidate: those that a check set aside are among them.
            "proposed": rows.count(),
            "accepted": taken.filter(kind=Proposal.Kind.TRAINING).count(),
            "set_aside": [{"what": c.what, "n": c.n} for c in data.in_order(aside)],
        },
        moved=LATE if later else went_on(month),
    )


@query("care")
def answered(asked: Asked, parts: Parts, told: Any) -> Again:
    """Minutes of our people, and how quickly alerts and decisions were answered until then."""
    month = asked.month(parts)
    found = care.care(month)
    return Again(asdict(found) if found else {}, moved=_written_since(month))


def _written_since(month: ModelMonth) -> str:
    """Time can be written down, or corrected, weeks after it was spent: the admin's log says when."""
    start, end = month.window
    spent = StaffTime.objects.filter(model=month.model, at__gte=start, at__lt=end)
    written = LogEntry.objects.filter(
        content_type__app_label="clients",
        content_type__model="stafftime",
        object_id__in=[str(pk) for pk in spent.values_list("pk", flat=True)],
        action_time__gt=month.at,
    )
    return "staff time was written down after the report was frozen" if written.exists() else ""
