"""What every page of the staff's admin stands on; the one module that knows unfold.

Three kinds of page: ``ModelAdmin`` for what may be edited, ``HistoryAdmin`` where every edit is
kept, ``ReadOnlyAdmin`` where history must not change. Decisions are actions that ask first
(``ask``): they show what is asked, call one service, and translate a ``DomainError`` to a message.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.db import models
from django.db.models import JSONField, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.html import format_html
from simple_history.admin import SimpleHistoryAdmin
from unfold import admin as unfold
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.views import ChangeList
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from agency.base.errors import DomainError

__all__ = [
    "ActionVariant",
    "AdminPasswordChangeForm",
    "CheckBox",
    "FileInput",
    "HistoryAdmin",
    "ModelAdmin",
    "ReadOnlyAdmin",
    "ReadOnlyInline",
    "ReasonForm",
    "SelectWidget",
    "TabularInline",
    "TextInput",
    "UserChangeForm",
    "UserCreationForm",
    "action",
    "ask",
    "by_hand",
    "display",
    "folded",
    "pretty",
    "rate",
    "to_go_live",
    "told",
]

CONFIRMED = "confirmed"
PRETTY_MAX = 40_000
SelectWidget = UnfoldAdminSelectWidget
TextInput = UnfoldAdminTextInputWidget
FileInput = UnfoldAdminFileFieldWidget
CheckBox = UnfoldBooleanWidget
TabularInline = unfold.TabularInline


def rate(figures: Mapping[str, Any] | None, *, missing: str = "not measured") -> str:
    """A rate as staff read it: estimate, interval and n, never a bare number."""
    if not figures or figures.get("estimate") is None:
        return missing
    low, high = (f"{100 * figures[side]:.0f}" for side in ("low", "high"))
    return f"{100 * figures['estimate']:.0f}% ({low} to {high}%, n {figures['n']})"


def pretty(value: Any) -> str:
    """JSON folded away behind its size, indented and escaped; very long values are cut."""
    if value is None or value == {} or value == []:
        return "-"
    text = json.dumps(value, indent=2, ensure_ascii=False, default=str)
    size = f"{len(value)} entries" if isinstance(value, list | dict) else "value"
    cut = "\n... cut here" if len(text) > PRETTY_MAX else ""
    return format_html(
        '<details class="ws-json"{}><summary>{}</summary><pre>{}{}</pre></details>',
        " open" if len(text) < 120 else "",
        size,
        text[:PRETTY_MAX],
        cut,
    )


def folded(name: str) -> Callable[[models.Model], str]:
    """A read-only column for the JSON field ``name``."""

    def column(obj: models.Model) -> str:
        return pretty(getattr(obj, name))

    column.short_description = name.replace("_", " ")  # type: ignore[attr-defined]
    column.__name__ = name
    return column


class LeanChangeList(ChangeList):
    """Lists leave the columns in the database that they do not show (``list_defer``)."""

    def get_queryset(
        self, request: HttpRequest, exclude_parameters: list[str | None] | None = None
    ) -> QuerySet[Any]:
        rows = super().get_queryset(request, exclude_parameters)
        return rows.defer(*self.model_admin.list_defer)


class ModelAdmin(unfold.ModelAdmin):
    """A page of ours. ``overview`` fills ``overview_template``, which stands above the fields."""

    list_defer: tuple[str, ...] = ()
    list_per_page = 50
    overview_template = ""
    list_filter_submit = False
    warn_unsaved_form = True

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return LeanChangeList

    def overview(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """What ``overview_template`` shows of ``obj``."""
        return {}

    @property
    def change_form_outer_before_template(self) -> str | None:
        return self.overview_template or None

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        extra: dict[str, Any] = {**(extra_context or {})}
        if object_id and self.overview_template and request.method == "GET":
            obj = self.get_object(request, unquote(object_id))
            if obj is not None and self.has_view_or_change_permission(request, obj):
                extra["overview"] = self.overview(request, obj)
        return super().changeform_view(request, object_id, form_url, extra)

    def has_decide_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Decisions need the permission to change the model, also where its pages are read-only."""
        opts = self.model._meta
        return request.user.has_perm(f"{opts.app_label}.change_{opts.model_name}")

    def has_go_live_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """May the person decide what answers a client? Named here and not in the decorator: unfold
        looks such names up in the database before the migration that brings the permission."""
        return request.user.has_perm("retraining.approve_cycle")


class HistoryAdmin(SimpleHistoryAdmin, ModelAdmin):
    """What may be edited, every edit kept with who and when."""


class ReadOnlyAdmin(ModelAdmin):
    """History: to be read, never added to, changed or deleted here. JSON is folded and indented."""

    hidden: tuple[str, ...] = ()

    def __init__(self, model: type[models.Model], admin_site: Any) -> None:
        super().__init__(model, admin_site)
        self._shown = [
            folded(field.name) if isinstance(field, JSONField) else field.name
            for field in model._meta.fields
            if not field.primary_key and field.name not in self.hidden
        ]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields or self._shown

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_fields(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyInline(unfold.TabularInline):
    """Rows of history under what they belong to."""

    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReasonForm(forms.Form):
    """Why. It is kept with the decision and stands in the client's report."""

    reason = forms.CharField(
        max_length=2000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "autofocus": True}),
        help_text="It is kept with the decision, under your name.",
    )


@contextmanager
def told(request: HttpRequest) -> Iterator[None]:
    """A ``DomainError`` becomes a message to the person who asked; nothing has changed."""
    try:
        yield
    except DomainError as error:
        messages.error(request, str(error))


def ask(
    model_admin: ModelAdmin,
    request: HttpRequest,
    *,
    title: str,
    submit: str,
    perform: Callable[[dict[str, Any]], str],
    back: str,
    form_class: Callable[..., forms.Form] = ReasonForm,
    rows: QuerySet[Any] | None = None,
    line: Callable[[Any], str] = str,
    note: str = "",
    danger: bool = False,
) -> HttpResponse:
    """Show ``form_class`` first; once it is filled in, ``perform`` its values and go ``back``.

    ``perform`` makes one domain call and returns what to tell the person. ``rows`` are those that a
    list's action was called for, shown as ``line`` puts them; the same action is posted again with
    the form. Nothing is called while the form is not valid.
    """
    confirmed = request.method == "POST" and CONFIRMED in request.POST
    form = form_class(request.POST) if confirmed else form_class()
    if confirmed and form.is_valid():
        with told(request):
            messages.success(request, perform(form.cleaned_data))
        return redirect(back)
    hidden: list[tuple[str, Any]] = [(CONFIRMED, "yes")]
    listed: list[str] = []
    count = 0
    if rows is not None:
        hidden.append(("action", request.POST.get("action", "")))
        keys = list(rows.values_list("pk", flat=True))
        across = request.POST.get("select_across") == "1"
        hidden += [("select_across", "1")] if across else []
        # All rows of a list travel as one flag: a form holds a thousand fields at most.
        hidden += [(ACTION_CHECKBOX_NAME, key) for key in (keys[:1] if across else keys)]
        count, listed = len(keys), [line(row) for row in rows[:10]]
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.model._meta,
        "title": title,
        "verb": submit,
        "note": note,
        "danger": danger,
        "form": form,
        "hidden": hidden,
        "listed": listed,
        "more": max(0, count - len(listed)),
        "back": back,
    }
    return TemplateResponse(request, "admin/ask.html", context)


by_hand = partial(action, permissions=["decide"])
# What goes live, or does not, is decided by fewer people than those who do the work before it.
to_go_live = partial(action, permissions=["go_live"])
