"""``api_key``: issue, rotate and revoke a client's keys for the API."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from agency.base import clock
from agency.base.commands import DomainCommand, Outcome
from clients.api_keys import GRACE, Issued, find_key, issue_key, revoke_key, rotate_key
from clients.models import ApiKey, Client, Scope
from clients.queries import find_client


class Command(DomainCommand):
    help = "Issue, rotate or revoke a client's key; a new key is printed once and kept as a hash."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("client", metavar="CLIENT")
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--issue", metavar="NAME", help="a new key of that name")
        what.add_argument(
            "--rotate", metavar="PREFIX", help="a new key like the one that begins so"
        )
        what.add_argument("--revoke", metavar="PREFIX", help="refuse the key that begins so")
        parser.add_argument(
            "--scopes", nargs="+", choices=Scope.values, default=list(Scope.values), metavar="SCOPE"
        )
        parser.add_argument("--expires", default="", metavar="T", help="default: never")
        parser.add_argument(
            "--grace-days",
            type=float,
            default=GRACE / timedelta(days=1),
            help="how long a rotated key goes on (7)",
        )
        parser.add_argument("--by", default="api_key", metavar="NAME", help="who asked for it")

    def run(self, **options: Any) -> Outcome:
        client = find_client(options["client"])
        at, by = clock.now(), options["by"]
        if options["issue"] is not None:
            expires = clock.parse_instant(options["expires"]) if options["expires"] else None
            issued = issue_key(
                client=client,
                name=options["issue"],
                scopes=options["scopes"],
                expires=expires,
                by=by,
                at=at,
            )
            return shown(issued)
        if options["rotate"] is not None:
            old = find_key(client=client, prefix=options["rotate"])
            grace = timedelta(days=options["grace_days"])
            return shown(rotate_key(api_key=old, by=by, at=at, grace=grace))
        if options["revoke"] is not None:
            ended = find_key(client=client, prefix=options["revoke"])
            return Outcome(described(revoke_key(api_key=ended, by=by)))
        return listed(client)


def shown(issued: Issued) -> Outcome:
    """The new key, this once."""
    return Outcome({"key": issued.key, **described(issued.api_key)})


def listed(client: Client) -> Outcome:
    """All keys of the client, the newest first."""
    keys = [described(key) for key in client.api_keys.all()]
    return Outcome(
        {"keys": keys},
        text="\n".join(
            f"{key['prefix']}  {key['name']}: {', '.join(key['scopes'])}" for key in keys
        )
        or "no keys",
    )


def described(key: ApiKey) -> dict[str, Any]:
    """What may be known of a key."""
    return {
        "prefix": key.prefix,
        "client": key.client.slug,
        "name": key.name,
        "scopes": key.scopes,
        "expires": key.expiry_date,
        "revoked": key.revoked,
        "last_used_at": key.last_used_at,
    }
