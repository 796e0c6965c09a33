"""The tenant matrix: every address of the API, asked by everybody for everybody's things.

``TABLE`` says of every method of every route which scope it needs and how it is called. A route that
is not in it fails the build (``untold``). What an answer must be follows from who asks and whose
thing it is, in ``expected``, and from nothing else.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.test import Client as Browser
from django.urls import URLPattern, get_resolver

from clients.models import Scope

NOBODY = 10**9
"""A primary key that no row has."""
OPEN = frozenset({("GET", "schema"), ("GET", "docs")})
KEYLESS = ("no key", "revoked", "expired", "staff session", "member session")
INTEGRATION = "integration"
ROLES = (*KEYLESS, *Scope.values, INTEGRATION)
TARGETS = ("own", "another's", "unknown", "deleted")
LET_IN = frozenset({200, 201, 202})


@dataclass(frozen=True)
class Entry:
    """How one method of one route is called. ``own`` is what its own client may get instead."""

    scope: str
    body: Callable[["Side"], tuple[bytes, str]] | None = None
    own: frozenset[int] = LET_IN


@dataclass
class Side:
    """One client in the matrix: its keys and sessions, and the names of its things."""

    slug: str
    model: str
    gone_model: str
    report: int
    gone_report: int
    batch: int = NOBODY
    gone_batch: int = NOBODY
    keys: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, Browser] = field(default_factory=dict)


def log_row(side: Side) -> tuple[bytes, str]:
    row = {
        "id": f"row of {side.slug}",
        "timestamp": "2025-03-05T10:00:00Z",
        "input": {"text": f"secret of {side.slug}"},
        "model_version": "v1.0",
        "prediction": "a",
        "confidence": 0.9,
    }
    return json.dumps(row).encode() + b"\n", "application/x-ndjson"


def feedback(side: Side) -> tuple[bytes, str]:
    row = {"id": f"row of {side.slug}", "label": "b", "label_source": "review"}
    return json.dumps(row).encode() + b"\n", "application/x-ndjson"


def outcome(side: Side) -> tuple[bytes, str]:
    row = {"id": f"row of {side.slug}", "name": "paid", "value": 1}
    return json.dumps(row).encode() + b"\n", "application/x-ndjson"


def question(side: Side) -> tuple[bytes, str]:
    rows = [{"id": f"asked of {side.slug}", "input": {"text": f"secret of {side.slug}"}}]
    return json.dumps({"rows": rows}).encode(), "application/json"


def labelled(kind: str) -> Callable[[Side], tuple[bytes, str]]:
    def rows(side: Side) -> tuple[bytes, str]:
        texts = [f"{kind} {label} of {side.slug}" for label in "ab"]
        lines = [{"id": text, "text": text, "label": text.split()[1]} for text in texts]
        return "\n".join(map(json.dumps, lines)).encode() + b"\n", "application/x-ndjson"

    return rows


READ = Entry(Scope.READ)
# The matrix's versions have no artifact: who is let in hears that it cannot be read.
MODEL = "models/<slug:model>"
TABLE: dict[tuple[str, str], Entry] = {
    ("GET", "models"): READ,
    **{
        ("GET", f"{MODEL}/{name}"): READ
        for name in (
            *("datasets", "versions", "evaluations", "cycles", "comparisons", "rollouts"),
            "routing",
        )
    },
    ("POST", f"{MODEL}/logs"): Entry(Scope.LOGS_WRITE, log_row),
    ("POST", f"{MODEL}/feedback"): Entry(Scope.FEEDBACK_WRITE, feedback),
    ("POST", f"{MODEL}/outcomes"): Entry(Scope.FEEDBACK_WRITE, outcome),
    ("POST", f"{MODEL}/predict"): Entry(Scope.PREDICT, question, own=frozenset({503})),
    **{
        ("POST", f"{MODEL}/datasets/{kind}"): Entry(Scope.DATASETS_WRITE, labelled(kind))
        for kind in ("golden", "training")
    },
    ("GET", "batches/<int:pk>"): READ,
    ("GET", "reports"): READ,
    ("GET", "reports/<int:pk>"): READ,
    ("GET", "reports/<int:pk>/pdf"): READ,
}


def routes(patterns: Any = None, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every method of every address under /api/v1/, from the URL table itself."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        name = prefix + str(pattern.pattern)
        if not isinstance(pattern, URLPattern):
            yield from routes(pattern.url_patterns, name)
        elif name.startswith("api/v1/"):
            view: Any = pattern.callback.view_class
            for method in view.http_method_names:
                if hasattr(view, method) and method not in ("options", "head"):
                    yield method.upper(), name.removeprefix("api/v1/")


def untold() -> dict[str, set[tuple[str, str]]]:
    """What is in the URL table and not in ours, and the other way round; both are to be empty."""
    found = set(routes())
    known = {*TABLE, *OPEN}
    return {"missing": found - known, "gone": known - found}


def address(route: str, target: str, own: Side, other: Side) -> str:
    """Where ``own`` asks for the thing that the target says; lists have no thing in the address."""
    report = route.startswith("reports")
    asked = {
        "own": (own.model, own.report if report else own.batch),
        "another's": (other.model, other.report if report else other.batch),
        "unknown": ("no-such-model", NOBODY),
        "deleted": (own.gone_model, own.gone_report if report else own.gone_batch),
    }[target]
    filled = route.replace("<slug:model>", asked[0]).replace("<int:pk>", str(asked[1]))
    return f"/api/v1/{filled}"


def targets(route: str) -> tuple[str, ...]:
    return TARGETS if "<" in route else ("own",)


def expected(entry: Entry, role: str, target: str) -> frozenset[int]:
    """Which statuses are right, before any thing of anybody is looked up and after."""
    if role in KEYLESS:
        return frozenset({401})
    if role not in (entry.scope, INTEGRATION):
        return frozenset({403})
    return entry.own if target == "own" else frozenset({404})


class Walk:
    """Asks, and keeps what was wrong. ``slugs`` are what no answer to anybody else may hold."""

    def __init__(self, sides: list[Side]) -> None:
        self.sides = sides
        self.asked: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.refusals: dict[int, set[str]] = {}
        self.browser = Browser(raise_request_exception=False)

    def ask(self, method: str, route: str, role: str, target: str, own: Side, other: Side) -> None:
        """One request, and what its answer must be."""
        entry = TABLE[method, route]
        call: dict[str, Any] = {"headers": {"Accept": "*/*"}}
        if role in own.keys:
            call["headers"]["Authorization"] = f"Bearer {own.keys[role]}"
        if entry.body is not None:
            call["data"], call["content_type"] = entry.body(own)
        browser = own.sessions.get(role, self.browser)
        answer = browser.generic(method, address(route, target, own, other), **call)
        self.asked[f"{role}, {target}"] += 1
        self._judge(
            answer, expected(entry, role, target), f"{method} {route}, {role}, {target}", own
        )

    def _judge(self, answer: Any, right: frozenset[int], what: str, own: Side) -> None:
        text = answer.content.decode(errors="replace")
        faults = []
        if answer.status_code not in right:
            faults.append(f"{answer.status_code} {text[:200]}")
        if answer.status_code in (401, 403, 404):
            body = json.loads(text)
            body.pop("request_id")
            self.refusals.setdefault(answer.status_code, set()).add(json.dumps(body))
        leaked = [side.slug for side in self.sides if side is not own and side.slug in text]
        if leaked:
            faults.append(f"shows {leaked[:3]} to {own.slug}")
        if faults:
            self.wrong.append(f"{what}: {'; '.join(faults)}")

    @property
    def size(self) -> int:
        return sum(self.asked.values())


def walk_fully(sides: list[Side]) -> Walk:
    """Every client x route x role x target; with the integration's key for every other's thing."""
    walk = Walk(sides)
    for at, own in enumerate(sides):
        others = sides[at + 1 :] + sides[:at]
        for method, route in TABLE:
            for role in ROLES:
                for target in targets(route):
                    walk.ask(method, route, role, target, own, others[0])
            if "another's" in targets(route):
                for other in others[1:]:
                    walk.ask(method, route, INTEGRATION, "another's", own, other)
    return walk


def walk_ring(sides: list[Side]) -> Walk:
    """Each client asks for its own list and for its neighbour's things, by one route after another."""
    walk = Walk(sides)
    things = [entry for entry in TABLE if "<" in entry[1]]
    for at, own in enumerate(sides):
        neighbour = sides[(at + 1) % len(sides)]
        walk.ask("GET", "models", INTEGRATION, "own", own, neighbour)
        for step in range(2):
            method, route = things[(2 * at + step) % len(things)]
            walk.ask(method, route, INTEGRATION, "another's", own, neighbour)
    return walk
