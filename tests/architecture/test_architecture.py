"""Rules that hold for every file and every model, so that a new one cannot dodge them."""

import ast
import subprocess
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

ROOT = Path(__file__).resolve().parents[2]
OURS = ("agency", "clients", "retraining", "reports")
RANK = {"clients": 0, "retraining": 1, "reports": 2}
LONGEST = 300


def python_files(*folders):
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def our_models():
    return [
        model
        for model in apps.get_models()
        if model._meta.app_label in OURS and not model.__name__.startswith("Historical")
    ]


def name_of(thing):
    return thing.relative_to(ROOT).as_posix() if isinstance(thing, Path) else thing._meta.label


def test_no_file_is_longer_than_a_person_reads():
    too_long = {
        name_of(path): lines
        for path in python_files(*OURS, "tests", "bench")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST
    }
    assert too_long == {}


def test_no_foreign_key_points_upward():
    upward = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for model in our_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey)
        and RANK.get(field.related_model._meta.app_label, -1) > RANK[model._meta.app_label]
    ]
    assert upward == []


@pytest.mark.parametrize("model", our_models(), ids=name_of)
def test_who_did_it_is_kept_with_when(model):
    names = {field.name for field in model._meta.get_fields()}
    if "by" not in names:
        return
    instants = [f for f in model._meta.get_fields() if isinstance(f, models.DateTimeField)]
    assert instants or hasattr(model, "history"), f"{model._meta.label} says by whom, not when"


FORBIDDEN_IN_STAGES = {
    "now": "they are told the time",
    "utcnow": "they are told the time",
    "today": "they are told the time",
    "advance": "the loop changes states, except where a person decides",
    "delay": "the loop and its tasks enqueue",
    "apply_async": "the loop and its tasks enqueue",
}


def called(tree):
    """The names of all functions and methods that a module calls."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield getattr(node.func, "attr", getattr(node.func, "id", ""))


@pytest.mark.parametrize("path", list(python_files("retraining/stages")), ids=name_of)
def test_stages_read_no_clock_enqueue_nothing_and_change_no_state(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    allowed = {"advance"} if path.name == "approve.py" else set()
    broken = {
        name: reason
        for name, reason in FORBIDDEN_IN_STAGES.items()
        if name in set(called(tree)) - allowed
    }
    assert broken == {}


@pytest.mark.parametrize("path", list(python_files("retraining", "reports")), ids=name_of)
def test_nothing_is_pickled(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {
        alias.name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    } | {(node.module or "") for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported.isdisjoint({"pickle", "joblib", "dill", "cloudpickle", "shelve"})


def test_only_one_module_draws_pdfs():
    users = [
        name_of(path)
        for path in python_files(*OURS)
        if any(
            line.lstrip().startswith(("import weasyprint", "from weasyprint"))
            for line in path.read_text(encoding="utf-8").splitlines()
        )
    ]
    assert [user for user in users if user != "reports/render_server.py"] == []


def test_no_committed_file_names_a_package_registry():
    # A lock with addresses would tie everybody to somebody's mirror.
    for lock in ROOT.glob("requirements*.lock"):
        assert "://" not in lock.read_text(encoding="utf-8"), lock.name


@pytest.mark.parametrize("script", sorted((ROOT / "script").iterdir()), ids=lambda p: p.name)
def test_scripts_can_be_run_and_parsed(script):
    assert script.stat().st_mode & 0o111
    if script.read_text(encoding="utf-8").startswith("#!/usr/bin/env bash"):
        subprocess.run(["bash", "-n", str(script)], check=True)
