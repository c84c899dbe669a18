"""The generator as a source: how its columns become canonical ones, by the kind of map a file source has."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from realestate_assets.domain.core.strict_model import StrictModel
from realestate_assets.domain.counties.column_map import ColumnMap
from realestate_assets.domain.counties.extra_features import ExtraFeature
from realestate_assets.domain.counties.sources import LandedSource

USE_CODES = {
    "SFR": "single_family",
    "Condominium": "condo",
    "Townhouse": "townhouse",
    "Multi-Family": "multi_family",
    "Mobile": "manufactured",
}
STATUS_CODES = {"For Sale": "active", "Under Contract": "pending", "Closed": "sold"}


def _from(column: str, **rules: object) -> ColumnMap:
    return ColumnMap.model_validate({"from": column, **rules})


SAMPLE_COLUMNS: dict[str, ColumnMap] = {
    "source_id": _from("record_no"),
    "url": _from("link"),
    "apn": _from("parcel_number"),
    "street": _from("situs_address", required=True),
    "unit": _from("unit_no"),
    "city": _from("situs_city"),
    "state": _from("situs_state"),
    "zip": _from("situs_zip", required=True),
    "latitude": _from("lat"),
    "longitude": _from("lon"),
    "property_type": _from("use_type", required=True, codes=USE_CODES),
    "listing_status": _from("listing_state", required=True, codes=STATUS_CODES),
    "list_price_usd": _from("asking_price", required=True, unit="usd"),
    "sale_price_usd": _from("closing_price", unit="usd"),
    "sale_date": _from("closed_on"),
    "observed_date": _from("recorded_on", required=True),
    "list_date": _from("listed_on"),
    "bedrooms": _from("beds"),
    "bathrooms": _from("baths"),
    "living_area_sqft": _from("building_sqft", required=True, unit="sqft"),
    "lot_area_sqft": _from("land_sqft", unit="sqft"),
    "basement_sqft": _from("cellar_sqft", unit="sqft"),
    "year_built": _from("built"),
    "year_renovated": _from("remodeled", null_values="0"),
    "stories": _from("floors"),
    "garage_spaces": _from("garage"),
    "condition_code": _from("condition"),
    "quality_code": _from("grade"),
    "view_code": _from("view_rating"),
    "is_waterfront": _from("on_water"),
    "hoa_monthly_usd": _from("dues_yearly", unit="usd_year"),
    "days_on_market": _from("days_listed"),
    "owner_name": _from("owner"),
    "owner_mailing_address": _from("owner_mail"),
    "owner_occupied": _from("owner_lives_here"),
    "last_sale_price_usd": _from("prior_price", unit="usd"),
    "last_sale_date": _from("prior_date", format=("%m/%d/%Y",)),
    "assessed_value_usd": _from("assessed", unit="usd"),
    "tax_annual_usd": _from("yearly_tax", unit="usd"),
    "description": _from("remarks"),
}


class SampleSource(StrictModel):
    """The generator: used for a county only while no other source of the county has landed anything."""

    columns: ClassVar[Mapping[str, ColumnMap]] = SAMPLE_COLUMNS
    holds: ClassVar[str] = "listings"
    mapped: ClassVar[Mapping[str, ColumnMap]] = SAMPLE_COLUMNS
    is_simulated: ClassVar[bool] = True
    rules: ClassVar[Mapping[str, ColumnMap]] = SAMPLE_COLUMNS
    feature_rules: ClassVar[Mapping[str, ExtraFeature]] = {}

    # The generator gives each unit a parcel number of its own.
    parcel_number_tells_units: ClassVar[bool] = True

    kind: Literal["sample"] = "sample"
    name: Literal["sample"] = "sample"


SAMPLE = SampleSource()

# What a raw row may come from.
RawSource = LandedSource | SampleSource
