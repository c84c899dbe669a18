"""What happens to the generated homes in a month: sold or for sale, at what price, since when, whose."""

import numpy as np
import pandas as pd

from realestate_assets.domain.counties.county import County
from realestate_assets.sample.addresses import situs
from realestate_assets.sample.homes import SALE_NOISE, draw_homes
from realestate_assets.sample.seeds import month_number, month_text, stream

SOLD_SHARE = 0.60
PENDING_SHARE = 0.12
RETURNING_SHARE = 0.05
BARGAIN_SHARE = 0.10
OVERPRICED_SHARE = 0.14
# Of a listing's way from its value to its ask, how far the sale price goes: a buyer pays about the ask.
ASK_PULL = 0.85
# Some of the bargains sold are sold again, done up, this many months later; the work pays for some.
RESALE_SHARE = 0.4
RESALE_MONTHS = 2
RENOVATION_GAIN = (0.92, 1.15)


def draw_month(county: County, month: str, seed: int, count: int) -> pd.DataFrame:
    """The records of a month: new homes, listings of the month before that are sold now, and resales.

    Reads the drawings of earlier months itself, so that a month alone equals the month in company.
    """
    sold = _returning(county, month, seed, count)
    resold = _resold(county, month, seed, count)
    fresh = new_listings(county, month, seed, count).head(count - len(sold) - len(resold))
    rows = pd.concat([fresh, sold, resold], ignore_index=True)
    order = stream(seed, county.slug, month, "order").permutation(len(rows))
    return rows.iloc[order].reset_index(drop=True)


def _returning(county: County, month: str, seed: int, count: int) -> pd.DataFrame:
    """Listings of the month before as sales of this one: those asked least for their value go first."""
    sold_later = round(RETURNING_SHARE * count)
    # Both months draw `count` homes and show the first of them: what returns was seen in its own month.
    shown = new_listings(county, month_before(month, 1), seed, count).head(count - 2 * sold_later)
    open_still = shown[shown["status"] != "sold"]
    cheapest = (open_still["list_price_usd"] / open_still["value_usd"]).sort_values(kind="stable").index
    return _sell(open_still.loc[cheapest[:sold_later]], county, month, seed)


def _resold(county: County, month: str, seed: int, count: int) -> pd.DataFrame:
    """Bargains sold some months ago as sales of this one, done up and at their value."""
    bought = _returning(county, month_before(month, RESALE_MONTHS), seed, count)
    rng = stream(seed, county.slug, month, "resold")
    bargains = bought[bought["sale_price_usd"] < 0.9 * bought["value_usd"]]
    flipped = bargains[rng.random(len(bargains)) < RESALE_SHARE]
    resold = flipped.assign(
        last_sale_date=flipped["sale_date"],
        last_sale_price_usd=flipped["sale_price_usd"],
        condition=np.maximum(flipped["condition"], 4),
        value_usd=flipped["value_usd"] * rng.uniform(*RENOVATION_GAIN, len(flipped)),
    )
    resold["list_price_usd"] = _rounded(resold["value_usd"] * 1.01, 1_000)
    days = _days(month)
    on_market = pd.to_timedelta(rng.integers(5, 25, len(resold)), unit="D")
    resold["list_date"] = days[0] - on_market
    return _sell(resold, county, month, seed)


def month_before(month: str, months: int) -> str:
    """The month some months earlier, as YYYY-MM."""
    return month_text(month_number(month) - months)


def new_listings(county: County, month: str, seed: int, count: int) -> pd.DataFrame:
    """Homes first seen in the month, with status, prices, dates, owner and roll."""
    homes = draw_homes(county, month, seed, count)
    rng = stream(seed, county.slug, month, "listings")
    days = _days(month)
    homes["observed_date"] = days[rng.integers(len(days), size=count)]
    state = rng.random(count)
    homes["status"] = np.select(
        [state < SOLD_SHARE, state < SOLD_SHARE + PENDING_SHARE], ["sold", "pending"], "active"
    ).astype(object)
    sold = state < SOLD_SHARE
    mean_days = county.market.target_days_on_market
    on_market = np.minimum(np.rint(rng.gamma(1.6, mean_days / 1.6, count)), 540)
    homes["days_on_market"] = on_market
    homes["list_date"] = homes["observed_date"] - pd.to_timedelta(on_market, unit="D")
    sale = _rounded(homes["value_usd"] * np.exp(rng.normal(0, SALE_NOISE, count)), 500)
    around_sale = sale * np.exp(rng.normal(0.01, 0.025, count))
    asking = homes["value_usd"] * _asking_ratio(rng, count)
    homes["sale_price_usd"] = np.where(sold, sale, np.nan)
    homes["sale_date"] = homes["observed_date"].where(sold)
    homes["list_price_usd"] = _rounded(np.where(sold, around_sale, asking), 1_000)
    _add_history(homes, county, rng)
    _add_owner(homes, rng)
    return pd.concat([homes, situs(homes, stream(seed, county.slug, month, "addresses"))], axis=1)


def _asking_ratio(rng: np.random.Generator, count: int) -> np.ndarray:
    """Asking price over value: mostly around 1, some real bargains, some hopes."""
    luck = rng.random(count)
    usual = np.exp(rng.normal(0.02, 0.06, count))
    return np.select(
        [luck < BARGAIN_SHARE, luck < BARGAIN_SHARE + OVERPRICED_SHARE],
        [rng.uniform(0.70, 0.88, count), rng.uniform(1.12, 1.30, count)],
        usual,
    )


def _sell(homes: pd.DataFrame, county: County, month: str, seed: int) -> pd.DataFrame:
    """Listings of an earlier month as this month's sales: same home, same asking price, sold now."""
    rng = stream(seed, county.slug, month, "returning")
    days = _days(month)
    sold = homes.copy()
    sold["observed_date"] = days[rng.integers(len(days), size=len(homes))]
    sold["sale_date"] = sold["observed_date"]
    sold["status"] = "sold"
    monthly = (1 + county.market.appreciation_rate) ** (1 / 12)
    sold["value_usd"] = homes["value_usd"] * monthly
    middle = sold["list_price_usd"] ** ASK_PULL * sold["value_usd"] ** (1 - ASK_PULL)
    # What a buyer pays scatters less about the ask than the ask does about the value.
    noise = np.exp(rng.normal(0, SALE_NOISE / 3, len(homes)))
    sold["sale_price_usd"] = _rounded(middle * noise, 500)
    sold["days_on_market"] = (sold["observed_date"] - sold["list_date"]).dt.days
    return sold


def _add_history(homes: pd.DataFrame, county: County, rng: np.random.Generator) -> None:
    count = len(homes)
    years = 0.6 + rng.exponential(7.5, count)
    date = homes["list_date"] - pd.to_timedelta(np.rint(years * 365.25), unit="D")
    known = (rng.random(count) < 0.9) & (date.dt.year > homes["year_built"]) & (date.dt.year >= 1970)
    growth = (1 + county.market.appreciation_rate) ** -years
    price = _rounded(homes["value_usd"] * growth * np.exp(rng.normal(0, 0.10, count)), 500)
    homes["last_sale_date"] = date.where(known)
    homes["last_sale_price_usd"] = np.where(known, np.maximum(price, 5_000), np.nan)
    roll = homes["value_usd"] * np.exp(rng.normal(-0.05, 0.10, count))
    homes["assessed_value_usd"] = _rounded(roll * county.assessment_ratio, 10)
    rate = county.underwriting.property_tax_rate * np.exp(rng.normal(0, 0.05, count))
    homes["tax_annual_usd"] = (roll * rate).round()


def _add_owner(homes: pd.DataFrame, rng: np.random.Generator) -> None:
    count = len(homes)
    where = rng.random(count)
    # 75 % live in the house, 15 % elsewhere in the state, 10 % in another state.
    homes["owner_place"] = np.select([where < 0.75, where < 0.90], ["home", "state"], "away").astype(object)
    company = (homes["owner_place"] != "home") & (rng.random(count) < 0.35)
    homes["owner_number"] = rng.integers(1, 100_000, count)
    # By number, without a draw: one in twelve is a trust, one in twenty of those elsewhere a bank.
    away, number = homes["owner_place"] != "home", homes["owner_number"]
    kinds = {
        "Holdings LLC": company,
        "Savings Bank": away & (number % 20 == 0),
        "Family Trust": number % 12 == 0,
    }
    homes["owner_kind"] = np.select(list(kinds.values()), list(kinds), "Owner").astype(object)


def _days(month: str) -> pd.DatetimeIndex:
    first = pd.Timestamp(f"{month}-01")
    return pd.date_range(first, first + pd.offsets.MonthEnd(0), unit="s")


def _rounded(values: np.ndarray | pd.Series, step: int) -> np.ndarray:
    return np.rint(np.asarray(values) / step) * step
