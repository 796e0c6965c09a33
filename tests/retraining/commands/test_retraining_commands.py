"""The commands as programs see them: one JSON object on stdout, and the exit code."""

import json
from dataclasses import replace

import pytest

from retraining.queries import live_version
from retraining.stages import compare
from retraining.stages.rollout import switch
from tests.retraining import world
from tests.retraining.world import log_file

pytestmark = pytest.mark.django_db
ASKED = "--tier standard --domain customer_support --timezone Europe/Berlin --task text".split()


def one_object(out):
    assert out.count("\n") == 1
    return json.loads(out)


def test_onboard_prints_model_version_golden_and_set_aside(tiers, run, file, rng):
    train = file(world.csv_of(world.examples(rng, 30), "t"), "train.csv")
    golden = file(world.csv_of(world.examples(rng, 9), "g"), "golden.csv")
    code, out, err = run(
        "onboard", "acme/tickets", *ASKED, "--train", train, "--golden", golden,
        "--as-of", "2025-04-01", "--json",
    )  # fmt: skip
    assert code == 0 and "training" in err
    found = one_object(out)
    assert found["model"] == "acme/tickets" and found["version"] == "v1.0"
    assert found["set_aside"] == 0
    assert found["golden"].keys() >= {"estimate", "low", "high", "n"}
    assert found["golden"]["n"] == 9
    # A bare date is the client's midnight.
    assert live_version(world.find_model("acme/tickets")).created_at == world.APRIL


def test_import_logs_prints_what_became_of_the_rows(model, run, file, rng):
    rows = world.month(rng, n=12)
    path = file(log_file(rows), "logs.ndjson")
    code, out, _ = run("import_logs", "acme/tickets", path, "--json")
    found = one_object(out)
    assert code == 0
    assert (found["accepted"], found["duplicates"], found["rejected"], found["scored"]) == (
        12,
        0,
        [],
        12,
    )
    again = one_object(run("import_logs", "acme/tickets", path, "--json")[1])
    assert (again["accepted"], again["duplicates"], again["scored"]) == (0, 12, 0)


def test_import_logs_partial_names_the_bad_rows(model, run, file, rng):
    rows = [*world.month(rng, n=3), {"id": "bad", "timestamp": "2025-04-01T00:00:00Z", "input": {}}]
    path = file(log_file(rows), "logs.ndjson")
    code, out, _ = run("import_logs", "acme/tickets", path, "--partial", "--json")
    found = one_object(out)
    assert (code, found["accepted"]) == (0, 3)
    (bad,) = found["rejected"]
    assert (bad["line"], bad["pointer"], bad["code"]) == (4, "/input/text", "missing")


KEYS = {
    "cycle", "state", "reason", "window", "live_version", "monitor", "diagnosis", "collected",
    "comparison", "rollout",
}  # fmt: skip


def test_a_quiet_cycle_prints_the_contracts_keys_and_null_where_nothing_was_reached(
    model, run, rng
):
    world.load(model, world.month(rng))
    code, out, err = run("run_cycle", "acme/tickets", "--as-of", "2025-05-01", "--json")
    found = one_object(out)
    assert code == 0 and "monitoring" in err
    assert found.keys() >= KEYS
    assert (found["state"], found["reason"], found["live_version"]) == ("healthy", None, "v1.0")
    assert found["window"] == ["2025-03-31T22:00:00Z", "2025-04-30T22:00:00Z"]
    assert found["collected"] is found["comparison"] is found["rollout"] is None
    assert found["monitor"].keys() >= {"golden", "audit", "signals"}
    assert found["monitor"]["golden"].keys() >= {"estimate", "low", "high", "n", "version"}
    assert all(
        s.keys() >= {"name", "value", "critical", "tripped"} for s in found["monitor"]["signals"]
    )
    assert found["diagnosis"].keys() >= {
        "verdict", "causes", "new_categories", "weak_categories", "suspect_fields",
        "suspect_segments", "excluded_windows", "untrusted_signals", "opportunity",
    }  # fmt: skip


def test_a_cycle_that_goes_live_prints_every_section(model, run, rng, lee):
    world.load(model, world.month(rng, born=15))
    code, out, _ = run(
        "run_cycle", "acme/tickets", "--as-of", "2025-05-01", "--auto-curate",
        "--approve-as", lee, "--immediate", "--json",
    )  # fmt: skip
    found = one_object(out)
    assert (code, found["state"], found["reason"]) == (0, "live", "decay")
    assert found["live_version"] == "v1.1"
    assert found["collected"].keys() >= {"proposed", "accepted", "rejected"}
    comparison = found["comparison"]
    assert comparison["verdict"] == "promote"
    assert (comparison["incumbent"], comparison["candidate"]) == ("v1.0", "v1.1")
    assert comparison["golden_version"] == 2
    assert comparison["overall"].keys() >= {
        "delta",
        "low",
        "high",
        "p_value",
        "n",
        "fixed",
        "broken",
    }
    assert comparison["groups"].keys() == {"new", "target", "protected"}
    assert comparison.keys() >= {"categories", "label_more"}
    assert found["rollout"]["strategy"] == "immediate" and found["rollout"]["state"] == "live"
    code, out, _ = run("rollback", "acme/tickets", "--by", lee, "--reason", "Complaints.", "--json")
    back = one_object(out)
    assert (code, back["from"], back["to"]) == (0, "v1.1", "v1.0")
    assert back["seconds"] >= 0


@pytest.mark.parametrize(("approve", "code"), [(True, 1), (False, 0)])
def test_a_rejected_gate_is_exit_code_1_only_where_approval_was_asked_for(
    model, run, rng, lee, monkeypatch, approve, code
):
    real = compare.judge
    monkeypatch.setattr(compare, "judge", lambda **asked: replace(real(**asked), verdict="reject"))
    world.load(model, world.month(rng, born=15))
    asked = ["run_cycle", "acme/tickets", "--as-of", "2025-05-01", "--auto-curate", "--json"]
    found = run(*asked, *(["--approve-as", lee] if approve else []))
    assert (found[0], one_object(found[1])["state"]) == (code, "rejected")


def test_a_person_reads_the_verdict_in_words(model, run, rng):
    world.load(model, world.month(rng))
    code, out, _ = run("run_cycle", "acme/tickets", "--as-of", "2025-05-01")
    assert code == 0 and "healthy" in out and "verdict: no_action" in out


@pytest.mark.parametrize("flag", [(), ("--json",)])
def test_predict_prints_ndjson_with_or_without_json(model, run, file, flag):
    path = file("note,text,id\nx,paid invoice twice,a\ny,parcel courier late,b\n")
    code, out, _ = run("predict", "acme/tickets", path, *flag)
    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [set(row) for row in rows] == [{"id", "prediction", "confidence", "version"}] * 2
    assert [(r["id"], r["prediction"], r["version"]) for r in rows] == [
        ("a", "billing", "v1.0"),
        ("b", "delivery", "v1.0"),
    ]


def test_predict_answers_by_the_version_asked_for(retrained, run, file):
    path = file('{"text": "locker door box"}\n', "rows.ndjson")
    said = {
        name: json.loads(run("predict", "acme/tickets", path, "--version", name)[1])
        for name in ("live", "v1.0", "v1.1", "candidate")
    }
    assert {name: row["version"] for name, row in said.items()} == {
        "live": "v1.0",
        "v1.0": "v1.0",
        "v1.1": "v1.1",
        "candidate": "v1.1",
    }
    assert said["candidate"]["prediction"] == "locker" != said["live"]["prediction"]
    switch(version=retrained.candidate, by="lee", reason="x", at=world.MAY, strategy="immediate")
    assert json.loads(run("predict", "acme/tickets", path)[1])["version"] == "v1.1"
