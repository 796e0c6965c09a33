"""Who is asking: a client, by the key in ``Authorization: Bearer ...``."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from agency.base.clock import now
from agency.base.tenancy import enter, presented_key
from clients.models import ApiKey, Client, Scope

# How late ``last_used_at`` may be: a key that is used all day costs one write a minute.
USED_WITHIN = timedelta(minutes=1)

GENERATOR = ApiKey.objects.key_generator
# A prefix that nobody has costs a comparison, too.
NO_HASH = GENERATOR.hash("nobody's key")


@dataclass(frozen=True)
class Caller:
    """Stands where DRF expects a user: a client's program, not a person."""

    client: Client
    is_authenticated: bool = True
    is_active: bool = True

    @property
    def pk(self) -> str:
        return f"client-{self.client.pk}"


class ClientKeyAuthentication(BaseAuthentication):
    """No key, an unknown, a revoked and an expired one are all simply nobody: the same 401."""

    def authenticate(self, request: Request) -> tuple[Caller, ApiKey] | None:
        presented = presented_key(request.headers.get("Authorization", ""))
        if presented is None:
            return None
        at = now()
        api_key = checked_key(*presented, at=at)
        if api_key is None:
            return None
        enter(api_key.client)
        note_use(api_key, at=at)
        return Caller(api_key.client), api_key

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


def checked_key(prefix: str, key: str, *, at: datetime) -> ApiKey | None:
    """The key's row where the key is right and valid at the instant ``at``, with its client.

    Hashing is one SHA-512: a key is 190 random bits, which no guessing finds.
    """
    api_key: Any = ApiKey.objects.select_related("client").filter(prefix=prefix).first()
    right = GENERATOR.verify(key, api_key.hashed_key if api_key else NO_HASH)
    return api_key if api_key and right and api_key.valid_at(at) else None


def note_use(api_key: ApiKey, *, at: datetime) -> None:
    """Remember when the key was used last, to the minute."""
    last = api_key.last_used_at
    if last is None or at - last >= USED_WITHIN:
        ApiKey.objects.filter(pk=api_key.pk).update(last_used_at=at)


class HasScope(BasePermission):
    """Does the key hold the scope that the view names?  A view says ``scope = "read"``.

    No key is a 401 and a key without the scope a 403, both before anything is looked up. A view that
    names no scope is a mistake of ours and answers nobody.
    """

    message = "The key does not hold the scope that this needs."

    def has_permission(self, request: Request, view: Any) -> bool:
        scope = getattr(view, "scope", None)
        if scope not in Scope.values:
            raise ImproperlyConfigured(f"{type(view).__name__} names no scope")
        return isinstance(request.auth, ApiKey) and scope in request.auth.scopes


def client_of(request: Request) -> Client:
    """The client whose key came with an authenticated request; every query starts from it."""
    caller: Any = request.user
    client: Client = caller.client
    return client


class ClientKeyScheme(OpenApiAuthenticationExtension):
    """How the key appears in the schema; found by drf-spectacular through its class alone."""

    target_class = "clients.auth.ClientKeyAuthentication"
    name = "clientKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A client's API key."}
