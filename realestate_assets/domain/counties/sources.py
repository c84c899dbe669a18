"""What a source of records is, as configuration: its files, its column map, its units and codes."""

import codecs
from functools import cached_property
from typing import Annotated, ClassVar, Literal, TypeVar

from pydantic import BeforeValidator, Field, field_validator, model_validator

from realestate_assets.domain.core.strict_model import StrictModel, unknown_names
from realestate_assets.domain.counties.column_map import (
    MAPPABLE_COLUMNS,
    RENT_COLUMNS,
    ColumnMap,
    Currency,
    one_or_many,
    written_out,
)
from realestate_assets.domain.counties.extra_features import ExtraFeature, refused_features

# What the rows of a source tell of. Each row of the last kind is a listing with its sale.
LISTINGS_AND_SALES = "listings_and_sales"
# Rental advertisements: they tell what homes rent for, and are no properties.
RENTALS = "rents"
Holds = Literal["listings", "sales", "listings_and_sales", "rents"]
# Where a rent is asked; one of them must be told.
RENT_PLACES = ("city", "zip", "street", "place_code", "latitude")
# What a row of both kinds has to say.
OF_BOTH = ("list_date", "list_price_usd", "sale_date", "sale_price_usd")

FileFormat = Literal["csv", "parquet", "jsonl", "excel", "geojson", "shapefile", "geopackage", "fixed_width"]


Rule = TypeVar("Rule", bound=ColumnMap)


class LandedSource(StrictModel):
    """What comes to lie in the landing folder <landing>/<county>/<name>/, all of one layout."""

    is_simulated: ClassVar[bool] = False

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")
    description: str = ""
    format: FileFormat
    # How bytes are letters; none means UTF-8, and Windows-1252 row by row where that fails.
    encoding: str | None = None
    # Of sales alone nothing was on offer: the recorded price serves as asking price too, and is marked.
    holds: Holds = "listings"
    # The parcel number is one a home, units of a building too; else homes are told apart by parcel and unit.
    parcel_number_tells_units: bool = False
    max_bytes: int = Field(default=2_000_000_000, ge=1)
    max_compression_ratio: float = Field(default=200.0, gt=1)
    # What holds for every column of the map that does not say otherwise.
    null_values: tuple[str, ...] = ()
    usual_nulls: bool = True
    decimal: Literal[".", ","] = "."
    area_unit: Literal["sqft", "sqm"] = "sqft"
    currency: Currency | None = None
    # What tells homes apart: parcel number or address, or where neither is known the place itself.
    identity: Literal["parcel_or_address", "coordinates"] = "parcel_or_address"
    columns: Annotated[dict[str, ColumnMap], BeforeValidator(written_out)]
    # Further facts of the source's own for the value model, by a name of their own.
    features: Annotated[dict[str, ExtraFeature], BeforeValidator(written_out)] = Field(default_factory=dict)

    @field_validator("null_values", mode="before")
    @classmethod
    def _texts(cls, value: object) -> object:
        return one_or_many(value)

    @field_validator("encoding")
    @classmethod
    def _encoding_is_known(cls, value: str | None) -> str | None:
        try:
            is_text = value is None or codecs.lookup(value)._is_text_encoding
        except LookupError:
            is_text = False
        if not is_text:
            raise ValueError(f"{value!r} is no encoding of text; take utf-8, windows-1252 or latin-1, say")
        return value

    @model_validator(mode="after")
    def _columns_are_known(self) -> "LandedSource":
        if self.holds == RENTALS:
            return self._columns_tell_a_rent()
        if unknown := set(self.columns) - set(MAPPABLE_COLUMNS):
            raise ValueError(unknown_names("canonical column", sorted(unknown), list(MAPPABLE_COLUMNS)))
        if "observed_date" not in self.columns:
            raise ValueError("observed_date must be mapped: it decides the month")
        named = {"apn", "street"} if self.identity == "parcel_or_address" else {"latitude"}
        if not self.columns.keys() & named:
            raise ValueError(f"{' or '.join(sorted(named))} must be mapped: it identifies the property")
        absent = [name for name in OF_BOTH if name not in self.columns]
        if self.holds == LISTINGS_AND_SALES and absent:
            raise ValueError(f"{', '.join(absent)} must be mapped where a row holds a listing and its sale")
        return self

    def _columns_tell_a_rent(self) -> "LandedSource":
        if unknown := set(self.columns) - set(RENT_COLUMNS):
            raise ValueError(unknown_names("column of a rent", sorted(unknown), list(RENT_COLUMNS)))
        for name in ("observed_date", "rent_monthly_usd"):
            if name not in self.columns:
                raise ValueError(f"{name} must be mapped where a source holds rents")
        if not self.columns.keys() & set(RENT_PLACES):
            raise ValueError(f"{' or '.join(RENT_PLACES)} must be mapped: a rent is of a place")
        if self.features:
            raise ValueError("features are of homes that are valued; a source of rents has none")
        return self

    @model_validator(mode="after")
    def _features_are_known_before_the_sale(self) -> "LandedSource":
        if refused := refused_features(self.features, self.columns):
            raise ValueError("; ".join(refused))
        return self

    @property
    def mapped(self) -> dict[str, ColumnMap]:
        """The column map and the extra features together."""
        return {**self.columns, **self.features}

    @cached_property
    def feature_rules(self) -> dict[str, ExtraFeature]:
        """The extra features, each with what the source says for all columns."""
        return {name: self._with_nulls(rule) for name, rule in self.features.items()}

    @cached_property
    def rules(self) -> dict[str, ColumnMap]:
        """The column map, each column with what the source says for all of them."""
        return {name: self._with_defaults(name, rule) for name, rule in self.columns.items()}

    def _with_defaults(self, name: str, rule: ColumnMap) -> ColumnMap:
        area = "sqm" if self.area_unit == "sqm" and name.endswith("_sqft") else None
        said = {
            "unit": rule.unit or (area if rule.unit_column is None else None),
            "currency": rule.currency or (self.currency if "_usd" in name else None),
        }
        return self._with_nulls(rule.model_copy(update=said))

    def _with_nulls(self, rule: Rule) -> Rule:
        said = {
            "null_values": tuple(dict.fromkeys((*rule.null_values, *self.null_values))),
            "usual_nulls": self.usual_nulls if rule.usual_nulls is None else rule.usual_nulls,
            "decimal": rule.decimal or self.decimal,
        }
        return rule.model_copy(update=said)


class Condition(StrictModel):
    """What a column must say for a row to count.

    Args:
        is_: one of these texts, in any case; "" stands for nothing.
        not_: none of these.
        min: the least number.
        max: the greatest number.
    """

    is_: tuple[str, ...] = Field(default=(), alias="is")
    not_: tuple[str, ...] = Field(default=(), alias="not")
    min: float | None = None
    max: float | None = None

    @field_validator("is_", "not_", mode="before")
    @classmethod
    def _texts(cls, value: object) -> object:
        return one_or_many(value)

    @model_validator(mode="after")
    def _says_something(self) -> "Condition":
        if not (self.is_ or self.not_ or self.min is not None or self.max is not None):
            raise ValueError("a condition says is, not, min or max")
        return self


def conditions_written_out(conditions: object) -> object:
    """Conditions with the short form `kind: [A, B]` written out as `kind: {is: [A, B]}`."""
    if not isinstance(conditions, dict):
        return conditions
    return {c: said if isinstance(said, dict | Condition) else {"is": said} for c, said in conditions.items()}


class FileOptions(StrictModel):
    """How the bytes of a file become rows and columns."""

    format: FileFormat = "csv"
    encoding: str | None = None
    # Sheet, layer or member of a file that holds several: its name, or the number of a sheet.
    table: str | int | None = None
    # Of fixed-width text: column -> its first character, counted from 1, and how many there are.
    fields: dict[str, tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]]] = Field(
        default_factory=dict
    )
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    # Whether quotes enclose values or are letters; none is told by the file where it is tab-separated.
    quoting: Literal["minimal", "none"] | None = None
    # Lines above the header, of the header (joined; without one: column_1, column_2 …), and below the rows.
    skip_lines: int = Field(default=0, ge=0, le=1_000)
    header_lines: int = Field(default=1, ge=0, le=10)
    footer_lines: int = Field(default=0, ge=0, le=1_000)
    max_bytes: int = Field(default=2_000_000_000, ge=1)
    max_compression_ratio: float = Field(default=200.0, gt=1)

    @model_validator(mode="after")
    def _fields_where_they_belong(self) -> "FileOptions":
        if (self.format == "fixed_width") != bool(self.fields):
            raise ValueError("fields say where the columns of a fixed_width file stand, and of no other")
        return self


class JoinedTable(FileOptions):
    """A table of other files, such as an assessor's roll beside its sales; its columns are `name.column`.

    Args:
        name: folder of the landing area beside the source's own.
        key: column of the source's rows -> column of the table that says the same.
        pad: zeros on the left of both up to so many characters.
    """

    columns: ClassVar[dict[str, ColumnMap]] = {}
    mapped: ClassVar[dict[str, ColumnMap]] = {}

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")
    key: dict[str, str] = Field(min_length=1, max_length=1)
    pad: int | None = Field(default=None, ge=1, le=40)


class FileSource(FileOptions, LandedSource):
    """Files that somebody puts there."""

    kind: Literal["file"]
    format: FileFormat = "csv"
    # Rows that are of this source at all: column -> what it must say; the others are counted and left out.
    where: Annotated[dict[str, Condition], BeforeValidator(conditions_written_out)] = Field(
        default_factory=dict
    )
    # Tables of other files whose columns are added by a key.
    join: tuple[JoinedTable, ...] = ()

    @property
    def joined_prefixes(self) -> tuple[str, ...]:
        """How the names of columns begin that are joined to the file's own."""
        return tuple(f"{table.name}." for table in self.join)


# Whose files are read: a source's, or those of a table joined to one.
TableFiles = LandedSource | JoinedTable
