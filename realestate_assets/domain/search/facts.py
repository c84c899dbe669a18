"""What a sentence was understood to say: facts that filter, wishes that nothing can filter, and the rest."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

COUNTED = {
    "bedrooms": "bedrooms",
    "bathrooms": "bathrooms",
    "garage_spaces": "garage spaces",
    "stories": "floors",
    "days_on_market": "days on the market",
}
MEASURED = {"living_area_sqft": "sq ft inside", "lot_area_sqft": "sq ft of land"}
NAMED = {
    "year_built": "built",
    "year_renovated": "renovated",
    "sale_day": "sold",
    "bird_dog_score": "score",
    "condition_code": "condition of 5",
    "view_code": "view of 4",
}
PRICED = {"asking_price_usd": "price", "hoa_monthly_usd": "HOA a month"}
SIMPLE = {
    ("garage_spaces", 1): "garage",
    ("basement_sqft", 1): "basement",
    ("year_renovated", 1): "renovated",
    ("view_code", 1): "view",
    ("hoa_monthly_usd", 1): "HOA",
    ("condition_code", 3): "no work needed",
}
NUMBERS = (*COUNTED, *MEASURED, *NAMED, *PRICED, "basement_sqft")
OFFER_FIRST = "offer_first"


@dataclass(frozen=True)
class Circle:
    """A place on the map: degrees and miles."""

    name: str
    latitude: float
    longitude: float
    miles: float


@dataclass(frozen=True)
class Fact:
    """One thing that the sentence says of a home.

    `field` is the name of the property's column; `sale_day` is a date's proleptic ordinal. A number has
    bounds, both included; a word is one of `values`; a place is the city by name, one of its ZIPs or within
    `circles`. A negated fact leaves out the homes of which it is known: one whose garage is unknown may have
    none.
    """

    field: str
    words: str
    low: float | None = None
    high: float | None = None
    values: tuple[str, ...] = ()
    circles: tuple[Circle, ...] = ()
    zips: tuple[str, ...] = ()
    is_negated: bool = False
    span: tuple[int, int] = (0, 0)
    key: str = ""

    @property
    def label(self) -> str:
        """The fact in words a person reads on a chip."""
        return ("not " if self.is_negated else "") + self._positive()

    def _positive(self) -> str:
        if self.field in NUMBERS:
            return self._bounds()
        if self.field == "is_waterfront":
            return "waterfront"
        if self.field == OFFER_FIRST:
            return "still for sale first"
        if self.field == "near":
            return " or ".join(f"within {each.miles:g} miles of {each.name}" for each in self.circles)
        values = " or ".join(value.replace("_", " ") for value in self.values)
        return f"ZIP {values}" if self.field == "zip" else f"in {values}" if self.field == "place" else values

    def _bounds(self) -> str:
        if self.field == "condition_code" and self.high is not None and self.low is None:
            return "needs work"
        if self.high is None and (simple := SIMPLE.get((self.field, int(self.low or 0)))):
            return simple
        low, high = (None if each is None else self._figure(each) for each in (self.low, self.high))
        if low == high:
            said = f"{low}"
        elif low is None:
            said = f"at most {high}"
        else:
            said = f"at least {low}" if high is None else f"{low} to {high}"
        before = NAMED.get(self.field) or PRICED.get(self.field) or ""
        after = COUNTED.get(self.field) or MEASURED.get(self.field) or ""
        return f"{before} {said} {after}".strip()

    def _figure(self, value: float) -> str:
        if self.field in PRICED:
            return f"${value:,.0f}"
        if self.field in MEASURED:
            return f"{value:,.0f}"
        if self.field == "sale_day":
            return date.fromordinal(int(value)).isoformat()
        return f"{value:g}"


@dataclass(frozen=True)
class Wish:
    """What was asked and no column tells, such as a pool; not negated it stays in the text."""

    name: str
    words: str
    is_negated: bool = False

    @property
    def label(self) -> str:
        """The wish in words."""
        return f"no {self.name}" if self.is_negated else self.name


@dataclass(frozen=True)
class Understood:
    """A sentence, read: `text` is what remains of it for the ranking by meaning, maybe nothing."""

    sentence: str
    facts: tuple[Fact, ...] = ()
    wishes: tuple[Wish, ...] = ()
    text: str = ""

    def without(self, keys: Collection[str]) -> "Understood":
        """The same without the facts of these keys; all else stays as it was."""
        return replace(self, facts=tuple(fact for fact in self.facts if fact.key not in keys))


def keyed(facts: list[Fact]) -> tuple[Fact, ...]:
    """The facts with a key each: the field, from the second of a field on with its number."""
    counts: dict[str, int] = {}
    named: list[Fact] = []
    for fact in facts:
        number = counts[fact.field] = counts.get(fact.field, 0) + 1
        named.append(replace(fact, key=fact.field if number == 1 else f"{fact.field}_{number}"))
    return tuple(named)
