"""A help desk in a made-up language: categories in families that share words."""

import numpy as np
import pandas as pd

from bench.simulation.world import Feed, Sample
from retraining.learners.base import InputSpec

ONSETS = "b d f g k l m n p r s t v z br dr kl pl st tr sh".split()
VOWELS = "a e i o u ai ou ee".split()
CODAS = ["", "", "n", "r", "s", "l", "t", "m"]
LETTERS = "abcdefghijklmnopqrstuvwxyz"
FAMILY = 3


class TextWorld:
    """About two dozen categories; a message holds a few telling words among small talk."""

    task = "text"
    spec = InputSpec("text")
    feed = Feed()

    def __init__(self, seed: int) -> None:
        self.name = f"desk-{seed}"
        self.seed = seed
        rng = np.random.default_rng([seed, 0])
        self._known: set[str] = set()
        families = int(rng.integers(8, 11))
        names = [self._word(rng, 3) for _ in range(families * FAMILY)]
        self._family = {name: i // FAMILY for i, name in enumerate(names)}
        self._own = {name: [self._word(rng) for _ in range(7)] for name in names}
        self._shared = [[self._word(rng) for _ in range(6)] for _ in range(families)]
        self._talk = [self._word(rng, int(rng.integers(1, 3))) for _ in range(60)]
        self._openings = [list(rng.choice(self._talk, size=rng.integers(1, 5))) for _ in range(12)]
        # The last of some families are thin at launch, or not born yet.
        last = [names[i * FAMILY + FAMILY - 1] for i in range(families)]
        picked = list(rng.permutation(last)[:6])
        self.thin, self.unborn = tuple(picked[:3]), tuple(picked[3:])
        self.established = tuple(n for n in names if n not in picked)
        self._weights = rng.dirichlet(np.full(len(self.established), 8.0))
        self.segments: dict[str, tuple[str, ...]] = {
            "channel": ("web", "mobile", "email"),
            "app_version": ("", "5.1.0", ""),
            "customer_tier": ("free", "plus", "business"),
        }

    def _word(self, rng: np.random.Generator, syllables: int = 0) -> str:
        while True:
            count = syllables or int(rng.integers(2, 4))
            parts = [
                str(rng.choice(ONSETS)) + str(rng.choice(VOWELS)) + str(rng.choice(CODAS))
                for _ in range(count)
            ]
            word = "".join(parts)
            if word not in self._known:
                self._known.add(word)
                return word

    def stamps(self, rng: np.random.Generator, first: pd.Timestamp, days: int, n: int) -> pd.Series:
        """More by day than by night, a little less at weekends."""
        day = rng.integers(0, days, size=n)
        weekend = (first.day_of_week + day) % 7 >= 5
        day = np.where(weekend & (rng.random(n) < 0.3), rng.integers(0, days, size=n), day)
        seconds = (np.clip(rng.normal(13, 4, n), 0, 23.99) * 3600).astype(int)
        stamps = first + pd.to_timedelta(np.sort(day * 86400 + seconds), unit="s")
        return pd.Series(stamps)

    def sample(self, rng: np.random.Generator, stamps: pd.Series, wanted: np.ndarray) -> Sample:
        drawn = rng.choice(self.established, size=len(stamps), p=self._weights)
        truth = np.where(pd.isna(wanted), drawn, wanted).astype(object)
        texts = [self._message(rng, category) for category in truth]
        inputs = pd.DataFrame({"text": pd.Series(texts, dtype=object)})
        return Sample(inputs, truth, np.full(len(texts), np.nan))

    def level(self, score: np.ndarray) -> np.ndarray:
        raise TypeError("categories of texts have no order")

    def _message(self, rng: np.random.Generator, category: str) -> str:
        telling = []
        for _ in range(int(rng.integers(2, 5))):
            kind = rng.random()
            if kind < 0.66:
                own = self._own[category]
                telling.append(own[min(int(rng.exponential(2.2)), len(own) - 1)])
            elif kind < 0.94:
                telling.append(str(rng.choice(self._shared[self._family[category]])))
            else:
                other = self._own[str(rng.choice(self.established))]
                telling.append(str(rng.choice(other)))
        words = list(rng.choice(self._talk, size=rng.integers(2, 7))) + telling
        rng.shuffle(words)
        words = self._openings[rng.integers(len(self._openings))] + words
        text = " ".join(self._typed(rng, str(word)) for word in words)
        return text[0].upper() + text[1:] + ("?" if rng.random() < 0.5 else ".")

    def _typed(self, rng: np.random.Generator, word: str) -> str:
        if len(word) < 4 or rng.random() > 0.04:
            return word
        at = int(rng.integers(1, len(word) - 1))
        kind = rng.integers(3)
        if kind == 0:
            return word[:at] + word[at + 1 :]
        if kind == 1:
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        return word[:at] + LETTERS[rng.integers(26)] + word[at + 1 :]
