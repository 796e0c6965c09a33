"""History of the loop: read-only, every row of it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from agency.base.admin import ReadOnlyAdmin, ReadOnlyInline, display, rate
from retraining.models import (
    AuditSample,
    AuditSampleRow,
    Comparison,
    CycleTransition,
    DailyProfile,
    Decision,
    Diagnosis,
    EvalRow,
    EvalRun,
    ModelVersion,
    Rollout,
)

BIG = ("policy", "tier", "registered", "monitor", "collected")
CYCLE_JSON = tuple(f"cycle__{name}" for name in BIG)
VERSION_JSON = ("arms", "parameters", "categories", "reference", "library_versions")
VERDICT_LABELS = {
    "promote": "success",
    "no_action": "success",
    "reject": "danger",
    "fix_upstream": "danger",
    "undecided": "warning",
    "retrain": "warning",
    "collect_labels": "warning",
    "wait": "info",
}


@admin.register(ModelVersion)
class ModelVersionAdmin(ReadOnlyAdmin):
    list_display = ("name", "model", "parent", "training_version", "learner", "arm", "created_at")
    list_filter = ("model__client", "learner")
    search_fields = ("model__slug", "model__client__name", "artifact_sha256", "learner", "arm")
    list_select_related = ("model__client", "parent", "training_version__dataset__model__client")
    list_defer = (
        *VERSION_JSON,
        *(f"parent__{name}" for name in VERSION_JSON),
        "model__schema",
        "training_version__dataset__model__schema",
    )
    date_hierarchy = "created_at"


class EvalRowInline(ReadOnlyInline):
    model = EvalRow
    fields = ("row_id", "label", "prediction", "confidence", "correct")
    per_page = 25
    verbose_name_plural = "rows"


@admin.register(EvalRun)
class EvalRunAdmin(ReadOnlyAdmin):
    list_display = ("version", "of_model", "kind", "accuracy", "golden_version", "created_at")
    list_filter = ("kind", "version__model__client")
    search_fields = ("version__model__slug", "version__model__client__name")
    list_select_related = ("version__model__client", "golden_version__dataset__model__client")
    list_defer = (
        "categories",
        *(f"version__{name}" for name in VERSION_JSON),
        "version__model__schema",
        "golden_version__dataset__model__schema",
    )
    inlines = (EvalRowInline,)

    @display(description="model")
    def of_model(self, run: EvalRun) -> str:
        return run.version.model.path

    @display(description="accuracy")
    def accuracy(self, run: EvalRun) -> str:
        if not run.n:
            return "no rows"
        return rate({"estimate": run.estimate, "low": run.low, "high": run.high, "n": run.n})


@admin.register(EvalRow)
class EvalRowAdmin(ReadOnlyAdmin):
    list_display = ("row_id", "run", "label", "prediction", "confidence", "correct")
    list_filter = ("correct", "run__kind", "run__version__model__client")
    search_fields = ("row_id", "label", "prediction")
    list_select_related = ("run__version",)
    list_defer = ("run__categories", *(f"run__version__{name}" for name in VERSION_JSON))
    show_full_result_count = False


class OfCycle(ReadOnlyAdmin):
    """Rows that belong to a cycle."""

    list_select_related: tuple[str, ...] = ("cycle__model__client",)
    list_defer: tuple[str, ...] = (*CYCLE_JSON, "cycle__model__schema")
    search_fields: tuple[str, ...] = ("cycle__model__slug", "cycle__model__client__name")


@admin.register(Diagnosis)
class DiagnosisAdmin(OfCycle):
    list_display = ("cycle", "verdict_shown", "created_at")
    list_filter = ("verdict", "cycle__model__client")
    list_defer = (*OfCycle.list_defer, "findings")

    @display(description="verdict", ordering="verdict", label=VERDICT_LABELS)
    def verdict_shown(self, diagnosis: Diagnosis) -> tuple[str, str]:
        return diagnosis.verdict, diagnosis.get_verdict_display()


@admin.register(Comparison)
class ComparisonAdmin(OfCycle):
    list_display = ("cycle", "attempt", "candidate", "incumbent", "verdict_shown", "created_at")
    list_filter = ("verdict", "cycle__model__client")
    list_select_related = (*OfCycle.list_select_related, "candidate", "incumbent")
    list_defer = (
        *OfCycle.list_defer,
        "figures",
        *(f"{side}__{name}" for side in ("candidate", "incumbent") for name in VERSION_JSON),
    )

    @display(description="verdict", ordering="verdict", label=VERDICT_LABELS)
    def verdict_shown(self, comparison: Comparison) -> tuple[str, str]:
        return comparison.verdict, comparison.get_verdict_display()


@admin.register(Decision)
class DecisionAdmin(OfCycle):
    list_display = ("cycle", "kind", "by", "reason", "at")
    list_filter = ("kind", "cycle__model__client")
    search_fields = (*OfCycle.search_fields, "by", "reason")


@admin.register(Rollout)
class RolloutAdmin(ReadOnlyAdmin):
    list_display = ("model", "version", "strategy", "started_at", "ended_at", "by", "reason")
    list_filter = (("ended_at", admin.EmptyFieldListFilter), "model__client")
    search_fields = ("model__slug", "model__client__name", "by", "reason")
    list_select_related = ("model__client", "version")
    list_defer = ("model__schema", *(f"version__{name}" for name in VERSION_JSON))
    date_hierarchy = "started_at"


@admin.register(CycleTransition)
class CycleTransitionAdmin(ReadOnlyAdmin):
    list_display = ("job", "from_state", "to_state", "by", "reason", "at")
    list_filter = ("to_state", "job__model__client")
    search_fields = ("job__model__slug", "job__model__client__name", "by", "reason")
    list_select_related = ("job__model__client",)
    list_defer = (*(f"job__{name}" for name in BIG), "job__model__schema")
    ordering = ("-pk",)


class AuditSampleRowInline(ReadOnlyInline):
    model = AuditSampleRow
    fields = ("log", "label")
    readonly_fields = ("label",)
    per_page = 25
    verbose_name_plural = "drawn rows"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("log")

    @display(description="label")
    def label(self, row: AuditSampleRow) -> str:
        return row.log.label or "waits for a label"


@admin.register(AuditSample)
class AuditSampleAdmin(ReadOnlyAdmin):
    list_display = ("model", "window_start", "window_end", "n", "population", "drawn_by")
    list_filter = ("model__client",)
    search_fields = ("model__slug", "model__client__name", "drawn_by")
    list_select_related = ("model__client",)
    list_defer = ("model__schema",)
    inlines = (AuditSampleRowInline,)


@admin.register(AuditSampleRow)
class AuditSampleRowAdmin(ReadOnlyAdmin):
    list_display = ("log", "sample", "label")
    list_filter = ("sample__model__client",)
    search_fields = ("log__row_id", "sample__model__slug")
    list_select_related = ("sample", "log")
    list_defer = ("log__input", "log__context", "log__signals")

    @display(description="label")
    def label(self, row: AuditSampleRow) -> str:
        return row.log.label or "waits for a label"


@admin.register(DailyProfile)
class DailyProfileAdmin(ReadOnlyAdmin):
    list_display = ("day", "model", "version", "segment", "kind", "rows", "kept")
    list_filter = ("kind", "kept", "model__client")
    search_fields = ("version", "segment", "model__slug")
    list_select_related = ("model__client",)
    list_defer = ("counts", "model__schema")
    date_hierarchy = "day"
    show_full_result_count = False
