"""A rate is never a bare number: estimate, interval and n travel together."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Estimate:
    """How large is it, how sure are we, and from how many rows?

    `estimate`, `low` and `high` share one unit (for a rate a fraction, 0.91 is 91 %); `n` is the
    number of rows behind it.

    >>> Estimate(0.9, 0.8, 0.95, 50).as_dict()
    {'estimate': 0.9, 'low': 0.8, 'high': 0.95, 'n': 50}
    """

    estimate: float
    low: float
    high: float
    n: int

    def as_dict(self) -> dict[str, float | int]:
        """Plain floats and ints, ready for JSON."""
        return {
            "estimate": float(self.estimate),
            "low": float(self.low),
            "high": float(self.high),
            "n": int(self.n),
        }
