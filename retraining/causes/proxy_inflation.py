"""A proxy (clicks, accepted answers) rose although the model did not get better."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from retraining.causes.evidence import Evidence, Finding, Rows, accuracy_change
from retraining.stats.changepoint import lasting_change
from retraining.stats.intervals import rate_difference
from retraining.stats.multiplicity import holm

MIN_ROWS = 60


def find(evidence: Evidence, earlier: Sequence[Finding]) -> list[Finding]:
    """Each yes/no signal against earlier rows, Holm over the signals; reviewed accuracy decides.

    Only reactions to the answers in hand count: replayed rows have none.
    """
    policy = evidence.policy
    tests = []
    for name in evidence.now.signals.columns:
        now, before = _yes_no(evidence.now, name), _yes_no(evidence.before, name)
        if min(now.notna().sum(), before.notna().sum()) < MIN_ROWS:
            continue
        change = rate_difference(
            before_successes=int(before.sum()),
            before_n=int(before.notna().sum()),
            after_successes=int(now.sum()),
            after_n=int(now.notna().sum()),
            confidence=policy.confidence,
        )
        tests.append((name, now, change))
    if not tests:
        return []
    accuracy = accuracy_change(evidence)
    if accuracy is not None and accuracy.low > 0:
        return []
    findings = []
    adjusted = holm([change.p_value for *_, change in tests])
    for (name, now, change), p_value in zip(tests, adjusted, strict=True):
        if change.delta < policy.proxy_rise or p_value >= policy.alpha_of("proxy_inflation"):
            continue
        seen = now.notna().to_numpy(dtype=bool)
        found = lasting_change(
            events=evidence.per_day(evidence.now, (now == 1).to_numpy(dtype=bool)),
            totals=evidence.per_day(evidence.now, seen),
            draws=99,
            seed=evidence.seed,
        )
        inside_month = found is not None and found.p_value < policy.alpha_of("proxy_inflation") * 2
        since = evidence.days[found.start if found and inside_month else 0]
        findings.append(
            Finding(
                cause="proxy_inflation",
                evidence=(
                    f"The signal {name} rose by {change.delta * 100:.0f} points "
                    f"({change.low * 100:.0f} to {change.high * 100:.0f}, n={change.n_after}) while "
                    "reviewed accuracy did not rise."
                ),
                fix=f"Do not read {name} as quality, and do not train on it.",
                p_value=float(p_value),
                since=since,
                numbers=change.as_dict(),
                signals=(name,),
            )
        )
    return findings


def _yes_no(rows: Rows, name: str) -> pd.Series:
    """The signal as 1, 0 or NaN; whatever is no yes or no is left out, and so are replayed rows."""
    if name not in rows.signals:
        return pd.Series(np.full(len(rows), np.nan))
    values = rows.signals[name].map({True: 1.0, False: 0.0})
    return values.astype(float).where(~rows.rows["replayed"].astype(bool))
