"""Lists of figures on a memo: key figures, the property itself, its location, rent and flood."""

from collections.abc import Callable
from typing import Any

from realestate_assets.domain.core import formats
from realestate_assets.domain.core.formats import is_missing
from realestate_assets.domain.memo.figures import Figure, Figures
from realestate_assets.domain.memo.outlook import outlook_figures
from realestate_assets.domain.memo.sources import LEARNED
from realestate_assets.domain.scoring.market_basis import APPRECIATION, OUTSIDE, basis_words, supply_words

PROPERTY_TYPE_NAMES = {
    "single_family": "Single-family house",
    "condo": "Condominium",
    "townhouse": "Townhouse",
    "multi_family": "Multi-family building",
    "manufactured": "Manufactured home",
    "land": "Land",
    "other": "Other property",
}
UNKNOWN = "unknown"
PUBLISHED_RENTS = {"hud": "rent by bedrooms", "acs": "ZIP median, by bedrooms"}
CONDITION_NAMES = {
    1: "1 of 5, poor",
    2: "2 of 5, fair",
    3: "3 of 5, average",
    4: "4 of 5, good",
    5: "5 of 5, very good",
}


def key_figures(figures: Figures) -> list[Figure]:
    """What a reader looks at first."""
    f = figures
    is_past = f.raw("offer_state") == "retrospective"
    return f.known(
        f.usd("Recorded price" if is_past else "Asking price", "asking_price_usd", note=f.price_note),
        f.usd("Market value", "market_value_p50_usd"),
        f.percent("Price below value" if is_past else "Ask below market value", "discount_to_value_pct"),
        *outlook_figures(f),
        f.usd("After-repair value", "arv_usd"),
        f.usd("Maximum offer", "max_allowable_offer_usd"),
        f.percent("Cap rate", "cap_rate_pct"),
        f.percent("Cash on cash", "cash_on_cash_pct"),
        f.usd("Rent a month", "rent_monthly_usd"),
        f.percent("Flip return", "flip_roi_pct"),
    )


def facts(figures: Figures) -> list[Figure]:
    """The property as recorded."""
    f = figures
    condition = f.number("condition_code")
    return f.known(
        f.sqft("Living area", "living_area_sqft"),
        f.sqft("Lot area", "lot_area_sqft"),
        f.compact("Bedrooms", "bedrooms"),
        f.compact("Bathrooms", "bathrooms"),
        f.compact("Floors", "stories"),
        f.compact("Garage spaces", "garage_spaces"),
        f.sqft("Basement", "basement_sqft"),
        f.plain("Built", "year_built"),
        f.plain("Renovated", "year_renovated"),
        f.years("Age", "age_years"),
        f.shown(
            "Condition",
            "condition_code",
            None if condition is None else CONDITION_NAMES.get(int(condition)),
        ),
        f.plain("Grade (1 to 13)", "quality_code"),
        f.plain("View (0 to 4)", "view_code"),
        f.yes_no("Waterfront", "is_waterfront"),
        f.usd("Price per sq ft", "price_per_sqft_usd"),
        f.usd("HOA fee a month", "hoa_monthly_usd"),
        f.count("Days on market", "days_on_market"),
        f.plain("Zoning", "zoning_code"),
        f.plain("Parcel number", "apn"),
    )


def location(figures: Figures) -> list[Figure] | None:
    """Market and people of the ZIP and nearby."""
    f = figures
    found = f.known(
        f.plain("Neighborhood", "neighborhood"),
        f.decimal("Its multiplier", "neighborhood_multiplier")
        if not is_missing(f.raw("neighborhood"))
        else None,
        f.usd("ZIP price per sq ft", "zip_median_price_per_sqft_usd"),
        f.percent("ZIP price trend", "zip_price_per_sqft_trend_pct"),
        f.count("ZIP sales", "zip_sale_count"),
        *market_state(f),
        f.usd("Nearby per sq ft", "nearby_price_per_sqft_usd"),
        f.count("ZIP population", "zip_population"),
        f.usd("Household income", "zip_median_income_usd"),
        f.usd("Median home value", "zip_median_home_value_usd"),
        f.shown("Median age", "zip_median_age_years", formats.decimal(f.raw("zip_median_age_years"), 1)),
        f.percent("Owner-occupied", "zip_owner_occupied_pct"),
        f.percent("Unemployment", "zip_unemployment_pct"),
    )
    # That the market is unknown is said beside what is known, not alone.
    return found if any(figure.value != UNKNOWN for figure in found) else None


def market_state(figures: Figures) -> list[Figure | None]:
    """Supply, change of prices and heat as the month began, each with its basis, or as unknown."""
    f = figures
    month = f.raw("month")
    supply = {name: f.raw(name) for name in ("zip_offer_count", "zip_months_of_supply")} | {"month": month}
    heat = basis_words(f.raw("market_heat_basis"), f.raw("market_heat_sales"), month)
    change = basis_words(*(f.raw(name) for name in APPRECIATION))
    # A rate from outside stands in the county's file, where the assumptions do.
    rate = "outside_rate" if f.raw("market_appreciation_basis") in OUTSIDE else "market_appreciation_pct"
    return [
        _or_unknown(f, "Months of supply", "zip_months_of_supply", supply_words(supply), decimals),
        _or_unknown(f, "Prices in 12 months", "market_appreciation_pct", change, formats.percent, rate),
        _or_unknown(f, "Sold for, of the ask", "market_heat_pct", heat, formats.percent),
    ]


def decimals(value: float | None) -> str | None:
    """A figure with one digit."""
    return formats.decimal(value, 1)


def _or_unknown(
    f: Figures,
    label: str,
    name: str,
    basis: str,
    write: Callable[[float | None], str | None],
    source: str | None = None,
) -> Figure | None:
    return f.shown(label, source or name, write(f.raw(name)) or UNKNOWN, note=basis or None)


def rent(figures: Figures) -> list[Figure] | None:
    """Rents: the estimate used, its range and what it was taken from; None without an estimate."""
    f = figures
    if f.raw("rent_monthly_usd") is None:
        return None
    # Of the rent that stands here; that of the features is before utilities, and no estimate.
    rent_usd, ask_usd = f.number("rent_monthly_usd"), f.number("asking_price_usd")
    share = formats.percent(100 * rent_usd / ask_usd, 2) if rent_usd and ask_usd else None
    return f.known(
        f.usd("Rent a month", "rent_monthly_usd"),
        f.range_of("Its range", "rent_low_usd", "rent_high_usd"),
        f.shown("Taken from", "rent_monthly_usd", rent_basis(f.raw)),
        f.usd("Fair market rent", "bedroom_rent_usd"),
        f.usd("ZIP median rent", "zip_median_rent_usd"),
        f.decimal("Rent multiplier", "gross_rent_multiplier", 1),
        f.shown("Rent to price", "gross_rent_multiplier", share and f"{share} a month"),
    )


def rent_basis(raw: Callable[[str], Any]) -> str | None:
    """Whose figure the rent is and how old; None where a row was written before that was kept."""
    day = formats.day(raw("rent_vintage"))
    source = raw("rent_source")
    if source == LEARNED:
        return f"{formats.count(raw('rent_cases'))} rents asked, to {day}; the range holds 8 of 10"
    if source not in PUBLISHED_RENTS:
        return None
    later = raw("is_rent_later_vintage")
    late = ", later than the month" if later is not None and not is_missing(later) and later else ""
    return f"{PUBLISHED_RENTS[source]}{f' of {day}' if day else ''}{late}, less utilities"


def flood(figures: Figures) -> list[Figure] | None:
    """The flood map's answer; None where it was not asked or did not say."""
    f = figures
    found = f.known(
        f.plain("Flood zone", "flood_zone_code"),
        f.yes_no("Flood hazard area", "is_flood_hazard_area"),
        f.shown("Base flood elevation", "base_flood_elevation_ft", _feet(f.raw("base_flood_elevation_ft"))),
    )
    return found or None


def _feet(value: float | None) -> str | None:
    return None if is_missing(value) else f"{formats.compact(value)} ft"
