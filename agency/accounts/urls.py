"""Signing in, out, and a person's own password and second factor; no page changes an address."""

from allauth.account.urls import urlpatterns as account
from django.urls import include, path

LEFT_OUT = {
    "account_email",
    "account_email_verification_sent",
    "account_confirm_email",
    "account_confirm_login_code",
}

urlpatterns = [
    *(pattern for pattern in account if pattern.name not in LEFT_OUT),
    path("2fa/", include("allauth.mfa.urls")),
]
