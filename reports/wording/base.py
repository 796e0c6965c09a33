"""Numbers, days and names as a language writes them, and its strings by key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from reports.facts import Difference, Rate
from reports.wording.catalogue import Strings, plural_keys


@dataclass(frozen=True)
class Wording:
    """One language: its strings by key, and its way to write what a string is filled with."""

    language: str
    strings: Strings

    @property
    def decimal(self) -> str:
        """The decimal point, or comma."""
        return self.strings["number.decimal"]

    def t(self, key: str, **values: object) -> str:
        """The string of that key, filled in; where it counts, in the form that ``n`` things take."""
        if key in plural_keys() and "n" in values:
            digits = str(values["n"])
            n = int(digits) if digits.isdecimal() else 2  # a number with separators is many
            return self.strings.counted(key, n).format(**values)
        return self.strings[key].format(**values)

    def known(self, key: str, otherwise: str) -> str:
        """The string of that key; a code that came later than these strings reads as itself."""
        return self.strings.get(key, otherwise.replace("_", " "))

    def number(self, value: float, digits: int = 0) -> str:
        """``1,234.5``; a minus is a minus sign and not a hyphen."""
        text = f"{abs(value):,.{digits}f}"
        text = text.translate({ord(","): self.strings["number.thousands"], ord("."): self.decimal})
        negative = value < 0 and any(digit in text for digit in "123456789")
        return f"\u2212{text}" if negative else text

    def percent(self, value: float, digits: int = 1) -> str:
        """A fraction as ``91.0%``."""
        return self.t("number.percent", value=self.number(value * 100, digits))

    def rate(self, rate: Rate) -> str:
        """``91.0% (84 to 95, n=100)``: never a bare number."""
        return f"{self.percent(rate.estimate)} ({self.span(rate)}, {self.rows(rate.n)})"

    def span(self, rate: Rate, *, digits: int | None = None) -> str:
        """The interval in percent: ``84 to 95``; by itself with a decimal where it is narrow."""
        if digits is None:
            digits = 1 if rate.high - rate.low < 0.02 else 0
        low, high = (self.number(value * 100, digits) for value in (rate.low, rate.high))
        return self.t("number.span", low=low, high=high)

    def rows(self, n: int) -> str:
        """``n=100``."""
        return self.t("number.n", n=self.number(n))

    def points(self, value: float) -> str:
        """A signed difference: ``+6.0 points``."""
        sign = "+" if value * 100 >= 0.05 else ""
        return self.t("number.points", value=sign + self.number(value * 100, 1))

    def difference(self, difference: Difference) -> str:
        """``+6.0 points (2.0 to 10.0, n=130)``; without an interval it says so."""
        n = self.rows(difference.n) if difference.n is not None else ""
        if difference.low is None or difference.high is None:
            inside = ", ".join(part for part in (self.t("number.no_interval"), n) if part)
        else:
            low, high = (self.number(v * 100, 1) for v in (difference.low, difference.high))
            inside = ", ".join(
                part for part in (self.t("number.span", low=low, high=high), n) if part
            )
        return f"{self.points(difference.delta)} ({inside})"

    def day(self, day: str, *, year: bool = True) -> str:
        """``2025-03-01`` as ``1 March 2025``; what is no day is left as it is."""
        try:
            value = date.fromisoformat(day[:10])
        except ValueError:
            return day
        month = self.strings[f"month.{value.month}"]
        key = "date.day" if year else "date.day_short"
        return self.t(key, day=value.day, month=month, year=value.year)

    def days(self, days: Sequence[str]) -> str:
        """``7 March, 14 March and 21 March 2025``."""
        said = [self.day(day, year=False) for day in days[:-1]] + [self.day(days[-1])]
        if len(said) < 2:
            return said[0]
        return self.t("and", first=", ".join(said[:-1]), last=said[-1])

    def month(self, month: str, *, year: bool = True) -> str:
        """``2025-03`` as ``March 2025``."""
        number, name = month[:4], self.strings[f"month.{int(month[5:7])}"]
        return f"{name} {number}" if year else name

    def listed(self, names: Sequence[str], *, most: int = 6) -> str:
        """``a, b and c``; what is more than ``most`` is counted."""
        shown = [self.t("quoted", text=name) for name in names[:most]]
        if len(names) > most:
            shown.append(self.t("more", n=len(names) - most))
        if len(shown) < 2:
            return "".join(shown)
        return self.t("and", first=", ".join(shown[:-1]), last=shown[-1])
