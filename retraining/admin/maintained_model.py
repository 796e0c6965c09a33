from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from agency.base import clock
from agency.base.admin import ActionVariant, HistoryAdmin, ask, display, folded, to_go_live
from clients.models import MaintainedModel
from retraining import services
from retraining.admin.model_page import model_page
from retraining.admin.standing import STATE_LABELS, last_cycle, state_name
from retraining.models import ModelVersion, Rollout
from retraining.queries import rollout_before


@admin.register(MaintainedModel)
class MaintainedModelAdmin(HistoryAdmin):
    """A model in a client's production: what is live, how it does, where it came from."""

    list_display = ("name", "client", "path", "task", "tier", "live", "last_cycle", "alerts")
    list_filter = ("client", "tier", "task")
    search_fields = ("name", "slug", "client__name", "client__slug")
    list_select_related = ("client", "tier")
    list_defer = ("schema",)
    schema_shown = folded("schema")
    fields = ("client", "slug", "name", "task", "tier", schema_shown, "created_at")
    readonly_fields = ("client", "slug", "task", schema_shown, "created_at")
    overview_template = "admin/overview/maintained_model.html"
    actions_detail = ("roll_back",)

    class Media:
        css: ClassVar = {"all": ("cockpit/loop.css",)}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # a model comes with data: the onboard command

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[MaintainedModel]:
        running = Rollout.objects.filter(model=OuterRef("pk"), ended_at__isnull=True)
        return (
            super()
            .get_queryset(request)
            .annotate(
                live_number=Subquery(running.values("version__number")[:1]),
                last_state=Subquery(last_cycle().values("state")[:1]),
                open_alerts=Count("alerts", filter=Q(alerts__closed_at__isnull=True)),
            )
        )

    @display(description="live", ordering="live_number")
    def live(self, model: Any) -> str:
        return "-" if model.live_number is None else ModelVersion(number=model.live_number).name

    @display(description="last cycle", ordering="last_state", label=dict(STATE_LABELS))
    def last_cycle(self, model: Any) -> Any:
        return model.last_state and (model.last_state, state_name(model.last_state))

    @display(description="open alerts", ordering="open_alerts")
    def alerts(self, model: Any) -> int:
        return int(model.open_alerts)

    def overview(self, request: HttpRequest, obj: MaintainedModel) -> dict[str, Any]:
        return model_page(request, obj, self.admin_site)

    @to_go_live(
        description="Roll back",
        url_path="roll-back",
        icon="undo",
        variant=ActionVariant.DANGER,
    )
    def roll_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        model = self.get_object(request, object_id)
        if model is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)

        def perform(answers: dict[str, Any]) -> str:
            done = services.rollback(
                model=model,
                by=request.user.get_username(),
                reason=answers["reason"],
                at=clock.now(),
            )
            return f"{model}: {done.to_version} is live again instead of {done.from_version}."

        return ask(
            self,
            request,
            title=f"Roll back {model}",
            submit="Roll back",
            note=way_back(model),
            perform=perform,
            back=reverse("admin:clients_maintainedmodel_change", args=[model.pk]),
            danger=True,
        )


def way_back(model: MaintainedModel) -> str:
    """What a rollback puts live again, in words."""
    current = Rollout.objects.filter(model=model, ended_at__isnull=True).first()
    before = rollout_before(current) if current else None
    if current is None or before is None:
        return "No other version was live before: there is nothing to roll back to."
    return (
        f"{before.version} goes live again for {model.client.name}, {model.name} ({model.path}), "
        f"instead of {current.version}: it answers every row from then on. {current.version} is kept, "
        "and a later cycle may put it or a better one live."
    )
