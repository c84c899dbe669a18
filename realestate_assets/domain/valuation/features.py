"""What the model sees: an explicit list of features, and their matrix. Nothing made from the own price."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from realestate_assets.domain.core.places import PLACE, lack_zips
from realestate_assets.domain.valuation.extra_columns import ExtraColumn, extras_of, with_extras

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
# The code of place: ZIPs within a county (or `place`, where homes lack a ZIP), counties where several are
# pooled.
PLACE_FEATURE = {"county": "zip", "pooled": "county"}

# Made from the subject's own price or its listing, or naming the record: never a feature.
FORBIDDEN_FEATURES = frozenset(
    {
        "property_id",
        "source",
        "street",
        "listing_status",
        "offer_state",
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
# Beside numbers: the places, and the JSON of the source's own facts.
TRAINING_COLUMNS = (*KEY_COLUMNS, *NUMERIC_FEATURES, "zip", "place", "extra_features")


@dataclass(frozen=True)
class FeatureSet:
    """Columns of the matrix in order, the last one a code of place by position in `places`.

    `extra` are facts of the county's own sources, between the numbers that all counties share and the place.
    """

    numeric: tuple[str, ...]
    place: str
    places: tuple[str, ...]
    extra: tuple[ExtraColumn, ...] = ()

    @classmethod
    def of_sales(cls, sales: pd.DataFrame, kind: str) -> "FeatureSet":
        """The features of a kind of model, with the places and categories its training sales know.

        A pooled model has no extra features: the same name may mean another thing in the next county.
        """
        place = place_column(sales, kind)
        extra = extras_of(sales) if kind == "county" else ()
        return cls(NUMERIC_FEATURES, place, tuple(sorted(sales[place].dropna().unique())), extra)

    @property
    def names(self) -> list[str]:
        """Column names of the matrix."""
        return [*self.numeric, *(column.name for column in self.extra), self.place]

    @property
    def categorical(self) -> list[str]:
        """Those of them that hold codes of categories."""
        coded = [column.name for column in self.extra if column.is_category]
        return [*coded, self.place] if self.places else coded

    def key_columns(self) -> Sequence[str]:
        """Columns of a frame beside the numbers that the features are made of."""
        named = [PLACE] if self.place == PLACE else []
        return [*named, "extra_features"] if self.extra else named

    def matrix(self, frame: pd.DataFrame) -> np.ndarray:
        """Features as float64, missing as NaN; a place unknown at training is missing."""
        columns = [frame[name].to_numpy(dtype=float, na_value=np.nan) for name in self.numeric]
        if self.extra:
            own = with_extras(frame, self.extra)
            columns += [column.coded(own[column.name]) for column in self.extra]
        codes = pd.Index(self.places, dtype=object).get_indexer(frame[self.place].astype(object))
        return np.column_stack([*columns, np.where(codes >= 0, codes, np.nan)])

    def to_dict(self) -> dict[str, Any]:
        """As stored with the model."""
        stored = {"numeric": list(self.numeric), "place": self.place, "places": list(self.places)}
        # Left out where there are none: such a model stays what it was, to the byte.
        return {**stored, "extra": [column.to_dict() for column in self.extra]} if self.extra else stored

    @classmethod
    def from_dict(cls, stored: dict) -> "FeatureSet":
        """From what `to_dict` gave."""
        extra = tuple(ExtraColumn.from_dict(column) for column in stored.get("extra", ()))
        return cls(tuple(stored["numeric"]), stored["place"], tuple(stored["places"]), extra)


def place_column(sales: pd.DataFrame, kind: str) -> str:
    """The column of place of a kind of model: `place` where sales of a county have one and no ZIP."""
    return PLACE if kind == "county" and lack_zips(sales) else PLACE_FEATURE[kind]
