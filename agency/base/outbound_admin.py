"""The staff's page of a message on its way: what may have gone out waits here for a person's word."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from agency.base import clock, outbound
from agency.base.admin import ActionVariant, ReadOnlyAdmin, ask, by_hand, display
from agency.base.errors import Conflict
from agency.base.outbound import FAILED, SENT, UNKNOWN, Outbound

LABELS = {
    "due": "info",
    "sending": "info",
    "sent": "success",
    "unknown": "danger",
    "failed": "danger",
}
OPEN_TO = {"it_arrived": {UNKNOWN}, "send_again": {UNKNOWN, FAILED}}


class OutboundAdmin(ReadOnlyAdmin):
    """Read-only but for two words of a person: it arrived, or send it again."""

    actions_detail = ("it_arrived", "send_again")

    def sent_again(self, job: Any, *, by: str, reason: str) -> Outbound | None:
        """Send ``job`` anew in that person's name; ``None`` where it is past sending."""
        raise NotImplementedError

    @display(description="state", ordering="state", label=LABELS)
    def state_shown(self, job: Outbound) -> tuple[str, str]:
        return job.state, Outbound.State(job.state).label

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Only what the message is open to now."""
        jobs = self.model._default_manager.filter(pk=object_id)
        state = jobs.values_list("state", flat=True).first()
        prefix = f"{self.opts.app_label}_{self.opts.model_name}_"
        fits = {prefix + name for name, states in OPEN_TO.items() if state in states}
        shown = super().get_actions_detail(request, object_id)
        return [each for each in shown if each.action_name in fits]

    @by_hand(description="It arrived", url_path="it-arrived", icon="mark_email_read")
    def it_arrived(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def service(job: Outbound, by: str, reason: str) -> None:
            outbound.arrived(job, by=by, at=clock.now(), reason=reason)

        return self._decide(
            request,
            object_id,
            service,
            verb="It arrived",
            note="Its reader has told you, or a log has, that it was taken. It counts as sent, and "
            "no second one goes out.",
        )

    @by_hand(
        description="Send again", url_path="send-again", icon="send", variant=ActionVariant.WARNING
    )
    def send_again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def service(job: Outbound, by: str, reason: str) -> None:
            sent = self.sent_again(job, by=by, reason=reason)
            if sent is None:
                raise Conflict(f"{job} is on its way or has gone out")
            if sent.state != SENT:
                raise Conflict(f"{job} was not sent: {sent.error}")

        return self._decide(
            request,
            object_id,
            service,
            verb="Send again",
            note="If the first one did arrive after all, its reader gets it twice.",
            danger=True,
        )

    def _decide(
        self,
        request: HttpRequest,
        object_id: str,
        service: Callable[[Outbound, str, str], None],
        *,
        verb: str,
        **asked: Any,
    ) -> HttpResponse:
        job = self.get_object(request, object_id)
        if job is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)

        def perform(answers: dict[str, Any]) -> str:
            service(job, request.user.get_username(), answers["reason"])
            return f"{verb}: {job}."

        page = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        title, back = f"{verb}: {job}", reverse(page, args=[job.pk])
        return ask(self, request, title=title, submit=verb, perform=perform, back=back, **asked)
