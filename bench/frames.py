"""What does it cost to read a month of rows into a frame?

    python bench/frames.py [--rows 100000] [--database URL]

Rows of 30 features: the product's way, columns in chunks, against making model objects of them. CPU
seconds, and the most memory that each allocated beside what was there.
"""

import argparse
import sys
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from bench.profiles import START, frame, model_of
from bench.throwaway import cpu_seconds, instance

LINE = "{:32} {:>8} {:>8} {:>8}"


def megabytes(work: Callable[[], Any]) -> float:
    """The most that Python allocated at once."""
    tracemalloc.start()
    work()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / 1e6


def frames(rows: int) -> None:
    """Rows of a month into a frame, and into objects."""
    from clients.models import PredictionLog
    from clients.queries import logs

    model, _ = model_of({})
    table = frame(rows, 3)
    inputs = table.drop(columns="confidence").astype(object).where(table.notna(), None)
    PredictionLog.objects.bulk_create(
        (
            PredictionLog(
                client_id=model.client_id,
                model=model,
                row_id=f"r{i}",
                input=given,
                timestamp=START + timedelta(seconds=i),
                context={"channel": "web"},
                content_sha256="0" * 64,
                answered="client",
                prediction="a",
                confidence=0.5,
                received_at=START,
            )
            for i, given in enumerate(inputs.to_dict("records"))
        ),
        batch_size=500,
    )
    window = {"start": START, "end": START + timedelta(days=31)}

    def columns() -> None:
        logs(model=model, **window)

    def objects() -> None:
        found = list(PredictionLog.objects.filter(model=model).order_by("timestamp", "row_id"))
        pd.DataFrame([{**row.input, "id": row.row_id, "day": row.timestamp} for row in found])

    own, _ = cpu_seconds(columns, times=2)
    plain, _ = cpu_seconds(objects)
    most = [megabytes(work) for work in (columns, objects)]
    print(f"{rows:,} rows of 30 features into a frame")
    print(LINE.format("", "CPU s", "ratio", "MB"))
    print(LINE.format("columns, read in chunks", f"{own:.2f}", "1", f"{most[0]:.0f}"))
    print(LINE.format("model objects", f"{plain:.2f}", f"{plain / own:.1f}", f"{most[1]:.0f}"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--database", default="", metavar="URL")
    chosen = parser.parse_args()
    with instance(chosen.database):
        frames(chosen.rows)


if __name__ == "__main__":
    main()
