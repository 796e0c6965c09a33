"""Real data, where it stands beside the checkout: a feed that turns to Fahrenheit in its second month."""

import csv
import json

import pytest
from django.core.management import call_command

pytestmark = [pytest.mark.django_db, pytest.mark.shared]
PATH = "bikes/demand"


def test_bike_demand_names_the_field_that_turned_to_fahrenheit(tiers, shared_data, capsys):
    folder = shared_data / "bike-demand"

    def run(*arguments):
        call_command(*map(str, arguments), "--json")
        return json.loads(capsys.readouterr().out)

    run(
        "onboard", PATH, "--tier", "basic", "--domain", "e_commerce", "--timezone", "UTC",
        "--task", "tabular", "--train", folder / "train_month0.csv",
        "--golden", folder / "golden.csv", "--as-of", "2012-07-01T00:00:00Z",
    )  # fmt: skip
    cycles = []
    for number, end in ((1, "2012-08-01T00:00:00Z"), (2, "2012-09-01T00:00:00Z")):
        run("import_logs", PATH, folder / "logs" / f"month_{number}.ndjson", "--ignore-predictions")
        cycles.append(run("run_cycle", PATH, "--as-of", end))
    july, august = cycles
    assert july["diagnosis"]["suspect_fields"] == []
    assert (august["state"], august["diagnosis"]["verdict"]) == ("upstream", "fix_upstream")
    faults = {f["field"]: f for f in august["diagnosis"]["suspect_fields"] if f["acts"]}
    assert "temp_c" in faults
    for fault in faults.values():
        assert (fault["kind"], fault["since"]) == ("unit_change", "2012-08-10")
        assert (fault["factor"], fault["offset"]) == (1.8, 32.0)
    assert faults.keys() <= {"temp_c", "feels_like_c"}
    assert august["collected"] is None and august["live_version"] == "v1.0"


def test_the_logs_of_bike_demand_are_what_its_readme_says(shared_data):
    """The test above plants nothing itself, so the fault has to be in the data."""
    with open(shared_data / "bike-demand" / "truth" / "month_2.csv", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["input_before_fault"]]
    logs = {}
    with open(shared_data / "bike-demand" / "logs" / "month_2.ndjson") as file:
        for line in file:
            row = json.loads(line)
            logs[row["id"]] = row
    first = min(logs[row["id"]]["timestamp"] for row in rows)
    assert first.startswith("2012-08-10")
