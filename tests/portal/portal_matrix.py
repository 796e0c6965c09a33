"""Every address of the portal, asked by everybody for everybody's things.

``TABLE`` says of every route which right it needs, what it is called with and what its owner gets. A
route that is not in it fails the build.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import get_resolver, reverse

from reports.portal.access import RIGHTS

NOBODY = 10**9
"""A primary key that no row has."""
ROLES = ("viewer", "reviewer", "lead", "staff")
NO_CLIENT = "no-such-client"


@dataclass(frozen=True)
class Entry:
    """What a route needs and answers its own client with; ``posts`` to what it is sent."""

    needs: str = "read"
    own: int = 200
    reads: bool = True
    """Does it answer a GET at all, and to everybody who may read?"""
    post: dict[str, str] | None = None
    things: tuple[str, ...] = ()
    """What the address names beside the client."""


EVENT = {"kind": "release", "title": "App 5", "model": "", "first": "2031-03-01"} | {
    "begins": "", "last": "2031-03-02", "ends": "",
}  # fmt: skip
CORRECTION = {"label": "billing", "other": ""}

TABLE: dict[str, Entry] = {
    "home": Entry(),
    "model": Entry(things=("model",)),
    "reports": Entry(),
    "report": Entry(things=("report",)),
    "report-page": Entry(things=("report",)),
    "report-pdf": Entry(things=("report",)),
    "calendar": Entry(),
    "announce": Entry(needs="announce", reads=False, post=EVENT),
    "event": Entry(needs="announce", reads=False, post=EVENT, things=("event",)),
    "withdraw": Entry(needs="announce", reads=False, own=405, post={}, things=("event",)),
    "corrections": Entry(needs="correct", reads=False, own=302),
    "answers": Entry(needs="correct", reads=False, things=("model",)),
    "correct": Entry(needs="correct", reads=False, post=CORRECTION, things=("model", "row")),
    "alerts": Entry(),
    "subscription": Entry(needs="subscribe", reads=False, own=405, post={"severity_from": "watch"}),
}


def routes() -> Iterator[str]:
    """The names in the URL table itself, but the one before any client is chosen."""
    for pattern in get_resolver().url_patterns:
        if str(pattern.pattern) == "portal/":
            yield from (each.name for each in pattern.url_patterns if each.name != "start")


def address(name, client, things):
    """Where that thing of that client stands; ``things`` by what the route names."""
    return reverse(f"portal:{name}", args=[client, *(things[what] for what in TABLE[name].things)])


@dataclass(frozen=True)
class Asked:
    """One request: whose portal it names, and whether what it names there is that client's."""

    name: str
    whose: str
    there: bool
    address: str


def asked_of(own, other, gone: dict[str, object]) -> list[Asked]:
    """Each route for one's own things, for another's, for unknown ones and for deleted ones."""
    mine, theirs = own.client.slug, other.client.slug
    found = []
    for name, entry in TABLE.items():
        found.append(Asked(name, "own", True, address(name, mine, things_of(own))))
        found.append(Asked(name, "another's", True, address(name, theirs, things_of(other))))
        found.append(Asked(name, "nobody's", False, address(name, NO_CLIENT, things_of(own))))
        for things in (things_of(other), unknown(), gone) if entry.things else ():
            found.append(Asked(name, "own", False, address(name, mine, things)))
    # What withdraws comes last: others need what it takes away.
    return sorted(found, key=lambda each: each.name == "withdraw")


def expected(asked: Asked, role: str, method: str) -> int:
    """The status, from who asks and whose thing it is, and from nothing else.

    A method that no one may use is refused first, then who has no business with that client, then
    who lacks the right; only then is anything looked up.
    """
    entry = TABLE[asked.name]
    if entry.post is None if method == "POST" else entry.own == 405:
        return 405
    if asked.whose not in (("own", "another's") if role == "staff" else ("own",)):
        return 404
    right = entry.needs if method == "POST" or not entry.reads else "read"
    if right not in RIGHTS[role]:
        return 403
    if not asked.there:
        return 404
    return 302 if method == "POST" else entry.own


def things_of(world) -> dict[str, object]:
    return {
        "model": world.model.slug,
        "report": world.report.pk,
        "event": world.event.pk,
        "row": world.row.pk,
    }


def unknown() -> dict[str, object]:
    return {"model": "no-such-model", "report": NOBODY, "event": NOBODY, "row": NOBODY}
