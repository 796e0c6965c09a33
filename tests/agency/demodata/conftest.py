import csv
import json
from datetime import date

import pytest

from agency.demodata import six_full_months, write_all

MONTHS = six_full_months(date(2026, 7, 14))


class Files:
    """One demo client's files, read back."""

    def __init__(self, client):
        self.client = client
        self.months = list(client.logs)
        self.train = self.dataset(client.train)
        self.golden = self.dataset(client.golden)
        self.logs = {month: self.log(month) for month in self.months}
        self.truth = {month: self.table(client.truth[month]) for month in self.months}

    @staticmethod
    def table(path):
        with path.open(newline="", encoding="utf-8") as handle:
            return list(csv.DictReader(handle))

    def log(self, month):
        return [
            json.loads(line)
            for path in self.client.logs[month]
            for line in path.read_text(encoding="utf-8").splitlines()
        ]

    def dataset(self, path):
        return [(self.inputs(row), row["label"]) for row in self.table(path)]

    def inputs(self, row):
        named = {key: value for key, value in row.items() if key not in ("id", "label")}
        if self.client.task == "text":
            return named
        return {key: float(value) for key, value in named.items()}

    def pairs(self, month):
        return list(zip(self.logs[month], self.truth[month], strict=True))


@pytest.fixture(scope="session")
def demo_files(tmp_path_factory):
    clients = write_all(folder=tmp_path_factory.mktemp("demo"), months=MONTHS, seed=20)
    return {client.model_slug: Files(client) for client in clients}


@pytest.fixture
def tickets(demo_files):
    return demo_files["tickets"]


@pytest.fixture
def digits(demo_files):
    return demo_files["form-digits"]


@pytest.fixture
def pathology(demo_files):
    return demo_files["needle-samples"]
