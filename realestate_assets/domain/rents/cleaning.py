"""Which amounts are believed to be a month's rent of a home, judged by the others of the market."""

import numpy as np
import pandas as pd

from realestate_assets.domain.core.robust import MAD_TO_SD
from realestate_assets.domain.rents.params import CleaningParams

MOST_BEDROOMS = 5


def believable_rents(ads: pd.DataFrame, params: CleaningParams) -> np.ndarray:
    """Mask of the rents that lie within the bounds of their market and bedrooms.

    The bound is a number of robust standard deviations of the log rent (median absolute deviation), around
    the median; both of the market alone where it has few of those bedrooms.

    Args:
        ads: market, bedrooms and rent_monthly_usd.
        params: bounds.
    """
    rent = ads["rent_monthly_usd"].to_numpy(float)
    known = np.isfinite(rent) & (rent > 0)
    frame = pd.DataFrame(
        {
            "log": np.log(np.where(known, rent, 1.0)),
            "market": ads["market"].to_numpy(),
            "beds": ads["bedrooms"].astype("Float64").fillna(0).clip(upper=MOST_BEDROOMS).to_numpy(float),
        }
    )[known]
    distance = pd.Series(np.inf, index=frame.index)
    for keys in (["market"], ["market", "beds"]):
        grouped = frame.groupby(keys)["log"]
        off = (frame["log"] - grouped.transform("median")).abs()
        spread = MAD_TO_SD * off.groupby([frame[key] for key in keys]).transform("median")
        enough = (grouped.transform("size") >= params.min_group) | (keys == ["market"])
        distance = (off / spread.clip(lower=params.least_deviation)).where(enough, distance)
    found = np.zeros(len(ads), dtype=bool)
    found[np.flatnonzero(known)] = (distance <= params.max_deviations).to_numpy(dtype=bool)
    return found


def believable_area(area_sqft: pd.Series, params: CleaningParams) -> pd.Series:
    """The living area, missing where it cannot be a home's, sq ft."""
    area = area_sqft.astype("Float64").astype(float)
    return area.where(area.between(params.min_area_sqft, params.max_area_sqft))
