"""The button on a client's page that invites a person of theirs into the portal."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from agency.accounts.invite import invite
from agency.base.admin import ModelAdmin, SelectWidget, TextInput, ask
from clients.models import Client, Membership


class InvitationForm(forms.Form):
    """Who, and what they may do."""

    email = forms.EmailField(widget=TextInput(attrs={"type": "email"}))
    first_name = forms.CharField(max_length=150, required=False, widget=TextInput())
    last_name = forms.CharField(max_length=150, required=False, widget=TextInput())
    role = forms.ChoiceField(
        widget=SelectWidget(),
        choices=[
            (Membership.Role.VIEWER, "reads figures and reports"),
            (Membership.Role.REVIEWER, "sends corrections, too"),
            (Membership.Role.LEAD, "announces campaigns and releases, too"),
        ],
    )


def ask_whom(model_admin: ModelAdmin, request: HttpRequest, client: Client) -> HttpResponse:
    """The form, and the invitation once it is filled in."""

    def perform(answers: dict[str, Any]) -> str:
        membership = invite(client=client, **answers)
        return f"{membership.user.email} is invited to the portal of {client}."

    return ask(
        model_admin,
        request,
        title=f"Invite a person of {client}",
        submit="Send the invitation",
        note="They get a mail in the client's language with a link that sets their password.",
        perform=perform,
        form_class=InvitationForm,
        back=reverse("admin:clients_client_change", args=[client.pk]),
    )
