"""The public King County sales file as rows of marts.features, made without a warehouse."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from realestate_assets.domain.comparables.comparables import RECORD_COLUMNS
from realestate_assets.domain.core.identity import property_ids
from realestate_assets.domain.core.parcel_numbers import normalize_apn
from realestate_assets.domain.counties.county import load_counties
from realestate_assets.domain.sales.rules import load_sale_rules
from realestate_assets.domain.sales.validity import RECORD_COLUMNS as SALE_COLUMNS
from realestate_assets.domain.sales.validity import sale_validity
from realestate_assets.domain.valuation.features import TRAINING_COLUMNS
from realestate_assets.domain.valuation.history import earlier_sales
from realestate_assets.domain.valuation.nearby import nearby_sales
from realestate_assets.domain.valuation.params import load_params

PLAIN = {
    "zip": "zipcode",
    "latitude": "lat",
    "longitude": "long",
    "sale_price_usd": "price",
    "living_area_sqft": "sqft_living",
    "lot_area_sqft": "sqft_lot",
    "stories": "floors",
    "year_built": "yr_built",
    "condition_code": "condition",
    "quality_code": "grade",
    "view_code": "view",
    "nearby_living_area_sqft": "sqft_living15",
    "nearby_lot_area_sqft": "sqft_lot15",
}
CENSUS_COLUMNS = {
    "zip_population": "population",
    "zip_median_income_usd": "median_household_income",
    "zip_median_home_value_usd": "median_home_value",
    "zip_median_rent_usd": "acs2013_median_gross_rent",
}


def king_records(sales: Path, census: Path | None = None) -> pd.DataFrame:
    """The sales file as canonical records, with the features that need no other sale.

    Args:
        sales: the file as published (kc_house_data.csv).
        census: figures by ZIP as Parquet; None leaves them unknown.
    """
    raw = pd.read_csv(sales, dtype={"id": str, "zipcode": str})
    sold = pd.to_datetime(raw["date"].str[:8])
    frame = raw[list(PLAIN.values())].set_axis(list(PLAIN), axis=1).astype({"sale_price_usd": float})
    frame = frame.assign(
        county="king-wa",
        month=sold.dt.strftime("%Y-%m"),
        property_id=_property_ids(raw["id"]),
        is_simulated=False,
        sale_date=sold,
        bedrooms=raw["bedrooms"].where(raw["bedrooms"] > 0),
        bathrooms=raw["bathrooms"].where(raw["bathrooms"] > 0),
        basement_share=raw["sqft_basement"] / raw["sqft_living"],
        is_waterfront=raw["waterfront"] == 1,
        effective_age_years=(sold.dt.year - raw[["yr_built", "yr_renovated"]].max(axis=1)).clip(lower=0),
    )
    if census is not None:
        by_zip = pd.read_parquet(census).drop_duplicates("zipcode").set_index("zipcode")
        for name, column in CENSUS_COLUMNS.items():
            frame[name] = frame["zip"].map(by_zip[column])
    for name in {*TRAINING_COLUMNS, *RECORD_COLUMNS} - {*frame, "sale_validity"}:
        frame[name] = np.nan
    frame = frame[raw["bedrooms"] <= 20].drop_duplicates(["month", "property_id"], keep="last")
    for name in {*SALE_COLUMNS} - set(frame):
        frame[name] = None
    verdicts = sale_validity(frame, load_sale_rules())[["county", "month", "property_id", "sale_validity"]]
    return frame.merge(verdicts, on=["county", "month", "property_id"], validate="one_to_one")


def _property_ids(parcels: pd.Series) -> list[str]:
    """The platform's own ids: folds and the order of the rows follow them, and COD by a few hundredths."""
    apn = normalize_apn(pa.array(parcels.str.zfill(10), pa.string()))
    blank = pa.nulls(len(apn), pa.string())
    table = pa.table({"apn": apn, **dict.fromkeys(("street", "unit", "city", "zip"), blank)})
    return property_ids(table, load_counties(None)["king-wa"].fips).to_pylist()


def king_features(records: pd.DataFrame) -> pd.DataFrame:
    """The records with each month's market figures, from earlier sales alone."""
    blank = [c for c in records if c.startswith("nearby_") and records[c].isna().all()]
    records = records.drop(columns=blank)
    months = []
    for month in sorted(records["month"].unique()):
        own = records[records["month"] == month]
        figures = nearby_sales(own, records, month, load_params().nearby)
        sales = earlier_sales(records, month, months=12)
        per_sqft = (sales["sale_price_usd"] / sales["living_area_sqft"]).groupby(sales["zip"]).median()
        joined = own.merge(figures, on=["county", "month", "property_id"], validate="one_to_one")
        months.append(joined.assign(zip_median_price_per_sqft_usd=joined["zip"].map(per_sqft)))
    return pd.concat(months, ignore_index=True)
