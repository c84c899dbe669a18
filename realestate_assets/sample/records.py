"""Generated homes as a source would deliver them: every value as text, in columns of its own naming."""

import numpy as np
import pandas as pd

from realestate_assets.domain.counties.county import County
from realestate_assets.domain.counties.sample_source import STATUS_CODES, USE_CODES
from realestate_assets.sample.addresses import Text, mailing, parcel_numbers, pick, text
from realestate_assets.sample.homes import profile_of
from realestate_assets.sample.remarks import remarks
from realestate_assets.sample.seeds import stream

Record = dict[str, Text]


def as_records(homes: pd.DataFrame, county: County, month: str, seed: int) -> Record:
    """Text columns of a month's homes."""
    count = len(homes)
    rng = stream(seed, county.slug, month, "text")
    profile = profile_of(county)
    zips = np.array(list(profile.zips), dtype=object)[homes["zip_index"]]
    city = np.array([profile.cities[code] for code in profile.zips], dtype=object)[homes["zip_index"]]
    number = text(homes["serial"])
    record: Record = {"record_no": "S-" + number}
    record["link"] = f"https://listings.example/{county.slug}/" + number
    record["parcel_number"] = parcel_numbers(homes["serial"].to_numpy(), profile.apn_groups)
    record["situs_address"], record["unit_no"] = homes["street"].to_numpy(object), _optional(homes["unit"])
    record["situs_city"] = np.where(rng.random(count) < 0.2, pd.Series(city).str.upper(), city).astype(object)
    record["situs_state"] = np.full(count, county.state, dtype=object)
    record["situs_zip"] = np.where(
        rng.random(count) < 0.1, zips + "-" + text(rng.integers(1000, 9999, count)), zips
    )
    record["lat"], record["lon"] = _decimal(homes["latitude"]), _decimal(homes["longitude"])
    record["use_type"] = np.array(list(USE_CODES), dtype=object)[homes["kind"]]
    words = {status: word for word, status in STATUS_CODES.items()}
    record["listing_state"] = homes["status"].map(words).to_numpy(object)
    record |= _prices_and_dates(homes, rng)
    record |= _building(homes)
    record["owner"] = (
        pick(["Sample "], rng, count) + homes["owner_kind"].to_numpy() + " " + _word(homes["owner_number"])
    )
    record["owner_mail"] = mailing(homes, homes["plain"].to_numpy(object), city, zips, county, rng)
    lives = np.where(homes["owner_place"] == "home", "Y", "N").astype(object)
    lives[rng.random(count) >= 0.85] = None
    record["owner_lives_here"] = lives
    record["remarks"] = remarks(homes, city, rng)
    return {name: np.array(values, dtype=object) for name, values in record.items()}


def _word(numbers: pd.Series) -> Text:
    """A number in letters, as a name: what ends in digits is an account on a county's roll."""
    letters = str.maketrans("0123456789", "aeioulmnrs")
    return numbers.astype(str).str.translate(letters).str.title().to_numpy(object)


def _prices_and_dates(homes: pd.DataFrame, rng: np.random.Generator) -> Record:
    asking = text(homes["list_price_usd"])
    formatted = "$" + pd.Series(homes["list_price_usd"]).map("{:,.0f}".format).to_numpy(object)
    return {
        "asking_price": np.where(rng.random(len(homes)) < 0.1, formatted, asking),
        "closing_price": text(homes["sale_price_usd"]),
        "closed_on": _date(homes["sale_date"], "%Y-%m-%d"),
        "recorded_on": _date(homes["observed_date"], "%Y-%m-%d"),
        "listed_on": _date(homes["list_date"], "%Y-%m-%d"),
        "days_listed": text(homes["days_on_market"]),
        "prior_price": text(homes["last_sale_price_usd"]),
        "prior_date": _date(homes["last_sale_date"], "%m/%d/%Y"),
        "assessed": text(homes["assessed_value_usd"]),
        "yearly_tax": text(homes["tax_annual_usd"]),
    }


def _building(homes: pd.DataFrame) -> Record:
    return {
        "beds": text(homes["bedrooms"]),
        "baths": _decimal(homes["bathrooms"]),
        "building_sqft": text(homes["living_area_sqft"]),
        "land_sqft": text(homes["lot_area_sqft"]),
        "cellar_sqft": text(homes["basement_sqft"]),
        "built": text(homes["year_built"]),
        "remodeled": text(homes["year_renovated"].fillna(0)),
        "floors": _decimal(homes["stories"]),
        "garage": text(homes["garage"]),
        "condition": text(homes["condition"]),
        "grade": text(homes["grade"]),
        "view_rating": text(homes["view"]),
        "on_water": np.where(homes["waterfront"], "yes", "no").astype(object),
        "dues_yearly": text(homes["hoa_monthly_usd"] * 12),
    }


def _decimal(values: pd.Series) -> Text:
    return values.astype(float).astype(str).to_numpy(object)


def _date(values: pd.Series, pattern: str) -> Text:
    return _optional(values.dt.strftime(pattern))


def _optional(values: pd.Series) -> Text:
    return values.astype(object).where(values.notna(), None).to_numpy(object)
