"""What the API says of a home's value that is not in the platform."""

from typing import Any

from pydantic import BaseModel, Field


class Predicted(BaseModel):
    """A market value with its 80 % interval, the sales that are alike and what moves it."""

    county: str
    month: str = Field(description="Month it is valued at; no sale of it or later is used.")
    model_id: str = Field(description="Fingerprint of the promoted model.")
    model_month: str | None = Field(description="Month that model was trained for.")
    model_kind: str = Field(description="county, or pooled where the county has too few sales.")
    is_simulated: bool = Field(description="True where the county's homes are generated.")
    market_value_p10_usd: float
    market_value_p50_usd: float
    market_value_p90_usd: float
    discount_probability: float | None = Field(description="Chance that the value is above the ask.")
    value_band_median_ratio: float | None = Field(description="Value / price of sales of such values.")
    value_band_coverage: float | None = Field(description="Share of their prices between P10 and P90.")
    value_band_sales: int | None
    arv_usd: float | None = Field(description="After-repair value from the comparables.")
    arv_low_usd: float | None
    arv_high_usd: float | None
    comparables: list[dict[str, Any]] = Field(description="Earlier sales that are alike, with adjustments.")
    contributions: list[dict[str, Any]] = Field(description="Base, causes and rest; they add up to P50.")
    unknown_inputs: list[str] = Field(
        description="What the model looks at and was not told: the more, the wider the interval."
    )


ASKED = {
    "county": "king-wa",
    "zip": "98115",
    "latitude": 47.6812,
    "longitude": -122.3095,
    "property_type": "single_family",
    "living_area_sqft": 1840,
    "lot_area_sqft": 4000,
    "bedrooms": 3,
    "bathrooms": 2,
    "year_built": 1926,
    "quality_code": 7,
    "condition_code": 4,
}
ANSWERED = {
    "county": "king-wa",
    "month": "2015-05",
    "model_id": "4a73ac5ca18feb3f",
    "market_value_p10_usd": 541200.0,
    "market_value_p50_usd": 611300.0,
    "market_value_p90_usd": 694800.0,
    "unknown_inputs": ["hoa_monthly_usd"],
}
