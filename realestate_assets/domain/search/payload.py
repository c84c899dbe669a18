"""What the index stores beside each vector: what a search filters by, and what a result shows."""

import pandas as pd

from realestate_assets.domain.search.vocabulary import CONTRACT, ON_OFFER, SOLD

OFF_MARKET = "off_market"
# Columns of the property that are stored as they are.
PROPERTY_COLUMNS = (
    "property_id", "property_type", "street", "city", "zip", "bedrooms", "bathrooms", "living_area_sqft",
    "lot_area_sqft", "basement_sqft", "stories", "year_built", "year_renovated", "garage_spaces",
    "hoa_monthly_usd", "condition_code", "view_code", "days_on_market",
)  # fmt: skip
SCORE_COLUMNS = ("asking_price_usd", "bird_dog_score")


def payloads(properties: pd.DataFrame, scores: pd.DataFrame) -> list[dict]:
    """One payload a property, in the order of the properties; missing values are absent.

    A flag is 1 or 0, because the embedded index matches no boolean; a sale's day is its proleptic ordinal;
    cities are in upper case, as the properties carry them.
    """
    scored = scores.set_index("property_id")[[*SCORE_COLUMNS, "offer_state"]]
    joined = properties.join(scored, on="property_id")
    rows = joined[[*PROPERTY_COLUMNS, *SCORE_COLUMNS]].assign(
        is_waterfront=joined["is_waterfront"].astype("boolean").astype("Float64"),
        sale_day=pd.to_datetime(joined["sale_date"]).map(pd.Timestamp.toordinal, na_action="ignore"),
        status=_status(joined),
    )
    found = [
        {name: value for name, value in row.items() if not pd.isna(value)}
        for row in rows.astype(object).to_dict("records")
    ]
    places = zip(joined["latitude"].tolist(), joined["longitude"].tolist(), strict=True)
    for payload, (latitude, longitude) in zip(found, places, strict=True):
        if not pd.isna(latitude) and not pd.isna(longitude):
            payload["location"] = {"lat": float(latitude), "lon": float(longitude)}
    return found


def _status(rows: pd.DataFrame) -> pd.Series:
    """What a record is to somebody who searches: on offer, under contract, sold, or off the market."""
    state = rows["offer_state"].astype("string")
    status = state.map({ON_OFFER: ON_OFFER, CONTRACT: CONTRACT, "retrospective": SOLD, "gone": OFF_MARKET})
    is_sold = (state == "gone") & (rows["listing_status"].astype("string") == "sold")
    return status.astype("string").mask(is_sold.fillna(False), SOLD)
