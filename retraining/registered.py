"""What the gate will judge, written down before a candidate exists. Pure.

A target, a margin or a limit that is chosen after the answers are known proves nothing. A cycle
stores one of these when its training begins; the comparison uses nothing else.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from retraining.gain import LOOKS, alpha_of_look
from retraining.policy import Policy

LIMITS = (
    "confidence",
    "category_min_n",
    "gate_gain",
    "gate_alpha",
    "gate_worth",
    "growth_gain",
    "protected_margin",
    "category_net_loss_rows",
    "category_net_loss_share",
    "category_sign_alpha",
    "moved_min_rows",
    "moved_share",
    "power",
    "label_more_max",
    "calibration_margin",
    "latency_ratio",
    "latency_floor_ms",
    "size_ratio",
    "size_floor_mb",
    "sealed_from",
    "sealed_share",
)
"""The thresholds of the policy that a comparison reads."""


@dataclass(frozen=True)
class Registered:
    """One cycle's question: about which categories, on which rows, with which limits.

    ``target`` empty means all rows. ``protected`` are the golden categories that are neither target
    nor new. ``looks`` are the levels of the looks at a candidate; one that
    no look can follow takes what is left of them.
    """

    target: tuple[str, ...]
    new: tuple[str, ...]
    protected: tuple[str, ...]
    must_pass: tuple[str, ...]
    growth: bool
    golden_version: int
    n: int
    sealed: int
    limits: Mapping[str, float]
    looks: tuple[float, ...]

    @classmethod
    def of(
        cls,
        *,
        new: Collection[str],
        weak: Collection[str],
        golden: Mapping[str, str],
        golden_version: int,
        must_pass: Collection[str],
        growth: bool,
        policy: Policy,
    ) -> "Registered":
        """From the categories that the diagnosis found, and the golden rows (id -> label)."""
        target = (set(new) | set(weak)) & set(golden.values())
        passing = set(must_pass) & set(golden)
        sealed = sealed_ids(golden, must_pass=passing, policy=policy)
        values = policy.snapshot()
        return cls(
            target=tuple(sorted(target)),
            new=tuple(sorted(new)),
            protected=tuple(sorted(set(golden.values()) - target - set(new))),
            must_pass=tuple(sorted(passing)),
            growth=growth,
            golden_version=golden_version,
            n=len(golden),
            sealed=len(sealed),
            limits={name: values[name] for name in LIMITS},
            looks=tuple(
                alpha_of_look(policy, look, last=look == LOOKS) for look in range(1, LOOKS + 1)
            ),
        )

    def policy(self, applied: Policy) -> Policy:
        """The policy that applied to the cycle, with the limits as they were registered."""
        return applied.with_overrides(dict(self.limits))

    def as_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "Registered":
        """What ``as_dict`` gave."""
        values: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in stored.items()
        }
        return cls(**values)


def sealed_ids(
    ids: Collection[str], *, must_pass: Collection[str] = (), policy: Policy
) -> frozenset[str]:
    """The golden rows that only a final decision may look at: none below ``sealed_from`` rows.

    Drawn by the hash of the row's id, so that a row never changes sides when others join, and
    nobody chooses. A row that must pass is looked at by every gate, so it can't be sealed.
    """
    if len(ids) < policy.sealed_from:
        return frozenset()
    return frozenset(i for i in ids if i not in must_pass and _place(i) < policy.sealed_share)


def _place(row_id: str) -> float:
    """A number in [0, 1) that is the row's own."""
    return int.from_bytes(sha256(f"sealed:{row_id}".encode()).digest()[:8]) / 2**64
