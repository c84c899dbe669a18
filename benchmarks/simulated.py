"""Simulated homes for the rows of the table: drawn by the product's own sample generator, with a seed."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from realestate_assets.domain.valuation.model import ValueModel

SEED, COUNTY, STATE, MONTH = 1, "king-wa", "WA", "2015-03"
MOST_A_MONTH = 50_000
NAMES = {
    "grade": "quality_code",
    "condition": "condition_code",
    "view": "view_code",
    "waterfront": "is_waterfront",
    "garage": "garage_spaces",
}


def homes(count: int, first: str = MONTH, months: int = 1) -> pd.DataFrame:
    """Homes as the sample generator draws them: so many in all, first seen in so many months from `first` on.

    A month holds MOST_A_MONTH of them; what is more goes to further seeds, and stands in the same month.
    """
    from realestate_assets.domain.core.months import add_months
    from realestate_assets.domain.counties.county import load_counties
    from realestate_assets.sample.listings import new_listings

    county, drawn = load_counties(None)[COUNTY], []
    for number, part in enumerate(np.array_split(np.arange(count), months)):
        month = add_months(first, number)
        for more, start in enumerate(range(0, len(part), MOST_A_MONTH)):
            size = min(MOST_A_MONTH, len(part) - start)
            drawn.append(new_listings(county, month, SEED + more, size).assign(month=month, batch=more))
    return pd.concat(drawn, ignore_index=True)


def features(drawn: pd.DataFrame) -> pd.DataFrame:
    """Homes as rows of marts.features: what is not drawn is unknown."""
    from realestate_assets.domain.comparables.comparables import MODEL_RECORD_COLUMNS
    from realestate_assets.domain.counties.county import load_counties
    from realestate_assets.domain.sales.validity import VALID
    from realestate_assets.domain.valuation.nearby import RECORD_COLUMNS
    from realestate_assets.sample.homes import TYPES, profile_of

    zips = np.array(list(profile_of(load_counties(None)[COUNTY]).zips), dtype=object)
    last_work = drawn["year_renovated"].fillna(drawn["year_built"])
    types = np.array(TYPES, dtype=object)[drawn["kind"]]
    known = {
        **{name: drawn[name] for name in drawn},
        **{new: drawn[old] for old, new in NAMES.items()},
        "county": COUNTY,
        "property_id": [
            f"{COUNTY}-{batch}-{serial:012d}"
            for batch, serial in zip(drawn["batch"], drawn["serial"], strict=True)
        ],
        "is_simulated": True,
        "sale_validity": VALID,
        "zip": zips[drawn["zip_index"]],
        "place": None,
        "extra_features": None,
        "property_type": types,
        **{f"is_{kind}": types == kind for kind in ("single_family", "condo", "townhouse")},
        "basement_share": drawn["basement_sqft"] / drawn["living_area_sqft"],
        "effective_age_years": (drawn["month"].str[:4].astype(int) - last_work).clip(lower=0),
    }
    names = dict.fromkeys((*MODEL_RECORD_COLUMNS, *RECORD_COLUMNS))
    return pd.DataFrame({name: known.get(name, np.nan) for name in names}, index=drawn.index)


def sold_before(count: int, months: int = 24) -> pd.DataFrame:
    """So many sales, about, of the months before MONTH, as rows of marts.features."""
    from realestate_assets.domain.core.months import add_months
    from realestate_assets.sample.listings import SOLD_SHARE

    drawn = homes(round(count / SOLD_SHARE), add_months(MONTH, -months), months)
    return features(drawn[drawn["sale_price_usd"].notna()].reset_index(drop=True))


def model_of(sales: pd.DataFrame) -> "ValueModel":
    """The value model of MONTH, trained on these sales."""
    from realestate_assets.domain.valuation.params import load_params
    from realestate_assets.domain.valuation.train import train, training_sales

    return train(training_sales(sales, MONTH, True), "county", load_params())


def described(drawn: pd.DataFrame) -> pd.DataFrame:
    """Homes with what a search's text and payload are made of, remarks and city included."""
    from realestate_assets.domain.counties.county import load_counties
    from realestate_assets.sample.homes import TYPES
    from realestate_assets.sample.records import as_records

    county = load_counties(None)[COUNTY]
    record = as_records(drawn, county, MONTH, SEED)
    return drawn.rename(columns=NAMES).assign(
        property_id=[f"{COUNTY}-{serial}" for serial in drawn["serial"]],
        property_type=np.array(TYPES, dtype=object)[drawn["kind"]],
        city=record["situs_city"],
        state=record["situs_state"],
        zip=[text[:5] for text in record["situs_zip"]],
        description=record["remarks"],
        listing_status=drawn["status"],
    )


def descriptions(count: int) -> list[str]:
    """So many distinct texts as the search embeds them."""
    from realestate_assets.domain.search.description import describe

    texts = describe(described(homes(2 * count))).drop_duplicates().tolist()
    if len(texts) < count:
        raise ValueError(f"the sample has only {len(texts)} distinct descriptions")
    return texts[:count]
