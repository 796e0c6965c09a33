"""A client whose month can be reported."""

from datetime import UTC, datetime, timedelta

import pytest

from reports import pdf, services
from tests import factories as make


@pytest.fixture
def world(db):
    """A client in Berlin with one model, live since March, and its logs."""
    client = make.ClientFactory(slug="harbour", name="Harbour Bank", timezone="Europe/Berlin")
    model = make.MaintainedModelFactory(client=client, slug="intents", name="Intents")
    version = make.ModelVersionFactory(model=model, number=0)
    golden = make.DatasetVersionFactory(
        dataset=make.DatasetFactory(model=model, kind="golden"), number=1
    )
    make.RolloutFactory(version=version)
    for i in range(12):
        make.PredictionLogFactory(
            model=model,
            timestamp=make.MARCH + timedelta(days=2 * i),
            label="login" if i < 5 else "",
            label_source=["review", "review", "review", "override", "targeted"][i] if i < 5 else "",
        )
    # 23:30 on 31 March in UTC is April in Berlin.
    make.PredictionLogFactory(model=model, timestamp=datetime(2025, 3, 31, 23, 30, tzinfo=UTC))
    return model, version, golden


@pytest.fixture
def no_pages(monkeypatch):
    """Rendering is tested elsewhere and takes a second."""
    monkeypatch.setattr(services, "to_pdf", lambda html: pdf.Pdf(b"%PDF " + html.encode(), 2))
