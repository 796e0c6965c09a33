"""Running work as it goes on, without reloading the page: a fragment that asks for itself.

It asks every three seconds while a cycle works and stops when none does; on a cycle's own page the
whole page is loaded again once, because there is something to decide then. htmx comes with unfold.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import F, Max
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache

from agency.base import clock
from retraining.admin.standing import STATE_LABELS, state_name
from retraining.models import Cycle, State
from retraining.models.cycle import WORKING

STOP = 286  # htmx stops asking at this status
SHOWN = 12
STEPS = (
    *(State.MONITORING, State.DIAGNOSING, State.COLLECTING),
    *(State.RETRAINING, State.COMPARING, State.ROLLING_OUT),
)


@dataclass(frozen=True)
class Running:
    """A cycle at work, or one that has just come to rest."""

    cycle: Cycle
    at: datetime

    @property
    def works(self) -> bool:
        return self.cycle.state in WORKING

    @property
    def state(self) -> str:
        return state_name(self.cycle.state)

    @property
    def label(self) -> str:
        return STATE_LABELS.get(self.cycle.state, "")

    @property
    def step(self) -> int:
        """Which of the six steps it is at, from 1."""
        return STEPS.index(State(self.cycle.state)) + 1

    @property
    def steps(self) -> list[tuple[str, str]]:
        """Every step with what became of it: done, now, ahead."""
        return [
            (state_name(step), "done" if n < self.step else "now" if n == self.step else "ahead")
            for n, step in enumerate(STEPS, start=1)
        ]

    @property
    def since(self) -> str:
        """How long it has been at this step."""
        gone = max(timedelta(0), self.at - self.cycle.since)  # type: ignore[attr-defined]
        seconds = int(gone.total_seconds())
        for least, unit, length in ((172_800, "d", 86_400), (5400, "h", 3600), (90, "min", 60)):
            if seconds >= least:
                return f"{seconds // length} {unit}"
        return f"{seconds} s"

    @property
    def held(self) -> bool:
        """Does a worker hold it? Otherwise it waits for one."""
        until = self.cycle.lease_until
        return until is not None and until > self.at


def _cycles() -> Any:
    return (
        Cycle.objects.select_related("model__client")
        .only(
            *("state", "attempts", "error", "lease_until", "window_end", "created_at"),
            *("model__name", "model__slug", "model__client__name", "model__client__slug"),
        )
        .annotate(since=Coalesce(Max("transitions__at"), F("created_at")))
    )


def progress_context(*, at: datetime, seen: Iterable[int] = ()) -> dict[str, Any]:
    """What the fragment shows: cycles at work, and those of ``seen`` that came to rest since.

    One query, and one more where a cycle has come to rest.
    """
    working = list(_cycles().filter(state__in=WORKING).order_by("-since", "pk"))
    known = {cycle.pk for cycle in working}
    rested = set(seen) - known
    ended = list(_cycles().filter(pk__in=rested).order_by("pk")) if rested else []
    query = urlencode({"seen": ",".join(str(pk) for pk in sorted(known))})
    return {
        "running": [Running(cycle, at) for cycle in working[:SHOWN]],
        "running_more": max(0, len(working) - SHOWN),
        "rested": [Running(cycle, at) for cycle in ended],
        "progress_url": f"{reverse('admin:cockpit_progress')}?{query}" if working else "",
    }


def cycle_context(cycle: Cycle, *, at: datetime) -> dict[str, Any]:
    """The same for one cycle alone. One query."""
    found = _cycles().get(pk=cycle.pk)
    return {
        "one": Running(found, at),
        "progress_url": reverse("admin:cockpit_cycle_progress", args=[cycle.pk]),
    }


@never_cache
def progress_view(request: HttpRequest) -> HttpResponse:
    """The first page's fragment again."""
    if not _may(request):
        return HttpResponse(status=STOP)
    listed = request.GET.get("seen", "").split(",")
    seen = [int(key) for key in listed[:200] if key.isdecimal() and len(key) < 19]
    return render(request, "admin/progress.html", progress_context(at=clock.now(), seen=seen))


@never_cache
def cycle_progress_view(request: HttpRequest, pk: int) -> HttpResponse:
    """A cycle's fragment again; once it rests, the browser is told to load its page."""
    if not _may(request):
        return HttpResponse(status=STOP)
    cycle = Cycle.objects.filter(pk=pk).only("state").first()
    if cycle is None or cycle.state not in WORKING:
        return HttpResponse(status=STOP, headers={"HX-Refresh": "true"})
    context = cycle_context(cycle, at=clock.now())
    return render(request, "admin/cycle_progress.html", context)


def _may(request: HttpRequest) -> bool:
    """A page whose session has ended gets no sign-in form in its middle."""
    user: Any = request.user
    return admin.site.has_permission(request) and user.has_perm("retraining.view_cycle")


def urls() -> list[URLPattern]:
    """Beside the pages of clients, in the admin."""
    return [
        path("progress/", progress_view, name="cockpit_progress"),
        path("progress/<int:pk>/", cycle_progress_view, name="cockpit_cycle_progress"),
    ]
