"""The made-up roll behind the `simulated` provider: assessment, building, owner and taxes of generated homes.

Where the generated record says something itself, the roll agrees with it, as a real roll mostly does; what
the record leaves out follows from SHA-256 of the property's id. Names are generic on purpose: no real person
or company can be meant.
"""

import hashlib
from collections.abc import Callable

import numpy as np
import pandas as pd

from realestate_assets.domain.counties.county import County

# Where owners from elsewhere get their post; those of the county's own state are left out.
AWAY = (
    ("PORTLAND", "OR", "97205"),
    ("BOISE", "ID", "83702"),
    ("DENVER", "CO", "80202"),
    ("OMAHA", "NE", "68102"),
    ("COLUMBUS", "OH", "43215"),
    ("RICHMOND", "VA", "23219"),
)
USE_CODES = {
    "single_family": "SFR",
    "condo": "CON",
    "townhouse": "TWN",
    "multi_family": "MFR",
    "manufactured": "MFH",
}
OWNER_FORMS = np.array(
    ["OWNER {}", "OWNER {} FAMILY TRUST", "OWNER {} HOLDINGS LLC", "BANK {} NA"], dtype=object
)
# Shares of the forms above among those who live in the home, and among those who do not.
LIVING_IN = (0.92, 0.08, 0.0, 0.0)
LIVING_ELSEWHERE = (0.52, 0.12, 0.30, 0.06)
HOME_SHARE, IN_STATE_SHARE = 0.75, 0.15
# Unpaid taxes offered at a sale: a few of a hundred, more where the owner lives elsewhere.
DELINQUENT_SHARES = (0.03, 0.08)
VALUE_ELASTICITY = 0.70
MEAN_TENURE_YEARS = 8.0

Columns = dict[str, pd.Series]
# Numbers in [0, 1), one a home, by the salt of what they decide.
Luck = Callable[[str], np.ndarray]


def uniforms(keys: pd.Series, salt: str) -> np.ndarray:
    """A number in [0, 1) for each key, by SHA-256; each distinct key is hashed once."""
    codes, distinct = pd.factorize(keys)
    digests = [hashlib.sha256(f"{salt}|{key}".encode()).digest()[:8] for key in distinct]
    return (np.frombuffer(b"".join(digests), dtype=">u8") / 2.0**64)[codes]


def roll_values(county: County, homes: pd.DataFrame, zip_value_usd: np.ndarray) -> Columns:
    """Every field of the assessor, building, owner and tax groups, one value a home; null where unknown.

    Args:
        county: the county of all homes.
        homes: REQUEST_COLUMNS of each home.
        zip_value_usd: typical home value of each home's ZIP, of the county where the ZIP is unknown.
    """

    def luck(salt: str) -> np.ndarray:
        return uniforms(homes["property_id"], f"{county.slug}|{salt}")

    building = _building(county, homes, luck)
    assessment = _assessment(county, homes, zip_value_usd, building["roll_living_area_sqft"], luck)
    owner = _owner(county, homes, luck) | {"owner_since_date": assessment["last_sale_date"]}
    return building | assessment | owner | _tax(homes, assessment, owner, luck)


def _building(county: County, homes: pd.DataFrame, luck: Luck) -> Columns:
    area = homes["living_area_sqft"].astype(float)
    by_rooms = 400 + 480 * homes["bedrooms"].astype(float)
    # One roll in seven was measured differently, by up to 6 %.
    off = np.where(luck("measured") < 1 / 7, 1 + 0.12 * (luck("measure") - 0.5), 1.0)
    typical = county.sample.year_built_median if county.sample else 1980
    built = pd.Series(np.rint(typical + 40 * (luck("built") - 0.5)), homes.index)
    return {
        "roll_living_area_sqft": (area.fillna(by_rooms) * off).round(),
        "roll_year_built": homes["year_built"].astype(float).fillna(built),
        "roll_bedrooms": homes["bedrooms"].astype(float),
        "roll_bathrooms": homes["bathrooms"].astype(float),
        "roll_use_code": homes["property_type"].map(USE_CODES).fillna("OTH"),
    }


def _assessment(
    county: County, homes: pd.DataFrame, zip_value_usd: np.ndarray, area: pd.Series, luck: Luck
) -> Columns:
    typical_area = county.sample.living_area_sqft if county.sample else 1_800
    size = (area.fillna(typical_area) / typical_area) ** VALUE_ELASTICITY
    estimate = zip_value_usd * size * (0.85 + 0.2 * luck("assessed"))
    assessed = homes["assessed_value_usd"].astype(float)
    assessed = assessed.fillna((estimate * county.assessment_ratio).round(-1))
    market = (assessed / county.assessment_ratio).round()
    tax = homes["tax_annual_usd"].astype(float)
    tax = tax.fillna((market * county.underwriting.property_tax_rate).round())
    return {
        "assessed_value_usd": assessed,
        "roll_market_value_usd": market,
        "tax_annual_usd": tax,
        **_last_sale(county, homes, market, luck),
    }


def _last_sale(county: County, homes: pd.DataFrame, market: pd.Series, luck: Luck) -> Columns:
    """The sale before the month: the record's own, or one some years back."""
    first = pd.to_datetime(homes["month"] + "-01")
    years = 0.5 - MEAN_TENURE_YEARS * np.log1p(-luck("tenure"))
    date = first - pd.to_timedelta(np.rint(np.minimum(years, 60) * 365.25), unit="D")
    growth = (1 + county.market.appreciation_rate) ** -years
    price = (market * growth * (0.9 + 0.2 * luck("bought"))).round(-2).where(lambda usd: usd > 0)
    own_date = pd.to_datetime(homes["last_sale_date"])
    known = own_date.notna() & (own_date < first)
    return {
        "last_sale_date": own_date.where(known, date).dt.strftime("%Y-%m-%d"),
        "last_sale_price_usd": homes["last_sale_price_usd"].astype(float).where(known, price),
    }


def _owner(county: County, homes: pd.DataFrame, luck: Luck) -> Columns:
    where = luck("place")
    drawn = np.select([where < HOME_SHARE, where < HOME_SHARE + IN_STATE_SHARE], ["home", "state"], "away")
    occupied = homes["owner_occupied"].astype("boolean")
    mailing = homes["owner_mailing_address"]
    lives_here = occupied.fillna(
        pd.Series(drawn == "home", homes.index).where(mailing.isna()).astype("boolean")
    )
    # A record with a mailing address and without a word on who lives there stays undecided here too.
    at_home = lives_here.fillna(pd.Series(drawn == "home", homes.index)).to_numpy(bool)
    mailing = mailing.fillna(_mailing(county, homes, at_home, drawn, luck))
    bounds = np.where(at_home[:, None], np.cumsum(LIVING_IN), np.cumsum(LIVING_ELSEWHERE))
    form = np.minimum((luck("form")[:, None] >= bounds).sum(axis=1), len(OWNER_FORMS) - 1)
    number = pd.Series((luck("owner") * 9_000).astype(int) + 1_000, homes.index).astype(str)
    before = pd.Series([text.partition("{}")[0] for text in OWNER_FORMS[form]], homes.index)
    after = pd.Series([text.partition("{}")[2] for text in OWNER_FORMS[form]], homes.index)
    return {
        "owner_name": before + number + after,
        "owner_mailing_address": mailing,
        "owner_mailing_state": mailing.str.extract(r"\b([A-Z]{2})\s+\d{5}(?:-\d{4})?\s*$")[0],
        "owner_occupied": lives_here,
    }


def _mailing(
    county: County, homes: pd.DataFrame, at_home: np.ndarray, drawn: np.ndarray, luck: Luck
) -> pd.Series:
    """An address for owners whose record has none: the home, a box in the county, or another state."""
    number = pd.Series((luck("box") * 9_000).astype(int) + 100, homes.index).astype(str)
    tail = ", " + homes["city"].str.upper() + ", " + county.state + " " + homes["zip"]
    places = [f", {city}, {state} {code}" for city, state, code in AWAY if state != county.state]
    away = pd.Series(np.array(places, object)[(luck("away") * len(places)).astype(int)], homes.index)
    home = homes["street"].str.upper() + (" " + homes["unit"].str.upper()).fillna("") + tail
    elsewhere = ("PO BOX " + number + tail).where(drawn == "state", number + " MAIN ST" + away)
    return home.where(at_home, elsewhere)


def _tax(homes: pd.DataFrame, assessment: Columns, owner: Columns, luck: Luck) -> Columns:
    lives_here = owner["owner_occupied"].fillna(True).to_numpy(bool)
    unpaid = luck("unpaid") < np.where(lives_here, *DELINQUENT_SHARES)
    years = 0.5 + 2 * luck("arrears")
    year = homes["month"].str.slice(0, 4).astype(int) - 1 - (luck("sale") * 3).astype(int)
    return {
        "is_tax_delinquent": pd.Series(unpaid, homes.index, dtype="boolean"),
        "tax_delinquent_usd": (assessment["tax_annual_usd"] * years).round(2).where(unpaid),
        "tax_sale_year": year.astype(float).where(unpaid),
    }
