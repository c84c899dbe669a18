"""Sources of records that are fetched from an API, as configuration; and all kinds of source there are.

What is fetched is written into the landing folder, a file a month, and read from there like any other file:
the column map, the rejects and the counts are those of files.
"""

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from realestate_assets.domain.counties.providers.socrata import COLUMN, DATASET
from realestate_assets.domain.counties.sample_source import SampleSource
from realestate_assets.domain.counties.sources import LISTINGS_AND_SALES, FileSource, Holds, LandedSource

# Names of columns and properties as they go into a where clause unquoted.
NAME = r"^[A-Za-z_][A-Za-z0-9_.]{0,127}$"


class ApiSource(LandedSource):
    """Records of an API, the run's months only.

    Args:
        api: entry of providers.yaml: address, key, limits, cache.
        enabled: it is fetched where this is true or ENABLED_APIS names its api.
        date_column: date by which the records of a month are asked for; a record without one is never
            fetched. Map observed_date from it.
        date_format: how dates stand in the conditions, where the API does not say so itself (strftime).
        where: further condition, in the API's own language.
        order: columns that put the records in order; pages of an unordered answer overlap.
        page_rows: records a page may hold; none means as many as the API gives.
    """

    format: Literal["jsonl"] = "jsonl"
    api: str = Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")
    enabled: bool = False
    date_column: str
    date_format: str | None = None
    where: str | None = None
    order: tuple[str, ...] = ()
    page_rows: int | None = Field(default=None, ge=1, le=50_000)

    @property
    def mapped_columns(self) -> tuple[str, ...]:
        """Columns that the column map reads, each once."""
        return tuple(dict.fromkeys(c for column in self.mapped.values() for c in column.source_columns))

    @field_validator("holds")
    @classmethod
    def _is_asked_by_one_date(cls, value: Holds) -> Holds:
        if value == LISTINGS_AND_SALES:
            raise ValueError(
                "records are fetched by one date: a source of files can hold both, an API cannot"
            )
        return value

    @field_validator("order", mode="before")
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value


class SocrataSource(ApiSource):
    """A dataset of a Socrata portal."""

    kind: Literal["socrata"]
    dataset: str = Field(pattern=DATASET)
    date_column: str = Field(pattern=COLUMN)
    order: tuple[Annotated[str, Field(pattern=COLUMN)], ...] = ()


class ArcgisSource(ApiSource):
    """A layer or table of an ArcGIS feature or map service.

    Dates come as epoch milliseconds and are landed as ISO text, UTC. With `with_position` each record gets
    the columns geometry.x (longitude) and geometry.y (latitude) of its point, or of a point inside its area.
    """

    kind: Literal["arcgis"]
    layer: str = Field(pattern=r"^/?[\w./%-]+/\d+$", description="Path that ends in the layer's number.")
    date_column: str = Field(pattern=NAME)
    order: tuple[Annotated[str, Field(pattern=NAME)], ...] = ()
    with_position: bool = False

    @model_validator(mode="after")
    def _inside_the_service(self) -> "ArcgisSource":
        if ".." in self.layer:
            raise ValueError("layer must be a path below the API's address")
        return self


class ResoSource(ApiSource):
    """A resource of a RESO Web API (OData): listings of an MLS. Only the mapped columns are asked for."""

    kind: Literal["reso"]
    resource: str = Field(default="Property", pattern=r"^[A-Za-z][A-Za-z0-9]{0,63}$")
    date_column: str = Field(default="CloseDate", pattern=NAME)
    # Edm.DateTimeOffset instead of Edm.Date: bounds are midnights, UTC.
    date_has_time: bool = False
    order: tuple[Annotated[str, Field(pattern=NAME)], ...] = ("ListingKey",)


Source = Annotated[
    FileSource | SocrataSource | ArcgisSource | ResoSource | SampleSource, Field(discriminator="kind")
]
