"""The homes of a generated month: what stands there and what it is worth.

Values follow a hedonic equation (log value on size, quality, age and place, as in Rosen 1974), so that a
model has something to learn and a test knows the truth. The coefficients are made up, of the usual size.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from realestate_assets.domain.counties.county import County, SampleProfile
from realestate_assets.sample.seeds import month_number, stream
from resources.errors import PermanentError

TYPES = ("single_family", "condo", "townhouse", "multi_family", "manufactured")


@dataclass(frozen=True)
class _Kind:
    """How a type of property differs from a single-family house."""

    area: float  # of the county's typical area
    lot: float  # of the county's typical lot; 0 where the unit has none of its own
    log_value: float  # premium at equal size and quality


KINDS = (
    _Kind(1.0, 1.0, 0.0),
    _Kind(0.58, 0.0, -0.06),
    _Kind(0.82, 0.28, -0.04),
    _Kind(1.35, 0.95, 0.02),
    _Kind(0.72, 0.75, -0.35),
)
AREA_ELASTICITY = 0.70
LOT_ELASTICITY = 0.07
MEAN_CONDITION = 3.36
# Idiosyncratic value that no column tells, and the noise of a single bargain: together about 12 %.
VALUE_NOISE = 0.10
SALE_NOISE = 0.06
MAX_HOMES_PER_MONTH = 100_000


def profile_of(county: County) -> SampleProfile:
    """What the county's sample looks like.

    Raises:
        PermanentError: the county has no profile.
    """
    if county.sample is None:
        raise PermanentError("there is no `sample` profile.", county=county.slug, field="sample")
    return county.sample


def type_shares(profile: SampleProfile) -> np.ndarray:
    """Share of each of TYPES."""
    rest = 1.0 - profile.condo_share
    return np.array([0.85 * rest, profile.condo_share, 0.10 * rest, 0.03 * rest, 0.02 * rest])


def draw_homes(county: County, month: str, seed: int, count: int) -> pd.DataFrame:
    """The homes first seen in a month, one row each, with `value_usd` as of that month.

    Depends on county, month, seed and count alone.
    """
    profile = profile_of(county)
    rng = stream(seed, county.slug, month, "homes")
    homes = _place(county, profile, rng, count)
    homes["serial"] = _serials(county, profile, month, seed, count)
    kind = rng.choice(len(TYPES), size=count, p=type_shares(profile))
    homes["kind"] = kind
    _add_building(homes, profile, int(month[:4]), rng)
    _add_surroundings(homes, profile, rng)
    log_value = np.log(county.market.median_price_at(month)) + _log_difference(
        homes, county, profile, seed, month
    )
    homes["value_usd"] = np.exp(log_value + rng.normal(0, VALUE_NOISE, count))
    return homes


def _serials(county: County, profile: SampleProfile, month: str, seed: int, count: int) -> np.ndarray:
    """Parcel numbers: distinct within the county over all months, and looking like chance.

    The running number of the home is scattered by an affine map, which is one-to-one because its factor
    has no divisor in common with 10.
    """
    modulus = 10 ** sum(profile.apn_groups)
    running = (month_number(month) % 1_000) * MAX_HOMES_PER_MONTH + np.arange(count)
    offset = int(stream(seed, county.slug, "apn").integers(modulus))
    factor = 7_368_787_013 % modulus
    return (running * factor % modulus + offset) % modulus


def _place(county: County, profile: SampleProfile, rng: np.random.Generator, count: int) -> pd.DataFrame:
    middles = np.array(list(profile.zips.values()))
    zip_index = rng.integers(len(middles), size=count)
    bounds = county.bounds
    latitude = middles[zip_index, 0] + rng.normal(0, 0.008, count)
    longitude = middles[zip_index, 1] + rng.normal(0, 0.010, count)
    return pd.DataFrame(
        {
            "zip_index": zip_index,
            "latitude": np.clip(latitude, bounds.south + 0.001, bounds.north - 0.001).round(6),
            "longitude": np.clip(longitude, bounds.west + 0.001, bounds.east - 0.001).round(6),
        }
    )


def _add_building(homes: pd.DataFrame, profile: SampleProfile, year: int, rng: np.random.Generator) -> None:
    count, kind = len(homes), homes["kind"].to_numpy()
    size = rng.normal(0, 1, count)
    area_factor = np.array([k.area for k in KINDS])[kind]
    area = profile.living_area_sqft * area_factor * np.exp(0.30 * size)
    homes["living_area_sqft"] = np.clip(area, 380, 12_000).round(-1)
    homes["grade"] = np.clip(np.rint(7.0 + 0.7 * size + rng.normal(0, 0.8, count)), 3, 13)
    built = np.rint(profile.year_built_median + rng.normal(0, 20, count))
    homes["year_built"] = np.clip(built, 1895, year)
    old = year - homes["year_built"] > 25
    renovated = rng.integers(1, 25, count)
    homes["year_renovated"] = np.where(old & (rng.random(count) < 0.10), year - renovated, np.nan)
    homes["condition"] = rng.choice(np.arange(1, 6), size=count, p=[0.02, 0.07, 0.54, 0.27, 0.10])
    studio = (kind == 1) & (rng.random(count) < 0.05)
    bedrooms = np.clip(np.rint(1.1 + area / 800 + rng.normal(0, 0.55, count)), 1, 7)
    homes["bedrooms"] = np.where(studio, 0, bedrooms)
    bathrooms = 0.55 + 0.35 * bedrooms + area / 3_000 + rng.normal(0, 0.3, count)
    homes["bathrooms"] = np.clip(np.rint(bathrooms * 4) / 4, 1, 7)
    floors = rng.choice([1.0, 1.5, 2.0, 3.0], size=count, p=[0.50, 0.10, 0.36, 0.04])
    homes["stories"] = np.select(
        [kind == 1, kind == 2, kind == 4], [1.0, np.maximum(floors, 2.0), 1.0], floors
    )
    cellar = np.isin(kind, [0, 3]) & (rng.random(count) < 0.35)
    below = np.round(homes["living_area_sqft"] * rng.uniform(0.15, 0.45, count), -1)
    homes["basement_sqft"] = np.where(cellar, below, 0)
    homes["garage"] = np.minimum(
        rng.choice(4, size=count, p=[0.18, 0.27, 0.47, 0.08]), np.where(kind == 1, 1, 3)
    )


def _add_surroundings(homes: pd.DataFrame, profile: SampleProfile, rng: np.random.Generator) -> None:
    count, kind = len(homes), homes["kind"].to_numpy()
    lot_factor = np.array([k.lot for k in KINDS])[kind]
    lot = np.round(profile.lot_area_sqft * lot_factor * np.exp(rng.normal(0, 0.45, count)))
    homes["lot_area_sqft"] = np.where(lot_factor > 0, np.maximum(lot, 600), np.nan)
    homes["waterfront"] = rng.random(count) < profile.waterfront_share
    view = rng.choice(5, size=count, p=[0.86, 0.05, 0.05, 0.03, 0.01])
    homes["view"] = np.where(homes["waterfront"], np.maximum(view, 3), view)
    fee = np.round(60 + 0.32 * homes["living_area_sqft"] * rng.uniform(0.6, 1.4, count))
    small_fee = rng.integers(20, 120, count)
    pays = rng.random(count)
    homes["hoa_monthly_usd"] = np.select(
        [kind == 1, (kind == 2) & (pays < 0.7), (kind == 0) & (pays < 0.2)],
        [fee, fee * 0.6, small_fee],
        np.nan,
    ).round()


def _log_difference(
    homes: pd.DataFrame, county: County, profile: SampleProfile, seed: int, month: str
) -> np.ndarray:
    """Log of a home's value over the county's median; about 0 in the middle."""
    kind = homes["kind"].to_numpy()
    levels = np.log(np.array([level for _, _, level in profile.zips.values()]))
    premium = np.array([k.log_value + AREA_ELASTICITY * np.log(k.area) for k in KINDS])
    typical_lot = profile.lot_area_sqft * np.array([k.lot for k in KINDS])[kind]
    last_work = homes["year_renovated"].fillna(homes["year_built"])
    age_difference = (int(month[:4]) - last_work) - (int(month[:4]) - profile.year_built_median)
    lot_term = np.log(homes["lot_area_sqft"].to_numpy() / np.where(typical_lot > 0, typical_lot, np.nan))
    return (
        (levels - levels.mean())[homes["zip_index"]]
        + _surface(homes, county, seed)
        + AREA_ELASTICITY * np.log(homes["living_area_sqft"].to_numpy() / profile.living_area_sqft)
        + np.array([k.log_value for k in KINDS])[kind]
        - type_shares(profile) @ premium
        + 0.025 * (homes["bathrooms"].to_numpy() - 2.1)
        + 0.015 * (homes["bedrooms"].to_numpy() - 3.2)
        + 0.085 * (homes["grade"].to_numpy() - 7.0)
        + 0.055 * (homes["condition"].to_numpy() - MEAN_CONDITION)
        - 0.003 * age_difference.to_numpy()
        + 0.05 * homes["view"].to_numpy()
        + 0.30 * homes["waterfront"].to_numpy()
        + LOT_ELASTICITY * np.nan_to_num(lot_term)
    )


def _surface(homes: pd.DataFrame, county: County, seed: int) -> np.ndarray:
    """A smooth rise and fall of prices over the county, the same in every month."""
    rng = stream(seed, county.slug, "surface")
    waves = rng.uniform(0.05, 0.20, size=(4, 2)) ** -1 * rng.choice([-1, 1], size=(4, 2))
    phase = rng.uniform(0, 2 * np.pi, 4)
    place = homes[["latitude", "longitude"]].to_numpy()
    return 0.05 * np.sin(place @ waves.T + phase).sum(axis=1)
