"""All three demo clients at once."""

from datetime import date
from pathlib import Path

from agency.demodata import digits, pathology, tickets
from agency.demodata.calendar import check_months
from agency.demodata.shapes import DemoClient, DemoDataError


def write_all(*, folder: Path, months: list[date], seed: int) -> list[DemoClient]:
    """Write the three clients' files under ``folder`` and say where they are.

    ``months`` are first days of consecutive months, oldest first; what happens in the n-th
    month is the same whatever month that is, and with fewer than six months the later
    happenings stay away. The same seed and months give the same bytes. Raises DemoDataError
    for a negative seed and for months that do not follow one another.
    """
    check_months(months)
    if seed < 0:
        raise DemoDataError(f"the seed must be 0 or more, not {seed}")
    return [
        tickets.write(folder=folder, months=months, seed=seed),
        digits.write(folder=folder, months=months, seed=seed),
        pathology.write(folder=folder, months=months, seed=seed),
    ]
