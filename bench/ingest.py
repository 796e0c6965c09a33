"""How fast do production rows come in, HTTP to committed row, and what else would have been possible?

``python bench/ingest.py [--clients 2] [--rounds 5] [--megabytes 200]`` starts a PostgreSQL of its
own and the real service under gunicorn, and sends batches of 1,000 rows of 300 bytes: to our door,
to a list serializer with ``bulk_create`` behind the same server, and by COPY straight into the same
table. Each client is a process that sends the next batch when the last is answered. The ways take
turns for several rounds, so that what else runs on the machine hits all of them alike; a ratio is
the median of the rounds' ratios. Then bad batches, and the memory of a worker through one large
upload.
"""

import argparse
import http.client
import json
import multiprocessing
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.cpu import family_seconds  # noqa: E402
from bench.postgres import free_port, private_postgres  # noqa: E402

ROWS = 1000
TEXT = "I have yet to receive my virtual card, it was ordered a week ago. Where is it now?"
SETUP = """
import django; django.setup()
import json, sys
from datetime import UTC, datetime
from clients.models import ApiKey, Client, MaintainedModel, Tier
at, made = datetime.now(UTC), []
for n in range(int(sys.argv[1])):
    client = Client.objects.create(slug=f"c{n}", name=f"C{n}", domain="finance", created_at=at,
        requests_a_minute=10**6, rows_a_day=10**9)
    schema = {"task": "text", "fields": [], "categories": ["a", "b"]}
    model = MaintainedModel.objects.create(client=client, slug="m", name="m", task="text",
        tier=Tier.objects.first(), schema=schema, created_at=at)
    made.append([client.pk, model.pk, ApiKey.objects.create_key(name="bench", client=client)[1]])
print(json.dumps(made))
"""
COLUMNS = (
    "client_id, model_id, row_id, timestamp, input, context, content_sha256, answered, replayed,"
    " model_version, prediction, confidence, label, label_source, thumbs, signals, received_at"
)


def row(number: int, mark: str) -> dict[str, Any]:
    """A row of about 300 bytes; ``mark`` keeps its id apart from every other run's."""
    return {
        "id": f"{mark}-{number:07d}",
        "timestamp": f"2025-03-{number % 28 + 1:02d}T05:{number % 60:02d}:34Z",
        "input": {"text": TEXT},
        "context": {"channel": "web", "app_version": "2025.1"},
        "model_version": "v1.0",
        "prediction": "getting_virtual_card",
        "confidence": 0.9683,
    }


def bodies(way: str, count: int, mark: str, who: list[Any]) -> list[bytes]:
    """``count`` batches, made before the clock starts, as the way wants them."""
    made = []
    for batch in range(count):
        rows = [row(batch * ROWS + i, mark) for i in range(ROWS)]
        if way == "bad":
            rows = [r | {"confidence": 2} for r in rows]
        if way == "one bad":
            rows[ROWS // 2]["confidence"] = 2
        if way == "conventional":
            made.append(json.dumps(rows).encode())
        elif way == "copy":
            made.append("".join(_line(r, who) for r in rows).encode())
        else:
            made.append("\n".join(map(json.dumps, rows)).encode())
    return made


def _line(row: dict[str, Any], who: list[Any]) -> str:
    at = "2025-04-01T00:00:00Z"
    start = f"{who[0]}\t{who[1]}\t{row['id']}\t{row['timestamp']}\t{json.dumps(row['input'])}"
    digest = "0" * 64
    answer = f"client\tf\tv1.0\t{row['prediction']}\t{row['confidence']}"
    return f"{start}\t{json.dumps(row['context'])}\t{digest}\t{answer}\t\t\t\t{{}}\t{at}\n"


def sender(way: str, port: int, admin: str, who: list[Any]) -> Callable[[bytes], None]:
    """What sends one batch and returns when it is committed, or refused as it should be."""
    if way == "copy":
        connection = psycopg.connect(admin, autocommit=True)

        def copy(body: bytes) -> None:
            with connection.cursor().copy(
                f"COPY clients_predictionlog ({COLUMNS}) FROM STDIN"
            ) as to:
                to.write(body)

        return copy
    conventional = way == "conventional"
    address = f"/bench/{who[1]}/logs" if conventional else "/api/v1/models/m/logs"
    kind = "application/json" if conventional else "application/x-ndjson"
    headers = {"Content-Type": kind, "Authorization": f"Bearer {who[2]}"}
    expected = 422 if way in ("bad", "one bad") else 202

    def post(body: bytes) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
        connection.request("POST", address, body, headers)
        answer = connection.getresponse()
        said = answer.read()
        if answer.status != expected:
            raise SystemExit(f"{way}: {answer.status} {said[:300]!r}")
        connection.close()

    return post


def _client(way: str, port: int, admin: str, who: list[Any], work: Any) -> None:
    count, mark, ready, go, done = work
    batches = bodies(way, count, mark, who)
    send = sender(way, port, admin, who)
    ready.release()
    go.wait()
    for body in batches:
        send(body)
    done.put(time.monotonic())


def rate(
    way: str, count: int, port: int, admin: str, whos: list[Any], mark: str
) -> tuple[float, float]:
    """Rows a second that all clients together bring in, ``count`` batches each, and CPU
    microseconds a row: of the clients, the service and PostgreSQL."""
    context = multiprocessing.get_context("fork")
    ready, go, done = context.Semaphore(0), context.Event(), context.Queue()
    clients = [
        context.Process(
            target=_client, args=(way, port, admin, who, (count, f"{mark}{n}", ready, go, done))
        )
        for n, who in enumerate(whos)
    ]
    for client in clients:
        client.start()
    for _ in clients:
        if not ready.acquire(timeout=300):
            raise SystemExit(f"{way}: a client did not start")
    spent, start = family_seconds(), time.monotonic()
    go.set()
    ends = [done.get(timeout=600) for _ in clients]
    for client in clients:
        client.join()
    rows = len(clients) * count * ROWS
    return rows / (max(ends) - start), (family_seconds() - spent) / rows * 1e6


@contextmanager
def served(environment: dict[str, str], workers: int) -> Iterator[tuple[int, int]]:
    """The service under gunicorn: its port, and the process that its workers are children of."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "bench.ingest_site:application()",
        "--timeout",
        "600",
    ]
    command += ["--bind", f"127.0.0.1:{port}", "--workers", str(workers), "--log-level", "error"]
    # What is refused is refused on purpose; the log of it is no news.
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 120
        while True:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                connection.request("GET", "/healthz")
                connection.getresponse().read()
                break
            except OSError:
                if time.monotonic() > until or server.poll() is not None:
                    raise
                time.sleep(0.2)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait(60)


def peak_megabytes(parent: int) -> float:
    """The largest resident set that any child of ``parent`` has ever had."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    peaks = []
    for child in children:
        for line in Path(f"/proc/{child}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                peaks.append(int(line.split()[1]) / 1024)
    return max(peaks)


def upload(port: int, who: list[Any], megabytes: int) -> tuple[int, float]:
    """One upload of that size in one request: rows accepted, seconds."""

    def content() -> Iterator[bytes]:
        sent = number = 0
        while sent < megabytes * 1024 * 1024:
            part = "".join(
                json.dumps(row(number + i, "large")) + "\n" for i in range(ROWS)
            ).encode()
            number += ROWS
            sent += len(part)
            yield part

    start = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1200)
    headers = {"Content-Type": "application/x-ndjson", "Authorization": f"Bearer {who[2]}"}
    connection.request("POST", "/api/v1/models/m/logs", content(), headers, encode_chunked=True)
    answer = connection.getresponse()
    said = json.loads(answer.read())
    if answer.status != 202:
        raise SystemExit(f"large: {answer.status} {said}")
    return said["accepted"], time.monotonic() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batches", type=int, default=20, help="of each client, way and round")
    parser.add_argument("--megabytes", type=int, default=200, help="0: no large upload")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # and so are the servers
    with private_postgres() as (address, admin), tempfile.TemporaryDirectory() as home:
        environment = os.environ | {
            "DATABASE_URL": address,
            "WHETSTONE_HOME": home,
            "DJANGO_SETTINGS_MODULE": "agency.settings",
            "OMP_NUM_THREADS": "1",
        }
        for command in (["manage.py", "migrate", "-v", "0"], ["-c", SETUP, str(options.clients)]):
            made = subprocess.run(
                [sys.executable, *command], cwd=ROOT, env=environment, check=True, stdout=-1
            )
        whos = json.loads(made.stdout)
        with served(environment, options.clients) as (port, _):
            compare(options, port, admin, whos)
        if options.megabytes:
            with served(environment, 1) as (port, parent):
                before = peak_megabytes(parent)
                rows, seconds = upload(port, whos[0], options.megabytes)
                print(f"\n{options.megabytes} MB in one request: {rows:,} rows in {seconds:.0f} s")
                print(
                    f"peak memory of the worker: {peak_megabytes(parent):.0f} MB ({before:.0f} idle)"
                )


def compare(options: argparse.Namespace, port: int, admin: str, whos: list[Any]) -> None:
    """Every way in turn, round by round; prints rows a second and the ratios."""
    ways = {"ours": 1.0, "conventional": 0.25, "copy": 1.5, "bad": 1.0, "one bad": 1.0}
    found: dict[str, list[float]] = {way: [] for way in ways}
    cpu: dict[str, list[float]] = {way: [] for way in ways}
    for number in range(-1, options.rounds):
        for way, share in ways.items():
            count = 3 if number < 0 else max(1, round(options.batches * share))
            speed, spent = rate(way, count, port, admin, whos, f"{way[:3]}{number}")
            if number >= 0:  # the first round warms connections and caches
                found[way].append(speed)
                cpu[way].append(spent)
    clients = f"{options.clients} clients, batches of {ROWS:,} rows of {len(json.dumps(row(1, 'a-1')))} bytes"
    print(
        f"{clients}, {options.rounds} rounds\n\nrows a second       median     worst      best  CPU us/row"
    )
    for way, speeds in found.items():
        print(
            f"{way:15} {statistics.median(speeds):10,.0f}{min(speeds):10,.0f}{max(speeds):10,.0f}"
            f"{statistics.median(cpu[way]):12.1f}"
        )
    for name, over, under in (
        ("ours / list serializer + bulk_create", "ours", "conventional"),
        ("ours / raw COPY", "ours", "copy"),
        ("cost of a batch with every row bad / accepted", "ours", "bad"),
        ("cost of a batch with one bad row / accepted", "ours", "one bad"),
    ):
        ratios = [a / b for a, b in zip(found[over], found[under], strict=True)]
        spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
        by_cpu = statistics.median(b / a for a, b in zip(cpu[over], cpu[under], strict=True))
        print(f"{name}: {statistics.median(ratios):.2f} ({spread}); by CPU time {by_cpu:.2f}")


if __name__ == "__main__":
    main()
