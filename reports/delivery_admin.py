"""The staff's pages of reports on their way to their readers."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from agency.base.admin import ReadOnlyAdmin, ReadOnlyInline
from agency.base.outbound_admin import OutboundAdmin
from reports import sending
from reports.models import Delivery, DeliveryTransition


class DeliveryTransitionInline(ReadOnlyInline):
    model = DeliveryTransition
    fields = ("from_state", "to_state", "by", "reason", "at")
    verbose_name_plural = "steps"


@admin.register(Delivery)
class DeliveryAdmin(OutboundAdmin):
    """A report on its way to one reader."""

    list_display = ("report", "name", "email", "state_shown", "created_at", "sent_at", "opened_at")
    list_filter = ("state", "report__client")
    search_fields = ("email", "name", "report__client__name")
    list_select_related = ("report__client",)
    list_defer = ("report__facts",)
    hidden = ("token_sha256",)
    inlines = (DeliveryTransitionInline,)

    def has_decide_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("reports.send_monthlyreport")

    def sent_again(self, job: Delivery, *, by: str, reason: str) -> Delivery | None:
        return sending.deliver(delivery_id=job.pk, by=by, reason=reason, again=True)


@admin.register(DeliveryTransition)
class DeliveryTransitionAdmin(ReadOnlyAdmin):
    list_display = ("job", "from_state", "to_state", "by", "reason", "at")
    list_filter = ("to_state",)
    search_fields = ("job__email", "by", "reason")
    list_select_related = ("job__report__client",)
    list_defer = ("job__report__facts",)
