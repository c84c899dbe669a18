"""Horizontal equity: are like homes valued alike? Spread of the ratios within groups of like homes.

A study's COD mixes two things: groups at different levels, and homes of one group at different ones. The
first is what a reviewer can mend by group, so both are told: the COD about each group's own median, and how
far the groups' medians lie from the study's (IAAO, Standard on Ratio Studies, 2013, sections 5.4 and 5.7, on
uniformity within and between strata).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

# Fewest sales of a group: five is what the standard wants for any figure.
MIN_GROUP = 5
SIZE_BANDS = 3
UNKNOWN = "unknown"


@dataclass(frozen=True)
class HorizontalEquity:
    """Within and between groups of like homes; `cod_within` and `cod_between` in %."""

    groups: int
    sales: int
    cod_within: float
    cod_between: float


def like_homes(sales: pd.DataFrame) -> pd.DataFrame:
    """Group of each sale: place, type and third of living area within both, named as a reader names them.

    Args:
        sales: place, property_type and living_area_sqft, one row a sale.

    Returns:
        place, property_type and size of each row, as text; sizes are `small`, `middle` and `large` of their
        place and type.
    """
    keys = pd.DataFrame(
        {
            name: sales[name].astype(object).where(sales[name].notna(), UNKNOWN).astype(str)
            for name in ("place", "property_type")
        }
    )
    area = sales["living_area_sqft"].astype(float)
    share = area.groupby([keys["place"], keys["property_type"]]).rank(method="average", pct=True)
    band = np.ceil((share * SIZE_BANDS).round(9)).clip(1, SIZE_BANDS)
    size = band.map({1.0: "small", 2.0: "middle", 3.0: "large"}).fillna(UNKNOWN)
    return keys.assign(size=size.astype(str))


def horizontal_equity(ratio: np.ndarray, group: np.ndarray) -> HorizontalEquity | None:
    """Spread within and between groups of at least MIN_GROUP sales; None without two of them.

    COD within = 100 x mean |r - m| / m, m the median of the sale's own group. COD between = 100 x mean
    |m - M| / M over the same sales, M their median.
    """
    rows = pd.DataFrame({"ratio": ratio, "group": group})
    rows = rows[rows.groupby("group")["ratio"].transform("size") >= MIN_GROUP]
    if rows["group"].nunique() < 2:
        return None
    own, whole = rows.groupby("group")["ratio"].transform("median"), rows["ratio"].median()
    return HorizontalEquity(
        groups=int(rows["group"].nunique()),
        sales=len(rows),
        cod_within=float(100.0 * ((rows["ratio"] - own).abs() / own).mean()),
        cod_between=float(100.0 * (own - whole).abs().mean() / whole),
    )
