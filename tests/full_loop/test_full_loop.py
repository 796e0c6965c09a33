"""Three months of the demo's support desk through the commands, from the first file to the PDF.

Quiet; a category is born, found, learned, compared, approved and live; then a month in which
the new version is healthy.
"""

import json
from datetime import date

import pytest
from django.core.management import call_command
from pypdf import PdfReader

from agency.demodata import tickets
from clients.models import Alert
from clients.queries import find_model
from retraining.models import Comparison, Cycle, Rollout
from retraining.queries import live_version

pytestmark = pytest.mark.django_db
MONTHS = [date(2025, 3, 1), date(2025, 4, 1), date(2025, 5, 1)]
PATH = "northwind/tickets"


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """The support desk, whose category is born a month earlier and whose third month is ordinary."""
    monkeypatch.setattr(tickets, "BORN_MONTH", 1)
    monkeypatch.setattr(tickets, "CAMPAIGN_MONTH", -1)
    return tickets.write(folder=tmp_path / "demo", months=MONTHS, seed=2026)


def test_a_category_is_born_learned_and_reported(tiers, desk, capsys, tmp_path, django_user_model):
    django_user_model.objects.create_user("dana")

    def run(*arguments):
        call_command(*map(str, arguments), "--json")
        return json.loads(capsys.readouterr().out)

    made = run(
        "onboard", PATH, "--tier", desk.tier, "--domain", desk.domain, "--timezone", desk.timezone,
        "--task", desk.task, "--train", desk.train, "--golden", desk.golden,
        "--as-of", desk.launch.isoformat(),
    )  # fmt: skip
    assert made["version"] == "v1.0" and made["golden"]["estimate"] > 0.8

    cycles = []
    for month, following in zip(MONTHS, [*MONTHS[1:], date(2025, 6, 1)], strict=True):
        key = f"{month:%Y-%m}"
        logs = run("import_logs", PATH, *desk.logs[key])
        assert logs["accepted"] == logs["scored"] > 300 and logs["rejected"] == []
        if key in desk.golden_additions:
            run("import_dataset", PATH, "golden", desk.golden_additions[key], "--reason", "new")
        cycles.append(
            run(
                "run_cycle",
                PATH,
                "--as-of",
                following,
                "--auto-curate",
                "--approve-as",
                "dana",
                "--immediate",
            )
        )
    quiet, born, after = cycles

    assert (quiet["state"], quiet["diagnosis"]["verdict"]) == ("healthy", "no_action")

    assert born["diagnosis"]["verdict"] == "retrain"
    assert born["diagnosis"]["new_categories"] == [tickets.BORN]
    assert (born["state"], born["reason"], born["live_version"]) == ("live", "decay", "v1.1")
    assert born["collected"]["accepted"] >= 50
    comparison = born["comparison"]
    assert (comparison["verdict"], comparison["golden_version"]) == ("promote", 2)
    assert comparison["groups"]["new"]["delta"] >= 0.5
    assert comparison["groups"]["protected"]["high"] > 0

    assert (after["state"], after["live_version"]) == ("healthy", "v1.1")
    model = find_model(PATH)
    truth = {row.row_id: row.model_version for row in model.logs.filter(timestamp__gte=desk.launch)}
    assert {v for k, v in truth.items() if k.startswith("2025-05")} == {"v1.1"}
    assert {v for k, v in truth.items() if not k.startswith("2025-05")} == {"v1.0"}

    rollout = Rollout.objects.get(ended_at=None)
    assert (rollout.by, rollout.version) == ("dana", live_version(model))
    assert live_version(model, desk.launch).name == "v1.0"
    assert Comparison.objects.count() == 1 and Cycle.objects.count() == 3
    assert not Alert.objects.filter(closed_at=None, key__startswith="gate:").exists()

    paper = run("report", "northwind", "--month", "2025-04", "--out", tmp_path / "out")
    pages = PdfReader(paper["pdf"]).pages
    text = " ".join(page.extract_text() for page in pages)
    assert 2 <= len(pages) <= 5
    assert "v1.1" in text and "dana" in text
    again = run("report", "northwind", "--month", "2025-04", "--out", tmp_path / "again")
    assert (again["sha256"], again["revision"]) == (paper["sha256"], paper["revision"])
    with open(paper["pdf"], "rb") as first, open(again["pdf"], "rb") as second:
        assert first.read() == second.read()
