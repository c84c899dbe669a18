"""Configuration of the arcgis provider: any layer of any ArcGIS service, joined by parcel number or position.

What the columns of a layer mean is said here; how the service is asked stands in `providers.arcgis_rest`.
"""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from realestate_assets.domain.counties.column_map import UNIT_FACTORS, written_out
from realestate_assets.domain.counties.providers.base import ProviderConfig
from realestate_assets.domain.counties.providers.socrata import FieldRule, HomeRule, ParcelKey, Vintage
from realestate_assets.domain.tables import ENRICHMENT_FIELDS

# Services mean the same column by any case, so names are kept in lower case; joined tables carry dots, and
# computed columns brackets: `dbo.parcels.pin`, `shape.starea()`. Nothing else gets into a query.
COLUMN = r"^[A-Za-z_][A-Za-z0-9_.()]{0,127}$"
ColumnName = Annotated[str, Field(pattern=COLUMN), AfterValidator(str.lower)]
# Columns that are not the layer's: made from the shape of a feature.
LATITUDE, LONGITUDE = "geometry.y", "geometry.x"


class ArcgisKey(ParcelKey):
    """How the layer writes a parcel number; whether it is text or a number the layer says itself."""

    column: ColumnName


class ArcgisVintage(Vintage):
    """When what a feature describes was known; see Vintage."""

    year: ColumnName | None = None
    date: ColumnName | None = None


def _any_case(line: str) -> str:
    """A text with its columns in lower case; what stands between them as it is."""
    head, *rest = line.split("{")
    pieces = [piece.partition("}") for piece in rest]
    named = [name.lower() for name, _, _ in pieces]
    if not named or not all(re.fullmatch(COLUMN, name) for name in named):
        raise ValueError(f"{line!r} must hold column names in braces")
    return head + "".join(f"{{{name.lower()}{bracket}{text}" for name, bracket, text in pieces)


Line = Annotated[str, AfterValidator(_any_case)]


class ArcgisHome(HomeRule):
    """Columns that tell whether the owner lives at the property; see HomeRule."""

    mailing: Line
    street: ColumnName
    city: ColumnName
    zip: ColumnName
    state: ColumnName


class ArcgisRule(FieldRule):
    """How one enrichment field is made from the features of a parcel; see FieldRule.

    Date columns are read as days, so that a rule needs no format.
    """

    from_: tuple[ColumnName, ...] = Field(default=(), alias="from")
    line: Line | None = None
    sum: dict[ColumnName, float] = Field(default_factory=dict)
    unbroken: ColumnName | None = None
    home: ArcgisHome | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> "ArcgisRule":
        given = [self.from_, self.line, self.sum, self.constant, self.unbroken, self.home]
        if sum(bool(origin) for origin in given) != 1:
            raise ValueError("give exactly one of from, line, sum, constant, unbroken and home")
        if self.unit not in UNIT_FACTORS:
            raise ValueError(f"unit {self.unit!r} is not one of {sorted(UNIT_FACTORS)}")
        return self


class ArcgisProvider(ProviderConfig):
    """A layer of an ArcGIS feature or map service.

    Args:
        layer: path of the layer below the API's base URL, its number last.
        key: how it writes parcel numbers; without one, properties are joined by position.
        vintage: which column dates a feature; without one, what is there today describes today.
        fields: enrichment field -> rule; `field: column` is short for `field: {from: column}`.
        coordinates: fill geocoded_latitude and geocoded_longitude from the feature's shape.
        where: condition that features must meet beside the key.
        keys_per_request: parcels of one query; Oracle, behind many services, takes 1,000 in a list.
        points_per_request: positions of one query.
    """

    kind: Literal["arcgis"]
    layer: Annotated[
        str,
        Field(pattern=r"^/?[A-Za-z0-9_\-]+(/[A-Za-z0-9_\-]+)*/\d+$"),
        AfterValidator(lambda path: path.removeprefix("/")),
    ]
    key: ArcgisKey | None = None
    vintage: ArcgisVintage | None = None
    fields: Annotated[dict[str, ArcgisRule], BeforeValidator(written_out)] = Field(default_factory=dict)
    coordinates: bool = False
    where: str | None = None
    keys_per_request: int = Field(default=500, ge=1, le=1_000)
    points_per_request: int = Field(default=500, ge=1, le=5_000)

    @model_validator(mode="after")
    def _is_complete(self) -> "ArcgisProvider":
        if self.api is None:
            raise ValueError("api must name the service's entry in providers.yaml: every county has its own")
        if unknown := set(self.rules) - {column.name for column in ENRICHMENT_FIELDS}:
            raise ValueError(f"fields {sorted(unknown)} are not enrichment fields")
        if not self.rules:
            raise ValueError("fields must name at least one column, or coordinates be true")
        if any(rule.unbroken for rule in self.rules.values()) and not (self.vintage and self.vintage.year):
            raise ValueError("unbroken needs the vintage to be a year")
        return self

    @property
    def rules(self) -> dict[str, ArcgisRule]:
        """All fields with their rules, those from the shape included."""
        places = {"geocoded_latitude": LATITUDE, "geocoded_longitude": LONGITUDE} if self.coordinates else {}
        return dict(self.fields) | {name: ArcgisRule(from_=(column,)) for name, column in places.items()}

    def columns(self, fields: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """The layer's columns that some fields, or all of them, are made from; key and vintage included."""
        wanted = self.rules if fields is None else {name: self.rules[name] for name in fields}
        always = [self.key.column] if self.key else []
        always += [self.vintage.column] if self.vintage else []
        named = [name for rule in wanted.values() for name in rule.columns]
        return tuple(dict.fromkeys(name for name in [*always, *named] if name not in (LATITUDE, LONGITUDE)))
