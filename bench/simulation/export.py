"""Writes a stream as a scenario folder of the public form, which the commands can play."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.simulation.month import Month
from bench.simulation.plants import PRIORITY, Plant, right_verdicts
from bench.simulation.streams import Stream, play
from bench.simulation.strength import REVIEWED, SEEN, detectable_drop
from bench.simulation.world import Launch, Sample, launch_of

ACTIONS = {
    "fix_upstream": "fix upstream; do not retrain",
    "retrain": "retrain",
    "wait": "wait, and keep the rows of those days out of training",
    "collect_labels": "collect labels",
    "no_action": "none",
}
ADDITIONS = 10
PROXY = "clicked"


def write_scenario(stream: Stream, folder: Path) -> None:
    """The whole folder. Raises FileExistsError where it is there already."""
    launch = launch_of(stream.kind, stream.world_seed)
    (folder / "logs").mkdir(parents=True, exist_ok=False)
    (folder / "truth").mkdir()
    training = Sample(launch.training, launch.labels, np.zeros(len(launch.labels)))
    _dataset(training, "t").to_csv(folder / "train_month0.csv", index=False)
    _dataset(launch.golden, "g").to_csv(folder / "golden.csv", index=False)
    months, told, seen = [], [], set()
    for month, plants in play(stream):
        _write_month(month, folder)
        right = _right(month, [plant for plant in plants if id(plant) not in seen], plants)
        months.append(month)
        told.append(_told(month, plants, right, quiet=months[:2]))
        seen |= {id(plant) for plant in plants}
    _write_test(launch, months, folder)
    truth = {
        "scenario": folder.name,
        "seed": stream.seed,
        "v1": {"golden_accuracy": round(launch.golden_accuracy, 4)},
        "months": told,
    }
    (folder / "truth.json").write_text(json.dumps(truth, indent=1, default=str))


def _right(month: Month, new: list[Plant], plants: list[Plant]) -> str:
    """The verdict of a service that acted on what came before: new causes, and faults that go on."""
    faults = [plant for plant in plants if plant.verdict == "fix_upstream"]
    found = right_verdicts([*new, *(fault for fault in faults if fault not in new)])
    return min(found, key=PRIORITY.index)


def _told(month: Month, plants: list[Plant], right: str, *, quiet: list[Month]) -> dict[str, Any]:
    """The month in the words of truth.json; a season that hurts calls for a retrain by itself."""
    was = [_clean_accuracy(m) for m in quiet[:1]]
    now = _clean_accuracy(month)
    n = REVIEWED * len(month)
    decayed = SEEN * (was[0] - now) >= detectable_drop(after_n=n, before_n=n) / 2
    if month.launch.world.name.startswith("bikes") and decayed and right != "fix_upstream":
        right = "retrain"
    known = month.facts["truth"] == month.answers["prediction"]
    return {
        "month": month.number,
        "calendar": f"{month.first:%Y-%m}",
        "rows": len(month),
        "labelled": int(month.feedback["label"].notna().sum()),
        "v1_accuracy": round(float(known.mean()), 4),
        "v1_accuracy_as_it_should_be": round(now, 4),
        "rows_by_event": {str(k): int(v) for k, v in month.facts["event"].value_counts().items()},
        "what_happened": ", ".join(plant.cause for plant in plants) or "nothing",
        "planted": [
            {
                "cause": p.cause,
                "days": [p.start, p.stop],
                "fields": list(p.fields),
                "segment": p.segment,
                "strength": round(float(p.realized), 2),
            }
            for p in plants
        ],
        "right_action": ACTIONS[right],
    }


def _clean_accuracy(month: Month) -> float:
    """Of the launch model on the month's rows that are the client's own, inputs as they should be."""
    own = ~month.facts["truth"].str.startswith("__").to_numpy(dtype=bool)
    return float((month.answered() == month.facts["truth"].to_numpy(dtype=object))[own].mean())


def _dataset(sample: Sample, prefix: str) -> pd.DataFrame:
    ids = [f"{prefix}-{number:04d}" for number in range(len(sample.truth))]
    return pd.concat(
        [pd.Series(ids, name="id"), sample.inputs, pd.Series(sample.truth, name="label")], axis=1
    )


def _write_month(month: Month, folder: Path) -> None:
    rows = month.rows()
    lines = []
    for at in range(len(month)):
        label = rows.rows["label"].iloc[at]
        row = {
            "id": rows.rows["id"].iloc[at],
            "timestamp": f"{rows.rows['timestamp'].iloc[at]:%Y-%m-%dT%H:%M:%SZ}",
            "input": _plain(month.inputs.iloc[at]),
            "context": {k: v for k, v in _plain(month.context.iloc[at]).items() if v is not None},
            "model_version": "v1.0",
            "prediction": rows.rows["prediction"].iloc[at],
            "confidence": round(float(rows.rows["confidence"].iloc[at]), 4),
            "feedback": {
                "label": label,
                "label_source": rows.rows["label_source"].iloc[at],
                "thumbs": rows.rows["thumbs"].iloc[at],
                PROXY: bool(rows.signals[PROXY].iloc[at]),
            },
        }
        lines.append(json.dumps(row))
    (folder / f"logs/month_{month.number}.ndjson").write_text("\n".join(lines) + "\n")
    text = month.launch.world.task == "text"
    before = []
    for at in range(len(month)):
        clean, sent = _plain(month.clean.iloc[at]), _plain(month.inputs.iloc[at])
        same = clean == sent
        before.append("" if same else clean["text"] if text else json.dumps(clean))
    truth = pd.DataFrame(
        {
            "id": month.facts["id"],
            "true_label": month.facts["truth"],
            "event": month.facts["event"],
            "label_is_wrong": month.feedback["label_is_wrong"].astype(int),
            "copy_of_golden_id": month.facts["copy_of"],
            "text_before_truncation" if text else "input_before_fault": before,
        }
    )
    truth.to_csv(folder / f"truth/month_{month.number}.csv", index=False)


def _plain(row: pd.Series) -> dict[str, Any]:
    """A row as JSON has it: numbers, strings, and null for what is absent."""
    found: dict[str, Any] = {}
    for key, value in row.items():
        absent = value is None or (isinstance(value, float) and np.isnan(value))
        number = isinstance(value, (int, float, np.number))
        found[str(key)] = None if absent else float(value) if number else value
    return found


def _write_test(launch: Launch, months: list[Month], folder: Path) -> None:
    """test.csv by group (texts, claims) or month (bikes), and the golden additions."""
    world = launch.world
    rng = np.random.default_rng([world.seed, 7])
    if not world.unborn:
        parts = []
        for month in months:
            first = pd.Timestamp(month.first, tz="UTC")
            stamps = world.stamps(rng, first, month.days, 250)
            sample = world.sample(rng, stamps, np.full(len(stamps), None, dtype=object))
            parts.append(_dataset(sample, f"e{month.number}").assign(month=month.number))
        launch_rows = _dataset(launch.test, "e0").assign(month=0)
        pd.concat([launch_rows, *parts]).to_csv(folder / "test.csv", index=False)
        return
    born = sorted(
        {name for m in months for name in m.facts["truth"].unique() if name in world.unborn}
    )
    stamps = launch_stamps(months[0], rng, (40 + ADDITIONS) * len(born))
    wanted = np.repeat(np.array(born, dtype=object), 40 + ADDITIONS)
    new = world.sample(rng, stamps, wanted) if born else None
    frames = [
        _dataset(launch.test, "e").assign(
            group=np.where(np.isin(launch.test.truth, world.thin), "thin", "established")
        )
    ]
    if new is not None:
        added = np.arange(len(wanted)) % (40 + ADDITIONS) < ADDITIONS
        chosen = new.where(np.flatnonzero(added))
        _dataset(chosen, "gn").to_csv(folder / "golden_additions.csv", index=False)
        frames.append(_dataset(new.where(np.flatnonzero(~added)), "en").assign(group="new"))
    pd.concat(frames).to_csv(folder / "test.csv", index=False)


def launch_stamps(month: Month, rng: np.random.Generator, n: int) -> pd.Series:
    """Some instants; texts and claims do not depend on them."""
    first = pd.Timestamp(month.first, tz="UTC")
    return month.launch.world.stamps(rng, first, month.days, n)
