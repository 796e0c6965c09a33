"""The staff's pages of reports on their way to their readers."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from agency.base.admin import ActionVariant, ReadOnlyAdmin, ReadOnlyInline, ask, by_hand, display
from agency.base.errors import Conflict
from reports import sending
from reports.models import Delivery, DeliveryTransition

STATE_LABELS = {
    "due": "info",
    "sending": "info",
    "sent": "success",
    "unknown": "danger",
    "failed": "danger",
}
OPEN_TO = {"it_arrived": {"unknown"}, "send_again": {"unknown", "failed"}}


class DeliveryTransitionInline(ReadOnlyInline):
    model = DeliveryTransition
    fields = ("from_state", "to_state", "by", "reason", "at")
    verbose_name_plural = "steps"


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """A report on its way to one reader. What may have gone out waits here for a person's word."""

    list_display = ("report", "name", "email", "state_shown", "created_at", "sent_at", "opened_at")
    list_filter = ("state", "report__client")
    search_fields = ("email", "name", "report__client__name")
    list_select_related = ("report__client",)
    list_defer = ("report__facts",)
    hidden = ("token_sha256",)
    inlines = (DeliveryTransitionInline,)
    actions_detail = ("it_arrived", "send_again")

    def has_decide_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("reports.send_monthlyreport")

    @display(description="state", ordering="state", label=STATE_LABELS)
    def state_shown(self, delivery: Delivery) -> tuple[str, str]:
        return delivery.state, Delivery.State(delivery.state).label

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Only what the delivery is open to now."""
        state = Delivery.objects.filter(pk=object_id).values_list("state", flat=True).first()
        fits = {f"reports_delivery_{name}" for name, states in OPEN_TO.items() if state in states}
        shown = super().get_actions_detail(request, object_id)
        return [each for each in shown if each.action_name in fits]

    @by_hand(description="It arrived", url_path="it-arrived", icon="mark_email_read")
    def it_arrived(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._decide(
            request,
            object_id,
            sending.arrived,
            verb="It arrived",
            note="The reader has told you, or the mail server's log does, that the mail was taken. "
            "It counts as sent, and no second one goes out.",
        )

    @by_hand(
        description="Send again", url_path="send-again", icon="send", variant=ActionVariant.WARNING
    )
    def send_again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def again(*, delivery: Delivery, by: str, reason: str) -> None:
            sent = sending.deliver(delivery_id=delivery.pk, by=by, reason=reason, again=True)
            if sent is None:
                raise Conflict(f"{delivery} is on its way or has gone out")
            if sent.state != Delivery.State.SENT:
                raise Conflict(f"{delivery} was not sent: {sent.error}")

        return self._decide(
            request,
            object_id,
            again,
            verb="Send again",
            note="If the first mail did arrive after all, the reader gets the report twice.",
            danger=True,
        )

    def _decide(
        self,
        request: HttpRequest,
        object_id: str,
        service: Callable[..., None],
        *,
        verb: str,
        **asked: Any,
    ) -> HttpResponse:
        delivery = self.get_object(request, object_id)
        if delivery is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)

        def perform(answers: dict[str, Any]) -> str:
            service(delivery=delivery, by=request.user.get_username(), **answers)
            return f"{verb}: {delivery}."

        back = reverse("admin:reports_delivery_change", args=[delivery.pk])
        title = f"{verb}: {delivery}"
        return ask(self, request, title=title, submit=verb, perform=perform, back=back, **asked)


@admin.register(DeliveryTransition)
class DeliveryTransitionAdmin(ReadOnlyAdmin):
    list_display = ("job", "from_state", "to_state", "by", "reason", "at")
    list_filter = ("to_state",)
    search_fields = ("job__email", "by", "reason")
    list_select_related = ("job__report__client",)
    list_defer = ("job__report__facts",)
