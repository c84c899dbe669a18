"""The filters of a list of properties: checked by their types, turned into bound conditions.

The same filters hold for a list, its count, a map, facets and an export, so that "n of N" is one N.
"""

from typing import Annotated, Literal, Self

import sqlalchemy as sa
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    StringConstraints,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError
from sqlalchemy.orm import Session

from realestate_assets.app.archive import ArchivedProperty
from realestate_assets.domain.core.geo import EARTH_RADIUS_MILES
from realestate_assets.operations.market.columns import counties, properties

COUNTY_FORM = r"^[a-z]+(-[a-z]+)*-[a-z]{2}$"
MONTH_FORM = r"^[0-9]{4}-(0[1-9]|1[0-2])$"
# A degree of latitude in miles, for the box around a circle that an index and a glance can use.
MILES_PER_DEGREE = 69.0
LARGEST_RADIUS_MILES = 200.0

# As the lists of `domain.tables.columns`, spelled out: the API's document shows them.
PropertyType = Literal["single_family", "condo", "townhouse", "multi_family", "manufactured", "land", "other"]
ListingStatus = Literal["coming_soon", "active", "pending", "sold", "withdrawn", "expired", "off_market"]
OfferState = Literal["on_offer", "under_contract", "gone", "retrospective"]
ScoreClass = Literal["excellent", "good", "fair", "poor"]

CountySlug = Annotated[str, StringConstraints(pattern=COUNTY_FORM, max_length=60)]
Month = Annotated[str, StringConstraints(pattern=MONTH_FORM)]
Zip = Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$")]
# No control characters: Postgres knows no text with a zero byte in it.
PRINTABLE = r"^[^\x00-\x1f\x7f]+$"
Words = Annotated[str, StringConstraints(pattern=PRINTABLE, max_length=80, strip_whitespace=True)]
Usd = Annotated[FiniteFloat, Field(ge=0)]
Amount = Annotated[FiniteFloat, Field(ge=0)]
Year = Annotated[int, Field(ge=1600, le=2200)]
Score = Annotated[FiniteFloat, Field(ge=0, le=100)]

# Filter -> column it bounds, from below or above.
RANGES = {
    "price": ("asking_price_usd", "usd"),
    "value": ("market_value_p50_usd", "usd"),
    "bedrooms": ("bedrooms", ""),
    "bathrooms": ("bathrooms", ""),
    "living_area": ("living_area_sqft", "sqft"),
    "lot_area": ("lot_area_sqft", "sqft"),
    "year_built": ("year_built", ""),
    "score": ("bird_dog_score", ""),
    "discount": ("discount_to_value_pct", "pct"),
}
LISTS = {
    "county": "county",
    "zip": "zip",
    "city": "city",
    "property_type": "property_type",
    "offer_state": "offer_state",
    "listing_status": "listing_status",
    "score_class": "score_class",
}


class PropertyFilter(BaseModel):
    """What a list of properties is narrowed by; several values of one filter are joined by "or"."""

    # A list has further parameters (limit, sort); what is none of either is refused where they are known.
    model_config = ConfigDict(extra="ignore", frozen=True)

    county: list[CountySlug] = Field([], max_length=60, description="Counties; all of yours without it.")
    month: Month | None = Field(None, description="YYYY-MM; the newest month of each county without it.")
    zip: list[Zip] = Field([], max_length=200)
    city: list[Words] = Field([], max_length=50, description="Cities, in any case.")
    property_type: list[PropertyType] = Field([], max_length=10)
    offer_state: list[OfferState] = Field([], max_length=10)
    listing_status: list[ListingStatus] = Field([], max_length=10)
    score_class: list[ScoreClass] = Field([], max_length=4)
    min_price_usd: Usd | None = Field(None, description="Least asking price, USD.")
    max_price_usd: Usd | None = None
    min_value_usd: Usd | None = Field(None, description="Least market value (P50), USD.")
    max_value_usd: Usd | None = None
    min_bedrooms: Amount | None = None
    max_bedrooms: Amount | None = None
    min_bathrooms: Amount | None = None
    max_bathrooms: Amount | None = None
    min_living_area_sqft: Amount | None = None
    max_living_area_sqft: Amount | None = None
    min_lot_area_sqft: Amount | None = None
    max_lot_area_sqft: Amount | None = None
    min_year_built: Year | None = None
    max_year_built: Year | None = None
    min_score: Score | None = None
    max_score: Score | None = None
    min_discount_pct: FiniteFloat | None = Field(None, description="Least discount to value, %.")
    max_discount_pct: FiniteFloat | None = None
    waterfront: bool | None = Field(None, description="On the water, or known not to be.")
    has_memo: bool | None = None
    needs_review: bool | None = Field(None, description="Something is to be looked into first.")
    archived: bool = Field(False, description="Those that your tenant has put away, instead of the others.")
    box: str | None = Field(None, max_length=100, description="west,south,east,north in degrees.")
    near: str | None = Field(None, max_length=60, description="latitude,longitude in degrees.")
    radius_miles: Annotated[FiniteFloat, Field(gt=0, le=LARGEST_RADIUS_MILES)] | None = None

    @field_validator("box")
    @classmethod
    def _is_a_box(cls, text: str | None) -> str | None:
        if text is None:
            return None
        west, south, east, north = degrees(text, 4)
        if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
            raise PydanticCustomError("box", "degrees as west,south,east,north, south not above north")
        return text

    @field_validator("near")
    @classmethod
    def _is_a_point(cls, text: str | None) -> str | None:
        if text is None:
            return None
        latitude, longitude = degrees(text, 2)
        if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
            raise PydanticCustomError("near", "degrees as latitude,longitude")
        return text

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if (self.near is None) != (self.radius_miles is None):
            raise PydanticCustomError("near", "near and radius_miles go together")
        return self


def degrees(text: str, count: int) -> tuple[float, ...]:
    """So many finite numbers, separated by commas.

    Raises:
        PydanticCustomError: it is something else.
    """
    try:
        numbers = tuple(float(part) for part in text.split(","))
    except ValueError:
        numbers = ()
    if len(numbers) != count or not all(abs(number) <= 360 for number in numbers):
        raise PydanticCustomError(
            "degrees", "{count} numbers of degrees, separated by commas", {"count": count}
        )
    return numbers


def months_shown(session: Session, chosen: PropertyFilter) -> list[tuple[str, str]]:
    """The partitions that a list looks at: the newest month of each county, or the month asked for."""
    known = sa.select(counties.c.county, counties.c.newest_month).where(counties.c.newest_month.is_not(None))
    if chosen.county:
        known = known.where(counties.c.county.in_(chosen.county))
    return [(row.county, chosen.month or row.newest_month) for row in session.execute(known)]


def conditions(chosen: PropertyFilter, partitions: list[tuple[str, str]]) -> list[sa.ColumnElement[bool]]:
    """What a row must fulfil; an unknown value of a filtered column does not."""
    c = properties.c
    found: list[sa.ColumnElement[bool]] = [sa.tuple_(c.county, c.month).in_(partitions)]
    for name, column in LISTS.items():
        values = getattr(chosen, name)
        if values and name != "county":
            found.append(c[column].in_([v.upper() for v in values] if name == "city" else values))
    for name, (column, unit) in RANGES.items():
        least, most = (getattr(chosen, f"{end}_{name}{'_' * bool(unit)}{unit}") for end in ("min", "max"))
        if least is not None:
            found.append(c[column] >= least)
        if most is not None:
            found.append(c[column] <= most)
    if chosen.needs_review is not None:
        found.append(sa.func.coalesce(c.needs_review, sa.false()).is_(chosen.needs_review))
    if chosen.waterfront is not None:
        found.append(c.is_waterfront.is_(chosen.waterfront))
    if chosen.has_memo is not None:
        found.append(c.memo_rank.is_not(None) if chosen.has_memo else c.memo_rank.is_(None))
    found.append(put_away() if chosen.archived else sa.not_(put_away()))
    return [*found, *_places(chosen)]


def put_away() -> sa.ColumnElement[bool]:
    """Rows of homes that the tenant has put away."""
    return sa.exists().where(ArchivedProperty.property_id == properties.c.property_id)


def _places(chosen: PropertyFilter) -> list[sa.ColumnElement[bool]]:
    c = properties.c
    found: list[sa.ColumnElement[bool]] = []
    if chosen.box is not None:
        west, south, east, north = degrees(chosen.box, 4)
        found.append(c.latitude.between(south, north))
        # A box may cross the meridian where east and west meet.
        inside = [c.longitude >= west, c.longitude <= east]
        found.append(sa.and_(*inside) if west <= east else sa.or_(*inside))
    if chosen.near is not None and chosen.radius_miles is not None:
        latitude, _ = degrees(chosen.near, 2)
        reach = chosen.radius_miles / MILES_PER_DEGREE + 0.01
        found.append(c.latitude.between(latitude - reach, latitude + reach))
        found.append(distance_miles(chosen.near) <= chosen.radius_miles)
    return found


def distance_miles(near: str) -> sa.ColumnElement[float]:
    """Great-circle distance of a row to a point, miles: the haversine, as `domain.core.geo` has it."""
    c = properties.c
    latitude, longitude = degrees(near, 2)
    half_phi = sa.func.sin(sa.func.radians(c.latitude - latitude) / 2)
    half_lambda = sa.func.sin(sa.func.radians(c.longitude - longitude) / 2)
    square = half_phi * half_phi + (
        sa.func.cos(sa.func.radians(c.latitude))
        * sa.func.cos(sa.func.radians(sa.literal(latitude, sa.Float)))
        * half_lambda
        * half_lambda
    )
    bounded = sa.func.least(1.0, square)
    return (2 * EARTH_RADIUS_MILES * sa.func.asin(sa.func.sqrt(bounded))).cast(sa.Float)
