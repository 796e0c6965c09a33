"""The model is asked other things than before, and answers them as well as before."""

from collections.abc import Sequence

import numpy as np

from retraining.causes.evidence import Evidence, Finding
from retraining.stats.drift import Bins, psi_test

# Earlier rows before the mix has something to be compared with.
MIN_ROWS = 60


def find(evidence: Evidence, earlier: Sequence[Finding]) -> list[Finding]:
    """PSI of the live version's answers, this month against earlier rows, above threshold and chance."""
    policy = evidence.policy
    if min(len(evidence.now), len(evidence.before)) < MIN_ROWS:
        return []
    before, _ = evidence.predict(evidence.before.inputs)
    after = evidence.now.rows["prediction"]
    bins = Bins.of_labels(list(before))
    was, is_ = bins.counts(list(before)), bins.counts(list(after))
    test = psi_test(reference=was, current=is_, alpha=policy.drift_alpha, seed=evidence.seed)
    if not test.tripped_at(policy.psi_investigate):
        return []
    moved = np.argsort(-(is_ / is_.sum() - was / was.sum()))[:3]
    risen = [bins.names[i] for i in moved if is_[i] / is_.sum() > was[i] / was.sum()]
    return [
        Finding(
            cause="mix_shift",
            evidence=(
                f"The mix of answers moved (PSI {test.value:.2f}, chance stays below "
                f"{test.critical:.2f} at {test.n_reference} and {test.n_current} rows): more of "
                f"{', '.join(risen)}."
            ),
            fix="Nothing to retrain as long as each category is answered as before.",
            p_value=test.p_value,
            numbers={**test.as_dict(), "risen": risen},
            categories=(),
        )
    ]
