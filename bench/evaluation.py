"""What does it cost to score a million answers with intervals?

    python bench/evaluation.py [--rows 1000000] [--categories 77] [--resamples 1000]

String labels and answers, 88% right. Ours is what `retraining.evaluation` calls: accuracy, macro F1
and, by category, recall, precision and F1, each with interval and n. Beside it scikit-learn's
classification report, which has no interval, and one resample of rows scored by scikit-learn, times
the number of resamples. CPU seconds of this process.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from sklearn.metrics import classification_report, precision_recall_fscore_support

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from bench.throwaway import cpu_seconds
from retraining.stats.confusion import Confusion, category_scores

LINE = "{:52} {:>9} {:>9}"


def answers(rows: int, categories: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels and answers as strings, each row an object of its own as a database gives them."""
    rng = np.random.default_rng(0)
    names = [f"category_{i:02d}" for i in range(categories)]
    labels = rng.integers(categories, size=rows)
    said = np.where(rng.random(rows) < 0.88, labels, rng.integers(categories, size=rows))
    own = [np.array([f"{names[i]}" for i in column], dtype=object) for column in (labels, said)]
    return own[0], own[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--categories", type=int, default=77)
    parser.add_argument("--resamples", type=int, default=1000)
    chosen = parser.parse_args()
    labels, said = answers(chosen.rows, chosen.categories)

    def ours() -> None:
        table = Confusion.of(labels, said)
        category_scores(confusion=table, resamples=chosen.resamples, seed=1)

    def resample() -> None:
        picked = np.random.default_rng(1).integers(len(labels), size=len(labels))
        precision_recall_fscore_support(labels[picked], said[picked], zero_division=0)

    own, _ = cpu_seconds(ours, times=2)
    table, _ = cpu_seconds(lambda: Confusion.of(labels, said), times=2)
    report, _ = cpu_seconds(lambda: classification_report(labels, said, zero_division=0))
    once, _ = cpu_seconds(resample)
    print(f"{chosen.rows:,} rows, {chosen.categories} categories, {chosen.resamples:,} resamples")
    print(LINE.format("", "CPU s", "ratio"))
    print(LINE.format("ours, with intervals", f"{own:.2f}", "1"))
    print(LINE.format("of which the table of counts", f"{table:.2f}", ""))
    print(LINE.format("scikit-learn's report, no interval", f"{report:.2f}", f"{report / own:.1f}"))
    whole = once * chosen.resamples
    name = f"one resample of rows by scikit-learn x {chosen.resamples:,}"
    print(LINE.format(name, f"{whole:.0f}", f"{whole / own:.0f}"))


if __name__ == "__main__":
    main()
