"""The columns of the views with their types: what may be shown, sorted and filtered stands in a table here.

Types come from the table specs and, for what dbt makes, from the names, which carry their units.
"""

from collections.abc import Iterable

import sqlalchemy as sa

from realestate_assets.app.market_views import KEY, PROPERTY_COLUMNS
from realestate_assets.domain.tables import TABLES

SCHEMA = "served"
TYPES: dict[str, type[sa.types.TypeEngine]] = {
    "text": sa.Text, "integer": sa.BigInteger, "int32": sa.Integer, "float": sa.Float, "boolean": sa.Boolean,
    "date": sa.Date, "timestamp": sa.DateTime, "json": sa.Text, "jsonb": sa.Text,
}  # fmt: skip
KNOWN = {column.name: column.kind for spec in TABLES.values() for column in spec.columns}
# How names of marts end that no spec has: figures by their unit, all else is text.
FIGURES = (
    "_usd", "_pct", "_sqft", "_mi", "_years", "_count", "_score", "_change", "_number", "_value", "_share",
    "_supply", "_confidence", "_in_partition",
)  # fmt: skip
FLAGS = ("is_", "has_", "needs_")


def type_of(name: str) -> type[sa.types.TypeEngine]:
    """The type of a column of the market by its name."""
    if name in KNOWN:
        return TYPES[KNOWN[name]]
    if name.startswith(FLAGS):
        return sa.Boolean
    if name.endswith(FIGURES):
        return sa.Float
    ends = {"_date": sa.Date, "_at": sa.DateTime}
    return next((kind for end, kind in ends.items() if name.endswith(end)), sa.Text)


def view(name: str, columns: Iterable[str]) -> sa.Table:
    """A view of `served` with the columns that a query names.

    A `Table` stands for itself in the key of a compiled query; of a `table()` each column would, 190 of some.
    """
    made = sa.Table(name, sa.MetaData(), *(sa.Column(each, type_of(each)) for each in columns), schema=SCHEMA)
    for column in made.columns:
        # Rows name their columns so, and orjson takes no kind of text of another's as a key.
        column.name, column.key = str(column.name), str(column.key)
    return made


def view_of(spec_name: str) -> sa.Table:
    """The view over a table of Python's, without what is personal."""
    return view(spec_name, (c.name for c in TABLES[spec_name].columns if not c.is_personal))


properties = view("properties", PROPERTY_COLUMNS)
counties = view(
    "counties",
    ("county", "name", "state", "fips", "median_price_usd", "as_of_month", "newest_month", "oldest_month"),
)

# What a list shows where no fields are asked for: enough for a row of a table and a pin of a map.
LIST_FIELDS = (
    *KEY, "street", "unit", "city", "state", "zip", "latitude", "longitude", "property_type",
    "listing_status", "offer_state", "asking_price_usd", "sale_price_usd", "sale_date",
    "asking_price_cut_pct", "price_cut_count", "days_on_market", "bedrooms", "bathrooms",
    "living_area_sqft", "lot_area_sqft", "year_built", "is_waterfront", "value_status",
    "market_value_p10_usd", "market_value_p50_usd", "market_value_p90_usd", "discount_to_value_pct",
    "likely_sale_p50_usd", "bird_dog_score", "score_class", "needs_review", "top_positive_reason",
    "top_negative_reason", "memo_rank", "is_simulated",
)  # fmt: skip
# Sorts of a list; descending with a minus before it. Nulls stand last either way.
SORTS = (
    "bird_dog_score", "asking_price_usd", "market_value_p50_usd", "discount_to_value_pct", "living_area_sqft",
    "lot_area_sqft", "bedrooms", "bathrooms", "year_built", "days_on_market", "sale_date", "sale_price_usd",
    "price_per_sqft_usd", "cap_rate_pct", "cash_on_cash_pct", "flip_roi_pct", "rank_in_partition", "street",
    "zip", "city", "month",
)  # fmt: skip
DEFAULT_SORT = "-bird_dog_score"
DISTANCE = "distance_mi"
