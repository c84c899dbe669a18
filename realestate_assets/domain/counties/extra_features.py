"""What a source's own columns add to the value model: extra features, as configuration.

Whatever is made from the own price or its listing is refused here: the model would learn the answer.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Literal

from pydantic import Field, model_validator

from realestate_assets.domain.counties.column_map import MAPPABLE_COLUMNS, ColumnMap
from realestate_assets.domain.tables.columns import SALE_COLUMNS

# Columns of the features and of the model begin with it, so that no name meets one of the platform's own.
PREFIX = "extra_"
NAME = r"^[a-z][a-z0-9_]{0,39}$"
ORIGINS = ("from", "case", "sum", "line", "formula")
# What a sale or its listing says, and who took part in it: nothing of it is known before the price is.
OWN_SALE = (
    *SALE_COLUMNS,
    "list_price_usd",
    "list_date",
    "listing_status",
    "days_on_market",
    "observed_date",
)
# Words of a name that speak of a price, or of a figure that is often set after the sale by its price.
TELLING = (
    r"pric|sold|selling|asking|consideration|\bask\b|\bsales?\b|clos(?:e|ed|ing)\b|apprais|assess|"
    r"\bvaluation|market value|\btax(?:es|able)?\b|\bdom\b|days on market|\blist(?:ing|ed)?\b|pending|"
    r"\boffers?\b"
)


class ExtraFeature(ColumnMap):
    """A fact of the source's own that the value model may use; keys as in a column map.

    Args:
        kind: a number as it is, or a category: a text of which each is a class.
        factor: a number is multiplied by it.
        known_before_sale: the owner of the source vouches that the fact is not made from the sale, where its
            name reads as if it were.
    """

    kind: Literal["number", "category"] = "number"
    factor: float = Field(default=1.0)
    known_before_sale: bool = False

    @model_validator(mode="after")
    def _a_feature(self) -> "ExtraFeature":
        if self.constant is not None or self.parts is not None or self.age is not None:
            raise ValueError(f"an extra feature is made by one of {', '.join(ORIGINS)}")
        if self.kind == "category" and (self.sum or self.formula):
            raise ValueError("a category is made by from, case or line; sum and formula give numbers")
        if self.kind == "category" and self.factor != 1.0:
            raise ValueError("factor is of numbers; a category has codes")
        if self.unit or self.unit_column or self.currency or self.format or self.out_of_range != "reject":
            raise ValueError("an extra feature has no unit, currency, format or out_of_range, but a factor")
        return self


def refused_features(features: Mapping[str, ExtraFeature], columns: Mapping[str, ColumnMap]) -> list[str]:
    """Why features may not be used, a sentence each: their name, or what they are made of.

    Args:
        features: of one source.
        columns: its column map.
    """
    own_sale = {
        _plain(column): field
        for field in OWN_SALE
        if field in columns
        for column in columns[field].source_columns
    }
    found = []
    for name, rule in features.items():
        if not re.match(NAME, name):
            found.append(f"{name} is no name: small letters, digits and _, 40 at most")
        elif name in MAPPABLE_COLUMNS:
            found.append(f"{name} is a canonical column: map it under columns")
        elif told := [c for c in rule.source_columns if _plain(c) in own_sale]:
            fields = ", ".join(dict.fromkeys(own_sale[_plain(c)] for c in told))
            found.append(
                f"{name} is made from {', '.join(told)}, which this source maps to {fields}: the model "
                "would see the price it is to find"
            )
        elif not rule.known_before_sale and (word := _telling(name, *rule.source_columns)):
            found.append(
                f"{name} reads as if it were made from the sale or its listing ({word}). Leave it out; if it "
                "was known before the sale, and is not made from its price, say known_before_sale: true"
            )
    return found


def may_be_features(columns: Iterable[str], rules: Mapping[str, ColumnMap]) -> list[str]:
    """Columns of a file that nothing is made of and whose names do not speak of a sale.

    Args:
        columns: names of the file's columns.
        rules: the source's column map.
    """
    used = {_plain(column) for rule in rules.values() for column in rule.source_columns}
    return [column for column in columns if _plain(column) not in used and not _telling(column)]


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name.lower()))


def _telling(*names: str) -> str | None:
    """The first name that speaks of a price."""
    for name in names:
        words = re.sub(r"[^a-z0-9]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower())
        if re.search(TELLING, words):
            return name
    return None
