"""The guide's shell lines, run as they are written, against a service like the demo's."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from clients.models import Client
from retraining.services import onboarding
from tests.api.live import service
from tests.clients.samples import log_row, ndjson
from tests.retraining import world

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "api.md"

pytestmark = [
    # SQLite copies no database in the middle of a transaction.
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed"),
    pytest.mark.skipif(
        not (ROOT / ".venv/bin/python").exists(), reason="the guide's .venv is not in this checkout"
    ),
]


@pytest.fixture
def demo(tiers, monkeypatch, settings, tmp_path):
    """The demo's client with its model and a live version, served; its port and its folder."""
    monkeypatch.setattr(onboarding, "train_candidate", world.train_once)
    model = world.onboard(tier="premium").model
    Client.objects.filter(pk=model.client_id).update(slug="northwind")
    folder = tmp_path / "demo"
    shutil.copytree(settings.STORAGES["default"]["OPTIONS"]["location"], folder / "files")
    with service(folder) as found:
        yield found


def documents(text):
    """The JSON documents that stand one after the other."""
    decoder, found, place = json.JSONDecoder(), [], 0
    while place < len(text):
        document, place = decoder.raw_decode(text, place)
        found.append(document)
        place += len(text[place:]) - len(text[place:].lstrip())
    return found


def test_every_shell_line_of_the_guide_does_what_it_says(demo, tmp_path):
    first, one_row, file = re.findall(r"```sh\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    # What a reader puts in: the address that the demo printed, and where its instance is.
    for said, here in (
        ("http://127.0.0.1:PORT", f"http://127.0.0.1:{demo.port}"),
        ("$PWD/var/demo", str(demo.home)),
    ):
        assert said in first
        first = first.replace(said, here)
    (tmp_path / "march.ndjson").write_bytes(ndjson(*[log_row(id=f"march-{n}") for n in range(700)]))
    program = "\n".join(["set -eu", first, one_row, f"cd {tmp_path}", file])
    done = subprocess.run(
        ["bash", "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    models, log, feedback, answer, march = documents(done.stdout)
    assert [found["model"] for found in models["results"]] == ["tickets"]
    assert (log["accepted"], feedback["labels"], march["accepted"]) == (1, 1, 700)
    (predicted,) = answer["predictions"]
    assert (predicted["id"], predicted["version"]) == ("mine-2", "v1.0")
