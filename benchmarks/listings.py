"""Public files of listings with their sales, and of sales alone, as rows of marts.features.

One row that holds a listing and its sale gives an offer in the listing's month and a sale in its own.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from realestate_assets.domain.core.addresses import normalize_lines
from realestate_assets.domain.core.identity import property_ids
from realestate_assets.domain.core.parcel_numbers import normalize_apn
from realestate_assets.domain.sales.rules import load_sale_rules
from realestate_assets.domain.sales.validity import RECORD_COLUMNS as SALE_COLUMNS
from realestate_assets.domain.sales.validity import sale_validity
from realestate_assets.domain.valuation.features import TRAINING_COLUMNS
from realestate_assets.domain.valuation.history import earlier_sales

KEY = ["county", "month", "property_id"]
# Of the offer: what becomes known only with the sale stands in the sale's row alone.
SALE_FIELDS = ("sale_date", "sale_price_usd")


def lodi_records(path: Path) -> pd.DataFrame:
    """MetroList's sold listings of Lodi and Stockton CA: an offer and a sale of each.

    Args:
        path: the file as published, with asking price at listing, dates of listing and sale, and address.
    """
    raw = pd.read_csv(path, dtype=str)
    number = {name: pd.to_numeric(raw[name], errors="coerce") for name in raw}
    listed, sold = (pd.to_datetime(raw[name]) for name in ("Listing Date", "Selling Date"))
    # 0 and 9999 stand for an unknown year.
    built = number["Year Built"].where(number["Year Built"].between(1800, 2100))
    frame = pd.DataFrame(
        {
            "county": "lodi-ca",
            "property_id": _by_address(raw["Address"], "CA", "06077"),
            "zip": raw["Address - Zip Code"].str[:5],
            "property_type": "single_family",
            "is_single_family": 1.0,
            "list_price_usd": number["Listing Price"],
            "list_date": listed,
            "sale_price_usd": number["Selling Price"],
            "sale_date": sold,
            "living_area_sqft": number["Square Footage"].where(number["Square Footage"] > 0),
            "lot_area_sqft": number["Lot Size - Sq Ft"].where(number["Lot Size - Sq Ft"] > 0),
            "bedrooms": number["Bedrooms"],
            "bathrooms": number["Bathrooms - Full"] + number["Bathrooms - Half"] / 2,
            "garage_spaces": number["# of Garage Spaces"],
            "hoa_monthly_usd": number["HOA Dues"],
            "year_built": built,
        }
    )
    return with_offers(frame[listed <= sold])


def milwaukee_records(path: Path) -> pd.DataFrame:
    """The city of Milwaukee's arm's-length sales: dwellings of one to four units; no asking prices."""
    raw = pd.read_csv(path, dtype=str, na_values=["NULL"])
    raw = raw[raw["PropType"].isin(["Residential", "Condominium"]) & raw["Taxkey"].notna()]
    # Some years write prices as `$357,000 `.
    plain = raw.replace(r"[$,\s]", "", regex=True)
    number = {name: pd.to_numeric(plain[name], errors="coerce") for name in raw}
    units = number["Units"].fillna(1)
    is_condo = raw["PropType"] == "Condominium"
    kinds = [is_condo, units > 1]
    frame = pd.DataFrame(
        {
            "county": "milwaukee-wi",
            "property_id": _by_parcel(raw["Taxkey"], "55079"),
            # The assessor's neighbourhood: the file has no ZIP.
            "zip": raw["Nbhd"],
            "property_type": np.select(kinds, ["condo", "multi_family"], "single_family"),
            "is_single_family": (~is_condo & (units <= 1)).astype(float),
            "is_condo": is_condo.astype(float),
            "sale_price_usd": number["Sale_price"],
            "sale_date": pd.to_datetime(raw["Sale_date"], format="%m/%d/%y"),
            "living_area_sqft": number["FinishedSqft"].where(number["FinishedSqft"] > 0),
            "lot_area_sqft": number["Lotsize"].where(number["Lotsize"] > 0),
            "bedrooms": number["Bdrms"],
            "bathrooms": number["Fbath"] + number["Hbath"].fillna(0) / 2,
            "stories": number["Stories"],
            "year_built": number["Year_Built"].where(number["Year_Built"].between(1800, 2100)),
        }
    )
    frame = frame[frame["sale_date"].dt.year == number["file_year"]]
    month = frame["sale_date"].dt.strftime("%Y-%m")
    return _completed(frame.assign(month=month, list_price_usd=np.nan, listing_status="sold"))


def with_offers(frame: pd.DataFrame) -> pd.DataFrame:
    """An offer in the month of the listing and a sale in the month of the sale, of each row.

    Args:
        frame: one row a listing that sold, with list_date and sale_date.
    """
    offers = frame.assign(
        month=frame["list_date"].dt.strftime("%Y-%m"),
        listing_status="active",
        sale_date=pd.NaT,
        **dict.fromkeys([name for name in SALE_FIELDS if name != "sale_date"], np.nan),
    )
    sales = frame.assign(month=frame["sale_date"].dt.strftime("%Y-%m"), listing_status="sold")
    # Listed and sold in one month: both stand, as rows of two months would; the offer has an id of its own.
    return pd.concat([_completed(offers), _completed(sales)], ignore_index=True)


def _completed(frame: pd.DataFrame) -> pd.DataFrame:
    year = frame["month"].str[:4].astype(int)
    frame = frame.assign(
        list_date=frame.get("list_date", pd.NaT),
        # Known only when a home is sold: nothing to judge an offer by.
        days_on_market=np.nan,
        is_simulated=False,
        is_list_price_assumed=False,
        effective_age_years=(year - frame["year_built"]).clip(lower=0),
    )
    for name in {*TRAINING_COLUMNS, *SALE_COLUMNS} - {*frame, "sale_validity"}:
        frame[name] = np.nan if name in TRAINING_COLUMNS else None
    return frame.drop_duplicates(KEY, keep="last").reset_index(drop=True)


def judged(records: pd.DataFrame) -> pd.DataFrame:
    """The records with the platform's verdict on each sale."""
    verdicts = sale_validity(records[records["sale_date"].notna()], load_sale_rules())
    verdicts = verdicts[[*KEY, "sale_validity"]].assign(listing_status="sold")
    return records.merge(verdicts, on=[*KEY, "listing_status"], how="left", validate="one_to_one")


def with_market(records: pd.DataFrame) -> pd.DataFrame:
    """The records with their ZIP's price per square foot of the twelve months before."""
    months = []
    for month, own in records.drop(columns="zip_median_price_per_sqft_usd").groupby("month", sort=True):
        sales = earlier_sales(records, str(month), months=12)
        per_sqft = (sales["sale_price_usd"] / sales["living_area_sqft"]).groupby(sales["zip"]).median()
        months.append(own.assign(zip_median_price_per_sqft_usd=own["zip"].map(per_sqft).astype(float)))
    return pd.concat(months, ignore_index=True)


def _by_address(lines: pd.Series, state: str, fips: str) -> list[str]:
    street = lines.str.split(",").str[0]
    zips = pa.array(lines.str.extract(r"(\d{5})(?:-\d{4})?$")[0], pa.string())
    streets, units = normalize_lines(pa.array(street, pa.string()), pa.nulls(len(lines), pa.string()), state)
    blank = pa.nulls(len(lines), pa.string())
    table = pa.table({"apn": blank, "street": streets, "unit": units, "city": blank, "zip": zips})
    return property_ids(table, fips).to_pylist()


def _by_parcel(parcels: pd.Series, fips: str) -> list[str]:
    apn = normalize_apn(pa.array(parcels.str.zfill(10), pa.string()))
    blank = pa.nulls(len(apn), pa.string())
    table = pa.table({"apn": apn, **dict.fromkeys(("street", "unit", "city", "zip"), blank)})
    return property_ids(table, fips).to_pylist()


READERS: dict[str, Callable[[Path], pd.DataFrame]] = {"lodi": lodi_records, "milwaukee": milwaukee_records}


def read_listings(name: str, path: Path) -> pd.DataFrame:
    """Features of a file known by name, with verdicts and the month's figures."""
    records = with_market(judged(READERS[name](path)))
    return records.assign(
        # A quick resale is no witness of value, but it is a sale on the market.
        is_arms_length=records["sale_validity"].isin(["VALID", load_sale_rules().resale_code]),
        **dict.fromkeys(("is_bank_owner", "is_tax_delinquent", "is_absentee_owner", "remarks")),
    )
