"""The staff's pages of reports on their way to their readers."""

from django.contrib import admin

from agency.base.admin import ReadOnlyAdmin, ReadOnlyInline
from reports.models import Delivery, DeliveryTransition


class DeliveryTransitionInline(ReadOnlyInline):
    model = DeliveryTransition
    fields = ("from_state", "to_state", "by", "reason", "at")
    verbose_name_plural = "steps"


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ("report", "name", "email", "state", "created_at", "sent_at", "opened_at")
    list_filter = ("state", "report__client")
    search_fields = ("email", "name", "report__client__name")
    list_select_related = ("report__client",)
    list_defer = ("report__facts",)
    hidden = ("token_sha256",)
    inlines = (DeliveryTransitionInline,)


@admin.register(DeliveryTransition)
class DeliveryTransitionAdmin(ReadOnlyAdmin):
    list_display = ("job", "from_state", "to_state", "by", "reason", "at")
    list_filter = ("to_state",)
    search_fields = ("job__email", "by", "reason")
    list_select_related = ("job__report__client",)
    list_defer = ("job__report__facts",)
