"""Is one part of the traffic failing while the average looks well?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from retraining.stats.checks import numbers, whole
from retraining.stats.errors import BadSample
from retraining.stats.estimate import Estimate
from retraining.stats.intervals import Difference, rate_difference, wilson
from retraining.stats.multiplicity import benjamini_hochberg, holm


@dataclass(frozen=True)
class Cohort:
    """Failures of the rows whose `key` is `value`, against the rest and against earlier.

    `against_rest`: this cohort's rate less that of the rest of the same rows; `p_adjusted`: its
    p-value among all cohorts that were looked at (Holm). `against_before`: its rate now less its
    own rate earlier, None without earlier rows; `before_p_adjusted` likewise.
    """

    key: str
    value: str
    rate: Estimate
    against_rest: Difference
    p_adjusted: float
    against_before: Difference | None
    before_p_adjusted: float | None

    def as_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "key": self.key,
            "value": self.value,
            **self.rate.as_dict(),
            "against_rest": self.against_rest.as_dict(),
            "p_adjusted": self.p_adjusted,
            "against_before": self.against_before.as_dict() if self.against_before else None,
            "before_p_adjusted": self.before_p_adjusted,
        }


def failing_cohorts(
    *,
    failed: ArrayLike,
    keys: Mapping[str, Sequence[Any]],
    failed_before: ArrayLike = (),
    keys_before: Mapping[str, Sequence[Any]] | None = None,
    min_n: int = 10,
    adjust: str = "holm",
    confidence: float = 0.95,
) -> list[Cohort]:
    """In which segment or version do answers fail more often than elsewhere, or than before?

    Each value of each key with at least `min_n` rows, and as many outside it, is compared with the
    rest of the rows, and where it has `min_n` earlier rows with those: Newcombe's interval and
    Fisher's exact p, adjusted over all comparisons of their kind (`holm`: any false one is too many;
    `bh`: a known share of false ones is bearable). Sorted by the adjusted p-values, then by how far
    the cohort lies above the rest. Assumes independent rows. Missing values (None, NaN) belong to
    no cohort, but to the rest of the others.

    Shapes: `failed` (n,) true or false; each entry of `keys` (n,); the earlier ones likewise. Units:
    fractions. Errors: `BadSample` for different lengths, entries other than true and false, or an
    unknown `adjust`. Source: as `rate_difference` and `holm`.

    >>> worst = failing_cohorts(failed=[1] * 20 + [0] * 20 + [1] * 6 + [0] * 54,
    ...                         keys={"app": ["5.2"] * 40 + ["5.1"] * 60})[0]
    >>> worst.key, worst.value, worst.rate.estimate, round(worst.against_rest.delta, 2)
    ('app', '5.2', 0.5, 0.4)
    >>> worst.p_adjusted < 0.001
    True
    """
    adjusting = {"holm": holm, "bh": benjamini_hochberg}.get(adjust)
    if adjusting is None:
        raise BadSample(f"adjust must be holm or bh, not {adjust!r}")
    least = whole("min_n", min_n, at_least=1)
    now, earlier = _outcomes(failed), _outcomes(failed_before)
    earlier_keys = keys_before or {}
    found: list[tuple[str, str, Estimate, Difference, Difference | None]] = []
    for key in sorted(keys):
        values = _texts(key, keys[key], now.size)
        past = _texts(key, earlier_keys.get(key, ["" for _ in earlier]), earlier.size)
        for value in sorted(set(values) - {""}):
            own, was = values == value, past == value
            if own.sum() < least or (~own).sum() < least:
                continue
            rate = wilson(successes=int(now[own].sum()), n=int(own.sum()), confidence=confidence)
            rest = _difference(now[~own], now[own], confidence)
            change = _difference(earlier[was], now[own], confidence) if was.sum() >= least else None
            found.append((key, value, rate, rest, change))
    rest_p = adjusting([rest.p_value for _, _, _, rest, _ in found])
    changes = [change.p_value for *_, change in found if change]
    change_p = iter(adjusting(changes))
    cohorts = [
        Cohort(
            key=key,
            value=value,
            rate=rate,
            against_rest=rest,
            p_adjusted=float(p),
            against_before=change,
            before_p_adjusted=float(next(change_p)) if change else None,
        )
        for (key, value, rate, rest, change), p in zip(found, rest_p, strict=True)
    ]
    return sorted(cohorts, key=_weight)


def _weight(cohort: Cohort) -> tuple[float, float]:
    """Small for what fails most clearly; a cohort that does better than the rest comes last."""
    ps = [cohort.p_adjusted if cohort.against_rest.delta > 0 else 1.0]
    if cohort.against_before and cohort.against_before.delta > 0:
        ps.append(cohort.before_p_adjusted or 0.0)
    return min(ps), -cohort.against_rest.delta


def _difference(
    before: NDArray[np.bool_], after: NDArray[np.bool_], confidence: float
) -> Difference:
    return rate_difference(
        before_successes=int(before.sum()),
        before_n=before.size,
        after_successes=int(after.sum()),
        after_n=after.size,
        confidence=confidence,
    )


def _outcomes(values: ArrayLike) -> NDArray[np.bool_]:
    array = numbers("failed", values, keep_missing=True)
    if not np.all((array == 0) | (array == 1)):
        raise BadSample("failed must hold true and false only")
    return array.astype(bool)


def _texts(key: str, values: Sequence[Any], n: int) -> NDArray[np.object_]:
    texts = ["" if value is None or value != value else str(value) for value in values]
    if len(texts) != n:
        raise BadSample(f"{key} has {len(texts)} values for {n} rows")
    return np.array(texts, dtype=object)
