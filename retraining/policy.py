"""Every threshold of the loop, once, with its reason and source. Pure.

Points are differences of rates: 0.05 is five points. A threshold trips only together with an
interval or a critical value: at the sample sizes of this trade most naive alarms are noise.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any


@dataclass(frozen=True)
class Policy:
    """The defaults of the trade. A model's overrides are rows; a cycle keeps what applied to it."""

    # --- intervals and evidence
    confidence: float = 0.95
    """The confidence level of every interval that a person reads. Convention."""
    category_min_n: int = 5
    """Below this many rows a category's figure is shown as too thin to judge: at 4 rows a Wilson
    interval spans 50 points or more."""
    audit_min_n: int = 15
    """Fewer audited rows a month than this say next to nothing: the interval spans 35 points."""

    label_error: float = 0.10
    """Labels that people give in passing are wrong about this often, until a model's own rows say
    otherwise. Measured on the public scenarios."""

    # --- monitor (the trade's thresholds)
    watch_drop: float = 0.03
    """Overall accuracy down 3 points: watch."""
    retrain_drop: float = 0.05
    """Overall accuracy down 5 points: schedule a retrain."""
    category_drop: float = 0.10
    """A category down 10 points: collect examples of that category."""
    psi_investigate: float = 0.10
    """PSI from 0.1: investigate (credit scoring's rule of thumb, Siddiqi 2006)."""
    psi_retrain: float = 0.25
    """PSI above 0.25: consider a retrain."""
    drift_alpha: float = 0.01
    """False-alarm rate of one drift test. PSI of two equal samples of 100 exceeds 0.1 in 85% of
    draws, so a threshold counts only above the permutation null's critical value."""
    proxy_rise: float = 0.10
    """A proxy signal (clicks, accepted) up by this much without accuracy following is inflated."""

    # --- diagnose
    false_alarms_a_year: float = 0.05
    """At most this share of years in which nothing happened may hold any alarm at all ..."""
    looks_a_year: int = 12
    """... over so many looks at a trailing month. See FALSE_ALARM_SHARES for who may spend it."""
    new_category_min_rows: int = 4
    """Labels outside the taxonomy before they count: one mistyped label makes no category."""
    new_category_min_days: int = 3
    """A new category that lasts shows on this many different days; a burst is a transient."""
    transient_max_days: int = 7
    """What lasts a week at most and is over is short-lived: campaigns, outages, weekends."""
    transient_min_rows: int = 8
    """Labelled rows inside a burst before it is told from chance."""
    weak_category_accuracy: float = 0.60
    """A category answered worse than this, upper bound included, is weak whatever it was before."""
    weak_category_share: float = 0.02
    """A category is worth collecting for once it carries this share of the labelled traffic."""
    missing_rise: float = 0.05
    """A field empty in 5 points more of the rows than in training is broken upstream."""
    frozen_min_days: int = 3
    """A field must stand still this many days, in ordinary traffic, before it is called frozen."""
    field_effect: float = 0.03
    """A field fault demands action where it moves accuracy or the prediction mix by this much."""
    confirm_reviews: int = 12
    """Reviewed rows on both sides of a change before accuracy is compared across it."""

    # --- collect
    collect_low: int = 50
    """50 to 200 new examples a cycle; fewer clean ones are used and said to be few."""
    collect_high: int = 200
    """The other end of that range: a person can't check more with care."""
    golden_holdout_share: float = 1 / 3
    """At most this share of a new category's reviewed rows becomes golden ..."""
    golden_holdout_min: int = 4
    """... and at least so many, or none."""

    # --- gate
    gate_gain: float = 0.015
    """The target metric must rise by at least 1.5 points ..."""
    gate_alpha: float = 0.05
    """... and more rows fixed than broken, one-sided exact McNemar at this level."""
    protected_margin: float = 0.06
    """Non-inferiority margin of the pooled protected group: the one-sided lower bound stays above
    minus this. At the 100 to 130 golden rows of a first year, two equally good models that differ
    in seven answers can rule out 5 points, and no less."""
    category_net_loss_rows: int = 2
    """A category guard trips at a net loss of this many golden rows ..."""
    category_net_loss_share: float = 0.25
    """... that is also more than this share of the category's golden rows. Measured on public
    scenarios: with the paired test it passes 62% of good and 5% of broken candidates."""
    category_sign_alpha: float = 0.10
    """Rows labelled for a category in doubt confirm its loss at this level: a dozen are asked for,
    and a candidate that broke a category loses nearly all of those that changed."""
    moved_min_rows: int = 2
    """A category that gives up this many unlabelled rows of a month ..."""
    moved_share: float = 0.15
    """... and more than this share of them to an old neighbour is asked about: labelled rows that
    neither model had learned answer at once, so the bar can be low. A category that truly loses 27%
    of 24 rows a month is over it nine times in ten."""
    calibration_margin: float = 0.05
    """Guard: the mean Brier loss of the given answers may rise by this much, and more where chance
    explains it. A model that says 95% and is right in 80% adds 0.02; one that is always sure adds
    its whole error rate."""
    latency_ratio: float = 3.0
    """Guard: a row may take three times as long as before ..."""
    latency_floor_ms: float = 20.0
    """... and below 20 ms a row nobody waits for it, whatever the ratio."""
    size_ratio: float = 5.0
    """Guard: the artifact may be five times as large as before (trees grow with categories) ..."""
    size_floor_mb: float = 100.0
    """... and below 100 MB it loads in a second anywhere."""
    sealed_from: int = 400
    """From so many golden rows on a part of them is sealed: below, every row is needed."""
    sealed_share: float = 0.25
    """The share of golden rows that only the final decision looks at: 100 of 400, which still show
    a loss of 9 points in either direction."""
    gate_worth: float = 0.06
    """A gain of 6 points must not be missed: while it is not ruled out, labels are asked for."""
    power: float = 0.80
    """The power that 'label about N more' aims at."""
    label_more_max: int = 300
    """More labels than this are not worth asking for in one cycle."""

    # --- growth
    growth_gain: float = 0.015
    """An expected gain of 1.5 points is worth a retrain window ..."""
    growth_alpha: float = 0.10
    """... where more new rows are fixed than broken, at this one-sided level. Milder than the gate's,
    which decides on the candidate. At 0.20 one more was tried in five simulated half-years, and the
    gate let it not pass: 36 asked rows fixed, 33 broken."""

    # --- running
    lease_seconds: int = 120
    """A working cycle renews its lease every third of this."""
    max_attempts: int = 3
    """A stage that failed this often is a poison row: quarantined and alerted."""

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The names of all thresholds."""
        return tuple(field.name for field in fields(cls))

    def with_overrides(self, overrides: Mapping[str, Any]) -> "Policy":
        """This policy with some values replaced.

        Raises ValueError for an unknown name, TypeError for a value that is not a number of the
        default's kind.
        """
        checked: dict[str, float | int] = {}
        for name, value in overrides.items():
            if name not in self.names():
                raise ValueError(f"the policy has no threshold {name!r}")
            kind = type(getattr(self, name))
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise TypeError(f"{name} takes a number, not {value!r}")
            if kind is int and value != int(value):
                raise TypeError(f"{name} takes a whole number, not {value!r}")
            if value < 0:
                raise ValueError(f"{name} cannot be negative")
            checked[name] = kind(value)
        return replace(self, **checked)  # type: ignore[arg-type]

    def alpha_of(self, cause: str) -> float:
        """The chance with which one cause may fire in a month in which nothing happened.

        Its share of the year's budget (union bound over looks and causes). A cause that raises no
        alarm (``mix_shift``, ``proxy_inflation``) spends none: its rate is that of a drift test.
        """
        share = FALSE_ALARM_SHARES.get(cause)
        if share is None:
            return self.drift_alpha
        return self.false_alarms_a_year / self.looks_a_year * share

    def snapshot(self) -> dict[str, float | int]:
        """All values, as a cycle keeps them."""
        return asdict(self)

    @classmethod
    def from_snapshot(cls, snapshot: Mapping[str, Any]) -> "Policy":
        """The policy that a cycle kept; thresholds that came later have their defaults."""
        return cls().with_overrides({k: v for k, v in snapshot.items() if k in cls.names()})


# Who may spend the year's budget of false alarms. Faults of a feed show in every row and need
# little; what has to be read from a few labelled rows a day gets most. They sum to 1.
FALSE_ALARM_SHARES: Mapping[str, float] = {
    "missing_values": 0.02,
    "frozen_field": 0.02,
    "shifted_field": 0.02,
    "unit_change": 0.02,
    "truncated_input": 0.02,
    "late_field": 0.02,
    "segment_fault": 0.04,
    "serving_change": 0.02,
    "new_category": 0.03,
    "transient": 0.51,
    "weak_category": 0.06,
    "concept_change": 0.14,
    "label_noise": 0.04,
    "insufficient_evidence": 0.04,
}

# How often the world of a domain changes, in days: how long "wait" may wait, and what the report
# calls usual. Support monthly; legal and healthcare quarterly; e-commerce every two weeks to
# monthly; finance monthly to quarterly; knowledge base monthly. Source: the agency's own practice.
CHANGE_RATE_DAYS: Mapping[str, tuple[int, int]] = {
    "customer_support": (30, 30),
    "legal": (90, 90),
    "healthcare": (90, 90),
    "e_commerce": (14, 30),
    "finance": (30, 90),
    "knowledge_base": (30, 30),
}


def wait_days(*, domain: str, check_every_days: int) -> int:
    """How many days a verdict of wait may wait before what still differs counts as lasting.

    As long as the domain's world usually takes to change, rounded up to the tier's next check: the
    domain says how long a burst deserves patience, the tier how soon anyone looks. An unknown
    domain waits like the slowest.

    >>> wait_days(domain="e_commerce", check_every_days=7), wait_days(domain="legal", check_every_days=30)
    (14, 90)
    """
    usual = CHANGE_RATE_DAYS.get(domain, (90, 90))[0]
    return -(-usual // check_every_days) * check_every_days
