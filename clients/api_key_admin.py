"""The staff's page of a client's keys: issue one, rotate it, revoke it."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from agency.base.admin import ActionVariant, ModelAdmin, TextInput, ask, by_hand, display
from agency.base.clock import now
from clients.api_keys import GRACE, Issued, issue_key, revoke_key, rotate_key
from clients.models import ApiKey, Scope

STANDINGS = {
    "valid": "success",
    "being replaced": "warning",
    "expired": "info",
    "revoked": "danger",
}


MEANINGS = {
    Scope.LOGS_WRITE: "send production rows",
    Scope.FEEDBACK_WRITE: "send labels, reactions and outcomes",
    Scope.PREDICT: "ask the live version",
    Scope.READ: "read models, versions, reports and what became of an upload",
    Scope.DATASETS_WRITE: "upload datasets",
}


NO_WAY_BACK = (
    "Whatever uses this key is refused from that moment, and there is no way back."
    " Rotating leaves its program time to change."
)


class KeyForm(forms.ModelForm):
    """A key holds the scopes that its program needs, and no others."""

    scopes = forms.MultipleChoiceField(
        choices=[(scope, f"{scope}: {meaning}") for scope, meaning in MEANINGS.items()],
        widget=forms.CheckboxSelectMultiple,
        help_text="Only what its program needs: a key cannot get more later.",
    )

    class Meta:
        model = ApiKey
        fields = ("name", "client", "scopes", "expiry_date")
        help_texts = {
            "name": "What uses it. The key itself is shown once, when this is saved.",
            "expiry_date": "Left empty, it is valid until it is revoked or replaced.",
        }

    def clean_expiry_date(self) -> Any:
        expires = self.cleaned_data["expiry_date"]
        if expires is not None and expires <= now():
            raise forms.ValidationError("A key cannot expire before it is issued.")
        return expires


class GraceForm(forms.Form):
    """How long the old key goes on."""

    days = forms.IntegerField(
        min_value=0,
        max_value=90,
        initial=GRACE.days,
        widget=TextInput(attrs={"inputmode": "numeric"}),
        help_text="Both keys are valid for so many days; then the old one ends by itself.",
    )


class NothingToSay(forms.Form):
    """Asks only whether it is meant."""


def once(issued: Issued) -> str:
    """The one sentence in which the key is ever shown."""
    return (
        f"The API key for {issued.api_key.client}, {issued.api_key.name}, is: {issued.key}. "
        "Please store it somewhere safe: you will not be able to see it again."
    )


@admin.register(ApiKey)
class ApiKeyAdmin(ModelAdmin):
    """The key is shown once, in the message after it was made; here is only its prefix."""

    list_display = ("name", "client", "prefix", "scopes_shown", "standing", "expiry_date", "used")
    list_filter = ("revoked", "client")
    search_fields = ("name", "prefix", "client__name")
    list_select_related = ("client",)
    autocomplete_fields = ("client",)
    actions_detail = ("rotate", "revoke")
    # A key that changed hands or got new rights would be another key: its name alone may change.
    fixed = (
        *("client", "prefix", "scopes_shown", "standing", "expiry_date", "created"),
        *("issued_by", "last_used_at", "replaced_by", "revoked_by"),
    )

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is None:
            kwargs["form"] = KeyForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return KeyForm.Meta.fields if obj is None else ("name", *self.fixed)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else self.fixed

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # revoking keeps the trace

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            obj.save(update_fields=["name"])
            return
        issued = issue_key(
            client=obj.client,
            name=obj.name,
            scopes=form.cleaned_data["scopes"],
            expires=obj.expiry_date,
            by=request.user.get_username(),
            at=now(),
        )
        # What the admin logs and goes on to is the row that was made.
        obj.__dict__.update(issued.api_key.__dict__)
        messages.warning(request, once(issued))

    @display(description="scopes")
    def scopes_shown(self, key: ApiKey) -> str:
        return ", ".join(key.scopes)

    @display(description="standing", label=STANDINGS)
    def standing(self, key: ApiKey) -> str:
        if key.revoked:
            return "revoked"
        if not key.valid_at(now()):
            return "expired"
        return "being replaced" if key.replaced_by_id else "valid"

    @display(description="last used", ordering="last_used_at")
    def used(self, key: ApiKey) -> str:
        return f"{key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never"

    @by_hand(description="Rotate", icon="autorenew")
    def rotate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def perform(key: ApiKey, answers: dict[str, Any]) -> str:
            grace = timedelta(days=answers["days"])
            by = request.user.get_username()
            return once(rotate_key(api_key=key, by=by, at=now(), grace=grace))

        return self._ask(request, object_id, "Rotate", perform, form_class=GraceForm)

    @by_hand(description="Revoke", icon="block", variant=ActionVariant.DANGER)
    def revoke(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def perform(key: ApiKey, answers: dict[str, Any]) -> str:
            revoke_key(api_key=key, by=request.user.get_username())
            return f"The key {key.prefix} is refused from now on."

        return self._ask(request, object_id, "Revoke", perform, form_class=NothingToSay)

    def _ask(
        self, request: HttpRequest, object_id: str, verb: str, perform: Any, *, form_class: Any
    ) -> HttpResponse:
        # A key's own id has characters that an address writes otherwise.
        key = self.get_object(request, unquote(object_id))
        if key is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return ask(
            self,
            request,
            title=f"{verb} {key.name} of {key.client}",
            submit=verb,
            perform=lambda answers: perform(key, answers),
            back=reverse("admin:clients_apikey_change", args=[quote(key.pk)]),
            form_class=form_class,
            note=NO_WAY_BACK if verb == "Revoke" else "",
            danger=verb == "Revoke",
        )
