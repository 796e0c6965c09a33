import io
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command

from agency.base.errors import BadInput
from agency.management.commands.demo import Command
from agency.management.demo import instance, servers
from agency.management.demo.history import History
from agency.management.demo.run import write_data
from agency.management.processes import Children, ProcessError
from clients.models import AgencySettings, Client, Tier
from tests.factories import APRIL, ClientFactory

ROOT = Path(__file__).resolve().parents[3]


def run(*arguments):
    """Exit code, stdout, stderr of ``demo``, as from a shell."""
    out, err = io.StringIO(), io.StringIO()
    command = Command(stdout=out, stderr=err)
    command._called_from_command_line = True
    try:
        options = vars(command.create_parser("manage.py", "demo").parse_args(list(arguments)))
        command.execute(**options)
        code = 0
    except SystemExit as stop:
        code = stop.code
    return code, out.getvalue(), err.getvalue()


@pytest.fixture
def home(settings, tmp_path):
    settings.HOME = tmp_path
    return tmp_path


@pytest.fixture
def started(monkeypatch):
    """Names of the processes that were started; none should be."""
    names = []
    monkeypatch.setattr(Children, "start", lambda self, name, *a, **k: names.append(name))
    return names


def test_an_instance_with_clients_is_refused_in_one_line(db, home, started):
    ClientFactory(slug="acme")
    code, out, err = run("--exit", "--json")
    assert (code, out) == (2, "")
    assert err.count("\n") == 1 and "has clients already" in err and str(home) in err
    assert started == [] and Client.objects.count() == 1
    assert not get_user_model().objects.exists()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--months", "0"], "1 to 12 months, not 0"),
        (["--months", "13"], "1 to 12 months, not 13"),
        (["--seed", "-1"], "the seed must be 0 or more"),
    ],
)
def test_impossible_numbers_are_refused_with_nothing_stored(db, home, started, arguments, reason):
    code, out, err = run("--exit", *arguments)
    assert (code, out) == (2, "")
    assert reason in err and err.count("\n") == 1
    assert started == [] and not Client.objects.exists()
    assert not get_user_model().objects.exists()


@pytest.mark.parametrize("arguments", [["--months", "many"], ["--days", "3"], ["extra"]])
def test_arguments_that_make_no_sense_are_refused_in_one_line(arguments, started, capfd):
    code, out, _ = run(*arguments)
    err = capfd.readouterr().err
    assert (code, out, started) == (2, "", [])
    assert err.count("\n") == 1 and err.startswith("manage.py demo: ")


def test_a_process_that_dies_fails_the_demo_and_leaves_nothing_running(
    transactional_db, home, monkeypatch
):
    def start(children, name, code):
        children.start(name, [sys.executable, "-c", code])
        return "http://127.0.0.1:9"

    monkeypatch.setattr(
        servers, "start_web", lambda c: start(c, "web", "import time; time.sleep(600)")
    )
    dies = "import sys; print('no such option'); sys.exit(2)"
    monkeypatch.setattr(servers, "start_workers", lambda c: start(c, "worker-1", dies))
    monkeypatch.setattr(History, "model", SimpleNamespace(tier=Tier(check_every_days=30)))
    kept = []
    stop = Children.stop
    monkeypatch.setattr(Children, "stop", lambda self: (kept.extend(self.running), stop(self)))
    code, out, _ = run("--exit", "--json", "--months", "1")
    (failure,) = json.loads(out)["failed"]
    assert code == 1
    assert failure.splitlines()[0].startswith("worker-1 ended with code 2")
    assert failure.splitlines()[-1] == "no such option"
    assert [child.name for child in kept] == ["web", "worker-1"]
    assert all(child.process.returncode is not None for child in kept)


def test_a_client_whose_history_fails_is_named(transactional_db, home, monkeypatch):
    def walk(self):
        if self.path.startswith("lakeside"):
            raise ProcessError("cycle 4 failed in retraining: MemoryError")

    for name in ("start_web", "start_workers", "wait_for_web", "wait_for_workers"):
        monkeypatch.setattr(servers, name, lambda *a: "http://127.0.0.1:9")
    monkeypatch.setattr(History, "walk", walk)
    code, out, err = run("--exit", "--json", "--months", "1")
    sentence = "lakeside-clinic/form-digits: cycle 4 failed in retraining: MemoryError"
    assert (code, json.loads(out)["failed"]) == (1, [sentence])
    assert "FAILED: cycle 4" in err


def test_one_demo_at_a_time_in_a_folder(tmp_path):
    first = instance.lock(tmp_path)
    with pytest.raises(BadInput, match="another demo is running"):
        instance.lock(tmp_path)
    os.close(first)
    os.close(instance.lock(tmp_path))


def test_the_agency_has_a_face_and_a_person_who_can_log_in(db, client):
    user, password = instance.make_agency()
    agency = AgencySettings.current()
    assert agency.name == "Sharp & Steady" and agency.logo_svg.startswith("<svg")
    assert client.login(username=user, password=password)
    assert client.get("/admin/").status_code == 200
    with pytest.raises(BadInput, match="already"):
        instance.make_agency()


def test_the_password_is_another_one_every_time(db):
    user, first = instance.make_agency()
    get_user_model().objects.get(username=user).delete()
    assert instance.make_agency()[1] != first


def test_the_data_ends_with_the_month_that_goes_on(tmp_path):
    clients = write_data(home=tmp_path, months=1, seed=3, now=APRIL.replace(day=20))
    assert [list(client.logs) for client in clients] == [["2025-03", "2025-04"]] * 3


def test_a_month_is_over_once_it_is_over_everywhere(tmp_path):
    clients = write_data(home=tmp_path, months=1, seed=3, now=APRIL.replace(hour=3))
    assert [list(client.logs) for client in clients] == [["2025-02", "2025-03"]] * 3


def test_nobody_answers_where_nothing_listens():
    with servers.listen() as made:
        port = made.getsockname()[1]
    assert servers.get(f"http://127.0.0.1:{port}", "/readyz") == (0, b"")


def test_the_command_is_known_to_django():
    with pytest.raises(SystemExit):
        call_command("demo", "--help")


class TestScriptDemo:
    def run(self, home):
        return subprocess.run(
            [ROOT / "script/demo", "--exit"],
            env=os.environ | {"WHETSTONE_HOME": str(home)},
            capture_output=True,
            text=True,
            timeout=60,
        )

    def test_a_folder_that_no_demo_made_is_left_alone(self, tmp_path):
        (tmp_path / "thesis.txt").write_text("years of work")
        done = self.run(tmp_path)
        assert done.returncode == 2 and "no demo's" in done.stderr.splitlines()[-1]
        assert (tmp_path / "thesis.txt").read_text() == "years of work"

    def test_a_folder_whose_demo_still_runs_is_left_alone(self, tmp_path):
        (tmp_path / ".made-by-script-demo").touch()
        (tmp_path / "db.sqlite3").write_text("in use")
        descriptor = instance.lock(tmp_path)
        done = self.run(tmp_path)
        os.close(descriptor)
        assert done.returncode == 2 and "another demo is running" in done.stderr
        assert (tmp_path / "db.sqlite3").read_text() == "in use"
