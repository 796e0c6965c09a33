"""The address without a path: everybody's own first page."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect


def start(request: HttpRequest) -> HttpResponse:
    """Staff go to the admin, people of clients to the portal, all others sign in."""
    user: Any = request.user
    if not user.is_authenticated:
        return redirect("account_login")
    return redirect("admin:index" if user.is_staff else "portal:start")
