"""What the model sees: an explicit list of features, and their matrix. Nothing made from the own price."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

# Left out: ratios that trees make themselves (bed_bath_ratio, lot_to_building_ratio, age_years beside
# year_built; without them COD falls by 0.04 in King County 2014-11..2015-02), and counts of sales, which say
# above all how far back the records reach.
NUMERIC_FEATURES = (
    "living_area_sqft",
    "lot_area_sqft",
    "bedrooms",
    "bathrooms",
    "stories",
    "garage_spaces",
    "basement_share",
    "year_built",
    "effective_age_years",
    "condition_code",
    "quality_code",
    "view_code",
    "is_waterfront",
    "is_single_family",
    "is_condo",
    "is_townhouse",
    "hoa_monthly_usd",
    "is_flood_hazard_area",
    "latitude",
    "longitude",
    "nearby_living_area_sqft",
    "nearby_lot_area_sqft",
    "nearby_price_per_sqft_usd",
    "nearby_median_price_usd",
    "nearby_mean_distance_mi",
    "zip_median_price_per_sqft_usd",
    "zip_population",
    "zip_median_income_usd",
    "zip_median_home_value_usd",
    "zip_median_rent_usd",
    "zip_owner_occupied_pct",
    "zip_unemployment_pct",
    "assessed_value_usd",
    "roll_market_value_usd",
)
# The code of place: ZIPs within a county; counties where several are pooled.
PLACE_FEATURE = {"county": "zip", "pooled": "county"}

# Made from the subject's own price or its listing, or naming the record: never a feature.
FORBIDDEN_FEATURES = frozenset(
    {
        "property_id",
        "source",
        "street",
        "listing_status",
        "is_status_active",
        "observed_date",
        "sale_price_usd",
        "sale_date",
        "sale_validity",
        "list_price_usd",
        "is_list_price_assumed",
        "price_per_sqft_usd",
        "assessed_to_market_ratio",
        "list_to_assessed_ratio",
        "list_to_market_ratio",
        "estimated_equity_usd",
        "last_sale_price_usd",
        "appreciation_since_last_sale_pct",
        "annual_appreciation_rate_pct",
        "days_on_market",
        "price_to_zip_median_ratio",
        "price_to_income_ratio",
        "rent_to_price_pct",
        "is_undervalued",
        "potential_roi_pct",
        "bird_dog_score",
    }
)
KEY_COLUMNS = (
    "county",
    "month",
    "property_id",
    "is_simulated",
    "sale_date",
    "sale_price_usd",
    "sale_validity",
)
TRAINING_COLUMNS = (*KEY_COLUMNS, *NUMERIC_FEATURES, "zip")


@dataclass(frozen=True)
class FeatureSet:
    """Columns of the matrix in order, the last one a code of place by position in `places`."""

    numeric: tuple[str, ...]
    place: str
    places: tuple[str, ...]

    @classmethod
    def of_sales(cls, sales: pd.DataFrame, kind: str) -> "FeatureSet":
        """The features of a kind of model, with the places its training sales know."""
        place = PLACE_FEATURE[kind]
        return cls(NUMERIC_FEATURES, place, tuple(sorted(sales[place].dropna().unique())))

    @property
    def names(self) -> list[str]:
        """Column names of the matrix."""
        return [*self.numeric, self.place]

    def matrix(self, frame: pd.DataFrame) -> np.ndarray:
        """Features as float64, missing as NaN; a place unknown at training is missing."""
        columns = [frame[name].to_numpy(dtype=float, na_value=np.nan) for name in self.numeric]
        codes = pd.Index(self.places, dtype=object).get_indexer(frame[self.place].astype(object))
        return np.column_stack([*columns, np.where(codes >= 0, codes, np.nan)])

    def to_dict(self) -> dict[str, Any]:
        """As stored with the model."""
        return {"numeric": list(self.numeric), "place": self.place, "places": list(self.places)}

    @classmethod
    def from_dict(cls, stored: dict) -> "FeatureSet":
        """From what `to_dict` gave."""
        return cls(tuple(stored["numeric"]), stored["place"], tuple(stored["places"]))
