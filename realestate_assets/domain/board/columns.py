"""The columns of a deal board: what each is called, and how its figures are rounded, page and CSV alike."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from realestate_assets.domain.core.formats import cut_score, is_missing

# Text of the page is cut where it would fill it; the CSV file holds it whole.
MAX_TEXT = 300


def _rounded(digits: int) -> Callable[[float], float | int]:
    def convert(value: float) -> float | int:
        number = round(float(value), digits) + 0.0
        return int(number) if digits == 0 else number

    return convert


# Kind of a column -> how a known value is written.
CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "usd": _rounded(0),
    "count": _rounded(0),
    "pct": _rounded(1),
    "number": _rounded(2),
    "share": _rounded(3),
    "ratio": _rounded(3),
    "degrees": _rounded(5),
    "score": cut_score,
    "year": int,
    "flag": bool,
    "text": str,
    "date": str,
}


@dataclass(frozen=True)
class BoardColumn:
    """A column: its name in the mart and its kind."""

    name: str
    kind: str

    def value(self, raw: Any) -> Any:
        """A warehouse value as the board gives it; None where it is missing or not finite."""
        if is_missing(raw) or (isinstance(raw, float) and not math.isfinite(raw)):
            return None
        return CONVERSIONS[self.kind](raw)


COLUMNS = tuple(
    BoardColumn(name, kind)
    for name, kind in (
        ("rank_in_partition", "count"),
        ("property_id", "text"),
        ("property", "text"),
        ("city", "text"),
        ("state", "text"),
        ("zip", "text"),
        ("neighborhood", "text"),
        ("latitude", "degrees"),
        ("longitude", "degrees"),
        ("property_type", "text"),
        ("offer_state", "text"),
        ("listing_status", "text"),
        ("days_on_market", "count"),
        ("bedrooms", "number"),
        ("bathrooms", "number"),
        ("living_area_sqft", "count"),
        ("year_built", "year"),
        ("asking_price_usd", "usd"),
        ("is_asking_price_assumed", "flag"),
        ("first_seen_month", "text"),
        ("first_asking_price_usd", "usd"),
        ("asking_price_cut_pct", "pct"),
        ("price_cut_count", "count"),
        ("sale_price_usd", "usd"),
        ("sale_date", "date"),
        ("price_per_sqft_usd", "usd"),
        ("market_value_p10_usd", "usd"),
        ("market_value_p50_usd", "usd"),
        ("market_value_p90_usd", "usd"),
        ("value_band_low_usd", "usd"),
        ("value_band_high_usd", "usd"),
        ("value_band_sales", "count"),
        ("value_band_median_ratio", "ratio"),
        ("value_band_coverage", "share"),
        ("discount_to_value_pct", "pct"),
        ("discount_probability", "share"),
        ("likely_sale_p10_usd", "usd"),
        ("likely_sale_p50_usd", "usd"),
        ("likely_sale_p90_usd", "usd"),
        ("likely_sale_reason", "text"),
        ("sale_above_ask_probability", "share"),
        ("gain_probability", "share"),
        ("gain_median_pct", "pct"),
        ("gain_cases", "count"),
        ("gain_reason", "text"),
        ("arv_usd", "usd"),
        ("repair_estimate_usd", "usd"),
        ("max_allowable_offer_usd", "usd"),
        ("rent_monthly_usd", "usd"),
        ("rent_low_usd", "usd"),
        ("rent_high_usd", "usd"),
        ("rent_source", "text"),
        ("rent_vintage", "date"),
        ("is_rent_later_vintage", "flag"),
        ("rent_cases", "count"),
        ("tax_annual_usd", "usd"),
        ("hoa_monthly_usd", "usd"),
        ("noi_usd", "usd"),
        ("cap_rate_pct", "pct"),
        ("cash_on_cash_pct", "pct"),
        ("dscr", "number"),
        ("flip_profit_usd", "usd"),
        ("flip_roi_pct", "pct"),
        ("stressed_dscr", "number"),
        ("stressed_flip_roi_pct", "pct"),
        ("zip_offer_count", "count"),
        ("zip_months_of_supply", "number"),
        ("market_appreciation_pct", "pct"),
        ("market_appreciation_basis", "text"),
        ("market_appreciation_sales", "count"),
        ("market_appreciation_month", "text"),
        ("market_heat_pct", "pct"),
        ("market_heat_basis", "text"),
        ("market_heat_sales", "count"),
        ("bird_dog_score", "score"),
        ("score_class", "text"),
        ("confidence", "share"),
        ("top_positive_reason", "text"),
        ("top_negative_reason", "text"),
        ("needs_review", "flag"),
        ("class_limit", "text"),
        ("open_reviews", "text"),
        ("cleared_reviews", "text"),
        ("memo_pdf_path", "text"),
        ("is_simulated", "flag"),
    )
)

# Columns of the table on the page, in order, with their headings and what the heading's title explains.
TABLE_COLUMNS: tuple[tuple[str, str, str], ...] = (
    (
        "rank_in_partition",
        "#",
        "Rank by score; real properties stand before generated ones, offers before what is gone, sound ones "
        "before those to be reviewed",
    ),
    ("property", "Property", "Street address, or parcel number where there is none"),
    ("zip", "ZIP", "ZIP code"),
    ("bird_dog_score", "Score", "bird_dog_score, 0 to 100"),
    ("score_class", "Class", "Class of the score; at most fair where a review is open"),
    (
        "asking_price_usd",
        "Asking",
        "Asking price, USD, status, days on market, and what became of it; * where a recorded sale price "
        "serves as one",
    ),
    ("market_value_p50_usd", "Value", "Market value (P50) and its P10 to P90 range, USD"),
    (
        "likely_sale_p50_usd",
        "Likely sale",
        "What such homes sold for, given their ask: median and P10 to P90, USD; none where a recorded price "
        "serves as ask",
    ),
    (
        "gain_probability",
        "Resold +25%",
        "Of 100 homes like this, how many resold within 400 days for 1.25 times the ask; none where too few "
        "did",
    ),
    (
        "discount_to_value_pct",
        "Ask below value",
        "(value - asking price) / value. The value does not know the ask: this is not a gain",
    ),
    ("cap_rate_pct", "Cap rate", "Net operating income / price, a year"),
    ("cash_on_cash_pct", "Cash on cash", "Cash flow / cash put in, a year"),
    ("rent_monthly_usd", "Rent / mo", "Estimated rent a month, USD"),
    ("max_allowable_offer_usd", "Max offer", "Maximum allowable offer, USD"),
)
