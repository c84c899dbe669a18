"""What a source of records is, as configuration: its files, its column map, its units and codes."""

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from realestate_assets.domain.core.strict_model import StrictModel, unknown_names
from realestate_assets.domain.tables import PROPERTIES

# Filled by the platform, never by a column map.
DERIVED_COLUMNS = {
    "county",
    "month",
    "property_id",
    "source",
    "source_file",
    "source_row",
    "is_simulated",
    "is_list_price_assumed",
}
MAPPABLE_COLUMNS = {c.name: c for c in PROPERTIES.columns if c.name not in DERIVED_COLUMNS}

UNIT_FACTORS = {
    "sqft": 1.0,
    "acre": 43_560.0,
    "sqm": 10.763910416709722,
    "usd": 1.0,
    "kusd": 1_000.0,
    "usd_year": 1.0 / 12.0,  # a yearly amount given for a monthly field
    "count": 1.0,
}


class Case(StrictModel):
    """Which source columns hold a value, told by another column: a sale's date where the status says sold.

    Args:
        column: the source column that tells.
        when: its value, in any case -> columns, of which the first that holds a value wins.
        otherwise: columns for every other value; none means no value.
    """

    column: str
    when: dict[str, tuple[str, ...]] = Field(min_length=1)
    otherwise: tuple[str, ...] = ()

    @field_validator("when", mode="before")
    @classmethod
    def _each_one_or_many(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        return {
            str(key): (columns,) if isinstance(columns, str) else columns for key, columns in value.items()
        }

    @field_validator("otherwise", mode="before")
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @property
    def source_columns(self) -> tuple[str, ...]:
        """Names of the source columns read."""
        named = (name for columns in self.when.values() for name in columns)
        return tuple(dict.fromkeys([*named, *self.otherwise, self.column]))


class ColumnMap(StrictModel):
    """How one canonical column is made from source columns.

    Exactly one of `from`, `case`, `sum` and `constant` is given. With several names in `from`, the first that
    holds a value wins; `sum` adds columns times their factors (missing ones count as nothing as long as
    one is there).
    """

    from_: tuple[str, ...] = Field(default=(), alias="from")
    case: Case | None = None
    sum: dict[str, float] = Field(default_factory=dict)
    constant: str | None = None
    required: bool = False
    unit: str = "count"
    format: tuple[str, ...] = ()
    codes: dict[str, str] = Field(default_factory=dict)
    unknown_code: Literal["reject", "null"] | None = "reject"
    null_values: tuple[str, ...] = ()
    pad: int | None = Field(default=None, ge=1, le=40)

    @field_validator("from_", "format", "null_values", mode="before")
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        if isinstance(value, str | int | float):
            return (str(value),)
        return tuple(str(v) for v in value) if isinstance(value, list | tuple) else value

    @field_validator("constant", mode="before")
    @classmethod
    def _text(cls, value: object) -> object:
        return None if value is None else str(value)

    @model_validator(mode="after")
    def _one_origin(self) -> "ColumnMap":
        given = [bool(self.from_), self.case is not None, bool(self.sum), self.constant is not None]
        if sum(given) != 1:
            raise ValueError("give exactly one of from, case, sum and constant")
        if self.unit not in UNIT_FACTORS:
            raise ValueError(f"unit {self.unit!r} is not one of {sorted(UNIT_FACTORS)}")
        return self

    @property
    def source_columns(self) -> tuple[str, ...]:
        """Names of the source columns read."""
        return self.case.source_columns if self.case else self.from_ or tuple(self.sum)


def written_out(rules: object) -> object:
    """Rules with the short form `zip: zipcode` written out as `zip: {from: zipcode}`."""
    if not isinstance(rules, dict):
        return rules
    return {name: {"from": rule} if isinstance(rule, str) else rule for name, rule in rules.items()}


class LandedSource(StrictModel):
    """What comes to lie in the landing folder <landing>/<county>/<name>/, all of one layout."""

    is_simulated: ClassVar[bool] = False

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")
    description: str = ""
    format: Literal["csv", "parquet", "jsonl"]
    # The recorded price serves as asking price too (sales files); marked wherever it shows.
    list_price_from_sale: bool = False
    # The parcel number is one a home, units of a building too; else homes are told apart by parcel and unit.
    parcel_number_tells_units: bool = False
    max_bytes: int = Field(default=2_000_000_000, ge=1)
    max_compression_ratio: float = Field(default=200.0, gt=1)
    columns: Annotated[dict[str, ColumnMap], BeforeValidator(written_out)]

    @model_validator(mode="after")
    def _columns_are_known(self) -> "LandedSource":
        if unknown := set(self.columns) - set(MAPPABLE_COLUMNS):
            raise ValueError(unknown_names("canonical column", sorted(unknown), list(MAPPABLE_COLUMNS)))
        if "observed_date" not in self.columns:
            raise ValueError("observed_date must be mapped: it decides the month")
        if not self.columns.keys() & {"apn", "street"}:
            raise ValueError("apn or street must be mapped: one of them identifies the property")
        return self


class FileSource(LandedSource):
    """Files that somebody puts there."""

    kind: Literal["file"]
    format: Literal["csv", "parquet", "jsonl"] = "csv"
    delimiter: str = Field(default=",", min_length=1, max_length=1)
