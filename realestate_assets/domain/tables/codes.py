"""Codes of the valuation's tables: decisions of a promotion, groupings of a ratio study."""

PROMOTED, FIRST, FIRST_OUTSIDE = "PROMOTED", "FIRST_MODEL", "FIRST_MODEL_OUTSIDE_RANGES"
BETTER_OUTSIDE = "OUTSIDE_RANGES_AS_IS_THE_MODEL_IN_USE"
KEPT_OUTSIDE, KEPT_WORSE = "KEPT_CANDIDATE_OUTSIDE_RANGES", "KEPT_CANDIDATE_WORSE"
NO_CANDIDATE, NO_MODEL = "KEPT_NO_CANDIDATE", "NO_MODEL"
REFUSED = "NO_MODEL_CANDIDATE_OUTSIDE_RANGES"
PROMOTION_DECISIONS = (
    PROMOTED,
    FIRST,
    FIRST_OUTSIDE,
    BETTER_OUTSIDE,
    KEPT_OUTSIDE,
    KEPT_WORSE,
    NO_CANDIDATE,
    NO_MODEL,
    REFUSED,
)
# Those a person should look at.
TOLD_DECISIONS = frozenset(PROMOTION_DECISIONS) - {PROMOTED, FIRST, NO_MODEL}

COUNTY_MONTH, COUNTY_YEAR = "county_month", "county_year"
PRICE_DECILE, ZIP, PROPERTY_TYPE = "price_decile", "zip", "property_type"
VALUE_DECILE = "value_decile"
# The year with the sales that statistics of the price alone left out: what the study would say with them.
YEAR_WITH_OUTLIERS = "county_year_with_price_outliers"
RATIO_GROUPINGS = (
    COUNTY_MONTH,
    COUNTY_YEAR,
    YEAR_WITH_OUTLIERS,
    VALUE_DECILE,
    PRICE_DECILE,
    ZIP,
    PROPERTY_TYPE,
)
