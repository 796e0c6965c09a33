"""Bad input to a command: one clear line on stderr, exit code 2, nothing stored."""

import numpy as np
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from tests.retraining import world
from tests.retraining.world import log_file

pytestmark = pytest.mark.django_db
ASKED = "--tier standard --domain customer_support --timezone Europe/Berlin --task text".split()
TRAIN = world.csv_of(world.examples(np.random.default_rng(0), 30), "t").decode()
GOLDEN = world.csv_of(world.examples(np.random.default_rng(1), 9), "g").decode()
HOURS = "id,hour,site,label\na,1,north,low\nb,9,south,high\nc,10,north,high\nd,2,south,low\n"


@pytest.mark.parametrize(
    ("changes", "train", "golden", "says"),
    [
        ({}, None, GOLDEN, "no such file"),
        ({}, TRAIN, None, "no such file"),
        ({}, "", GOLDEN, "empty"),
        ({}, "id,text,label\n", GOLDEN, "no rows"),
        ({}, "id,words,label\na,b,c\n", GOLDEN, "'text' is missing"),
        ({}, "id,text\na,b\n", GOLDEN, "'label' is missing"),
        ({}, "id,text,label\na,one,x\nb,two,x\n", GOLDEN, "two classes"),
        ({}, "id,text,label\na,one,x\na,two,y\n", GOLDEN, "line 2 too"),
        ({}, b"\xff\xfe\x00bad", GOLDEN, "train.csv"),
        ({}, b"\x80\x04pickle", GOLDEN, "pickle"),
        ({}, TRAIN, "id,text,label\ng,,x\n", "empty"),
        ({"--task": "tabular"}, HOURS.replace("9", "NaN"), HOURS, "train.csv"),
        ({"--task": "tabular"}, HOURS.replace("9", "inf"), HOURS, "train.csv"),
        ({"--task": "tabular"}, HOURS, HOURS.replace("9", "1e999"), "golden.csv line 3"),
        ({"--tier": "gold"}, TRAIN, GOLDEN, "unknown tier"),
        ({"--domain": "space"}, TRAIN, GOLDEN, "unknown domain"),
        ({"--timezone": "Mars/Olympus"}, TRAIN, GOLDEN, "time zone"),
        ({"--as-of": "yesterday"}, TRAIN, GOLDEN, "not a time"),
        ({"--as-of": "2025-13-01"}, TRAIN, GOLDEN, "not a time"),
        ({"path": "acme"}, TRAIN, GOLDEN, "CLIENT/MODEL"),
        ({"path": "Acme Corp/tickets"}, TRAIN, GOLDEN, "slug"),
        ({"path": "acme/tick/ets"}, TRAIN, GOLDEN, "slug"),
    ],
)
def test_onboard_refuses_in_one_line(
    tiers, run, file, stored, tmp_path, changes, train, golden, says
):
    asked = dict(zip(ASKED[::2], ASKED[1::2], strict=True))
    asked |= {"--train": tmp_path / "train.csv", "--golden": tmp_path / "golden.csv"} | changes
    path = asked.pop("path", "acme/tickets")
    for name, content in (("train.csv", train), ("golden.csv", golden)):
        if content is not None:
            file(content, name)
    before = stored()
    code, out, err = run("onboard", path, *[x for pair in asked.items() for x in pair], "--json")
    assert (code, out) == (2, "")
    lines = [line for line in err.splitlines() if not line.startswith("training v1.0")]
    assert len(lines) == 1 and says in lines[0]
    assert stored() == before


GOOD = {"id": "a", "timestamp": "2025-04-02T05:00:00Z", "input": {"text": "paid invoice"}}


@pytest.mark.parametrize(
    ("path", "content", "says"),
    [
        ("acme/tickets", None, "no such file"),
        ("acme/tickets", "", "empty"),
        ("acme/tickets", "id,text\n", "no row"),
        ("acme/tickets", "id,words\na,b\n", "timestamp"),
        ("acme/tickets", "not json\n", "logs"),
        ("acme/tickets", log_file([GOOD, {**GOOD, "input": {"text": "other"}}]), "conflict"),
        ("acme/tickets", log_file([GOOD | {"timestamp": "2025-04-02T05:00:00"}]), "offset"),
        ("acme/tickets", log_file([GOOD | {"timestamp": "soon"}]), "not a time"),
        ("acme/tickets", log_file([GOOD | {"timestamp": "2999-01-01T00:00:00Z"}]), "future"),
        ("acme/tickets", log_file([GOOD | {"prediction": "x", "confidence": 1.5}]), "confidence"),
        (
            "acme/tickets",
            '{"id": "a", "timestamp": "2025-04-02T05:00:00Z", "confidence": NaN}',
            "NaN",
        ),
        ("acme/tickets", log_file([GOOD | {"confidence": 1e400}]), "not a JSON number"),
        ("acme/tickets", log_file([GOOD, GOOD | {"id": ""}]), "no id"),
        ("acme/other", log_file([GOOD]), "no model 'other'"),
        ("nobody/tickets", log_file([GOOD]), "no client 'nobody'"),
    ],
)
def test_import_logs_refuses_in_one_line(model, run, file, stored, tmp_path, path, content, says):
    name = tmp_path / "logs.ndjson"
    if content is not None:
        name = file(content, "logs.csv" if content.startswith("id,") else "logs.ndjson")
    before = stored()
    code, out, err = run("import_logs", path, name, "--json")
    assert (code, out) == (2, "")
    assert err.count("\n") == 1 and says in err
    assert stored() == before


def test_two_files_are_stored_together_or_not_at_all(model, run, file, stored):
    good, bad = file(log_file([GOOD]), "one.ndjson"), file("nonsense", "two.ndjson")
    before = stored()
    code, _, err = run("import_logs", "acme/tickets", good, bad, "--json")
    assert code == 2 and "two.ndjson" in err
    assert stored() == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["acme/tickets", "--as-of", "soon"], "not a time"),
        (["acme/tickets", "--as-of", "2025-05-01", "--window-start", "x"], "not a time"),
        (
            ["acme/tickets", "--as-of", "2025-05-01", "--window-start", "2025-05-01"],
            "checked up to",
        ),
        (
            ["acme/tickets", "--as-of", "2025-05-01", "--approve-as", "nobody"],
            "no active user 'nobody'",
        ),
        (["acme/other", "--as-of", "2025-05-01"], "no model 'other'"),
        (["nobody/tickets", "--as-of", "2025-05-01"], "no client 'nobody'"),
        (["acme", "--as-of", "2025-05-01"], "CLIENT/MODEL"),
    ],
)
def test_run_cycle_refuses_in_one_line(model, run, stored, arguments, says):
    before = stored()
    code, out, err = run("run_cycle", *arguments, "--json")
    assert (code, out) == (2, "")
    assert err.count("\n") == 1 and says in err
    assert stored() == before


def test_the_same_window_is_not_checked_twice(model, run, rng, stored):
    world.load(model, world.month(rng, n=20))
    assert run("run_cycle", "acme/tickets", "--as-of", "2025-05-01", "--json")[0] == 0
    before = stored()
    code, out, err = run("run_cycle", "acme/tickets", "--as-of", "2025-05-01", "--json")
    assert (code, out) == (2, "") and "checked up to" in err
    assert stored() == before


@pytest.mark.parametrize(
    ("path", "content", "version", "says"),
    [
        ("acme/tickets", None, "live", "no such file"),
        ("acme/tickets", "", "live", "empty"),
        ("acme/tickets", "id,text\n", "live", "no rows"),
        ("acme/tickets", "id,words\na,b\n", "live", "'text' is missing"),
        ("acme/tickets", "id,text\na,\n", "live", "line 2"),
        ("acme/tickets", '{"text": NaN}', "live", "NaN"),
        ("acme/tickets", "id,text\na,b\n", "v9.9", "no version 'v9.9'"),
        ("acme/tickets", "id,text\na,b\n", "candidate", "no candidate"),
        ("acme/other", "id,text\na,b\n", "live", "no model 'other'"),
        ("nobody/tickets", "id,text\na,b\n", "live", "no client 'nobody'"),
    ],
)
def test_predict_refuses_in_one_line(model, run, file, tmp_path, path, content, version, says):
    name = tmp_path / "rows.csv"
    if content is not None:
        name = file(content, "rows.ndjson" if content.startswith("{") else "rows.csv")
    code, out, err = run("predict", path, name, "--version", version)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1 and says in err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["acme/tickets", "--by", "lee", "--reason", "x"], "no version before"),
        (["acme/tickets", "--by", "nobody", "--reason", "x"], "no active user"),
        (["acme/tickets", "--by", "lee", "--reason", "  "], "name and a reason"),
        (["acme/tickets", "--by", "lee", "--reason", "x", "--as-of", "soon"], "not a time"),
        (["acme/other", "--by", "lee", "--reason", "x"], "no model 'other'"),
        (["nobody/tickets", "--by", "lee", "--reason", "x"], "no client 'nobody'"),
    ],
)
def test_rollback_refuses_in_one_line(model, lee, run, stored, arguments, says):
    before = stored()
    code, out, err = run("rollback", *arguments, "--json")
    assert (code, out) == (2, "")
    assert err.count("\n") == 1 and says in err
    assert stored() == before


@pytest.mark.parametrize("content", ["", "id,text,label\na,one,x\na,two,y\n"])
def test_import_dataset_refuses_in_one_line(model, run, file, stored, content):
    before = stored()
    code, out, err = run("import_dataset", "acme/tickets", "training", file(content), "--json")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert stored() == before


def test_an_exact_golden_copy_never_enters_the_training_set(model, run, file, stored):
    text = model.datasets.get(kind="golden").all_rows.first().input["text"]
    path = file(f"id,text,label\nn,{text.upper()}!,billing\n")
    before = stored()
    code, out, err = run("import_dataset", "acme/tickets", "training", path, "--json")
    assert (code, out) == (2, "") and "exact copy of the golden row" in err
    assert stored() == before


@pytest.mark.parametrize(
    "command", ["onboard", "import_logs", "run_cycle", "predict", "rollback", "import_dataset"]
)
def test_missing_arguments_are_bad_usage(db, command):
    with pytest.raises(CommandError, match="required"):
        call_command(command)
