"""On the way to every page: the language that its reader knows, and the second factor of staff."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.cache import patch_vary_headers

Next = Callable[[HttpRequest], HttpResponse]

READERS = ("/accounts/", "/portal/")
"""Pages in the language of whoever reads them; all others are written in one."""
WITHOUT_SECOND_FACTOR = ("/accounts/", "/static/", "/brand.", "/api/", "/healthz", "/readyz")
"""What staff reach before they have set one up. The API knows keys alone, no people."""


class LanguageMiddleware:
    """The browser's language, or the one of the portal that it saw last, where pages have several."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(READERS):
            return self.get_response(request)
        with translation.override(translation.get_language_from_request(request)):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or "en")
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response


class SecondFactorMiddleware:
    """Sends a staff person without an authenticator to the page that sets one up, and nowhere else."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.STAFF_MFA != "optional" and not request.path_info.startswith(
            WITHOUT_SECOND_FACTOR
        ):
            user: Any = request.user
            if user.is_authenticated and user.is_staff and not is_mfa_enabled(user):
                return redirect("mfa_activate_totp")
        return self.get_response(request)
