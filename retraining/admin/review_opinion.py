from django.contrib import admin

from agency.base.admin import ReadOnlyAdmin
from retraining.models import ReviewOpinion


@admin.register(ReviewOpinion)
class ReviewOpinionAdmin(ReadOnlyAdmin):
    """Who said what of which row."""

    list_display = ("proposal", "by", "action", "label", "seconds", "at")
    list_filter = ("action", "by", "proposal__model__client")
    search_fields = ("by", "label", "proposal__row_id", "proposal__model__client__name")
    list_select_related = ("proposal",)
    list_defer = ("proposal__input",)
