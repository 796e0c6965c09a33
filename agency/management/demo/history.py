"""One client's history: months of logs in, checks by the workers, reports out."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.utils.functional import cached_property

from agency.base import clock, files
from agency.base.dispatch import enqueue
from agency.base.errors import Corrupt
from agency.demodata import DemoClient
from agency.management.demo.calendar import Chapter, chapters
from agency.management.demo.story import Check, ClientTold, MonthTold
from agency.management.processes import Children, ProcessError
from clients.dataset_import import import_rows
from clients.models import Dataset, KnownEvent, MaintainedModel
from reports import sending
from reports import services as reports
from reports.models import MonthlyReport
from retraining import loop
from retraining import services as retraining
from retraining.models import Cycle, State
from retraining.models.cycle import WORKING
from retraining.queries import live_version

CYCLE_SECONDS = 180.0
REPORT_SECONDS = 120.0
RESEND_SECONDS = 30.0
"""Messages are hints and expire; beat's sweep, which sends them again, is not running yet."""
OFFICE_OPENS = timedelta(hours=8)
READS_IT = timedelta(minutes=20)


@dataclass
class History:
    """Walks one client from launch to now. ``by`` signs; ``told`` grows month by month."""

    demo: DemoClient
    months: int
    until: datetime
    by: str
    folder: Path
    children: Children
    ready: threading.Event
    """Set once the workers answer: a busy one would not."""
    say: Callable[[str], None]

    def __post_init__(self) -> None:
        self.zone = clock.zone_of(self.demo.timezone)
        self.path = f"{self.demo.slug}/{self.demo.model_slug}"
        self.told = ClientTold(self.path, self.demo.tier, self.demo)

    def walk(self) -> None:
        """Onboard, then month by month: logs, checks, report. Raises ``ProcessError``."""
        every_days = self.model.tier.check_every_days
        while not self.ready.wait(timeout=0.2):
            # Whoever waits for the processes tells what is wrong with them.
            if self.children.stopping:
                raise ProcessError("stopped")
        first = self._first_month
        whole = [clock.add_months(first, number) for number in range(self.months)]
        plan = chapters(
            months=whole,
            every_days=every_days,
            zone=self.zone,
            until=self.until,
        )
        for number, chapter in enumerate(plan, start=1):
            month = self._month(chapter, number)
            self.told.months.append(month)
            self.say(f"{self.path}  {month}")

    @property
    def _first_month(self) -> date:
        return clock.local_day(self.demo.launch, self.zone)

    @cached_property
    def model(self) -> MaintainedModel:
        """The model, onboarded at launch."""
        demo, started = self.demo, time.monotonic()
        done = retraining.onboard(
            client=demo.slug,
            model=demo.model_slug,
            name=demo.model_name,
            tier=demo.tier,
            domain=demo.domain,
            timezone=demo.timezone,
            language=demo.language,
            task=demo.task,
            train=(demo.train.name, demo.train.read_bytes()),
            golden=(demo.golden.name, demo.golden.read_bytes()),
            as_of=demo.launch,
            by=self.by,
        )
        client = done.model.client
        client.name = demo.client_name
        client.save()
        client.contacts.create(name="Service desk", email=f"service@{demo.slug}.example")
        for event in demo.events:
            KnownEvent.objects.create(
                client=client, model=done.model, declared_by="client", **event
            )
        score, seconds = done.golden.estimate * 100, time.monotonic() - started
        self.say(f"{self.path}  onboarded: {done.version}, {score:.0f}% golden, {seconds:.0f} s")
        return done.model

    def _month(self, chapter: Chapter, number: int) -> MonthTold:
        started = time.monotonic()
        name = f"{chapter.month:%Y-%m}"
        begin = clock.start_of_day(chapter.month, self.zone)
        self._add_golden_rows(name, begin)
        rows = self._rows(name)
        imported = 0
        checks = []
        for end in chapter.checks:
            imported += self._import(name, rows, begin, end)
            begin = end
            checks.append(self._check(end))
        if not chapter.whole:
            imported += self._import(name, rows, begin, self.until)
        last = chapter.month == clock.add_months(self._first_month, self.months - 1)
        report = self._report(chapter, begin, read=not last) if chapter.whole else ""
        seconds = time.monotonic() - started
        return MonthTold(chapter.month, number, tuple(checks), imported, seconds, report)

    def _add_golden_rows(self, name: str, at: datetime) -> None:
        """Golden rows that staff wrote are there before the first check of their month."""
        path = self.demo.golden_additions.get(name)
        if path is not None:
            import_rows(
                model=self.model,
                kind=Dataset.Kind.GOLDEN,
                content=path.read_bytes(),
                name=path.name,
                reason="new categories announced by the client",
                by=self.by,
                at=at,
            )

    def _rows(self, name: str) -> list[tuple[datetime, str]]:
        return [
            (clock.parse_instant(json.loads(line)["timestamp"]), line)
            for path in self.demo.logs.get(name, ())
            for line in path.read_text(encoding="utf-8").splitlines()
        ]

    def _import(
        self, name: str, rows: list[tuple[datetime, str]], start: datetime, end: datetime
    ) -> int:
        """What the client uploads before the check: a version only answers rows of its own time."""
        lines = [line for at, line in rows if start <= at < end]
        if not lines:
            return 0
        content = "".join(f"{line}\n" for line in lines).encode()
        done, _ = retraining.import_logs(
            model=self.model,
            files=[(f"{name}-to-{clock.local_day(end, self.zone)}.ndjson", content)],
            partial=False,
            ignore_predictions=False,
            at=end,
        )
        return done.accepted

    def _check(self, at: datetime) -> Check:
        """A cycle over the window that ends at ``at``, by a worker, until it rests."""
        with transaction.atomic():
            cycle = loop.start_cycle(
                model=self.model, as_of=at, auto_curate=True, approve_as=self.by
            )
            enqueue("retraining.run_cycle", cycle.pk)
        self._wait(
            lambda: _rests(cycle.pk),
            again=lambda: enqueue("retraining.run_cycle", cycle.pk),
            what=f"{self.path} cycle {cycle.pk}",
            seconds=CYCLE_SECONDS,
        )
        found = told_of(cycle.pk)
        if found.state == State.FAILED:
            raise ProcessError(f"{self.path} cycle {cycle.pk} failed: {_error(cycle.pk)}")
        return found

    def _report(self, chapter: Chapter, end: datetime, *, read: bool) -> str:
        """Facts as known when the office opens after the month; a worker makes the pages.

        ``read``: somebody reads it that morning and it goes out; the last month's waits for you.
        """
        client, month = self.model.client, f"{chapter.month:%Y-%m}"
        reports.freeze(client=client, month=chapter.month, at=min(end + OFFICE_OPENS, self.until))
        enqueue("reports.publish", client.pk, month)
        self._wait(
            lambda: _newest(client.pk, chapter).state != MonthlyReport.State.FROZEN,
            again=lambda: enqueue("reports.publish", client.pk, month),
            what=f"{client.slug}'s report of {month}",
            seconds=REPORT_SECONDS,
        )
        report = _newest(client.pk, chapter)
        if report.state != MonthlyReport.State.RENDERED:
            raise ProcessError(f"{client.slug}'s report of {month} failed")
        content = files.fetch(report.pdf_sha256, suffix=".pdf")
        if not content.startswith(b"%PDF-"):
            raise Corrupt(f"{client.slug}'s report of {month} is no PDF")
        path = self.folder / f"{client.slug}-{month}.pdf"
        path.write_bytes(content)
        if read:
            sending.mark_read(report=report, by=self.by, at=report.created_at + READS_IT)
        return str(path)

    def _wait(
        self, holds: Callable[[], bool], *, again: Callable[[], None], what: str, seconds: float
    ) -> None:
        sent = time.monotonic()

        def look() -> bool:
            nonlocal sent
            if time.monotonic() - sent > RESEND_SECONDS:
                sent = time.monotonic()
                again()
            return holds()

        self.children.wait_for(look, what=what, seconds=seconds)


def told_of(cycle_id: int) -> Check:
    """The cycle as the demo tells of it."""
    cycle = Cycle.objects.select_related("model__client", "diagnosis").get(pk=cycle_id)
    diagnosis = getattr(cycle, "diagnosis", None)
    findings = diagnosis.findings if diagnosis else {}
    causes = [found["cause"] for found in findings.get("causes", ()) if found["acts"]]
    subjects = [
        *findings.get("new_categories", ()),
        *findings.get("weak_categories", ()),
        *(fault["field"] for fault in findings.get("suspect_fields", ())),
        *(f"{part['key']}={part['value']}" for part in findings.get("suspect_segments", ())),
    ]
    return Check(
        cycle=cycle.pk,
        window_end=clock.rfc3339(cycle.window_end),
        verdict=diagnosis.verdict if diagnosis else "",
        state=cycle.state,
        causes=tuple(dict.fromkeys(causes)),
        subjects=tuple(dict.fromkeys(subjects)),
        live_version=live_version(cycle.model).name,
    )


def _rests(cycle_id: int) -> bool:
    """Nothing is left for a worker; an approval in the name that it was started with is work too."""
    state, error = Cycle.objects.values_list("state", "error").get(pk=cycle_id)
    if state in WORKING and error:
        raise ProcessError(f"cycle {cycle_id} failed in {state}: {error}")
    return state not in WORKING and state != State.PENDING_APPROVAL


def _error(cycle_id: int) -> str:
    return Cycle.objects.values_list("error", flat=True).get(pk=cycle_id)


def _newest(client_id: int, chapter: Chapter) -> MonthlyReport:
    found = MonthlyReport.objects.filter(client_id=client_id, month=chapter.month)
    return found.order_by("-revision")[0]
