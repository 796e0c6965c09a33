"""How often does the gate promote candidates that deserve it, and candidates that don't?

    python bench/gate.py [FOLDER ...] [--seeds 2] [--draws 60] [--golden 130] [--old] [--json FILE]

Candidates are trained by the real learners in made-up worlds and on scenario folders: unchanged
(other seed, rows drawn again), good (true overall gain of 6 points or more), harmful (trained on a
campaign, on new rows alone, on wrong labels, on a faulty field; counted where the truth says that
they lose 2 points overall or a quarter of a category). The same candidate is judged on many golden
sets drawn from the rows whose labels are right; where the gate is undecided, rows that it asks for
are labelled (one in twenty wrongly) and it looks again, up to twice. With ``--old`` golden rows are
of the launch's mix, like a client's whose world has moved on (made-up worlds only). Prints shares
of draws with 95% Wilson intervals; draws of one candidate are not independent, so the number of
candidates stands beside them.
"""

import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from bench.gate_candidates import GOOD, HARMFUL, SAME, Candidate, candidates
from bench.gate_worlds import depots, from_folder, mistaken, tickets
from retraining.apart import ALL, TARGET, differing
from retraining.gain import LOOKS
from retraining.gate import PROMOTE, UNDECIDED, Gated, judge
from retraining.guard import Fresh, flows
from retraining.labels_wanted import rows_to_ask
from retraining.policy import Policy
from retraining.stats.intervals import wilson

ASKED_WRONG = 0.05
POLICY = Policy()


@dataclass(frozen=True)
class Outcome:
    """One golden draw: the first verdict, the last one, and how many labels were asked for."""

    first: str
    last: str
    labels: int
    looks: int


def one_draw(
    candidate: Candidate, *, golden: int, rng: np.random.Generator, old: bool = False
) -> Outcome:
    """Judge once; while undecided, label what is asked for and judge again."""
    world = candidate.world
    truth, answers = world.truth, candidate.truth
    if old:
        if world.golden is None or candidate.golden is None:
            raise ValueError(f"{world.name} has no golden rows of the launch's mix")
        truth, answers = world.golden, candidate.golden
    rows = rng.permutation(len(truth))[:golden]
    moved = flows(
        before=candidate.window[0],
        after=candidate.window[1],
        away_to=candidate.target | candidate.new,
    )
    apart = differing(
        before=candidate.window[0], after=candidate.window[1], target=candidate.target
    )
    labelled: dict[str, list[int]] = {}
    first, left = "", np.ones(len(world.window), dtype=bool)
    given = mistaken(world.window.labels, ASKED_WRONG, rng)
    for attempt in range(1, LOOKS + 1):
        asked = {
            question: Fresh(given[part], candidate.window[0][part], candidate.window[1][part])
            for question, part in labelled.items()
        }
        free = differing(
            before=candidate.window[0][left],
            after=candidate.window[1][left],
            target=candidate.target,
        )
        found: Gated = judge(
            ids=rows.astype(str).astype(object),
            labels=truth.labels[rows],
            before=answers[0][rows],
            after=answers[1][rows],
            target=candidate.target & set(truth.labels[rows]),
            new=candidate.new,
            policy=POLICY,
            fresh_rows=candidate.fresh,
            asked=asked,
            moved=moved,
            apart=apart,
            left={name: free[name].differ if name in free else 0 for name in (ALL, TARGET)},
            attempt=attempt,
        )
        first = first or found.verdict
        if found.verdict != UNDECIDED or attempt == LOOKS:
            break
        wanted = rows_to_ask(
            asks=found.asks or {},
            before=candidate.window[0],
            after=candidate.window[1],
            target=candidate.target,
            left=left,
            seed=int(rng.integers(1_000_000)),
        )
        for question, part in wanted.items():
            labelled[question] = [*labelled.get(question, []), *part]
            left[part] = False
    return Outcome(first, found.verdict, int((~left).sum()), attempt)


def shown(hits: int, n: int) -> str:
    interval = wilson(successes=hits, n=n)
    return f"{100 * hits / n:5.1f}% [{100 * interval.low:.1f}, {100 * interval.high:.1f}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--draws", type=int, default=60)
    parser.add_argument("--golden", type=int, default=130)
    parser.add_argument("--old", action="store_true", help="golden rows of the launch's mix")
    parser.add_argument("--json", type=Path, dest="json_file")
    options = parser.parse_args()
    if options.old and options.folders:
        parser.error("--old needs rows of the launch's mix: made-up worlds only")
    started = time.perf_counter()
    results: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
    made: Counter[str] = Counter()
    print(f"{'candidate':<58}{'gain':>7}{'worst':>7}  promoted, first look and with labels")
    for seed in range(options.first_seed, options.first_seed + options.seeds):
        worlds = [tickets(seed), depots(seed)]
        worlds += [from_folder(folder.resolve(), seed) for folder in options.folders]
        for world in worlds:
            for candidate in candidates(world, seed):
                if not candidate.counts:
                    continue
                rng = np.random.default_rng([seed, 5])
                draws = [
                    one_draw(candidate, golden=options.golden, rng=rng, old=options.old)
                    for _ in range(options.draws)
                ]
                made[candidate.kind] += 1
                results[candidate.kind, candidate.name] += draws
                name = f"{world.name}: {candidate.kind}, {candidate.name}"
                first = sum(draw.first == PROMOTE for draw in draws) / len(draws)
                last = sum(draw.last == PROMOTE for draw in draws) / len(draws)
                labels = sum(draw.labels for draw in draws) / len(draws)
                print(
                    f"{name:<58}{100 * candidate.gain:>+7.1f}{100 * candidate.worst:>7.0f}  "
                    f"{first:>6.0%}{last:>6.0%}  {labels:.0f} labels",
                    flush=True,
                )
    print()
    totals = {}
    for kind in (SAME, HARMFUL, GOOD):
        draws = [d for (k, _), found in results.items() if k == kind for d in found]
        if not draws:
            continue
        n = len(draws)
        first = sum(draw.first == PROMOTE for draw in draws)
        last = sum(draw.last == PROMOTE for draw in draws)
        still = sum(draw.last == UNDECIDED for draw in draws)
        asked = [draw.labels for draw in draws if draw.labels]
        totals[kind] = {"candidates": made[kind], "n": n, "first": first, "last": last}
        print(
            f"{kind:<8} {made[kind]:>3} candidates, {n} draws: promoted at once {shown(first, n)}, "
            f"with labels {shown(last, n)}; still undecided {shown(still, n)}; labels asked for "
            f"{np.median(asked) if asked else 0:.0f} (median)"
        )
    spent = time.process_time()
    print(f"{time.perf_counter() - started:.0f} s, of which {spent:.0f} s on the processor")
    if options.json_file:
        options.json_file.write_text(json.dumps(totals, indent=1))


if __name__ == "__main__":
    main()
