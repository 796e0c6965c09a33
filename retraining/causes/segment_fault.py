"""One part of the traffic is wrong upstream: a field, the texts' form, or all that a release sends."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from retraining.causes import missing_values, shifted_field, unit_change
from retraining.causes.effect import answers_changed
from retraining.causes.evidence import Evidence, FieldFault, Finding
from retraining.causes.segment_cohort import Decay, find_decay
from retraining.causes.segment_finding import segment_finding
from retraining.causes.segment_text import NAMES, Garble, answers_that_change, find_garble
from retraining.causes.segments import MIN_ROWS, Part, came_apart, parts_of, within
from retraining.causes.stretch import day_after, period
from retraining.causes.swapped_fields import Swap, find_swaps, swapped_back

FIELD_CAUSES: dict[str, Callable[[Evidence, Sequence[Finding]], list[Finding]]] = {
    "missing_values": missing_values.find,
    "shifted_field": shifted_field.find,
    "unit_change": unit_change.find,
}
# A level jump is looked for only where the part came away from the rest.
NEEDS_DISTANCE = {"unit_change"}


@dataclass(frozen=True)
class Candidate:
    part: Part
    cause: str
    finding: Finding
    rows: np.ndarray


def find(evidence: Evidence, earlier: Sequence[Finding]) -> list[Finding]:
    """What no cause saw in all of the traffic: is a part of it wrong, by context key and value?

    In turn: pairs of fields that carry each other's values (a quarter of this cause's false-alarm
    rate; found in all of the traffic, they are named too); the causes of field faults on each part
    alone (each gets its share of half of the rate); the form of texts; and a technical part (a
    version, an app) whose answers are wrong far more often than the others' since a day (an eighth).
    Fields and parts that an earlier cause named are left to it.
    """
    if not len(evidence.now):
        return []
    parts = parts_of(evidence)
    named = {(one.key, one.value) for finding in earlier for one in finding.segments}
    parts = [part for part in parts if (part.key, part.value) not in named]
    findings = (
        _in_texts(evidence, parts)
        if evidence.spec.task == "text"
        else _in_tables(evidence, parts, earlier)
    )
    rest = evidence.without(findings)
    decay = find_decay(rest) if not findings and not any(f.acts for f in earlier) else None
    return findings + ([_of_decay(rest, decay)] if decay else [])


def _in_tables(evidence: Evidence, parts: list[Part], earlier: Sequence[Finding]) -> list[Finding]:
    swaps = find_swaps(evidence, parts, evidence.policy.alpha_of("segment_fault") / 4)
    if not swaps:
        return _in_fields(evidence, parts, earlier)
    keep = ~np.any([swap.rows for swap in swaps], axis=0)
    rest = replace(evidence, now=evidence.now.where(keep))
    kept = [replace(part, now=part.now[keep]) for part in parts]
    findings = [_of_swap(evidence, swap) for swap in swaps]
    return findings + _in_fields(rest, kept, earlier)


def _in_fields(evidence: Evidence, parts: list[Part], earlier: Sequence[Finding]) -> list[Finding]:
    gone = {fault.field for finding in earlier for fault in finding.fields}
    tests = 2 * len(parts) * len(FIELD_CAUSES)
    nothing = np.zeros(len(evidence.now), dtype=bool)
    found: dict[tuple[str, str], list[Candidate]] = {}
    for part in parts:
        apart = came_apart(evidence, part)
        for cause in FIELD_CAUSES:
            if cause in NEEDS_DISTANCE and not apart:
                continue
            for one in _ask(evidence, part, cause, tests, nothing):
                name = one.finding.fields[0].field
                if name not in gone and not _elsewhere(evidence, part, cause, name):
                    found.setdefault((cause, name), []).append(one)
    findings: list[Finding] = []
    for (cause, name), candidates in found.items():
        while candidates:
            best = _narrowest(evidence, candidates, cause, name, tests)
            findings.append(_of_field(evidence, best))
            candidates = [
                one
                for one in candidates
                if one is not best and _still(evidence, one, best, cause, name, tests)
            ]
    return findings


def _elsewhere(evidence: Evidence, part: Part, cause: str, name: str) -> bool:
    """Does the rest of the traffic, asked with more leniency, show the same?

    Seasons do: the part and the rest are each held against the same few months.
    """
    nothing = np.zeros(len(evidence.now), dtype=bool)
    shown = _ask(evidence, part.rest(), cause, 1, nothing)
    return any(one.finding.fields[0].field == name for one in shown)


def _ask(
    evidence: Evidence, part: Part, cause: str, tests: int, but: np.ndarray
) -> list[Candidate]:
    if (part.now & ~but).sum() < MIN_ROWS:
        return []
    alone = within(evidence, part, cause, tests, but)
    day, candidates = evidence.day_index(evidence.now), []
    for finding in FIELD_CAUSES[cause](alone, ()):
        if not finding.fields or finding.since is None:
            continue
        start = (finding.since - evidence.days[0]).days
        until = finding.until or finding.fields[0].until
        stop = (until - evidence.days[0]).days if until else len(evidence.days)
        rows = part.now & ~but & (day >= start) & (day < stop)
        candidates.append(Candidate(part, cause, finding, rows))
    return candidates


def _still(
    evidence: Evidence, one: Candidate, taken: Candidate, cause: str, name: str, tests: int
) -> bool:
    """Does ``one`` hold without the rows of ``taken``?"""
    again = _ask(evidence, one.part, cause, tests, taken.rows)
    return any(other.finding.fields[0].field == name for other in again)


def _narrowest(
    evidence: Evidence, candidates: list[Candidate], cause: str, name: str, tests: int
) -> Candidate:
    """The smallest part without whose rows no other one is at fault; else the clearest one."""
    for one in sorted(candidates, key=lambda each: int(each.rows.sum())):
        others = [other for other in candidates if other is not one]
        if not any(_still(evidence, other, one, cause, name, tests) for other in others):
            return one
    return min(candidates, key=lambda each: each.finding.p_value)


def _of_field(evidence: Evidence, one: Candidate) -> Finding:
    part, inner = one.part, one.finding
    hit = evidence.now.where(one.rows)
    local = float(inner.numbers.get("effect", 0.0))
    overall = local * int(part.now.sum()) / len(evidence.now)
    fields = tuple(replace(fault, segment=(part.key, part.value)) for fault in inner.fields)
    return segment_finding(
        evidence,
        part,
        one.cause,
        f"Where {part.key} is {part.value}: {inner.evidence}",
        inner.fix,
        inner.p_value,
        (inner.since or evidence.days[0], inner.until or inner.fields[0].until),
        {**inner.numbers, "effect": overall, "effect_in_segment": local},
        hit,
        fields,
    )


def _of_swap(evidence: Evidence, swap: Swap) -> Finding:
    part, hit = swap.part, evidence.now.where(swap.rows)
    overall = answers_changed(evidence, hit, swapped_back(hit.inputs, swap))
    share = float(part.now.mean()) if part else 1.0
    span = (evidence.days[swap.start], day_after(evidence, swap.stop))
    segment = (part.key, part.value) if part else None
    where = f"Where {part.key} is {part.value}: " if part else ""
    return segment_finding(
        evidence,
        part,
        "swapped_fields",
        f"{where}{period(evidence, swap.start, swap.stop)} the fields {swap.a} and {swap.b} carry "
        f"each other's values, in {len(hit)} rows.",
        f"Have the sender put {swap.a} and {swap.b} back in their places.",
        swap.p_value,
        span,
        {"gain": swap.gain, "n": len(hit), "effect": overall, "effect_in_segment": overall / share},
        hit,
        tuple(
            FieldFault(name, "swapped_fields", *span, segment=segment, partner=partner)
            for name, partner in ((swap.a, swap.b), (swap.b, swap.a))
        ),
    )


def _in_texts(evidence: Evidence, parts: list[Part]) -> list[Finding]:
    garble = find_garble(evidence, parts)
    return [_of_garble(evidence, garble)] if garble else []


def _of_garble(evidence: Evidence, garble: Garble) -> Finding:
    day, now, part = evidence.day_index(evidence.now), evidence.now, garble.part
    hit = now.where(garble.rows)
    since, until = evidence.days[garble.start], day_after(evidence, garble.stop)
    mine = part.now if part else np.ones(len(now), dtype=bool)
    window = mine & (day >= garble.start) & (day < garble.stop)
    changed = answers_that_change(evidence, garble, hit)
    local = max(changed, _failures_rose(evidence, window, mine)) * len(hit) / max(1, mine.sum())
    where = f" where {part.key} is {part.value}" if part else ""
    numbers = {
        "distance": garble.distance,
        "n": len(hit),
        "effect": local * float(mine.mean()),
        "effect_in_segment": local,
    }
    segment = (part.key, part.value) if part else None
    return segment_finding(
        evidence,
        part,
        "changed_text",
        f"Since {since} the texts{where} differ from before in {NAMES[garble.form]}, in {len(hit)} "
        f"of {int(window.sum())} rows; it changes {changed * 100:.0f}% of their answers.",
        f"Have the sender give the texts{where} as before; rows of these days stay out of training.",
        garble.p_value,
        (since, until),
        numbers,
        now.where(window),
        (FieldFault("text", "changed_text", since, until, segment=segment),),
    )


def _failures_rose(evidence: Evidence, window: np.ndarray, mine: np.ndarray) -> float:
    """By how much more of the reviewed rows failed in the window, where that is beyond chance."""
    now, fair = evidence.now, evidence.now.reviewed & mine
    inside, outside = now.failed[fair & window], now.failed[fair & ~window]
    if not len(outside):
        was = evidence.before
        outside = was.failed[was.reviewed]
    if not len(inside) or not len(outside):
        return 0.0
    table = [[part.sum(), len(part) - part.sum()] for part in (inside, outside)]
    if stats.fisher_exact(table, alternative="greater").pvalue >= 1 - evidence.policy.confidence:
        return 0.0
    return float(inside.mean() - outside.mean())


def _of_decay(evidence: Evidence, decay: Decay) -> Finding:
    part, day = decay.part, evidence.day_index(evidence.now)
    since, until = evidence.days[decay.start], day_after(evidence, decay.stop)
    hit = evidence.now.where(part.now & (day >= decay.start) & (day < decay.stop))
    rise = decay.rate - decay.usual
    numbers = {
        "rate_inside": decay.rate,
        "rate_outside": decay.usual,
        "n": len(hit),
        "effect": rise * len(hit) / len(evidence.now),
        "effect_in_segment": rise,
    }
    return segment_finding(
        evidence,
        part,
        "wrong_answers",
        f"Since {since}, {decay.rate * 100:.0f}% of the {len(hit)} rows where {part.key} is "
        f"{part.value} showed a wrong answer, against {decay.usual * 100:.0f}% elsewhere, in "
        f"{decay.kinds} categories: {decay.why}.",
        f"Have the sender check what {part.key} {part.value} transmits since then.",
        decay.p_value,
        (since, until),
        numbers,
        hit,
        (),
    )
