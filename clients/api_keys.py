"""A client's keys: issue one, replace it without a gap, end it. The key itself is shown once."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction

from agency.base.errors import BadInput, Conflict, NotFound
from clients.models import ApiKey, Client, Scope

GRACE = timedelta(days=7)
"""How long the old key goes on beside the new one: a working week to change it everywhere."""
NAME_MOST = 50


class Issued(NamedTuple):
    """A new key: its row, and the key itself, which nobody can read again."""

    api_key: ApiKey
    key: str


def issue_key(
    *,
    client: Client,
    name: str,
    scopes: Collection[str],
    expires: datetime | None,
    by: str,
    at: datetime,
) -> Issued:
    """Make a key for ``client`` that holds ``scopes`` and ends at ``expires`` (None: never).

    Raises ``BadInput`` for no or an unknown scope, no name, or an end that is over.
    """
    unknown = sorted(set(scopes) - set(Scope.values))
    if unknown or not scopes:
        known = ", ".join(Scope.values)
        what = f"unknown scope {', '.join(unknown)}" if unknown else "a key needs a scope"
        raise BadInput(f"{what} (there are: {known})")
    if not 0 < len(name.strip()) <= NAME_MOST:
        raise BadInput(f"a key needs a name of at most {NAME_MOST} characters")
    if expires is not None and expires <= at:
        raise BadInput("a key cannot expire before it is issued")
    made: tuple[Any, str] = ApiKey.objects.create_key(
        client=client,
        name=name.strip(),
        # In the order in which they are declared, each once.
        scopes=[scope for scope in Scope.values if scope in scopes],
        expiry_date=expires,
        issued_by=by,
    )
    return Issued(*made)


@transaction.atomic
def rotate_key(*, api_key: ApiKey, by: str, at: datetime, grace: timedelta = GRACE) -> Issued:
    """Issue a key with the same name, scopes and length of life; the old one ends after ``grace``.

    Until then both are valid. ``Conflict`` where the old one is no longer valid or was replaced.
    """
    if grace < timedelta(0):
        raise BadInput("a grace is no negative time")
    old = _locked(api_key)
    if not old.valid_at(at):
        raise Conflict(f"the key {old.prefix} is no longer valid: issue a new one")
    if old.replaced_by_id is not None:
        raise Conflict(f"the key {old.prefix} was replaced already")
    lives = None if old.expiry_date is None else old.expiry_date - old.created
    issued = issue_key(
        client=old.client,
        name=old.name,
        scopes=old.scopes,
        expires=None if lives is None else at + lives,
        by=by,
        at=at,
    )
    ends = at + grace
    old.expiry_date = ends if old.expiry_date is None else min(old.expiry_date, ends)
    old.replaced_by = issued.api_key
    old.save(update_fields=["expiry_date", "replaced_by"])
    return issued


@transaction.atomic
def revoke_key(*, api_key: ApiKey, by: str) -> ApiKey:
    """The key is refused from now on, for good. ``Conflict`` where it was revoked before."""
    found = _locked(api_key)
    if found.revoked:
        raise Conflict(f"the key {found.prefix} was revoked already")
    found.revoked, found.revoked_by = True, by
    found.save(update_fields=["revoked", "revoked_by"])
    return found


def find_key(*, client: Client, prefix: str) -> ApiKey:
    """The client's key with that prefix, which is what stands before the dot."""
    found = ApiKey.objects.filter(client=client, prefix=prefix).first()
    if found is None:
        raise NotFound(f"{client.slug} has no key {prefix!r}")
    return found


def _locked(api_key: ApiKey) -> ApiKey:
    # Two people who rotate at once must not leave three valid keys.
    locked = ApiKey.objects.select_for_update(of=("self",)).select_related("client")
    return locked.get(pk=api_key.pk)
