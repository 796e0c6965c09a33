"""An insurer's claims desk: approve, review or deny, from numbers and categories."""

import numpy as np
import pandas as pd

from bench.simulation.world import Feed, Sample
from retraining.learners.base import InputSpec

LEVELS = ("approve", "review", "deny")
PRODUCTS = ("motor", "home", "travel", "liability", "marine")
REGIONS = ("north", "south", "east", "west", "islands", "capital")
POOL = 6


class ClaimsWorld:
    """A risk score behind ordered decisions; fraud is thin at launch, cyber claims come later."""

    task = "tabular"
    spec = InputSpec(
        "tabular",
        numeric=("amount", "excess", "age_days", "prior_claims", "customer_age", "report_days"),
        categorical=("product", "region", "garage"),
    )
    established: tuple[str, ...] = LEVELS
    thin: tuple[str, ...] = ("fraud",)
    unborn: tuple[str, ...] = ("cyber",)
    feed = Feed(
        units={
            "amount": (("cents", 100.0, 0.0), ("thousands", 0.001, 0.0)),
            "age_days": (("months", 12 / 365.25, 0.0), ("years", 1 / 365.25, 0.0)),
            "report_days": (("hours", 24.0, 0.0),),
        },
        together={"amount": ("amount", "excess")},
        freezing=("amount", "prior_claims", "report_days", "product"),
        emptied=("amount", "prior_claims", "age_days", "product", "report_days"),
        swapped=(("amount", "age_days"), ("customer_age", "report_days")),
    )

    def __init__(self, seed: int) -> None:
        self.name = f"claims-{seed}"
        self.seed = seed
        rng = np.random.default_rng([seed, 0])
        self._product = dict(
            zip(PRODUCTS, rng.permutation([-0.9, -0.4, 0.0, 0.5, 1.0]), strict=True)
        )
        self._region = dict(zip(REGIONS, rng.normal(0, 0.15, len(REGIONS)), strict=True))
        self._shares = rng.dirichlet(np.full(len(PRODUCTS), 10.0))
        self._noise = float(rng.uniform(0.08, 0.14))
        self.segments: dict[str, tuple[str, ...]] = {
            "source": ("portal", "broker", "phone"),
            "form_version": ("7", "", ""),
            "tier": ("retail", "business"),
        }
        _, score = self._draw(rng, 4000)
        self._cuts = np.quantile(score, (0.45, 0.75))

    def _draw(self, rng: np.random.Generator, n: int) -> tuple[pd.DataFrame, np.ndarray]:
        amount = np.round(np.exp(rng.normal(7.2, 0.8, n)))
        rows = pd.DataFrame(
            {
                "amount": amount,
                "excess": np.round(amount * rng.uniform(0.05, 0.2, n)),
                "age_days": rng.integers(20, 3650, n).astype(float),
                "prior_claims": np.minimum(rng.poisson(0.9, n), 6).astype(float),
                "customer_age": rng.integers(18, 85, n).astype(float),
                "report_days": np.round(rng.gamma(1.6, 4, n), 1),
                "product": pd.Series(rng.choice(PRODUCTS, size=n, p=self._shares), dtype=object),
                "region": pd.Series(rng.choice(REGIONS, size=n), dtype=object),
                "garage": pd.Series(rng.choice(["partner", "free", "none"], size=n), dtype=object),
            }
        )
        return rows, self._risk(rng, rows)

    def _risk(self, rng: np.random.Generator, rows: pd.DataFrame) -> np.ndarray:
        young = np.exp(-rows["age_days"].to_numpy(dtype=float) / 400)
        return np.asarray(
            1.3 * (np.log(rows["amount"].to_numpy(dtype=float)) - 7.2)
            + 0.55 * rows["prior_claims"].to_numpy(dtype=float)
            + 0.9 * young
            + 0.05 * np.minimum(rows["report_days"].to_numpy(dtype=float), 30)
            + rows["product"].map(self._product).to_numpy(dtype=float)
            + rows["region"].map(self._region).to_numpy(dtype=float)
            + rng.normal(0, self._noise, len(rows))
        )

    def level(self, score: np.ndarray) -> np.ndarray:
        return np.array(LEVELS, dtype=object)[np.searchsorted(self._cuts, score)]

    def stamps(self, rng: np.random.Generator, first: pd.Timestamp, days: int, n: int) -> pd.Series:
        """Mostly in office hours, every day."""
        day = rng.integers(0, days, size=n)
        seconds = (np.clip(rng.normal(13, 3.5, n), 0, 23.99) * 3600).astype(int)
        return pd.Series(first + pd.to_timedelta(np.sort(day * 86400 + seconds), unit="s"))

    def sample(self, rng: np.random.Generator, stamps: pd.Series, wanted: np.ndarray) -> Sample:
        n = len(stamps)
        rows, score = self._draw(rng, POOL * n + 200)
        truth = self.level(score)
        chosen = np.full(n, -1)
        chosen[pd.isna(wanted)] = np.arange(int(pd.isna(wanted).sum()))
        for name in set(wanted[~pd.isna(wanted)]):
            mine = np.flatnonzero(wanted == name)
            pool = np.flatnonzero(truth[n:] == name) + n if name in LEVELS else np.arange(n, 2 * n)
            chosen[mine] = rng.choice(pool, size=len(mine), replace=len(pool) < len(mine))
        inputs = rows.iloc[chosen].reset_index(drop=True)
        found, scores = truth[chosen], score[chosen]
        for name, shape in (("fraud", self._as_fraud), ("cyber", self._as_cyber)):
            mine = np.flatnonzero(wanted == name)
            if len(mine):
                inputs.iloc[mine] = shape(rng, inputs.iloc[mine].copy())
                found[mine] = name
        return Sample(inputs, found, scores)

    def _as_fraud(self, rng: np.random.Generator, rows: pd.DataFrame) -> pd.DataFrame:
        """Fresh contracts of motor cars, reported late, repaired outside the partners."""
        n = len(rows)
        return rows.assign(
            age_days=rng.integers(20, 90, n).astype(float),
            report_days=np.round(rng.uniform(18, 40, n), 1),
            garage="free",
            product="motor",
        )

    def _as_cyber(self, rng: np.random.Generator, rows: pd.DataFrame) -> pd.DataFrame:
        """High amounts under liability, with no garage, in the capital."""
        amount = np.round(np.exp(rng.normal(8.6, 0.4, len(rows))))
        return rows.assign(
            amount=amount,
            excess=np.round(0.1 * amount),
            garage="none",
            product="liability",
            region="capital",
        )
