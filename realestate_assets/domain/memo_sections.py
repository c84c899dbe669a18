"""Sections of a memo that need arithmetic: the value range, the comparables grid, the underwriting tables."""

from collections.abc import Mapping, Sequence

from realestate_assets.domain import formats
from realestate_assets.domain.county import Underwriting
from realestate_assets.domain.formats import is_missing
from realestate_assets.domain.measures import costs
from realestate_assets.domain.memo_figures import Figure, Figures

# The range picture, in its own units: templates/memo/_value.html.j2 draws with them.
PICTURE_WIDTH = 640
PICTURE_MARGIN = 12

MARKS: tuple[tuple[str, str, str], ...] = (
    ("p10", "Low (P10)", "market_value_p10_usd"),
    ("p50", "Market value (P50)", "market_value_p50_usd"),
    ("p90", "High (P90)", "market_value_p90_usd"),
    ("price", "Asking price", "asking_price_usd"),
    ("arv", "After-repair value", "arv_usd"),
    ("assessed", "Assessed value", "assessed_value_usd"),
)


def value_range(figures: Figures) -> dict | None:
    """P10, P50 and P90 with price, ARV and assessed value on one axis; None without a value."""
    known = [(key, label, name, figures.number(name)) for key, label, name in MARKS]
    known = [mark for mark in known if mark[3] is not None]
    values = {key: value for key, _, _, value in known}
    if "p50" not in values:
        return None
    low, high = min(values.values()), max(values.values())
    # A range of nothing would divide by 0: then everything stands on the left margin.
    scale = (PICTURE_WIDTH - 2 * PICTURE_MARGIN) / ((high - low) or 1.0)
    marks = [
        {
            "key": key,
            "x": round(PICTURE_MARGIN + (value - low) * scale, 1),
            "figure": figures.usd(label, name, note=figures.price_note if key == "price" else None),
        }
        for key, label, name, value in known
    ]
    position = {mark["key"]: mark["x"] for mark in marks}
    words = ", ".join(f"{mark['figure'].label} {mark['figure'].value}" for mark in marks)
    return {
        "width": PICTURE_WIDTH,
        "marks": marks,
        "band": (position["p10"], position["p90"]) if {"p10", "p90"} <= position.keys() else None,
        "alt": f"Value range on one axis: {words}",
        "arv_range": _range_text(figures, "arv_low_usd", "arv_high_usd"),
    }


def _range_text(figures: Figures, low: str, high: str) -> str | None:
    ends = formats.usd(figures.raw(low)), formats.usd(figures.raw(high))
    return f"{ends[0]} to {ends[1]}" if all(ends) else None


def _signed(value: object) -> str | None:
    text = formats.usd(value)
    if text is None:
        return None
    return text if text in ("$0",) or text.startswith("-") else f"+{text}"


def _comp_name(comp: Mapping) -> str:
    if not is_missing(comp.get("comp_street")):
        return str(comp["comp_street"])[:60]
    return (
        f"ZIP {str(comp['comp_zip'])[:10]}" if not is_missing(comp.get("comp_zip")) else "Address not known"
    )


def _bed_bath(bedrooms: object, bathrooms: object) -> str | None:
    parts = formats.compact(bedrooms), formats.compact(bathrooms)
    return " / ".join(part or "?" for part in parts) if any(parts) else None


COMP_ROWS: tuple[tuple[str, str, object], ...] = (
    ("Sold on", "comp_sale_date", formats.iso_day),
    ("Distance", "distance_mi", lambda v: f"{formats.decimal(v)} mi"),
    ("Living area, sq ft", "comp_living_area_sqft", formats.count),
    ("Built", "comp_year_built", lambda v: None if is_missing(v) else str(int(v))),
    ("Similarity", "similarity", formats.share),
    ("Sale price", "comp_sale_price_usd", formats.usd),
)
ADJUSTMENT_ROWS: tuple[tuple[str, str], ...] = (
    ("Time", "adj_time_usd"),
    ("Living area", "adj_living_area_usd"),
    ("Lot area", "adj_lot_area_usd"),
    ("Bedrooms", "adj_bedrooms_usd"),
    ("Bathrooms", "adj_bathrooms_usd"),
    ("Age", "adj_age_usd"),
    ("Construction grade", "adj_quality_usd"),
    ("Condition", "adj_condition_usd"),
)


def comparable_grid(comparables: Sequence[Mapping], figures: Figures) -> dict | None:
    """The sales grid: one column a sale, one row a property or adjustment; None without comparables."""
    comps = sorted(comparables, key=lambda comp: int(comp["comp_rank"]))
    if not comps:
        return None
    subject = {
        "Living area, sq ft": formats.count(figures.raw("living_area_sqft")),
        "Built": formats.compact(figures.raw("year_built")),
    }
    if not is_missing(figures.raw("year_built")):
        subject["Built"] = str(int(figures.number("year_built")))
    rows = [
        {"label": label, "subject": subject.get(label), "cells": [write(comp[name]) for comp in comps]}
        for label, name, write in COMP_ROWS
    ]
    rows.insert(
        3,
        {
            "label": "Beds / baths",
            "subject": _bed_bath(figures.raw("bedrooms"), figures.raw("bathrooms")),
            "cells": [_bed_bath(comp["comp_bedrooms"], comp["comp_bathrooms"]) for comp in comps],
        },
    )
    adjustments = [
        {"label": label, "cells": [_signed(comp[name]) for comp in comps]} for label, name in ADJUSTMENT_ROWS
    ]
    return {
        "names": [_comp_name(comp) for comp in comps],
        "rows": rows,
        "adjustments": adjustments,
        "adjusted": [formats.usd(comp["adjusted_price_usd"]) for comp in comps],
        "repaired": [_signed(comp.get("adj_repair_usd")) for comp in comps],
        "gross": [formats.percent(comp["adj_gross_pct"]) for comp in comps],
        "weights": [formats.share(comp["weight"]) for comp in comps],
        "is_simulated": any(bool(comp["is_simulated"]) for comp in comps),
        "arv": figures.usd("After-repair value", "arv_usd"),
        "arv_range": _range_text(figures, "arv_low_usd", "arv_high_usd"),
    }


def underwriting(figures: Figures, terms: Underwriting) -> dict | None:
    """Income, debt and flip at the asking price with the assumptions used; None without an asking price."""
    price = figures.number("asking_price_usd")
    if price is None:
        return None
    known = costs(
        price,
        figures.number("living_area_sqft"),
        figures.number("condition_code"),
        figures.number("tax_annual_usd"),
        terms,
    )
    return {
        "assumptions": _assumptions(terms, figures),
        "rent_range": _range_text(figures, "rent_low_usd", "rent_high_usd"),
        "rental": _rental(figures, terms, known),
        "rental_measures": figures.known(
            figures.percent("Cap rate", "cap_rate_pct"),
            figures.percent("Cash on cash", "cash_on_cash_pct"),
            figures.decimal("Debt service coverage", "dscr"),
            figures.decimal("Gross rent multiplier", "gross_rent_multiplier", 1),
        ),
        "flip": _flip(figures, terms, known),
        "flip_measures": figures.known(
            figures.percent("Return on cash", "flip_roi_pct"),
            figures.usd("Maximum offer", "max_allowable_offer_usd"),
        ),
    }


def _line(figures: Figures, label: str, amount: object, *like: str, sign: int = 1) -> Figure | None:
    text = formats.usd(None if is_missing(amount) else sign * float(amount))
    return figures.shown(label, "", text, like=like)


def _rental(figures: Figures, terms: Underwriting, known: object) -> list[Figure] | None:
    """A year of rental; the lines add up to the NOI and cash flow of the warehouse."""
    noi, rent = figures.number("noi_usd"), figures.number("rent_monthly_usd")
    if noi is None or rent is None:
        return None
    gross = rent * 12
    collected = gross * (1 - terms.vacancy_rate)
    fee = figures.number("hoa_monthly_usd")
    rents = ("bedroom_rent_usd", "zip_median_rent_usd")
    return figures.known(
        _line(figures, "Gross rent", gross, *rents),
        _line(figures, "Vacancy", gross * terms.vacancy_rate, *rents, sign=-1),
        _line(figures, "Property tax", known.tax_usd, "tax_annual_usd", sign=-1),
        _line(figures, "Insurance", known.insurance_usd, sign=-1),
        _line(figures, "Maintenance", gross * terms.maintenance_rate, *rents, sign=-1),
        _line(figures, "Management", collected * terms.management_rate, *rents, sign=-1),
        _line(figures, "Association fee", fee and fee * 12, "hoa_monthly_usd", sign=-1),
        figures.usd("Net operating income", "noi_usd", like=(*rents, "tax_annual_usd")),
        _line(figures, "Debt service", known.debt_service_usd, sign=-1),
        _line(figures, "Cash flow a year", noi - float(known.debt_service_usd), *rents),
        _line(figures, "Cash invested", known.rental_cash_usd),
    )


def _flip(figures: Figures, terms: Underwriting, known: object) -> list[Figure] | None:
    """A flip bought without a loan; the lines add up to the profit of the warehouse."""
    arv = figures.number("arv_usd")
    if arv is None or figures.number("flip_profit_usd") is None:
        return None
    price = figures.number("asking_price_usd")
    held = (float(known.tax_usd) + float(known.insurance_usd)) * terms.holding_months / 12
    return figures.known(
        figures.usd("After-repair value", "arv_usd"),
        _line(figures, "Selling costs", arv * terms.selling_cost_share, sign=-1),
        _line(figures, "Purchase at asking price", price, sign=-1),
        _line(figures, "Closing costs", price * terms.closing_cost_share, sign=-1),
        _line(figures, "Repairs", known.repairs_usd, sign=-1),
        _line(figures, f"Tax and insurance, {terms.holding_months} months", held, "tax_annual_usd", sign=-1),
        figures.usd("Flip profit", "flip_profit_usd"),
    )


def _assumptions(terms: Underwriting, figures: Figures) -> list[tuple[str, str]]:
    repairs = ", ".join(
        f"{code}: {formats.usd(rate)}" for code, rate in sorted(terms.repair_usd_per_sqft.items())
    )
    tax = "the recorded bill" if figures.raw("tax_annual_usd") is not None else None
    return [
        ("Property tax", tax or f"{formats.share(terms.property_tax_rate, 2)} of price a year"),
        ("Insurance", f"{formats.share(terms.insurance_rate, 2)} of price a year"),
        ("Vacancy", f"{formats.share(terms.vacancy_rate, 1)} of rent"),
        ("Maintenance", f"{formats.share(terms.maintenance_rate, 1)} of rent"),
        ("Management", f"{formats.share(terms.management_rate, 1)} of collected rent"),
        ("Down payment", f"{formats.share(terms.down_payment_share, 1)} of price"),
        (
            "Loan",
            f"{formats.share(terms.interest_rate, 2)} over {terms.loan_term_years} years",
        ),
        ("Closing costs", f"{formats.share(terms.closing_cost_share, 1)} of price"),
        ("Selling costs", f"{formats.share(terms.selling_cost_share, 1)} of ARV"),
        ("Maximum offer", f"ARV x {formats.decimal(terms.mao_factor)} less repairs"),
        ("Flip", f"bought without a loan, held {terms.holding_months} months"),
        ("Repairs per sq ft by condition (1 poor to 5 very good)", repairs),
    ]
