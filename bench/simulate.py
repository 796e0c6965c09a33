"""Plays made-up clients through the diagnosis, and tables its verdicts against the truth.

    python bench/simulate.py verdicts --months 600 --seeds final [--draw N] [--jobs 2] [--json FILE]
    python bench/simulate.py quiet --years 100 --seeds final [--draw N] [--jobs 2] [--json FILE]
    python bench/simulate.py write FOLDER --count 3 --seeds final [--draw N]

Streams are seeded. Half of the seeds (by a salted hash) are for tuning, worlds included; the other
half is for the final figure, and ``--draw`` gives a set of streams that nobody has looked at.
``write`` makes scenario folders of six months, which bench/scenarios.py plays through the commands.
"""

import argparse
import json
import multiprocessing
import os
import sys
import warnings
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from bench.simulation import scoring
from bench.simulation.export import write_scenario
from bench.simulation.runner import run
from bench.simulation.stories import story_of
from bench.simulation.streams import Stream, seeds_of, stream_of


def streams(options: argparse.Namespace, *, count: int | None, quiet: bool) -> list[Stream]:
    """The first streams of a half of the seeds: ``count`` of them, or enough for the months."""
    found: list[Stream] = []
    months = 0
    for seed in seeds_of(options.seeds):
        if len(found) == count or (count is None and months >= options.months):
            break
        found.append(stream_of(seed, draw=options.draw, months=12 if quiet else None, quiet=quiet))
        months += found[-1].months
    return found


def played(found: list[Stream], *, jobs: int) -> list[list[dict[str, Any]]]:
    """All streams, those of one world one after another, as its model is trained once a process."""
    order = sorted(range(len(found)), key=lambda i: (found[i].kind, found[i].world_seed))
    chunk = max(1, min(8, len(found) // (2 * jobs)))
    results: dict[int, list[dict[str, Any]]] = {}
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        rows = pool.imap(_run, [found[i] for i in order], chunksize=chunk)
        for number, (i, row) in enumerate(zip(order, rows, strict=True), start=1):
            results[i] = row
            if number % 10 == 0:
                print(f"{number} of {len(found)} streams", file=sys.stderr, flush=True)
    return [results[i] for i in range(len(found))]


def _run(stream: Stream) -> list[dict[str, Any]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return run(stream)


def verdicts(options: argparse.Namespace) -> list[dict[str, Any]]:
    found = streams(options, count=None, quiet=False)
    rows = [row for stream in played(found, jobs=options.jobs) for row in stream]
    nothing = sum(scoring.needs_nothing(row) for row in rows)
    print(f"{len(rows)} months of {len(found)} streams, {nothing} need nothing\n")
    print("right verdict (rows; ~: others are right too) against ours (columns)")
    print(scoring.confusion(rows))
    print()
    print(scoring.table(rows))
    print("\none plant alone, by its strength in multiples of the detectable effect")
    print(scoring.by_cause(rows))
    print("\nmisses")
    print(scoring.misses(rows) or "none")
    return rows


def quiet(options: argparse.Namespace) -> list[dict[str, Any]]:
    found = streams(options, count=options.years, quiet=True)
    years = played(found, jobs=options.jobs)
    alarms = [[row for row in year if row["ours"] != "no_action"] for year in years]
    print(f"years with any alarm: {scoring.rate(sum(map(bool, alarms)), len(years))}")
    causes = Counter(
        (row["kind"], cause)
        for year in alarms
        for row in year
        for cause in row["causes"]
        if not cause.startswith("(")
    )
    for (kind, cause), count in causes.most_common():
        print(f"  {kind:<8}{cause:<24}{count}")
    rows = [row for year in years for row in year]
    print(f"any alarm, of months: {scoring.rate(sum(map(len, alarms)), len(rows))}")
    print(scoring.misses(rows))
    return rows


def write(options: argparse.Namespace) -> list[dict[str, Any]]:
    for seed in islice(seeds_of(options.seeds), options.count):
        story = story_of(seed, draw=options.draw)
        folder = options.folder / f"{story.kind}-{story.name}"
        write_scenario(story, folder)
        print(f"{folder}: {', '.join(story.causes)}")
    return []


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True)
    for name, function in (("verdicts", verdicts), ("quiet", quiet), ("write", write)):
        command = commands.add_parser(name)
        command.set_defaults(function=function)
        command.add_argument("--seeds", choices=("tuning", "final"), required=True)
        command.add_argument("--draw", type=int, default=0, help="another set of streams")
        command.add_argument("--jobs", type=int, default=2, choices=(1, 2))
        command.add_argument("--json", type=Path, dest="json_file", help="write all months there")
    commands.choices["verdicts"].add_argument("--months", type=int, default=600)
    commands.choices["write"].add_argument("folder", type=Path)
    commands.choices["write"].add_argument("--count", type=int, default=3)
    commands.choices["quiet"].add_argument("--years", type=int, default=100)
    options = parser.parse_args()
    rows = options.function(options)
    if options.json_file:
        options.json_file.write_text(json.dumps(rows, indent=1, default=str))


if __name__ == "__main__":
    main()
