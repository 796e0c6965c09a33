"""Whose portal a request may see, and what it may do there.

An address of another client, of none, and of something that is gone all answer the same 404.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Literal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.decorators import login_required
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation

from agency.base.clock import zone_of
from agency.base.errors import NotFound
from agency.base.tenancy import as_client
from clients.models import Client, Membership
from reports.wording import Wording, wording_for

Right = Literal["read", "correct", "announce", "subscribe"]
STAFF = "staff"
RIGHTS: dict[str, frozenset[str]] = {
    Membership.Role.VIEWER: frozenset({"read", "subscribe"}),
    Membership.Role.REVIEWER: frozenset({"read", "subscribe", "correct"}),
    Membership.Role.LEAD: frozenset({"read", "subscribe", "correct", "announce"}),
    # People of ours look, as the client sees it; what they change they change in the admin.
    STAFF: frozenset({"read"}),
}
"""What a role may do. Mail about alerts is everybody's own; a campaign is announced for all."""


@dataclass
class Visit:
    """One request to one client's portal: whose it is, who asks, in what language and time zone."""

    client: Client
    user: Any
    role: str
    clients: list[Client]
    done: list[tuple[Any, str]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Who is named where something is recorded."""
        return str(self.user.get_username())

    @property
    def zone(self) -> ZoneInfo:
        return zone_of(self.client.timezone)

    @property
    def words(self) -> Wording:
        """Numbers and days as the client's report writes them."""
        return wording_for(self.client.language)

    @property
    def is_staff(self) -> bool:
        return self.role == STAFF

    def may(self, right: Right) -> bool:
        return right in RIGHTS[self.role]

    def record(self, row: Any, what: str) -> None:
        """``row`` was changed by who asks; written down once the request is through."""
        self.done.append((row, what))

    @property
    def rights(self) -> dict[str, bool]:
        """For templates."""
        return {right: right in RIGHTS[self.role] for right in ("correct", "announce", "subscribe")}


View = Callable[..., HttpResponse]


def portal_page(*, needs: Right = "read", reads: bool = True) -> Callable[[View], View]:
    """A view ``(request, visit, **address)`` of the client named ``client`` in the address.

    It runs as that client, in its language and time zone. ``needs`` is asked of every POST, and of a
    GET as well where the page is for nothing else (``reads`` is false).
    """

    def decorator(view: View) -> View:
        @login_required
        @wraps(view)
        def page(request: HttpRequest, client: str, **address: Any) -> HttpResponse:
            visit = visit_of(request, client)
            zone, language = visit.zone, visit.client.language
            with translation.override(language), timezone.override(zone):
                if not visit.may(needs if request.method == "POST" or not reads else "read"):
                    raise PermissionDenied
                try:
                    with as_client(visit.client):
                        response = view(request, visit, **address)
                except NotFound as error:
                    raise Http404 from error
            _write_down(visit)
            return _private(response, language)

        return page

    return decorator


def clients_of(user: Any) -> list[Client]:
    """The clients whose portal this person may open without being staff, by name."""
    return list(Client.objects.filter(memberships__user=user).order_by("name"))


def visit_of(request: HttpRequest, slug: str) -> Visit:
    """Who asks for the client of that name; 404 where they have no business there."""
    user: Any = request.user
    membership = (
        Membership.objects.select_related("client").filter(user=user, client__slug=slug).first()
    )
    if user.is_staff:
        client = Client.objects.filter(slug=slug).first()
        if client is None or not (membership or user.has_perm("clients.view_client")):
            raise Http404
        return Visit(client, user, STAFF, [])
    if membership is None:
        raise Http404
    return Visit(membership.client, user, membership.role, clients_of(user))


def show(
    request: HttpRequest,
    visit: Visit,
    template: str,
    context: dict[str, Any],
    *,
    section: str,
    status: int = 200,
) -> HttpResponse:
    """A page of the portal; ``section`` is where the navigation says that we are."""
    shared = {"visit": visit, "rights": visit.rights, "section": section, "zone": str(visit.zone)}
    return render(request, f"portal/{template}", shared | context, status=status)


def _write_down(visit: Visit) -> None:
    """In the staff's log of changes, beside the row's own history."""
    for row, what in visit.done:
        LogEntry.objects.create(
            user=visit.user,
            content_type=ContentType.objects.get_for_model(row),
            object_id=str(row.pk),
            object_repr=str(row)[:200],
            action_flag=CHANGE,
            change_message=f"Portal: {what}",
        )


def _private(response: HttpResponse, language: str) -> HttpResponse:
    """For this person alone; signing in speaks the language that the portal spoke last."""
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers.setdefault("Content-Language", language)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=31_536_000,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response
