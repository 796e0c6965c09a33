"""Which cycles, rollouts and days belong to a client's local calendar month."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from agency.base.clock import add_months, local_day, month_window, zone_of
from clients.models import MaintainedModel
from retraining.models import Cycle, EvalRun, Rollout
from retraining.policy import Policy

# A check of March that runs in the small hours of April, or by a clock in UTC, is still March's.
GRACE = timedelta(days=1)


@dataclass(frozen=True)
class ModelMonth:
    """One model's rows of one month; ``first`` is the month's first day."""

    model: MaintainedModel
    first: date
    at: datetime

    @cached_property
    def zone(self) -> ZoneInfo:
        return zone_of(self.model.client.timezone)

    @cached_property
    def window(self) -> tuple[datetime, datetime]:
        """The half-open month as instants."""
        return month_window(self.first, self.zone)

    @cached_property
    def history(self) -> list[Cycle]:
        """Every cycle up to and including the month, oldest first."""
        cycles = (
            self.model.cycles.select_related(
                "incumbent__training_version", "candidate__training_version", "diagnosis"
            )
            .filter(window_end__lte=max(self.at, self.window[0]) + GRACE)
            .order_by("window_end", "pk")
        )
        return [cycle for cycle in cycles if self.month_of(cycle) <= self.first]

    @cached_property
    def cycles(self) -> list[Cycle]:
        """The month's own cycles, oldest first."""
        return [cycle for cycle in self.history if self.month_of(cycle) == self.first]

    @cached_property
    def before(self) -> list[Cycle]:
        """The cycles of the month before this one."""
        earlier = add_months(self.first, -1)
        return [cycle for cycle in self.history if self.month_of(cycle) == earlier]

    @cached_property
    def rollouts(self) -> list[Rollout]:
        """Every version's time in production up to the month, oldest first."""
        known = {cycle.pk for cycle in self.history}
        found = self.model.rollouts.select_related("version").order_by("started_at", "pk")
        return [r for r in found if r.started_at < self.window[1] or r.cycle_id in known]

    @cached_property
    def runs(self) -> list[EvalRun]:
        """Every scored run of the model's versions, oldest first; without figures by category."""
        found = EvalRun.objects.filter(version__model=self.model).order_by("pk")
        return list(found.select_related("version", "golden_version").defer("categories"))

    def golden_run(self, cycle: Cycle | None, version_id: int | None) -> EvalRun | None:
        """The cycle's last run of that version on golden rows; without a cycle, the launch's first."""
        found = [
            run
            for run in self.runs
            if run.cycle_id == (cycle.pk if cycle else None)
            and run.version_id == version_id
            and run.kind == EvalRun.Kind.GOLDEN
        ]
        return (found[-1] if cycle else found[0]) if found else None

    def monitored(self, cycle: Cycle, probe: str) -> EvalRun | None:
        """The run that the ``golden`` or ``audit`` figure of a check was made of."""
        section = (cycle.monitor or {}).get(probe) or {}
        return next(
            (
                run
                for run in self.runs
                if (run.cycle_id, run.kind) == (cycle.pk, probe)
                and run.version_id == cycle.incumbent_id
                and (run.golden_version.number if run.golden_version else None)
                == section.get("version")
            ),
            None,
        )

    @property
    def label(self) -> str:
        """The month as the snapshot that a source names."""
        return f"model {self.model.pk} month {self.first:%Y-%m}"

    @cached_property
    def policy(self) -> Policy:
        """The thresholds that applied to the month's last cycle."""
        return Policy.from_snapshot(self.history[-1].policy) if self.history else Policy()

    def month_of(self, cycle: Cycle) -> date:
        """The first day of the month that a cycle reports on: where its window ends, with grace."""
        length = cycle.window_end - cycle.window_start
        last = cycle.window_end - min(GRACE, length / 2)
        return local_day(last, self.zone).replace(day=1)

    def began_here(self, rollout: Rollout) -> bool:
        """Does this month's report tell of that rollout: by its cycle, else by when it began?"""
        own = {cycle.pk for cycle in self.cycles}
        if rollout.cycle_id in own:
            return True
        start, end = self.window
        late = rollout.cycle is None or rollout.started_at > rollout.cycle.window_end + GRACE
        return late and start <= rollout.started_at < end

    def day(self, instant: datetime) -> str:
        """The client's calendar day of an instant."""
        return local_day(instant, self.zone).isoformat()

    def last_day(self, cycle: Cycle) -> str:
        """The last calendar day of its month that a cycle looked at: its window is half open."""
        month = self.month_of(cycle)
        end = month.replace(day=monthrange(month.year, month.month)[1])
        last = local_day(cycle.window_end - timedelta(microseconds=1), self.zone)
        return min(last, end).isoformat()
