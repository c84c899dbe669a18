"""A labelled figure of a memo, and the lookup that finds, formats and marks it."""

from collections.abc import Mapping
from dataclasses import dataclass

from realestate_assets.domain import formats
from realestate_assets.domain.formats import is_missing

ASSUMED_PRICE_NOTE = "recorded sale price used as asking price"
# Longer texts of unknown origin are cut, so that one field cannot fill a page.
MAX_FIGURE = 120


@dataclass(frozen=True)
class Figure:
    """Label and text of one figure, with its marks."""

    label: str
    value: str
    note: str | None = None
    is_simulated: bool = False
    is_negative: bool = False


@dataclass(frozen=True)
class Figures:
    """Finds a column in the rows of a property (the first row that knows it wins) and makes a Figure of it.

    A figure is marked as simulated where the whole property is, or where the used enrichment value is.
    """

    rows: tuple[Mapping, ...]
    all_simulated: bool
    simulated_fields: frozenset[str]

    def raw(self, name: str) -> object:
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

    @property
    def price_note(self) -> str | None:
        """The note beside an asking price that is a recorded sale price."""
        return ASSUMED_PRICE_NOTE if self.raw("is_asking_price_assumed") else None

    def is_simulated(self, *names: str) -> bool:
        """True where any of these columns holds a simulated value."""
        return self.all_simulated or bool(self.simulated_fields.intersection(names))

    def shown(
        self, label: str, name: str, text: str | None, note: str | None = None, like: tuple[str, ...] = ()
    ) -> Figure | None:
        """A figure of ready text; None without text. `like` names columns whose mark it shares."""
        if is_missing(text):
            return None
        text = str(text)
        text = text if len(text) <= MAX_FIGURE else text[:MAX_FIGURE].rstrip() + "…"
        negative = text.startswith("-")
        return Figure(label, text, note, self.is_simulated(name, *like), negative)

    def usd(
        self, label: str, name: str, note: str | None = None, like: tuple[str, ...] = ()
    ) -> Figure | None:
        """An amount in whole dollars."""
        return self.shown(label, name, formats.usd(self.raw(name)), note, like)

    def percent(self, label: str, name: str) -> Figure | None:
        """A value in per cent, one digit."""
        return self.shown(label, name, formats.percent(self.raw(name)))

    def share(self, label: str, name: str) -> Figure | None:
        """A share as whole per cent."""
        return self.shown(label, name, formats.share(self.raw(name)))

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

    def plain(self, label: str, name: str) -> Figure | None:
        """Text or a code as it is; a year without separator."""
        value = self.raw(name)
        text = str(int(value)) if isinstance(value, float) and value.is_integer() else value
        return self.shown(label, name, text)

    @staticmethod
    def known(*figures: Figure | None) -> list[Figure]:
        """The figures that have a value."""
        return [figure for figure in figures if figure is not None]
