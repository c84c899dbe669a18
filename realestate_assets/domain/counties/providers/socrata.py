"""Configuration of the socrata provider: any dataset of any Socrata portal, joined by parcel number.

What the columns of a dataset mean is said here; how the API is asked stands in `providers.soda`.
"""

import string
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from realestate_assets.domain.core.strict_model import StrictModel
from realestate_assets.domain.counties.column_map import UNIT_FACTORS, written_out
from realestate_assets.domain.counties.providers.base import ProviderConfig
from realestate_assets.domain.tables import ENRICHMENT_FIELDS

# Four characters, a hyphen, four characters: how Socrata names a dataset.
DATASET = r"^[a-z0-9]{4}-[a-z0-9]{4}$"
# A column as SoQL takes it without quotes: nothing else gets into a query.
COLUMN = r"^:?[a-z_][a-z0-9_]{0,127}$"
ColumnName = Annotated[str, Field(pattern=COLUMN)]


class ParcelKey(StrictModel):
    """How the dataset writes a parcel number.

    Args:
        column: the column that holds it.
        digits: it is padded with zeros to so many characters; a longer one is no key of the dataset.
        pattern: `#` for each character, separators as they stand: `##-##-###-###-####`.
        is_text: false where the column is a number, which SoQL compares without quotes.
    """

    column: ColumnName
    digits: int | None = Field(default=None, ge=1, le=40)
    pattern: str | None = Field(default=None, pattern=r"^[#\-. /]+$")
    is_text: bool = True

    @model_validator(mode="after")
    def _pattern_takes_all(self) -> "ParcelKey":
        if self.pattern and self.pattern.count("#") != self.digits:
            raise ValueError("pattern must hold as many # as digits says")
        return self


class Vintage(StrictModel):
    """When what a row describes was known; a row later than the property's month is not used.

    A `year` column means the last day of that year, a `date` column that day. `months_later` is added where
    the figures come out later than the year they carry.
    """

    year: ColumnName | None = None
    date: ColumnName | None = None
    months_later: int = Field(default=0, ge=0, le=120)

    @model_validator(mode="after")
    def _one_column(self) -> "Vintage":
        if (self.year is None) == (self.date is None):
            raise ValueError("give exactly one of year and date")
        return self

    @property
    def column(self) -> str:
        """The column that dates a row."""
        return self.year or self.date or ""


class HomeRule(StrictModel):
    """Columns that tell whether the owner lives at the property: its own address, and the mailing address."""

    mailing: str = Field(description="The mailing address as a text with columns in braces.")
    street: ColumnName
    city: ColumnName
    zip: ColumnName
    state: ColumnName

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column the rule reads."""
        return (*columns_of_line(self.mailing), self.street, self.city, self.zip, self.state)


class FieldRule(StrictModel):
    """How one enrichment field is made from the rows of a parcel.

    Exactly one of these is given:
        from: a column, or several of which the first that holds a value counts.
        line: a text with columns in braces, such as an address line; null where its first column is.
        sum: columns times their factors; missing ones count as nothing as long as one is there.
        constant: this value wherever the parcel has a row at all.
        unbroken: the first day of the first year since which the column has held the same text in every row.
        home: true where the owner's mailing address is that of the property, false where it is another one;
            null where that cannot be told.

    `combine` says which value counts where a parcel has several rows of one vintage (buildings of a lot).
    """

    from_: tuple[ColumnName, ...] = Field(default=(), alias="from")
    line: str | None = None
    sum: dict[ColumnName, float] = Field(default_factory=dict)
    constant: str | None = None
    unbroken: ColumnName | None = None
    home: HomeRule | None = None
    null_values: tuple[str, ...] = ()
    unit: str = "count"
    combine: Literal["first", "sum"] = "first"

    @field_validator("from_", "null_values", mode="before")
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @field_validator("constant", mode="before")
    @classmethod
    def _text(cls, value: object) -> object:
        return str(value).lower() if isinstance(value, bool) else value

    @model_validator(mode="after")
    def _one_origin(self) -> "FieldRule":
        given = [self.from_, self.line, self.sum, self.constant, self.unbroken, self.home]
        if sum(bool(origin) for origin in given) != 1:
            raise ValueError("give exactly one of from, line, sum, constant, unbroken and home")
        for line in (self.line, self.home and self.home.mailing):
            if line and not all(_is_column(name) for name in columns_of_line(line) or ("",)):
                raise ValueError(f"{line!r} must hold column names in braces")
        if self.unit not in UNIT_FACTORS:
            raise ValueError(f"unit {self.unit!r} is not one of {sorted(UNIT_FACTORS)}")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column the rule reads."""
        unbroken = (self.unbroken,) if self.unbroken else ()
        home = self.home.columns if self.home else ()
        return self.from_ or columns_of_line(self.line or "") or tuple(self.sum) or unbroken or home


class SocrataProvider(ProviderConfig):
    """A Socrata dataset joined by parcel number.

    Args:
        dataset: its four-by-four id.
        key: how it writes parcel numbers.
        vintage: which column dates a row; without one, what is there today describes today.
        fields: enrichment field -> rule; `field: column` is short for `field: {from: column}`.
        where: SoQL condition that rows must meet beside the key.
        order: columns that put the rows of one parcel and vintage in order, after key and vintage.
        page_rows: rows a reply may hold; the API itself allows 50,000.
        max_url_chars: length a request line may have; common servers take 8,190.
    """

    kind: Literal["socrata"]
    dataset: str = Field(pattern=DATASET)
    key: ParcelKey
    vintage: Vintage | None = None
    fields: Annotated[dict[str, FieldRule], BeforeValidator(written_out), Field(min_length=1)]
    where: str | None = None
    order: tuple[ColumnName, ...] = ()
    page_rows: int = Field(default=50_000, ge=1, le=50_000)
    max_url_chars: int = Field(default=6_000, ge=500, le=8_000)

    @model_validator(mode="after")
    def _fields_are_known(self) -> "SocrataProvider":
        if unknown := set(self.fields) - {column.name for column in ENRICHMENT_FIELDS}:
            raise ValueError(f"fields {sorted(unknown)} are not enrichment fields")
        if any(rule.unbroken for rule in self.fields.values()) and not (self.vintage and self.vintage.year):
            raise ValueError("unbroken needs the vintage to be a year")
        return self


def columns_of_line(line: str) -> tuple[str, ...]:
    """Columns in the braces of a text, in their order."""
    return tuple(name for _, name, _, _ in string.Formatter().parse(line) if name is not None)


def _is_column(name: str) -> bool:
    return bool(name) and name.replace("_", "a").isalnum() and name == name.lower() and not name[0].isdigit()
