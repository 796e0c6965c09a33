"""Guard metrics of the gate: calibration, latency and size must not get much worse. Pure.

They stop a promotion where a loss beyond the limit is shown, not where it can't be ruled out: they
guard, the paired answers decide. The two that are tests share one level by Holm.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retraining.policy import Policy
from retraining.stats.multiplicity import holm
from retraining.stats.paired import mcnemar_greater

RESAMPLES = 4_000
BINS = 10
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Guarded:
    """One metric before and after; ``failed`` where it is worse than its limit allows."""

    metric: str
    before: float
    after: float
    limit: float
    p_value: float | None
    failed: bool
    sentence: str

    def as_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Confident:
    """Answers to n golden rows: right or wrong, and the confidence of each."""

    right: NDArray[np.bool_]
    confidence: NDArray[np.float64]

    @property
    def loss(self) -> NDArray[np.float64]:
        """(confidence - right) squared, row by row: the Brier loss of the given answer."""
        return np.asarray((self.confidence - self.right) ** 2, dtype=np.float64)

    @property
    def expected_error(self) -> float:
        """Expected calibration error: the gap between confidence and accuracy in ten equal bins of
        confidence, weighted by their rows (Guo et al. 2017)."""
        bins = np.minimum((self.confidence * BINS).astype(int), BINS - 1)
        gaps = [
            abs(self.confidence[bins == b].mean() - self.right[bins == b].mean())
            * (bins == b).mean()
            for b in np.unique(bins)
        ]
        return float(np.sum(gaps))


def guard_metrics(
    *,
    before: Confident,
    after: Confident,
    seconds: tuple[NDArray[np.float64], NDArray[np.float64]],
    sizes: tuple[int, int],
    policy: Policy,
    seed: int,
) -> tuple[Guarded, ...]:
    """All guard metrics of one comparison.

    ``seconds`` are both models' times a row in the same k timed runs, ``sizes`` the bytes of both
    artifacts.
    """
    calibration_p = _worse_calibrated(before, after, policy, seed)
    slow, fast = seconds[1], seconds[0]
    over = int(np.sum(slow > policy.latency_ratio * fast))
    latency_p = mcnemar_greater(fixed=over, broken=len(slow) - over)
    level = policy.gate_alpha
    adjusted = holm([calibration_p, latency_p])
    times = float(np.median(fast) * 1000), float(np.median(slow) * 1000)
    small, large = sizes[0] / MEGABYTE, sizes[1] / MEGABYTE
    return (
        Guarded(
            "calibration",
            before.expected_error,
            after.expected_error,
            policy.calibration_margin,
            calibration_p,
            bool(adjusted[0] <= level),
            f"Confidence means less: Brier loss {before.loss.mean():.3f} before, "
            f"{after.loss.mean():.3f} after (margin {policy.calibration_margin:g}).",
        ),
        Guarded(
            "latency_ms",
            *times,
            policy.latency_ratio,
            latency_p,
            bool(adjusted[1] <= level and times[1] > policy.latency_floor_ms),
            f"Slower: {times[0]:.1f} ms a row before, {times[1]:.1f} ms after "
            f"(limit {policy.latency_ratio:g} times).",
        ),
        Guarded(
            "artifact_mb",
            small,
            large,
            policy.size_ratio,
            None,
            large > policy.size_floor_mb and large > policy.size_ratio * small,
            f"Larger: {small:.1f} MB before, {large:.1f} MB after "
            f"(limit {policy.size_ratio:g} times).",
        ),
    )


def _worse_calibrated(before: Confident, after: Confident, policy: Policy, seed: int) -> float:
    """Could a Brier loss so much higher be luck? Paired bootstrap of the mean difference, one-sided
    against "worse by the margin at most"; (1 + draws at or below the margin) / (draws + 1)."""
    difference = after.loss - before.loss
    n = len(difference)
    rng = np.random.default_rng(seed)
    means = rng.multinomial(n, np.full(n, 1 / n), size=RESAMPLES) @ difference / n
    return float((1 + np.sum(means <= policy.calibration_margin)) / (RESAMPLES + 1))
