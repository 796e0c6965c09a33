"""The view of rows that repairs give: each fault mended once a row, what came kept as it is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from retraining.causes.effect import filled_from
from retraining.causes.evidence import Rows
from retraining.causes.repair import Repair
from retraining.learners.base import InputSpec

# The order of work: values go to their own fields before these are converted; what is filled in
# follows from the other fields, so it comes last.
ORDER = ("exchange", "convert", "shift", "bring_forward", "fill")


@dataclass(frozen=True)
class Reference:
    """Inputs that are known to be whole (the live version's training rows): what fields tell."""

    inputs: pd.DataFrame
    spec: InputSpec
    seed: int = 0


@dataclass(frozen=True)
class Mended:
    """``inputs`` as repaired; ``fields`` (n strings): what was mended in each row, "" for nothing."""

    inputs: pd.DataFrame
    fields: np.ndarray

    @property
    def touched(self) -> np.ndarray:
        return self.fields != ""


def mend(rows: Rows, repairs: Sequence[Repair], reference: Reference) -> Mended:
    """``rows.inputs`` under ``repairs``; of two of one field and kind, the first that covers a row.

    Two checks of one month find one fault twice: a value must not be converted twice. ``rows`` is
    left as it is. A repair that leaves rows out changes nothing here.
    """
    inputs = rows.inputs.copy()
    days, context = rows.rows["day"], rows.context
    taken: dict[tuple[tuple[str, ...], str], np.ndarray] = {}
    work: list[tuple[Repair, np.ndarray]] = []
    for repair in repairs:
        if not repair.mends or not set(repair.fields) <= set(inputs):
            continue
        key = (repair.fields, repair.kind)
        before = taken.get(key, np.zeros(len(rows), dtype=bool))
        mask = repair.covers(days, context) & ~before
        taken[key] = before | mask
        if repair.kind == "missing_values":
            mask &= inputs[repair.field].isna().to_numpy(dtype=bool)
        work.append((repair, mask))
    work.sort(key=lambda pair: ORDER.index(pair[0].how))
    fills = {repair.field for repair, _ in work if repair.how == "fill"}
    said: list[list[str]] = [[] for _ in range(len(rows))]
    for repair, mask in work:
        if not mask.any():
            continue
        inputs = _mended(inputs, repair, mask, rows, reference, fills)
        for i in np.flatnonzero(mask):
            said[i] += repair.fields
    fields = np.array([", ".join(dict.fromkeys(names)) for names in said], dtype=object)
    return Mended(inputs, fields)


def undone(inputs: pd.DataFrame, repair: Repair, mask: np.ndarray) -> pd.DataFrame:
    """``inputs`` with one repair taken back in the rows at which ``mask`` is true."""
    if repair.how == "exchange":
        return exchanged(inputs, repair, mask)
    column = inputs[repair.field].to_numpy(dtype=float, copy=True)
    column[mask] = repair.undo(column[mask])
    return inputs.assign(**{repair.field: column})


def exchanged(inputs: pd.DataFrame, repair: Repair, mask: np.ndarray) -> pd.DataFrame:
    """``inputs`` with the values of two fields in each other's place where ``mask`` is true.

    Done twice it changes nothing. A column keeps its type where the other's values allow it.
    """
    a, b = (inputs[name] for name in repair.fields)
    return inputs.assign(**{str(a.name): a.where(~mask, b), str(b.name): b.where(~mask, a)})


def _mended(
    inputs: pd.DataFrame,
    repair: Repair,
    mask: np.ndarray,
    rows: Rows,
    reference: Reference,
    fills: set[str],
) -> pd.DataFrame:
    name = repair.field
    if repair.how == "exchange":
        return exchanged(inputs, repair, mask)
    if repair.how in ("convert", "shift"):
        column = inputs[name].to_numpy(dtype=float, copy=True)
        column[mask] = repair.map(column[mask])
        return inputs.assign(**{name: column})
    column = inputs[name].to_numpy(dtype=object, copy=True)
    empty = mask
    if repair.how == "bring_forward":
        column[mask] = _brought_forward(inputs[name], mask, rows, float(repair.lag or 0.0))
        empty = mask & pd.isna(column)
    if empty.any():
        told = reference.inputs.drop(columns=sorted(fills - {name}))
        hit = inputs.loc[empty, list(told.columns)].reset_index(drop=True)
        filled = filled_from(told, hit, name, spec=reference.spec, seed=reference.seed)
        column[empty] = filled[name].to_numpy(dtype=object)
    numeric = name in reference.spec.numeric
    kept = pd.Series(column, dtype=float if numeric else object)
    return inputs.assign(**{name: kept})


def _brought_forward(values: pd.Series, mask: np.ndarray, rows: Rows, lag: float) -> np.ndarray:
    """For each row at which ``mask`` is true, the value that came ``lag`` hours later.

    That of the row nearest to that time; None where none is within half the lag, for it would be
    further off than the late value itself.
    """
    hours = rows.rows["timestamp"].to_numpy(dtype="datetime64[us]").astype(float) / 3.6e9
    at, seen = hours[mask], values[mask].to_numpy(dtype=object)
    after = np.clip(np.searchsorted(at, at + lag), 1, max(1, len(at) - 1))
    nearest = np.where(
        np.abs(at[np.minimum(after, len(at) - 1)] - at - lag) < np.abs(at[after - 1] - at - lag),
        np.minimum(after, len(at) - 1),
        after - 1,
    )
    found = np.array(seen[nearest], dtype=object)
    found[np.abs(at[nearest] - at - lag) > lag / 2] = None
    return found
