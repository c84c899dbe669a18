"""What an investor memo says: `build_memo_context` turns warehouse rows into text for the templates.

Pure: no clock, no file, no database. A figure is formatted once, in `formats`; a section without data is
None, so that its template is not shown; what is not known is said in the section of that name. How the page
looks is the templates' affair; the sections that need arithmetic are in `memo_sections`.
"""

import calendar
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from realestate_assets.domain import formats
from realestate_assets.domain.county import County
from realestate_assets.domain.formats import MONTH_NAMES, is_missing
from realestate_assets.domain.memo_figures import ASSUMED_PRICE_NOTE, Figure, Figures
from realestate_assets.domain.memo_owner import owner_section
from realestate_assets.domain.memo_sections import comparable_grid, underwriting, value_range

PROPERTY_TYPE_NAMES = {
    "single_family": "Single-family house",
    "condo": "Condominium",
    "townhouse": "Townhouse",
    "multi_family": "Multi-family building",
    "manufactured": "Manufactured home",
    "land": "Land",
    "other": "Other property",
}
STATUS_NAMES = {"active": "For sale", "pending": "Sale pending", "sold": "Sold", "off_market": "Off market"}
CONDITION_NAMES = {1: "1 of 5, poor", 2: "2 of 5, fair", 3: "3 of 5, average", 4: "4 of 5, good", 5: "5 of 5"}
FIELD_NAMES = {
    "zip_median_income_usd": "household income",
    "zip_median_home_value_usd": "home value",
    "zip_median_age_years": "median age",
    "zip_owner_occupied_pct": "owner-occupied share",
    "zip_unemployment_pct": "unemployment",
    "zip_median_rent_usd": "median rent",
    "bedroom_rent_usd": "rent by bedrooms",
    "zip_population": "population",
}
# The longest text of a field and of the remarks, characters.
MAX_LINE, MAX_REMARKS = 120, 1200


@dataclass(frozen=True)
class MemoRecord:
    """All rows one memo is made of; a mapping may lack what the tables hold as null."""

    score: Mapping
    features: Mapping
    property: Mapping
    enrichment: Mapping
    facts: Sequence[Mapping]
    comparables: Sequence[Mapping]


def build_memo_context(record: MemoRecord, county: County, template_version: str) -> dict:
    """The memo of one property as plain text, ready for the templates.

    Args:
        record: rows of scores, features, properties, enrichments, enrichment_facts and comparables.
        county: name and underwriting assumptions.
        template_version: hash of the templates, printed on the memo.
    """
    score = record.score
    figures = Figures(
        rows=(score, record.features, record.enrichment, record.property),
        all_simulated=bool(score["is_simulated"]),
        simulated_fields=frozenset(f["field"] for f in record.facts if f["is_used"] and f["simulated"]),
    )
    month = date(int(score["month"][:4]), int(score["month"][5:7]), 1)
    month_end = month.replace(day=calendar.monthrange(month.year, month.month)[1])
    grid = comparable_grid(record.comparables, figures)
    return {
        "title": f"Investor memo: {_shortened(_street_line(record))}",
        "document": {
            "month": f"{MONTH_NAMES[month.month - 1]} {month.year}",
            "as_of": formats.day(month),
            "report_date": formats.day(month_end),
            "county": f"{county.name}, {county.state}",
            "is_simulated": figures.all_simulated,
            "has_simulated_figures": figures.all_simulated or bool(figures.simulated_fields),
            "running_title": _shortened(_street_line(record)),
            "is_price_assumed": bool(score["is_asking_price_assumed"]),
        },
        "header": _header(record),
        "banner": _banner(score),
        "highlights": _highlights(score["reasons"]),
        "summary": _summary(record, figures),
        "key_figures": _key_figures(figures),
        "value": value_range(figures),
        "facts": _facts(record, figures),
        "remarks": _text(record.property.get("description"), MAX_REMARKS),
        "comparables": grid,
        "underwriting": underwriting(figures, county.underwriting),
        "location": _location(figures),
        "owner": owner_section(record.property, record.enrichment, figures),
        "unknowns": _unknowns(record, figures),
        "sources": _sources(record),
        "model": _model(score, template_version),
        "assumed_price_note": ASSUMED_PRICE_NOTE,
    }


def _text(value: object, longest: int = MAX_LINE) -> str | None:
    """Text of unknown origin: cut where it would fill pages."""
    if is_missing(value):
        return None
    text = " ".join(str(value).split())
    return text if len(text) <= longest else text[:longest].rstrip() + "…"


def _shortened(text: str) -> str:
    """The page head has one line."""
    return text if len(text) <= 48 else text[:47].rstrip() + "…"


def _street_line(record: MemoRecord) -> str:
    p = record.property
    street = " ".join(filter(None, (_text(p.get("street")), _text(p.get("unit"), 30))))
    parcel = _text(p.get("apn"))
    return street or (f"Parcel {parcel}" if parcel else f"Property {p['property_id']}")


def _header(record: MemoRecord) -> dict:
    p = record.property
    city, state, code = (_text(p.get(name), 60) for name in ("city", "state", "zip"))
    region = " ".join(part for part in (state, code) if part)
    return {
        "street": _street_line(record),
        "place": ", ".join(part for part in (city.title() if city else None, region) if part),
        "property_type": PROPERTY_TYPE_NAMES.get(p.get("property_type")),
        "status": STATUS_NAMES.get(p.get("listing_status")),
    }


def _banner(score: Mapping) -> dict:
    return {
        # Cut, not rounded: 79.96 is of the class below 80 and must not read as 80.0.
        "score": formats.decimal(math.floor(score["bird_dog_score"] * 10) / 10, 1),
        "score_class": score["score_class"],
        "confidence": formats.share(score["confidence"]),
    }


def _highlights(reasons: str) -> dict:
    found = json.loads(reasons)
    return {
        side: [{"text": r["text"], "points": formats.decimal(r["weight"], 1)} for r in found[side]]
        for side in ("positive", "negative")
    }


def _summary(record: MemoRecord, figures: Figures) -> str:
    """Why this property, in two sentences of figures that stand elsewhere on the memo too."""
    score = record.score
    kind = PROPERTY_TYPE_NAMES.get(record.property.get("property_type"), "Property").lower()
    first = f"A {kind} valued at {formats.usd(score['market_value_p50_usd'])}"
    low, high = formats.usd(score["market_value_p10_usd"]), formats.usd(score["market_value_p90_usd"])
    first += f" (80% range {low} to {high})" if low and high else ""
    discount = figures.number("discount_to_value_pct")
    if discount is not None:
        side = "below" if discount >= 0 else "above"
        price = formats.usd(score["asking_price_usd"])
        first += f", asked at {price}, {formats.percent(abs(discount))} {side} that value"
    components = {
        name.removeprefix("component_").replace("_", " "): score[name]
        for name in sorted(score)
        if name.startswith("component_") and not is_missing(score[name])
    }
    strongest = max(components, key=components.get)
    weakest = min(components, key=components.get)
    return f"{first}. Strongest component: {strongest}; weakest: {weakest}."


def _key_figures(figures: Figures) -> list[Figure]:
    f = figures
    return f.known(
        f.usd("Asking price", "asking_price_usd", note=f.price_note),
        f.usd("Market value", "market_value_p50_usd"),
        f.percent("Discount to value", "discount_to_value_pct"),
        f.share("Probability of value above price", "discount_probability"),
        f.usd("After-repair value", "arv_usd"),
        f.usd("Maximum offer", "max_allowable_offer_usd"),
        f.percent("Cap rate", "cap_rate_pct"),
        f.percent("Cash on cash", "cash_on_cash_pct"),
        f.usd("Rent a month", "rent_monthly_usd", like=("bedroom_rent_usd", "zip_median_rent_usd")),
        f.percent("Flip return", "flip_roi_pct"),
    )


def _facts(record: MemoRecord, figures: Figures) -> list[Figure]:
    f = figures
    condition = f.number("condition_code")
    waterfront = f.raw("is_waterfront")
    return f.known(
        f.shown("Type", "property_type", PROPERTY_TYPE_NAMES.get(record.property.get("property_type"))),
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
        f.shown("Condition", "condition_code", CONDITION_NAMES.get(condition and int(condition))),
        f.plain("Construction grade (1 to 13)", "quality_code"),
        f.plain("View (0 to 4)", "view_code"),
        f.shown("Waterfront", "is_waterfront", formats.yes_no(waterfront)),
        f.usd("Price per sq ft", "price_per_sqft_usd"),
        f.usd("Association fee a month", "hoa_monthly_usd"),
        f.count("Days on market", "days_on_market"),
        f.plain("Zoning", "zoning_code"),
        f.plain("Parcel number", "apn"),
    )


def _location(figures: Figures) -> list[Figure] | None:
    f = figures
    hazard = f.raw("is_flood_hazard_area")
    found = f.known(
        f.shown("Target neighborhood", "neighborhood", f.raw("neighborhood")),
        f.decimal("Neighborhood multiplier", "neighborhood_multiplier")
        if not is_missing(f.raw("neighborhood"))
        else None,
        f.usd("Price per sq ft in the ZIP", "zip_median_price_per_sqft_usd"),
        f.percent("Its trend", "zip_price_per_sqft_trend_pct"),
        f.count("Sales in the ZIP", "zip_sale_count"),
        f.decimal("Months of supply", "zip_months_of_supply", 1),
        f.usd("Price per sq ft nearby", "nearby_price_per_sqft_usd"),
        f.count("Population of the ZIP", "zip_population"),
        f.usd("Median household income", "zip_median_income_usd"),
        f.usd("Median home value", "zip_median_home_value_usd"),
        f.usd("Median rent", "zip_median_rent_usd"),
        f.percent("Owner-occupied", "zip_owner_occupied_pct"),
        f.percent("Unemployment", "zip_unemployment_pct"),
        f.plain("Flood zone", "flood_zone_code"),
        f.shown("Special flood hazard area", "is_flood_hazard_area", formats.yes_no(hazard)),
    )
    return found or None


# What a reader would look for, with what its absence means for the figures.
UNKNOWNS: tuple[tuple[str, str], ...] = (
    ("asking_price_usd", "The asking price: discount, yields and flip are not stated."),
    ("arv_usd", "Comparable earlier sales: no after-repair value, maximum offer or flip is stated."),
    ("condition_code", "The condition: no repair estimate can be made."),
    ("rent_monthly_usd", "The rent: income, cap rate and cash flow are not stated."),
    ("tax_annual_usd", "The tax bill: the county's rate on the price stands in for it."),
    ("hoa_monthly_usd", "Association fees: none are deducted from the income."),
    ("equity_usd", "Loans on the property: equity and loan to value are not stated."),
    ("is_flood_hazard_area", "The flood zone: unknown is not the same as low risk."),
    ("last_sale_price_usd", "What the owner paid, and when."),
    ("is_absentee_owner", "Whether the owner lives at the property."),
    ("is_tax_delinquent", "Whether property taxes are unpaid."),
    ("days_on_market", "How long the property has been on the market."),
    ("assessed_value_usd", "The assessed value."),
    ("lot_area_sqft", "The lot area."),
    ("year_built", "The year of construction."),
    ("bedrooms", "The number of bedrooms."),
    ("bathrooms", "The number of bathrooms."),
    ("latitude", "The exact location."),
)


def _unknowns(record: MemoRecord, figures: Figures) -> list[str]:
    said = [sentence for name, sentence in UNKNOWNS if is_missing(figures.raw(name))]
    return [*said, "The interior: nobody has inspected it for this memo."]


def _sources(record: MemoRecord) -> list[dict]:
    """Where the figures come from: the record itself, then one line per provider and date."""
    p = record.property
    rows = {}
    for fact in record.facts:
        if not fact["is_used"]:
            continue
        dated = fact.get("vintage") if not is_missing(fact.get("vintage")) else fact.get("retrieved_at")
        url = _text(fact.get("source_url"))
        key = (_text(fact["provider"]), formats.day(dated) or "no date", url, bool(fact["simulated"]))
        rows.setdefault(key, []).append(_field_name(fact["field"]))
    listed = [
        {
            "provider": _text(p["source"]),
            "fields": "the property record",
            "date": formats.day(p.get("observed_date")) or "no date",
            "url": _text(p.get("url")),
            "is_simulated": bool(p["is_simulated"]),
        }
    ]
    for (provider, dated, url, simulated), fields in sorted(rows.items(), key=lambda row: str(row[0])):
        names = ", ".join(sorted(fields))
        listed.append(
            {"provider": provider, "fields": names, "date": dated, "url": url, "is_simulated": simulated}
        )
    return listed


def _field_name(field: str) -> str:
    name = field.removeprefix("is_")
    for unit in ("_usd", "_sqft", "_pct", "_code"):
        name = name.removesuffix(unit)
    return FIELD_NAMES.get(field, name.replace("_", " "))


def _model(score: Mapping, template_version: str) -> dict:
    return {
        "kind": score["model_kind"],
        "model_id": _text(score["model_id"]),
        "config_version": score["config_version"],
        "template_version": template_version,
    }
