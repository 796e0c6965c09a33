"""The example of the guide, as a stranger runs it; and the API asked what its schema allows and more."""

import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from bench import fuzz
from tests.clients.samples import log_row, ndjson

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "api.md"

pytestmark = pytest.mark.django_db


def test_the_guides_upload_client_stores_each_row_once(live, tmp_path):
    (program,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    (tmp_path / "upload.py").write_text(program)
    rows = [log_row(id=f"guide-{number}") for number in range(1500)]
    (tmp_path / "march.ndjson").write_bytes(ndjson(*rows))
    address = {
        "WHETSTONE_URL": f"http://localhost:{live.port}",
        "WHETSTONE_KEY": live.keys["alice"],
    }
    before = live.counts()["clients_predictionlog"]
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "upload.py", "desk", "march.ndjson"],
            cwd=tmp_path,
            env={**os.environ, **address},
            capture_output=True,
            text=True,
            check=True,
        )
        assert "'accepted': 1000" in done.stdout
        assert "'accepted': 500" in done.stdout
    assert live.counts()["clients_predictionlog"] == before + 1500


def test_no_request_is_a_fault_of_ours(live):
    known = {"model": "desk", "id": "1"}
    target = fuzz.Target(f"http://127.0.0.1:{live.port}", live.keys["alice"], known)
    schema = fuzz.schema_of(target)
    tally = fuzz.Tally()
    fuzz.generated(target, schema, tally, each=3, start=7)
    session = requests.Session()
    asked = random.Random(7).sample(list(fuzz.nasty(target, schema)), 150)
    for one in asked:
        tally.add(str(one)[:300], fuzz.send(target, one, session))
    assert tally.requests >= 180
    # The fuzzer finds neither a live version nor an artifact here; those are refusals all the same.
    assert tally.faults == []
    assert {200, 202, 400, 404} <= set(tally.statuses)


def test_the_schema_is_complete(client, db):
    schema = json.loads(
        client.get("/api/v1/schema", HTTP_ACCEPT="application/vnd.oai.openapi+json").content
    )
    assert schema["openapi"].startswith("3.1")
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            statuses = set(operation["responses"])
            assert {"400", "401", "403", "404", "405", "429", "500", "503"} <= statuses, path
            assert next(iter(operation["security"][0].values())), f"{path} names no scope"
            if method == "post":
                assert {"408", "409", "411", "413", "415", "422"} <= statuses, path
                names = {parameter["name"] for parameter in operation["parameters"]}
                assert "Idempotency-Key" in names, path
                for media in operation["requestBody"]["content"].values():
                    assert media["examples"], path
