"""What an enrichment provider is: asked once for many properties of one county, it answers with facts.

Two rules hold for all of them. A simulated provider answers for generated properties only, and generated
properties ask nobody else: no made-up value gets near a real property, no call is paid for a made-up one,
and the sample gives the same result whatever reference files lie about. And a provider that has nothing
says so by a null with a reason code, never by a zero.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.enrichment.resolve import FACT_SCHEMA

REQUEST_COLUMNS = (
    "month",
    "property_id",
    "apn",
    "street",
    "unit",
    "city",
    "zip",
    "latitude",
    "longitude",
    "property_type",
    "bedrooms",
    "bathrooms",
    "living_area_sqft",
    "year_built",
    "owner_mailing_address",
    "owner_occupied",
    "last_sale_price_usd",
    "last_sale_date",
    "assessed_value_usd",
    "tax_annual_usd",
)


@dataclass(frozen=True)
class EnrichmentRequest:
    """Properties of one county, of one or several months, and the fields wanted of them.

    `properties` holds REQUEST_COLUMNS; rows differ in month and property_id together.
    """

    county_slug: str
    properties: pa.Table
    fields: tuple[str, ...]

    @property
    def size(self) -> int:
        """Number of properties."""
        return self.properties.num_rows


class Provider(Protocol):
    """A source of facts about properties.

    `fetch` gives exactly one fact for each property and wanted field that is among `fields`, in FACT_SCHEMA:
    a value as text, or a null with its reason code. It raises TransientError for what may pass by itself and
    PermanentError for what cannot.
    """

    name: str
    fields: tuple[str, ...]
    simulated: bool

    def fetch(self, request: EnrichmentRequest) -> pa.Table:
        """Facts for the properties of a request."""
        ...


@dataclass(frozen=True)
class Origin:
    """Where a provider's values come from; one for all facts of a field, or an array of one a property."""

    provider: str
    simulated: bool = False
    source_url: str | pa.Array | None = None
    retrieved_at: datetime | pa.Array | None = None
    vintage: date | pa.Array | None = None
    confidence: float | pa.Array | None = None
    cost_usd: float | pa.Array = 0.0


def field_facts(
    request: EnrichmentRequest, field: str, value: pa.Array, reason: pa.Array, origin: Origin
) -> pa.Table:
    """Facts of one field for all properties of a request.

    Args:
        request: what was asked.
        field: the enrichment field.
        value: text of each property's value.
        reason: reason code of each property; where it is null and so is the value, NULL_IN_SOURCE.
        origin: where the values come from; the confidence stands only beside a value.
    """
    missing = pc.is_null(value)
    nothing = pc.if_else(missing, pa.scalar("NULL_IN_SOURCE"), pa.scalar(None, pa.string()))
    confidence = origin.confidence
    if not isinstance(confidence, pa.Array | pa.ChunkedArray):
        confidence = pa.scalar(confidence, pa.float64())
    columns = {
        "month": request.properties["month"],
        "property_id": request.properties["property_id"],
        "value": value,
        "reason_code": pc.coalesce(reason, nothing),
        "confidence": pc.if_else(missing, pa.scalar(None, pa.float64()), confidence),
    }
    same = {
        "field": field,
        "provider": origin.provider,
        "source_url": origin.source_url,
        "retrieved_at": origin.retrieved_at,
        "vintage": origin.vintage,
        "cost_usd": origin.cost_usd,
        "simulated": origin.simulated,
    }
    for name, constant in same.items():
        is_column = isinstance(constant, pa.Array | pa.ChunkedArray)
        kind = FACT_SCHEMA.field(name).type
        columns[name] = constant if is_column else pa.repeat(pa.scalar(constant, kind), request.size)
    return pa.table({f.name: columns[f.name] for f in FACT_SCHEMA}).cast(
        pa.schema([pa.field(f.name, f.type) for f in FACT_SCHEMA])
    )


def no_facts() -> pa.Table:
    """A table of no facts."""
    return pa.schema([pa.field(f.name, f.type) for f in FACT_SCHEMA]).empty_table()
