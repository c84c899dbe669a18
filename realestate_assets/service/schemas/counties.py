"""What the API says of counties, their data, models and markets, and of counts over properties."""

from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel, Field

from realestate_assets.operations.market import columns, counts
from realestate_assets.service.schemas.of_view import model_of

County: type[BaseModel] = model_of(
    "County",
    "A county that you see: its months, and how many properties the newest has.",
    [
        *columns.counties.c,
        sa.column("property_count", sa.BigInteger),
        sa.column("scored_count", sa.BigInteger),
        sa.column("newest_observed_date", sa.Date),
        sa.column("has_simulated", sa.Boolean),
    ],
)
Measure: type[BaseModel] = model_of("Measure", "A measure of a month's data.", counts.data_quality.c)
Reject: type[BaseModel] = model_of("Reject", "A received row that became no property.", counts.rejects.c)
Provider: type[BaseModel] = model_of(
    "Provider", "What a provider gave for a field in a month.", counts.field_provenance.c
)
Promotion: type[BaseModel] = model_of(
    "Promotion", "Which model values a month, and why.", counts.promotions.c
)
Study: type[BaseModel] = model_of("Study", "Values against the month's sales.", counts.ratio_studies.c)
Trend: type[BaseModel] = model_of("Trend", "A market in a month; ALL is the county.", counts.market_trends.c)


class FacetValue(BaseModel):
    """A value of a filter with the number of properties."""

    value: str
    count: int


class Facets(BaseModel):
    """Values of each filter with counts, as if that filter were not set."""

    total: int = Field(description="Properties that fulfil all filters.")
    facets: dict[str, list[FacetValue]]
    ranges: dict[str, dict[str, Any]] = Field(description="Least and most of each column of figures.")


class Suggestion(BaseModel):
    """A place that begins with what was typed."""

    kind: str = Field(description="city, zip or address.")
    text: str
    county: str
    count: int
    property_id: str | None = None
