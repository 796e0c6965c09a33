"""A campaign whose messages the model is unsure of fills the rows that are often wrong anyway."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from retraining.causes import transient
from retraining.causes.evidence import Rows
from tests.retraining.causes.streams import quiet, since

MAY = date(2025, 5, 1)
FIRST, STOP = date(2025, 5, 9), date(2025, 5, 13)


@pytest.fixture
def flooded():
    """Four days with twice the rows; those of the campaign are answered unsurely and corrected."""
    stream = quiet("text", seed=6, month=MAY)
    now = stream.now
    hit = np.flatnonzero(since(now.rows["day"], FIRST, STOP))
    extra = now.where(np.isin(np.arange(len(now)), hit))
    campaign = extra.rows.assign(
        id=[f"raffle-{i}" for i in range(len(hit))],
        prediction="fees",
        confidence=0.05,
        label=pd.Series(["abroad"] * len(hit), dtype=object),
        label_source="override",
        thumbs=None,
    )
    rows = pd.concat([now.rows.assign(confidence=0.9), campaign], ignore_index=True)
    frames = [rows]
    for name in ("inputs", "context", "signals"):
        frames.append(pd.concat([getattr(now, name), getattr(extra, name)], ignore_index=True))
    order = np.argsort(rows["timestamp"].to_numpy(), kind="stable")
    return stream.evidence(
        now=Rows(*(frame.iloc[order].reset_index(drop=True) for frame in frames))
    )


def test_a_flood_of_unsure_messages_is_found_as_a_burst(flooded):
    (found,) = transient.find(flooded, ())
    assert (found.since, found.until) == (FIRST, STOP)
    assert found.p_value < 1e-4


def test_where_kinds_of_rows_hide_a_burst_all_rows_alike_show_it(flooded, monkeypatch):
    stratified = transient._one_scan

    def only_alike(evidence, signs, alpha):
        return stratified(evidence, signs, alpha) if not signs.stratum.any() else None

    monkeypatch.setattr(transient, "_one_scan", only_alike)
    (found,) = transient.find(flooded, ())
    assert (found.since, found.until) == (FIRST, STOP)
