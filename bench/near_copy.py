"""How many copies of golden rows are caught, and how many ordinary rows are blocked?

    python bench/near_copy.py FOLDER [FOLDER ...] [--seed 1]

A folder holds golden.csv, logs/month_N.ndjson and truth/month_N.csv (`copy_of_golden_id`), and
optionally golden_additions.csv, train_month0.csv and test.csv. Prints the recall on the copies
planted in the logs, the recall by kind of edit made here on every golden text, and the share of
ordinary rows flagged, each with its 95% Wilson interval. Ordinary rows include questions that
people really ask nearly alike, so their share is an upper bound of the false blocks.
"""

import argparse
import csv
import json
import random
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from scipy.stats import binomtest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from clients.near_copy import NearCopyIndex

Row = dict[str, Any]
SYNONYMS = {
    "card": "debit card",
    "money": "cash",
    "received": "got",
    "charged": "billed",
    "fee": "charge",
    "need": "require",
    "want": "would like",
    "wrong": "incorrect",
}
CONTRACTIONS = {"can't": "cannot", "n't": " not", "I'm": "I am", "I've": "I have"}


def _typo(text: str, rng: random.Random) -> str:
    spots = [i for i in range(1, len(text) - 1) if text[i : i + 2].isalpha()]
    if not spots:
        return text
    i = rng.choice(spots)
    return rng.choice(
        [
            text[:i] + text[i + 1 :],
            text[:i] + text[i + 1] + text[i] + text[i + 2 :],
            text[:i] + rng.choice("aeioust") + text[i + 1 :],
        ]
    )


def _turn(text: str, rng: random.Random) -> str:
    words = text.split()
    cut = rng.randrange(1, max(2, len(words) - 1))
    return " ".join(words[cut:] + words[:cut])


def _drop(text: str, rng: random.Random) -> str:
    words = text.split()
    words.pop(rng.randrange(len(words)))
    return " ".join(words)


def _insert(text: str, rng: random.Random) -> str:
    words = text.split()
    words.insert(rng.randrange(len(words) + 1), rng.choice(["just", "really", "actually", "now"]))
    return " ".join(words)


def _synonym(text: str, rng: random.Random) -> str:
    words = text.split()
    spots = [i for i, word in enumerate(words) if word.lower() in SYNONYMS]
    if spots:
        i = rng.choice(spots)
        words[i] = SYNONYMS[words[i].lower()]
    return " ".join(words)


def _uncontract(text: str, rng: random.Random) -> str:
    for short, long in CONTRACTIONS.items():
        text = text.replace(short, long)
    return text


EDITS: dict[str, Callable[[str, random.Random], str]] = {
    "case": lambda t, r: t.swapcase(),
    "punctuation": lambda t, r: re.sub(r"[^\w\s']", "", t) + " ?!",
    "spaces": lambda t, r: "  " + t.replace(" ", "  "),
    "numbers changed": lambda t, r: re.sub(r"\d+", lambda _: str(r.randrange(1000)), t),
    "greeting": lambda t, r: "Hi, " + t[0].lower() + t[1:],
    "thanks": lambda t, r: t + " Thanks in advance",
    "one typo": _typo,
    "two typos": lambda t, r: _typo(_typo(t, r), r),
    "three typos": lambda t, r: _typo(_typo(_typo(t, r), r), r),
    "word order": _turn,
    "word dropped": _drop,
    "word added": _insert,
    "word replaced": _synonym,
    "written out": _uncontract,
    "quoted": lambda t, r: f"I asked you on Monday: {t} Nobody answered so far. Regards, Maria",
}


def _table(path: Path) -> list[Row]:
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def _rate(hits: int, n: int) -> str:
    if not n:
        return "no rows"
    ci = binomtest(hits, n).proportion_ci(method="wilson")
    return f"{hits / n:7.1%}  [{ci.low:.1%}, {ci.high:.1%}]  {hits} of {n}"


def _hits(index: NearCopyIndex, inputs: list[Row]) -> int:
    return sum(match is not None for match in index.find_all(inputs))


def report(folder: Path, *, seed: int) -> None:
    """Print the figures of one folder."""
    golden = _table(folder / "golden.csv") + _table(folder / "golden_additions.csv")
    if not golden:
        raise SystemExit(f"{folder}: no golden.csv")
    task: Literal["text", "tabular"] = "text" if "text" in golden[0] else "tabular"
    features = [name for name in golden[0] if name not in ("id", "label")]
    index = NearCopyIndex([(r["id"], {n: r[n] for n in features}) for r in golden], task)

    copies: list[Row] = []
    ordinary: list[Row] = []
    for path in sorted((folder / "logs").glob("month_*.ndjson")):
        truth = {r["id"]: r for r in _table(folder / "truth" / f"{path.stem}.csv")}
        for line in path.read_text().splitlines():
            row = json.loads(line)
            planted = truth[row["id"]]["copy_of_golden_id"]
            (copies if planted else ordinary).append(row["input"])
    others = _table(folder / "train_month0.csv") + _table(folder / "test.csv")

    print(f"\n{folder.name}: {len(golden)} golden rows, {task}")
    print(f"  {'copies planted in the logs':28}{_rate(_hits(index, copies), len(copies))}")
    started = time.perf_counter()
    blocked = _hits(index, ordinary)
    took = time.perf_counter() - started
    print(f"  {'ordinary log rows flagged':28}{_rate(blocked, len(ordinary))}  in {took:.2f} s")
    print(f"  {'train and test rows flagged':28}{_rate(_hits(index, others), len(others))}")
    if task == "tabular":
        return
    rng = random.Random(seed)
    for name, edit in EDITS.items():
        # Edits that change nothing (no number, no such word) would only flatter the figure.
        pairs = [(r["text"], edit(r["text"], rng)) for r in golden]
        edited: list[Row] = [{"text": new} for old, new in pairs if new != old]
        print(f"  {name:28}{_rate(_hits(index, edited), len(edited))}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    for folder in args.folders:
        report(folder, seed=args.seed)


if __name__ == "__main__":
    main()
