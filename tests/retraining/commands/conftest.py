"""Run a command in this process, and count what it left behind."""

import pytest
from django.apps import apps
from django.core.management import call_command


@pytest.fixture
def run(capsys):
    def call(*arguments):
        """Exit code, stdout, stderr of a command."""
        try:
            call_command(*map(str, arguments))
            code = 0
        except SystemExit as stop:
            code = stop.code
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


@pytest.fixture
def file(tmp_path):
    def write(content, name="rows.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.fixture
def stored(own_files):
    def everything():
        """The number of rows of every table of ours, and every stored file."""
        ours = ("clients", "retraining", "reports")
        rows = {
            m._meta.label: m._default_manager.count()
            for app in ours
            for m in apps.get_app_config(app).get_models()
        }
        return rows, sorted(str(p) for p in own_files.rglob("*") if p.is_file())

    return everything
