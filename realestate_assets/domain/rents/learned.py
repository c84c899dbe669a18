"""What a county's advertisements of earlier months say, and the rent of each of its properties."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from realestate_assets.domain.core.months import add_months, first_day
from realestate_assets.domain.counties.underwriting import Underwriting
from realestate_assets.domain.rents.cleaning import believable_rents
from realestate_assets.domain.rents.homes import homes
from realestate_assets.domain.rents.model import RENT_COLUMNS, RentModel
from realestate_assets.domain.rents.params import RentParams
from realestate_assets.domain.rents.published import PUBLISHED, published_rents
from realestate_assets.domain.rents.reposts import latest_of_each, repost_groups
from realestate_assets.domain.tables import RENT_ESTIMATES

LEARNED = "learned"
DAYS_PER_MONTH = 365.25 / 12
# Names of the columns of `raw.rents` and of `marts.features` here.
AS_HOMES = {"county": "market", "city": "town", "place_code": "place"}
NO_HOME = ("land",)


@dataclass(frozen=True)
class LearnedRents:
    """What a county's advertisements before a month say; without a model where they are too few.

    Args:
        model: tells rents.
        rents: how many rents there are, reposts grouped.
        unbelievable: advertisements left out for an amount that is no rent.
        reposts: advertisements that repeat another one.
        until: day of the latest.
    """

    model: RentModel | None
    rents: int = 0
    unbelievable: int = 0
    reposts: int = 0
    until: date | None = None


def learn_rents(ads: pd.DataFrame, month: str, params: RentParams) -> LearnedRents:
    """Learn from the advertisements of one county that were there before a month.

    Args:
        ads: rows of `raw.rents`, of any months: those of the month and later ones are not looked at.
        month: nothing from its first day on is known.
        params: all parameters.
    """
    observed = pd.to_datetime(ads["observed_date"])
    begin = first_day(add_months(month, -params.months))
    is_known = (ads["month"] < month) & (observed < first_day(month)) & (observed >= begin)
    known = ads[is_known.to_numpy(dtype=bool)].rename(columns=AS_HOMES)
    # In an order of its own: rows may come in any.
    order = ["observed_date", "source", "source_file", "source_row"]
    known = known.sort_values(order, kind="stable").reset_index(drop=True)
    believed = believable_rents(known, params.cleaning) if len(known) else np.empty(0, dtype=bool)
    kept = known[believed].reset_index(drop=True)
    groups = repost_groups(kept, params.reposts)
    latest = latest_of_each(groups, kept["observed_date"])
    rents = kept[latest].reset_index(drop=True)
    counts = (len(rents), len(known) - len(kept), len(kept) - len(rents))
    if len(rents) < params.min_rents:
        return LearnedRents(None, *counts)
    dates = pd.to_datetime(rents["observed_date"])
    told = homes(rents, params.cleaning).assign(
        months_ago=((first_day(month) - dates).dt.days / DAYS_PER_MONTH).to_numpy()
    )
    model = RentModel.fit(told, rents["rent_monthly_usd"].to_numpy(float), groups[latest], params)
    return LearnedRents(model, *counts, until=dates.max().date())


def rent_estimates(
    subjects: pd.DataFrame,
    learned: LearnedRents,
    facts: pd.DataFrame,
    terms: Underwriting,
    params: RentParams,
) -> pd.DataFrame:
    """The RENT_ESTIMATES rows of the properties of one county and month.

    A rent is learned where there is a model and bedrooms or area are known, else published, else missing.

    Args:
        subjects: rows of `marts.features`.
        learned: what the county's advertisements before the month say.
        facts: property_id, field, vintage and is_later_vintage of the values used for PUBLISHED columns.
        terms: the county's assumptions.
        params: bounds of an area.
    """
    subjects = subjects.reset_index(drop=True)
    found = published_rents(subjects, terms).assign(
        rent_cases=pd.array([None] * len(subjects), dtype="Int64")
    )
    found = found.join(_vintages(subjects["property_id"], found["rent_source"], facts))
    told = (subjects["bedrooms"].notna() | subjects["living_area_sqft"].notna()) & ~subjects[
        "property_type"
    ].isin(NO_HOME)
    if learned.model is not None and told.any():
        own = subjects[told].rename(columns=AS_HOMES)
        rents = learned.model.predict(homes(own, params.cleaning)).set_axis(own.index)
        low, middle, high = (rents[name] for name in RENT_COLUMNS)
        found.loc[told, "rent_low_usd"] = low
        found.loc[told, "rent_monthly_usd"] = middle
        found.loc[told, "rent_high_usd"] = high
        found.loc[told, "rent_source"] = LEARNED
        found.loc[told, "rent_utilities_usd"] = np.nan
        found.loc[told, "rent_vintage"] = pd.Timestamp(learned.until)
        found.loc[told, "is_rent_later_vintage"] = False
        found.loc[told, "rent_cases"] = learned.rents
    keys = subjects[["county", "month", "property_id", "is_simulated"]]
    return keys.join(found)[RENT_ESTIMATES.column_names]


def _vintages(ids: pd.Series, source: pd.Series, facts: pd.DataFrame) -> pd.DataFrame:
    """Vintage of the published figure behind each home's rent, and whether it is later than the month."""
    field = pd.DataFrame({"property_id": ids, "field": source.map(PUBLISHED)})
    told = facts[["property_id", "field", "vintage", "is_later_vintage"]]
    joined = field.merge(
        told.drop_duplicates(["property_id", "field"]), how="left", on=["property_id", "field"]
    )
    return pd.DataFrame(
        {
            "rent_vintage": pd.to_datetime(joined["vintage"]).astype("datetime64[ns]"),
            "is_rent_later_vintage": joined["is_later_vintage"].astype("boolean"),
        }
    )
