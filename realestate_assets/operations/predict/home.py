"""What is said of a home that is to be valued, and its row of features: missing is unknown, never 0."""

import json
from typing import Annotated

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, StringConstraints

from realestate_assets.domain.tables.columns import MAX_BEDROOMS, MAX_LIVING_AREA_SQFT, MAX_PRICE_USD
from realestate_assets.domain.valuation.features import NUMERIC_FEATURES
from realestate_assets.operations.market.filters import PRINTABLE, CountySlug, Month, PropertyType, Zip

# A home that is nobody's: its own earlier sales are unknown.
NO_PROPERTY = "00000000-0000-0000-0000-000000000000"
# Figures of the ZIP, which the county's other homes there bring.
ZIP_FIGURES = (
    "zip_population",
    "zip_median_income_usd",
    "zip_median_home_value_usd",
    "zip_median_rent_usd",
    "zip_owner_occupied_pct",
    "zip_unemployment_pct",
    "zip_median_price_per_sqft_usd",
)
MAX_EXTRA = 50
NUMBERS = frozenset((*NUMERIC_FEATURES, "list_price_usd"))
FLAGS = ("is_waterfront", "is_single_family", "is_condo", "is_townhouse", "is_flood_hazard_area")

Price = Annotated[FiniteFloat, Field(ge=1, le=MAX_PRICE_USD)]
Year = Annotated[int, Field(ge=1600, le=2200)]
Sqft = Annotated[FiniteFloat, Field(ge=1, le=1e9)]
Text = Annotated[str, StringConstraints(pattern=PRINTABLE, max_length=80)]


class Home(BaseModel):
    """A home as its owner would describe it; areas in sq ft, money in USD."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    county: CountySlug
    month: Month | None = Field(None, description="Month to value it at; the county's newest without it.")
    property_id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{36}$")] | None = Field(
        None, description="Its id where the platform knows it: its own sales then do not speak for it."
    )
    street: Text | None = None
    zip: Zip | None = None
    place: Text | None = Field(None, description="The source's own code of place, where homes lack a ZIP.")
    latitude: Annotated[FiniteFloat, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[FiniteFloat, Field(ge=-180, le=180)] | None = None
    property_type: PropertyType | None = None
    living_area_sqft: Annotated[FiniteFloat, Field(ge=1, le=MAX_LIVING_AREA_SQFT)] | None = None
    lot_area_sqft: Sqft | None = None
    basement_sqft: Annotated[FiniteFloat, Field(ge=0, le=1e6)] | None = None
    bedrooms: Annotated[FiniteFloat, Field(ge=0, le=MAX_BEDROOMS)] | None = None
    bathrooms: Annotated[FiniteFloat, Field(ge=0, le=40)] | None = None
    stories: Annotated[FiniteFloat, Field(ge=0.5, le=200)] | None = None
    garage_spaces: Annotated[FiniteFloat, Field(ge=0, le=100)] | None = None
    year_built: Year | None = None
    year_renovated: Year | None = None
    condition_code: Annotated[int, Field(ge=1, le=5)] | None = Field(
        None, description="1 poor to 5 very good."
    )
    quality_code: Annotated[int, Field(ge=1, le=13)] | None = Field(
        None, description="Construction grade, 1 to 13, 7 is average."
    )
    view_code: Annotated[int, Field(ge=0, le=4)] | None = Field(None, description="0 none to 4 excellent.")
    is_waterfront: bool | None = None
    is_flood_hazard_area: bool | None = None
    hoa_monthly_usd: Annotated[FiniteFloat, Field(ge=0, le=1e6)] | None = None
    assessed_value_usd: Price | None = None
    roll_market_value_usd: Price | None = None
    nearby_living_area_sqft: Sqft | None = Field(
        None, description="Mean living area of the nearest 15 homes."
    )
    nearby_lot_area_sqft: Sqft | None = Field(None, description="Mean lot area of the nearest 15 homes.")
    asking_price_usd: Price | None = Field(
        None, description="What is asked: it changes no value, only the chance that the value is above it."
    )
    extra_features: dict[Text, bool | FiniteFloat | Text | None] = Field(
        {}, max_length=MAX_EXTRA, description="Facts of the county's own sources that its model knows."
    )


def feature_row(home: Home, month: str, zip_figures: dict[str, float], is_simulated: bool) -> pd.DataFrame:
    """The home's row of marts.features but for the figures of nearby sales; the same arithmetic as dbt's.

    Args:
        home: what is said of it.
        month: the valued month.
        zip_figures: ZIP_FIGURES of its place, as far as known.
        is_simulated: whether it stands among generated homes, as all of a county without a source are.
    """
    year = int(month[:4])
    renovated = home.year_renovated if home.year_renovated and home.year_renovated <= year else None
    built = home.year_built
    said = home.model_dump(exclude={"basement_sqft", "year_renovated", "asking_price_usd", "extra_features"})
    area, basement = home.living_area_sqft, home.basement_sqft
    row = said | {
        "month": month,
        "property_id": home.property_id or NO_PROPERTY,
        "place": home.zip or home.place,
        "is_simulated": is_simulated,
        "basement_share": basement / area if basement is not None and area else None,
        "age_years": max(year - built, 0) if built else None,
        "effective_age_years": max(year - max(built, renovated or built), 0) if built else None,
        "is_single_family": _is(home.property_type, "single_family"),
        "is_condo": _is(home.property_type, "condo"),
        "is_townhouse": _is(home.property_type, "townhouse"),
        "list_price_usd": home.asking_price_usd,
        "extra_features": json.dumps(home.extra_features) if home.extra_features else None,
        **zip_figures,
    }
    whole = dict.fromkeys((*NUMERIC_FEATURES, *FLAGS)) | row
    return pd.DataFrame({name: pd.Series([value], dtype=_dtype(name)) for name, value in whole.items()})


def _dtype(name: str) -> type:
    if name in FLAGS:
        return object
    if name == "is_simulated":
        return bool
    return float if name in NUMBERS else object


def _is(kind: str | None, wanted: str) -> bool | None:
    return None if kind is None else kind == wanted
