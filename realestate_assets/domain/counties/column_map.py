"""How one canonical column is made from the columns of a source, as configuration."""

from typing import Literal

from pydantic import Field, field_validator, model_validator

from realestate_assets.domain.core.formulas import columns_of_formula
from realestate_assets.domain.core.lines import columns_of_line
from realestate_assets.domain.core.strict_model import StrictModel
from realestate_assets.domain.tables import PROPERTIES, RENTS

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
    "extra_features",
    "advertisements",
}
MAPPABLE_COLUMNS = {c.name: c for c in PROPERTIES.columns if c.name not in DERIVED_COLUMNS}
# Of a source of rental advertisements.
RENT_COLUMNS = {c.name: c for c in RENTS.columns if c.name not in DERIVED_COLUMNS}

UNIT_FACTORS = {
    "sqft": 1.0,
    "acre": 43_560.0,
    "sqm": 10.763910416709722,
    "hectare": 107_639.10416709722,
    "sqyd": 9.0,
    "usd": 1.0,
    "kusd": 1_000.0,
    "usd_year": 1.0 / 12.0,  # a yearly amount given for a monthly field
    "count": 1.0,
}
# Columns of the RESO Data Dictionary whose unit stands beside them, row by row.
RESO_UNIT_COLUMNS = {
    "LotSizeArea": "LotSizeUnits",
    "LivingArea": "LivingAreaUnits",
    "BuildingAreaTotal": "BuildingAreaUnits",
    "AboveGradeFinishedArea": "AboveGradeFinishedAreaUnits",
    "BelowGradeFinishedArea": "BelowGradeFinishedAreaUnits",
}


def one_or_many(value: object) -> object:
    """A single text or number as a tuple of one text, so that YAML may leave the brackets out."""
    if isinstance(value, str | int | float):
        return (str(value),)
    return tuple(str(v) for v in value) if isinstance(value, list | tuple) else value


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
    def _otherwise(cls, value: object) -> object:
        return one_or_many(value)

    @property
    def source_columns(self) -> tuple[str, ...]:
        """Names of the source columns read."""
        named = (name for columns in self.when.values() for name in columns)
        return tuple(dict.fromkeys([*named, *self.otherwise, self.column]))


class DateParts(StrictModel):
    """A date whose parts stand in columns of their own; a whole number is the same in every row.

    Args:
        year: column of the four-digit year, or the year.
        month: column of the month, 1 to 12 or an English name, or the month.
        day: column of the day, or the day.
    """

    year: int | str
    month: int | str
    day: int | str = 1

    @property
    def source_columns(self) -> tuple[str, ...]:
        """Names of the source columns read."""
        return tuple(part for part in (self.year, self.month, self.day) if isinstance(part, str))


class Age(StrictModel):
    """A year told by how many years ago it was.

    Args:
        column: the source column of the age.
        at: the canonical date the age was true at, or the year.
    """

    column: str
    at: int | Literal["observed_date", "sale_date", "list_date"] = "observed_date"


CURRENCY_SIGNS = {"USD": "$", "CAD": "$", "MXN": "$", "AUD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}


class Currency(StrictModel):
    """The money of a source's amounts.

    Args:
        code: its three letters; they and its sign may stand beside an amount.
        usd: what one unit of it is worth in USD: one figure for all dates.
    """

    code: str = Field(pattern=r"^[A-Z]{3}$")
    usd: float = Field(gt=0)

    @property
    def marks(self) -> tuple[str, ...]:
        """What may stand before or behind an amount."""
        sign = CURRENCY_SIGNS.get(self.code)
        return (self.code, *([sign] if sign else []))


class ColumnMap(StrictModel):
    """How one canonical column is made from source columns.

    Exactly one of `from`, `case`, `sum`, `constant`, `line`, `formula`, `parts` and `age` is given. With
    several names in `from`, the first that holds a value wins; `sum` adds columns times their factors
    (missing ones count as nothing as long as one is there); `formula` gives nothing where a column does.
    """

    from_: tuple[str, ...] = Field(default=(), alias="from")
    case: Case | None = None
    sum: dict[str, float] = Field(default_factory=dict)
    constant: str | None = None
    line: str | None = None
    formula: str | None = None
    parts: DateParts | None = None
    age: Age | None = None
    required: bool = False
    unit: str | None = None
    unit_column: str | None = None
    currency: Currency | None = None
    unit_codes: dict[str, str] = Field(default_factory=dict)
    format: tuple[str, ...] = ()
    codes: dict[str, str] = Field(default_factory=dict)
    unknown_code: Literal["reject", "null"] | None = "reject"
    null_values: tuple[str, ...] = ()
    usual_nulls: bool | None = None
    decimal: Literal[".", ","] | None = None
    out_of_range: Literal["reject", "null"] | None = "reject"
    pad: int | None = Field(default=None, ge=1, le=40)

    @field_validator("from_", "format", "null_values", mode="before")
    @classmethod
    def _texts(cls, value: object) -> object:
        return one_or_many(value)

    @field_validator("constant", mode="before")
    @classmethod
    def _text(cls, value: object) -> object:
        return None if value is None else str(value)

    @field_validator("codes", "unit_codes", mode="before")
    @classmethod
    def _text_keys(cls, value: object) -> object:
        """YAML reads the code 1 as a number and NO as false."""
        return {_code(k): _code(v) for k, v in value.items()} if isinstance(value, dict) else value

    @model_validator(mode="after")
    def _one_origin(self) -> "ColumnMap":
        given = {
            "from": bool(self.from_), "case": self.case, "sum": self.sum, "line": self.line,
            "constant": self.constant is not None, "formula": self.formula, "parts": self.parts,
            "age": self.age,
        }  # fmt: skip
        if sum(map(bool, given.values())) != 1:
            raise ValueError(f"give exactly one of {', '.join([*given][:-1])} and {[*given][-1]}")
        for unit in (self.unit, *self.unit_codes.values()):
            if unit is not None and unit not in UNIT_FACTORS:
                raise ValueError(f"unit {unit!r} is not one of {sorted(UNIT_FACTORS)}")
        if self.unit_codes and not self.unit_column:
            raise ValueError("unit_codes need a unit_column whose codes they are")
        if self.line is not None and not columns_of_line(self.line):
            raise ValueError(f"line {self.line!r} must hold column names in braces")
        if self.formula is not None:
            columns_of_formula(self.formula)
        return self

    @property
    def value_columns(self) -> tuple[str, ...]:
        """Names of the source columns that hold the value."""
        for origin in (self.case, self.parts):
            if origin is not None:
                return origin.source_columns
        if self.line is not None:
            return columns_of_line(self.line)
        if self.formula is not None:
            return columns_of_formula(self.formula)
        return (self.age.column,) if self.age else self.from_ or tuple(self.sum)

    @property
    def source_columns(self) -> tuple[str, ...]:
        """Names of the source columns read."""
        return (*self.value_columns, *([self.unit_column] if self.unit_column else []))


def _code(value: object) -> str:
    """A code as it stands in the file: YAML makes a truth value of an unquoted NO or YES."""
    if isinstance(value, bool):
        raise ValueError(f"put the code into quotes: YAML reads it as {str(value).lower()}")
    return str(value)


def written_out(rules: object) -> object:
    """Rules with the short form `zip: zipcode` written out as `zip: {from: zipcode}`."""
    if not isinstance(rules, dict):
        return rules
    return {name: {"from": rule} if isinstance(rule, str) else rule for name, rule in rules.items()}
