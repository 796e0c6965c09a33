"""How many monthly reports are made a minute, and where does their time go?

    python bench/reports.py [--reports 60] [--processes 2] [--database URL]

Fills a throwaway instance with clients of 20 categories and a year of checks, and lets so many
processes publish a month of theirs: gather, freeze, HTML, PDF in the process that renders. Prints
reports a minute and CPU seconds a report; then by part, for 20, 77 and 500 categories. CPU seconds
are of all processes together, so that another job on the machine moves them little.
"""

import argparse
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.cpu import family_seconds
from bench.reports_world import AFTER, MONTH, fill
from bench.throwaway import instance

LINE = "{:>10} {:>8} {:>8} {:>8} {:>8} {:>8} {:>7} {:>9}"


def publish_all(clients: list[int], processes: int) -> tuple[float, float]:
    """Wall and CPU seconds in which so many processes publish the month of these clients.

    Each has started its renderer before the clock starts: a worker lives for days.
    """
    from django.db import connections

    connections.close_all()
    ready, done = os.pipe(), []
    go = os.pipe()
    for i in range(processes):
        pid = os.fork()
        if pid == 0:
            os._exit(_worker(clients[i::processes], ready[1], go))
        done.append(pid)
    for _ in range(processes):
        os.read(ready[0], 1)
    before, began = family_seconds(), time.perf_counter()
    os.close(go[1])
    for pid in done:
        if os.waitpid(pid, 0)[1]:
            raise SystemExit("a process failed")
    return time.perf_counter() - began, family_seconds() - before


def _worker(clients: list[int], ready: int, go: tuple[int, int]) -> int:
    from clients.models import Client
    from reports import pdf, services

    try:
        os.close(go[1])
        pdf.to_pdf("<html lang='en'><title>t</title><p>t</p></html>")
        os.write(ready, b".")
        os.read(go[0], 1)
        for client in Client.objects.filter(pk__in=clients):
            services.publish(client=client, month=MONTH, at=AFTER)
        pdf.close()
        return 0
    except BaseException as error:
        print(repr(error), file=sys.stderr)
        return 1


def by_part(clients: list[int]) -> tuple[dict[str, float], int, float]:
    """CPU seconds a report of each part, most pages, and kilobytes of the largest facts."""
    from clients.models import Client
    from reports import canonical, pdf, services
    from reports.pages import to_html

    spent = dict.fromkeys(("gather", "html", "pdf", "all"), 0.0)
    pages, size = 0, 0.0

    def timed(part: str, work: Callable[[], Any]) -> Any:
        began = family_seconds()
        found = work()
        spent[part] += (family_seconds() - began) / len(clients)
        return found

    pdf.to_pdf("<html lang='en'><title>t</title><p>t</p></html>")
    for client in Client.objects.filter(pk__in=clients):
        report = timed(
            "gather",
            lambda: services.freeze(client=client, month=MONTH, at=AFTER),  # noqa: B023
        )
        facts = services.facts_of(report)
        size = max(size, len(canonical.to_json(facts)) / 1000)
        html = timed("html", lambda: to_html(facts))  # noqa: B023
        made = timed("pdf", lambda: pdf.to_pdf(html))  # noqa: B023
        timed("all", lambda: services.render(report))  # noqa: B023
        pages = max(pages, made.pages)
    return spent, pages, size


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--reports", type=int, default=60)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--database", default="", help="an empty PostgreSQL; default: SQLite")
    options = parser.parse_args()
    with instance(options.database):
        wall, cpu = publish_all(fill(options.reports, 20), options.processes)
        n = options.reports
        print(f"{n} reports of 20 categories, {options.processes} processes")
        print(f"{60 * n / wall:.0f} a minute by the clock, {cpu / n:.2f} CPU s each: ", end="")
        print(f"{120 * n / cpu:.0f} a minute on two cores with nothing else to do")
        print(LINE.format("categories", "gather", "html", "pdf", "all", "sum", "pages", "facts kB"))
        for categories in (20, 77, 500):
            spent, pages, size = by_part(fill(6, categories))
            parts = [f"{spent[part]:.2f}" for part in ("gather", "html", "pdf", "all")]
            whole = f"{spent['gather'] + spent['all']:.2f}"
            print(LINE.format(categories, *parts, whole, pages, f"{size:.0f}"))
        from reports import pdf

        pdf.close()
    here, below = (resource.getrusage(who).ru_maxrss for who in (0, -1))
    print(f"peak memory: {here // 1024} MB here, {below // 1024} MB in a process that renders")
    print(
        "gather: with freezing; all: HTML and PDF as often as it takes to fit; sum: gather and all"
    )


if __name__ == "__main__":
    main()
