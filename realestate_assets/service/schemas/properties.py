"""What the API says of properties."""

import uuid
from typing import Any, Literal

from pydantic import BaseModel, Field

from realestate_assets.operations.market import details
from realestate_assets.operations.market.columns import KEY, properties
from realestate_assets.service.schemas.corrections import CORRECTION, Correction
from realestate_assets.service.schemas.of_view import model_of

HOME: dict[str, Any] = {
    "county": "king-wa",
    "month": "2015-05",
    "property_id": "8d3b4e0a-5e0c-5c57-9e2e-2a1f5be6c1b0",
    "street": "1234 NE 65TH ST",
    "city": "SEATTLE",
    "zip": "98115",
    "asking_price_usd": 549000.0,
    "market_value_p50_usd": 597400.0,
    "bird_dog_score": 71.4,
    "score_class": "good",
}
DETAIL = HOME | {"corrections": [CORRECTION]}
KEYS = {name: HOME[name] for name in KEY}
Property: type[BaseModel] = model_of(
    "Property",
    "A property in a month: what it is, what is asked, what it is worth, its score and its underwriting.",
    properties.c,
    distance_mi=(float | None, Field(None, description="Miles from the point asked for; in lists alone.")),
)
PropertyDetail: type[BaseModel] = model_of(
    "PropertyDetail",
    "A property in a month, and what people say is wrong with its record.",
    properties.c,
    corrections=(
        list[Correction],
        Field([], description="Proposed and accepted; the record itself stays as its source gave it."),
    ),
)
ScoreVersion: type[BaseModel] = model_of(
    "ScoreVersion", "A version of a score, with what moved it.", details.score_history.c
)
Score: type[BaseModel] = model_of(
    "Score", "A score with its value, its measures and its reasons.", details.scores.c
)
Comparable: type[BaseModel] = model_of(
    "Comparable", "An earlier sale that is alike, with its adjustments.", details.comparables.c
)
Contribution: type[BaseModel] = model_of(
    "Contribution", "What moves a value, USD: base, causes and rest add up to it.", details.contributions.c
)
FieldFact: type[BaseModel] = model_of(
    "FieldFact",
    "What a provider said of a field, a person's own data without the value; or, with provider `person`, "
    "what somebody of the tenant corrects.",
    details.facts.c,
    correction_id=(uuid.UUID | None, Field(None, description="Of a correction.")),
    correction_state=(Literal["proposed", "accepted"] | None, Field(None, description="Of a correction.")),
    person=(str | None, Field(None, description="Who corrects it.")),
    source_value=(str | None, Field(None, description="What the record said then.")),
)


Owners: type[BaseModel] = model_of("Owners", "Owner, seller and buyer of a property.", details.owners.c)


class History(BaseModel):
    """The months of a property and the versions of its score, the newest first."""

    months: list[dict[str, Any]] = Field(description=f"Each with {', '.join(details.HISTORY_FIELDS)}.")
    scores: list[dict[str, Any]] = Field(
        description=f"Each with {', '.join(details.score_history.c.keys())}."
    )


class Point(BaseModel):
    """GeoJSON point: longitude, latitude in degrees."""

    type: Literal["Point"] = "Point"
    coordinates: tuple[float, float]


class Feature(BaseModel):
    """A property, or a cluster of them with `count`."""

    type: Literal["Feature"] = "Feature"
    geometry: Point
    properties: dict[str, Any]


class FeatureCollection(BaseModel):
    """Pins, or clusters where there would be too many."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[Feature]
    is_clustered: bool
    total: int = Field(description="Properties that lie there.")
    without_place: int = Field(description="Properties that fulfil the filters and have no coordinates.")


class Similar(BaseModel):
    """A property whose description resembles another's."""

    county: str
    month: str
    property_id: str
    similarity: float = Field(description="Cosine of the descriptions' vectors, at most 1.")
