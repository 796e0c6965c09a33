"""A clock field (hour, weekday ...) runs beside the row's own timestamp on certain days."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from retraining.causes.effect import answers_changed
from retraining.causes.evidence import Evidence, FieldFault, Finding, Rows
from retraining.causes.stretch import Stretch, day_after, period, worst_stretch

CYCLES = {"hour": 24, "day_of_week": 7}
# A field belongs to the clock where this share of its rows kept one distance from the timestamp.
TIED = 0.9
SIDE = 15


def find(evidence: Evidence, earlier: Sequence[Finding]) -> list[Finding]:
    """For each field that ran at a fixed distance from the timestamp: since when is it another?

    Every range and constant check stays silent when an hour comes in another time zone: the values
    are all legal. The tie to the timestamp breaks. Both the tie and its breaking are near certain
    events, so p is the permutation p of the change-point. A field may follow the client's clock or
    UTC; one that still follows either is in order, for summer time parts the two.
    """
    findings = []
    for name in evidence.spec.numeric:
        for part, cycle in CYCLES.items():
            clocks = dict.fromkeys((evidence.timezone, "UTC"))
            ties = [tie for zone in clocks if (tie := _tie(evidence, name, part, cycle, zone))]
            shifts = [_shift(evidence, name, tie, cycle) for tie in ties]
            if shifts and shifts[0] is not None and None not in shifts:
                findings.append(shifts[0])
                break
    return findings


@dataclass(frozen=True)
class Tie:
    """Each row's distance from the clock in this month, the one that it had, and how often it did."""

    distance: np.ndarray
    usual: float
    share: float


def _distances(rows: Rows, name: str, part: str, cycle: int, zone: str) -> np.ndarray:
    clock = getattr(rows.rows["timestamp"].dt.tz_convert(zone).dt, part).to_numpy(dtype=float)
    return np.mod(rows.inputs[name].to_numpy(dtype=float) - clock, cycle)


def _tie(evidence: Evidence, name: str, part: str, cycle: int, zone: str) -> Tie | None:
    now, before = evidence.now, evidence.before
    if len(now) < 2 * SIDE:
        return None
    distance, day = _distances(now, name, part, cycle, zone), evidence.day_index(now)
    earlier = _distances(before, name, part, cycle, zone) if len(before) else np.zeros(0)
    earlier = earlier[~np.isnan(earlier)]
    first_days = distance[day < max(3, len(evidence.days) // 6)]
    known = earlier if len(earlier) >= SIDE else first_days[~np.isnan(first_days)]
    usual = _mode(known)
    if usual is None or np.mean(known == usual) < TIED:
        return None
    return Tie(distance, usual, float(np.mean(known == usual)))


def _shift(evidence: Evidence, name: str, tie: Tie, cycle: int) -> Finding | None:
    now, distance, usual = evidence.now, tie.distance, tie.usual
    day = evidence.day_index(now)
    off = ~np.isnan(distance) & (distance != usual)
    change = worst_stretch(evidence, off, ~np.isnan(distance))
    if change is None and off.any():
        # Every row of the month: nothing within it stands out, only against what was.
        change = Stretch(0, len(evidence.days), 0.0, 1.0, 0.0)
    if change is None or change.p_value >= evidence.policy.alpha_of("shifted_field"):
        return None
    inside = change.inside(day) & off
    new = _mode(distance[inside])
    # A weekday that follows the client's clock follows UTC's too, but for an hour or two a day.
    tied = TIED * tie.share
    if new is None or np.mean(distance[inside] == new) < tied or change.rate_inside < tied:
        return None
    step = (new - usual + cycle / 2) % cycle - cycle / 2
    hit, since = now.where(inside), evidence.days[change.start]
    until = day_after(evidence, change.stop)
    # Hours start at 0, weekdays at 0 or 1.
    first = float(evidence.training_inputs[name].min())
    fixed = hit.inputs.assign(**{name: np.mod(hit.inputs[name] - step - first, cycle) + first})
    effect = answers_changed(evidence, hit, fixed)
    acts = effect >= evidence.policy.field_effect
    return Finding(
        cause="shifted_field",
        evidence=(
            f"{period(evidence, change.start, change.stop)} the field {name} runs {abs(step):.0f} "
            f"{'ahead of' if step > 0 else 'behind'} its usual distance to the row's own "
            f"timestamp, in {len(hit)} rows: it looks like another time zone or calendar."
        ),
        fix=f"Shift {name} back by {step:+.0f} at the source; rows of these days are repaired first.",
        p_value=change.p_value,
        since=since,
        until=until,
        numbers={"shift": step, "cycle": cycle, "n": len(hit), "effect": effect},
        row_ids=tuple(hit.rows["id"][:20]),
        acts=acts,
        fields=(
            FieldFault(
                name,
                "shifted_field",
                since,
                until=until,
                factor=1.0,
                offset=step,
                cycle=float(cycle),
            ),
        ),
        explains=frozenset(hit.rows["id"]) if acts else frozenset(),
    )


def _mode(values: np.ndarray) -> float | None:
    if not len(values):
        return None
    kinds, counts = np.unique(values, return_counts=True)
    return float(kinds[counts.argmax()])
