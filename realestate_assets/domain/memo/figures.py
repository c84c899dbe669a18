"""A labelled figure of a memo, and the lookup that finds, formats, marks and footnotes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from realestate_assets.domain.core import formats
from realestate_assets.domain.core.formats import is_missing
from realestate_assets.domain.memo.sources import Footnotes
from realestate_assets.domain.memo.text import line

ASSUMED_PRICE_NOTE = "recorded sale price used as asking price"


@dataclass(frozen=True)
class Figure:
    """Label and text of one figure, with its marks and the letters of its sources."""

    label: str
    value: str
    note: str | None = None
    is_simulated: bool = False
    is_negative: bool = False
    sources: str = ""


@dataclass(frozen=True)
class Figures:
    """Finds a column in the rows of a property (the first row that knows it wins) and makes a Figure of it.

    A figure is marked as simulated where the whole property is, or where a source behind it is.
    """

    rows: tuple[Mapping, ...]
    all_simulated: bool
    footnotes: Footnotes

    def raw(self, name: str) -> Any:
        """The value of a column; None where it is missing everywhere."""
        for row in self.rows:
            value = row.get(name)
            if not is_missing(value):
                return value
        return None

    def number(self, name: str) -> float | None:
        """The value of a numeric column."""
        value = self.raw(name)
        return None if value is None else float(value)

    def number_or_nan(self, name: str) -> float:
        """The value of a numeric column as arithmetic over arrays takes it: NaN where it is missing."""
        value = self.number(name)
        return np.nan if value is None else value

    @property
    def price_note(self) -> str | None:
        """The note beside an asking price that is a recorded sale price."""
        return ASSUMED_PRICE_NOTE if self.raw("is_asking_price_assumed") else None

    def shown(
        self, label: str, name: str, text: object, note: str | None = None, like: tuple[str, ...] = ()
    ) -> Figure | None:
        """A figure of ready text; None without text. `like` names columns whose sources it shares."""
        text = line(text)
        if text is None:
            return None
        behind = self.footnotes.behind(n for n in (name, *like) if n)
        simulated = self.all_simulated or any(source.is_simulated for source in behind)
        letters = ", ".join(source.letter for source in behind)
        return Figure(label, text, note, simulated, text.startswith("-"), letters)

    def usd(
        self, label: str, name: str, note: str | None = None, like: tuple[str, ...] = ()
    ) -> Figure | None:
        """An amount in whole dollars."""
        return self.shown(label, name, formats.usd(self.raw(name)), note, like)

    def percent(self, label: str, name: str) -> Figure | None:
        """A value in per cent, one digit."""
        return self.shown(label, name, formats.percent(self.raw(name)))

    def probability(self, label: str, name: str) -> Figure | None:
        """A probability as whole per cent, and never as certain."""
        return self.shown(label, name, formats.probability(self.raw(name)))

    def count(self, label: str, name: str) -> Figure | None:
        """A whole number with separators."""
        return self.shown(label, name, formats.count(self.raw(name)))

    def decimal(self, label: str, name: str, digits: int = 2) -> Figure | None:
        """A number with fixed digits."""
        return self.shown(label, name, formats.decimal(self.raw(name), digits))

    def compact(self, label: str, name: str) -> Figure | None:
        """A number with as many digits as it needs."""
        return self.shown(label, name, formats.compact(self.raw(name)))

    def sqft(self, label: str, name: str) -> Figure | None:
        """An area."""
        return self.shown(label, name, formats.sqft(self.raw(name)))

    def years(self, label: str, name: str) -> Figure | None:
        """A duration."""
        return self.shown(label, name, formats.years(self.raw(name)))

    def yes_no(self, label: str, name: str) -> Figure | None:
        """Yes or No."""
        return self.shown(label, name, formats.yes_no(self.raw(name)))

    def plain(self, label: str, name: str) -> Figure | None:
        """Text or a code as it is; a year without separator."""
        value = self.raw(name)
        text = str(int(value)) if isinstance(value, float) and value.is_integer() else value
        return self.shown(label, name, text)

    def range_of(self, label: str, low: str, high: str, unit: str = "") -> Figure | None:
        """Two amounts as a range; None unless both are known."""
        ends = formats.usd(self.raw(low)), formats.usd(self.raw(high))
        text = f"{ends[0]} to {ends[1]}{unit}" if all(ends) else None
        return self.shown(label, low, text, like=(high,))

    @staticmethod
    def known(*figures: Figure | None) -> list[Figure]:
        """The figures that have a value."""
        return [figure for figure in figures if figure is not None]
