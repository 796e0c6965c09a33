"""Repairs: what staff mend in the view of the rows, who said so, and what was withdrawn."""

from django.contrib import admin

from agency.base.admin import display
from retraining.admin.records import OfCycle
from retraining.models import AppliedRepair

# What a repair does, as staff read it.
HOW_WORDS = {
    "convert": "converted back",
    "shift": "shifted back",
    "exchange": "put back in each other's places",
    "fill": "filled in from the other fields",
    "bring_forward": "brought forward from later rows",
    "leave_out": "cannot be mended: its rows stay out",
}


def in_words(repair: AppliedRepair) -> str:
    """``converted back, 10 Aug 2012 to 31 Aug 2012``: half-open days."""
    what = repair.repair
    return f"{HOW_WORDS[what.how]}, from {what.since} until before {what.until}"


@admin.register(AppliedRepair)
class AppliedRepairAdmin(OfCycle):
    list_display = ("subject", "kind", "model", "since", "does", "applied_by", "in_force")
    list_filter = ("kind", ("withdrawn_at", admin.EmptyFieldListFilter), "model__client")
    search_fields = ("subject", "model__slug", "model__client__name", "applied_by", "reason")
    list_select_related = ("model__client", "cycle__model__client")
    list_defer = (*OfCycle.list_defer, "model__schema")
    date_hierarchy = "applied_at"

    @display(description="does")
    def does(self, repair: AppliedRepair) -> str:
        return in_words(repair)

    @display(description="in force", boolean=True)
    def in_force(self, repair: AppliedRepair) -> bool:
        return repair.withdrawn_at is None
