"""Rents as HUD and the census bureau publish them, brought to what a landlord collects.

Both publish gross rents: what a tenant pays for the home and its utilities (HUD: 24 CFR 888.113; census
bureau: table B25064). A home's income is without the utilities, which are taken out by a county's allowance.
"""

import numpy as np
import pandas as pd

from realestate_assets.domain.counties.underwriting import Underwriting

HUD, ACS = "hud", "acs"
# The column each rests on.
PUBLISHED = {HUD: "bedroom_rent_usd", ACS: "zip_median_rent_usd"}
# Renters' homes have two bedrooms in the median: the ZIP's median gross rent counts as theirs.
MEDIAN_BEDROOMS = 2.0
Floats = np.ndarray


def by_bedrooms(bedrooms: pd.Series, amounts: dict[int, float]) -> Floats:
    """The amount for each number of bedrooms: those above the last have the last one's, parts count down.

    Args:
        bedrooms: missing counts as MEDIAN_BEDROOMS.
        amounts: by whole bedrooms from 0, without a gap.
    """
    known = pd.to_numeric(bedrooms, errors="coerce").astype(float).fillna(MEDIAN_BEDROOMS)
    at = np.floor(known.to_numpy()).clip(0, max(amounts)).astype(int)
    return np.array([amounts[each] for each in sorted(amounts)])[at]


def published_rents(homes: pd.DataFrame, terms: Underwriting) -> pd.DataFrame:
    """Rent, its range and whose figure it is, a row a home: HUD's by bedrooms, else the ZIP's median by size.

    Args:
        homes: bedrooms, bedroom_rent_usd and zip_median_rent_usd, USD a month, gross.
        terms: the county's allowance for utilities, ratios by bedrooms and width of the range.

    Returns:
        rent_monthly_usd, rent_low_usd, rent_high_usd, rent_source (`hud`, `acs`, or missing) and
        rent_utilities_usd, what was taken out. A gross rent that utilities use up gives none.
    """
    bedrooms = homes["bedrooms"]
    hud, acs = (pd.to_numeric(homes[name], errors="coerce").to_numpy(float) for name in PUBLISHED.values())
    gross = np.where(np.isnan(hud), acs * by_bedrooms(bedrooms, terms.rent_by_bedrooms), hud)
    utilities = by_bedrooms(bedrooms, terms.tenant_utilities_usd)
    rent = np.where(gross > utilities, gross - utilities, np.nan)
    known = np.isfinite(rent)
    source = pd.Series(np.where(np.isnan(hud), ACS, HUD), index=homes.index, dtype=object)
    return pd.DataFrame(
        {
            "rent_monthly_usd": rent,
            "rent_low_usd": rent * (1 - terms.rent_range_share),
            "rent_high_usd": rent * (1 + terms.rent_range_share),
            "rent_source": source.where(known, None),
            "rent_utilities_usd": np.where(known, utilities, np.nan),
        },
        index=homes.index,
    )
