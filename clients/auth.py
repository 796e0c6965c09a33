"""Who is asking: a client, by the key in ``Authorization: Bearer ...``."""

import re
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from clients.models import ApiKey, Client, Scope

# What our keys look like. Anything else need not reach the database, which refuses some characters.
KEY = re.compile(r"[A-Za-z0-9]{1,8}\.[A-Za-z0-9]{1,120}", re.ASCII)


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
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not KEY.fullmatch(key):
            return None
        try:
            api_key: Any = ApiKey.objects.get_from_key(key)
        except ApiKey.DoesNotExist:
            return None
        if api_key.has_expired:
            return None
        return Caller(api_key.client), api_key

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


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
