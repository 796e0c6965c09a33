"""Ask the API everything its schema allows, and much that it does not, and look for faults of ours.

``python -m bench.fuzz [--requests 5000] [--seed 0]`` starts a throwaway instance and gunicorn. One
half of the requests is made by schemathesis from the schema (valid ones and broken ones); the other
puts nasty strings (NUL, halves of characters, 1e999, deep nesting, huge integers, paths, markup)
into every parameter and every field of every example. Printed are the counts by status; the exit
code is 1 where any answer is a server error, or an error that is no problem+json.
"""

import argparse
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode

from bench.instance import ROOT, Instance

PROBLEM = "application/problem+json"
NASTY = (
    *('"\\u0000"', '"\\ud800"', '"\\udc00\\ud800"', "NaN", "-Infinity", "1e999", "9" * 4000),
    *("[" * 40 + "]" * 40, '{"a":' * 40 + "1" + "}" * 40, "null", "true", "[]", "{}", '""', "-0.0"),
    *('"<script>{{7*7}}"', "\"=cmd|' /C calc'!A0\"", '"../../etc/passwd"', '"\\u202e"', "1e-400"),
    *(json.dumps("x" * 100_000), str(2**63), str(-(2**63) - 1), '"2025-02-30T00:00:00Z"'),
)
MARK = "@@here@@"
MEDIA = ("application/json", "application/x-ndjson", "text/csv")

PATIENCE = 60
"""Seconds for an answer: on a busy machine a first request loads the libraries that predict."""


@dataclass
class Tally:
    """What came back: how often each status, and every answer that is a fault of ours."""

    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    @property
    def requests(self) -> int:
        return self.statuses.total()

    def add(self, what: str, response: Any) -> None:
        """Count the answer; a server error, or an error that is no problem, is a fault."""
        status = response.status_code
        self.statuses[status] += 1
        headers = {name.lower(): value for name, value in response.headers.items()}
        kind = headers.get("content-type", "")
        kind = kind[0] if isinstance(kind, list) else kind
        if status >= 500 or (status >= 400 and not kind.startswith(PROBLEM)):
            self.faults.append(f"{status} {kind}: {what}"[:600])


@dataclass
class Target:
    """Where the API listens, the key, and names that exist: half of the requests use them."""

    address: str
    key: str
    known: dict[str, str]

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}


def schema_of(target: Target) -> Any:
    """The API's schema as schemathesis reads it."""
    found = schemathesis.openapi.from_url(
        f"{target.address}/api/v1/schema",
        headers={"Accept": "application/vnd.oai.openapi+json"},
    )
    found.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
    return found


def generated(target: Target, schema: Any, tally: Tally, *, each: int, start: int) -> None:
    """``each`` requests for every operation, made by schemathesis."""
    session = requests.Session()
    for number, found in enumerate(schema.get_all_operations()):
        operation = found.ok()

        @seed(start + number)
        @settings(
            max_examples=each,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            turn = tally.requests
            if turn % 2:
                for name, value in target.known.items():
                    if name in (case.path_parameters or {}):
                        case.path_parameters[name] = value
            headers = {} if turn % 20 == 19 else target.headers()
            what = f"{case.method} {case.path} {case.body!r}"
            tally.add(what, case.call(session=session, headers=headers, timeout=PATIENCE))

        ask()


def nasty(target: Target, schema: Any) -> Iterator[tuple[str, str, dict[str, str], bytes]]:
    """(method, path, headers, body) with every nasty value in every place, one at a time."""
    for path, methods in schema.raw_schema["paths"].items():
        for method, operation in methods.items():
            bodies = operation.get("requestBody", {}).get("content", {})
            kinds = {kind: _example(bodies[kind]) for kind in MEDIA if kind in bodies}
            good = json.dumps(kinds["application/json"]).encode() if kinds else b""
            where = _fill(path, target.known)
            plain = {"Content-Type": "application/json"} if kinds else {}
            for value in NASTY:
                word = value.strip('"')[:2000]
                for parameter in operation.get("parameters", []):
                    name, place = parameter["name"], parameter["in"]
                    if place == "path":
                        filled = _fill(path, target.known | {name: word})
                        yield method, filled, plain, good
                    elif place == "query":
                        yield method, f"{where}?{name}={quote(word, safe='')}", plain, good
                    elif place == "header" and word.isprintable() and word.isascii():
                        yield method, where, plain | {name: word}, good
                for kind, example in kinds.items():
                    for body in _with(example, value):
                        yield method, where, {"Content-Type": kind}, body


def send(target: Target, asked: tuple[str, str, dict[str, str], bytes], session: Any) -> Any:
    """The answer to one nasty request."""
    method, path, headers, body = asked
    return session.request(
        method, target.address + path, headers=target.headers() | headers, data=body, timeout=60
    )


def _fill(path: str, known: dict[str, str]) -> str:
    for name, value in known.items():
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    return path


def _example(media: dict[str, Any]) -> Any:
    return next(iter(media["examples"].values()))["value"]


def _with(example: Any, value: str) -> Iterator[bytes]:
    """The example with ``value`` in each of its places; lines and tables are text."""
    if isinstance(example, str):
        for part in ('"', ",", "\n"):
            yield example.replace(part, part + value, 1).encode()
        return
    for place in _places(example):
        yield json.dumps(_put(example, place)).replace(f'"{MARK}"', value).encode()


def _places(value: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield here
    if isinstance(value, dict):
        yield (*here, "stranger")
    inner: Any = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    for key, item in inner:
        yield from _places(item, (*here, key))


def _put(value: Any, place: tuple[Any, ...]) -> Any:
    if not place:
        return MARK
    changed = value.copy()
    inner = value.get(place[0]) if isinstance(value, dict) else value[place[0]]
    changed[place[0]] = _put(inner, place[1:])
    return changed


@contextmanager
def running(home: Path) -> Iterator[Target]:
    """A throwaway instance with one live model, behind gunicorn."""
    instance = Instance(home)
    instance.run("migrate", "--verbosity", "0")
    rng = random.Random(7)
    letters = "abcdefghijklmnopqrst"
    rows = [
        f"{label} {' '.join(''.join(rng.choices(letters, k=6)) for _ in range(6))},{label}"
        for _ in range(60)
        for label in ("bill", "parcel")
    ]
    for name, part in (("train", rows[:80]), ("golden", rows[80:])):
        (home / f"{name}.csv").write_text("\n".join(["text,label", *part]))
    words = (
        "--tier premium --domain finance --timezone UTC --task text --as-of 2025-01-01T00:00:00Z"
    )
    files = ("--train", str(home / "train.csv"), "--golden", str(home / "golden.csv"))
    instance.run("onboard", "bench/desk", *words.split(), *files)
    code = (
        "from clients.models import *; c = Client.objects.get(slug='bench'); "
        "c.requests_a_minute = 10**6; c.save(); "
        "print(ApiKey.objects.create_key(name='fuzz', client=c)[1])"
    )
    key = instance.run("shell", "--verbosity", "0", "-c", code).strip().splitlines()[-1]
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        listener.set_inheritable(True)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "agency.wsgi:application", "--threads", "4",
             "--bind", f"fd://{listener.fileno()}", "--log-level", "error"],
            cwd=ROOT,
            env=instance.environment | {"BROKER_URL": "redis://127.0.0.1:1/0", "LOG_LEVEL": "ERROR"},
            pass_fds=[listener.fileno()],
            stderr=(home / "web.log").open("w"),
        )  # fmt: skip
    try:
        for _ in range(300):
            try:
                if requests.get(f"{address}/healthz", timeout=60).ok:
                    break
            except requests.RequestException:
                time.sleep(0.1)
        yield Target(address, key, {"model": "desk", "id": "1"})
    finally:
        process.terminate()
        process.wait(30)


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    words.add_argument("--requests", type=int, default=5000)
    words.add_argument("--seed", type=int, default=0)
    chosen = words.parse_args()
    started = time.monotonic()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as target:
        schema = schema_of(target)
        count = len(list(schema.get_all_operations()))
        made, put = Tally(), Tally()
        each = -(-chosen.requests // (2 * count))
        generated(target, schema, made, each=each, start=chosen.seed)
        asked = list(nasty(target, schema))
        random.Random(chosen.seed).shuffle(asked)
        session = requests.Session()
        for one in asked[: max(chosen.requests - made.requests, 0)]:
            put.add(str(one)[:500], send(target, one, session))
    for name, tally in (("schemathesis", made), ("nasty values", put)):
        statuses = ", ".join(f"{status}: {n}" for status, n in sorted(tally.statuses.items()))
        print(f"{name}: {tally.requests} requests ({statuses})")
    faults = made.faults + put.faults
    print(f"{count} operations, {len(asked)} nasty requests in all, seed {chosen.seed}")
    print(f"server errors and errors that are no problem+json: {len(faults)}")
    print(f"{time.monotonic() - started:.0f} s")
    for fault in faults[:20]:
        print(fault)
    return 1 if faults or made.requests + put.requests < chosen.requests else 0


if __name__ == "__main__":
    sys.exit(main())
