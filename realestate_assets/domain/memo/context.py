"""What an investor memo says: `build_memo_context` turns warehouse rows into text for the templates.

Pure: no clock, no file, no database. A figure is formatted once, in `formats`; a section without data is
None, so that its template is not shown; what is not known is said in the section of that name. How the page
looks is the templates' affair; each section of some size has a module `memo_<section>` of its own.
"""

import calendar
import json
from collections.abc import Container, Mapping
from datetime import date

from realestate_assets.domain.core import formats
from realestate_assets.domain.core.formats import MONTH_NAMES, is_missing
from realestate_assets.domain.counties.county import County
from realestate_assets.domain.memo.comparables import comparable_grid
from realestate_assets.domain.memo.drivers import drivers
from realestate_assets.domain.memo.facts import PROPERTY_TYPE_NAMES, facts, flood, key_figures, location, rent
from realestate_assets.domain.memo.figures import ASSUMED_PRICE_NOTE, Figures
from realestate_assets.domain.memo.market import market_trend
from realestate_assets.domain.memo.outlook import outlook
from realestate_assets.domain.memo.owner import owner_section
from realestate_assets.domain.memo.record import MemoRecord
from realestate_assets.domain.memo.risks import cleared_reviews, risks, unknowns
from realestate_assets.domain.memo.rows import RETROSPECTIVE
from realestate_assets.domain.memo.sources import footnotes
from realestate_assets.domain.memo.text import line
from realestate_assets.domain.memo.underwriting import underwriting
from realestate_assets.domain.memo.value import value_range
from realestate_assets.domain.memo.value_band import band_record

STATUS_NAMES = {
    "coming_soon": "Coming soon",
    "active": "For sale",
    "pending": "Sale pending",
    "sold": "Sold",
    "withdrawn": "Withdrawn",
    "expired": "Expired",
    "off_market": "Off market",
}
PAPERS = {"letter": "Letter", "a4": "A4"}
MAX_REMARKS = 600
# Reasons shown on each side of the score.
REASONS = 3
# Reasons that speak of chances: of a home that was sold none is left.
CHANCES = frozenset({"LIKELY_GAIN", "UNLIKELY_GAIN"})
# The page head has one line.
MAX_HEAD = 48


def build_memo_context(
    record: MemoRecord, county: County, template_version: str, paper: str = "letter"
) -> dict:
    """The memo of one property as plain text and pictures, ready for the templates.

    Args:
        record: rows of scores, features, properties, enrichments, enrichment_facts, comparables; months of
            the market and contributions to the value where there are any (see `MemoRecord`).
        county: name and underwriting assumptions.
        template_version: hash of the templates, printed on the memo.
        paper: letter or a4.
    """
    score = record.score
    month = date(int(score["month"][:4]), int(score["month"][5:7]), 1)
    is_past = score["offer_state"] == RETROSPECTIVE
    has_price = not is_missing(score["asking_price_usd"])
    notes = footnotes(record, f"{county.name}, {county.state}", formats.full_date(month), has_price)
    figures = Figures(
        rows=(score, record.features, record.enrichment, record.property),
        all_simulated=bool(score["is_simulated"]),
        footnotes=notes,
    )
    return {
        "title": f"Investor memo: {line(_street_line(record), MAX_HEAD)}",
        "document": _document(record, county, month, figures, paper),
        "header": _header(record),
        "banner": _banner(score),
        "highlights": _highlights(score["reasons"], without=CHANCES if is_past else ()),
        "summary": _summary(record, figures),
        "key_figures": key_figures(figures),
        "facts": facts(figures),
        "remarks": line(record.property.get("description"), MAX_REMARKS),
        "value": value_range(figures),
        "band_record": band_record(figures),
        "outlook": outlook(figures),
        "drivers": drivers(record.contributions, figures),
        "comparables": comparable_grid(record.comparables, figures),
        "market": market_trend(record.market, score["month"], line(record.property.get("zip"), 10), figures),
        "underwriting": underwriting(figures, county.underwriting),
        "rent": rent(figures),
        "location": location(figures),
        "flood": flood(figures),
        "owner": owner_section(record.property, record.enrichment, figures),
        "risks": risks(figures, [comp["adj_gross_pct"] for comp in record.comparables]),
        "reviewed": cleared_reviews(score["review_reasons"]),
        "unknowns": unknowns(figures),
        "sources": notes.listed(),
        "model": _model(score, template_version),
        "assumed_price_note": ASSUMED_PRICE_NOTE,
    }


def _document(record: MemoRecord, county: County, month: date, figures: Figures, paper: str) -> dict:
    month_end = month.replace(day=calendar.monthrange(month.year, month.month)[1])
    return {
        "paper": PAPERS[paper],
        "month": f"{MONTH_NAMES[month.month - 1]} {month.year}",
        "as_of": formats.full_date(month),
        "report_date": formats.full_date(month_end),
        "county": f"{county.name}, {county.state}",
        "is_simulated": figures.all_simulated,
        "has_simulated_figures": any(source.is_simulated for source in figures.footnotes.listed()),
        "running_title": line(_street_line(record), MAX_HEAD),
        "is_price_assumed": bool(record.score["is_asking_price_assumed"]),
        "retrospective": _retrospective(record.score, record.property),
    }


def _retrospective(score: Mapping, home: Mapping) -> str | None:
    """Price and date of the sale that a memo looks back on; None for a home on offer."""
    if score["offer_state"] != RETROSPECTIVE:
        return None
    day = formats.day(home.get("sale_date"))
    return f"sold for {formats.usd(score['asking_price_usd'])}{f' on {day}' if day else ''}"


def _street_line(record: MemoRecord) -> str:
    p = record.property
    street = " ".join(filter(None, (line(p.get("street")), line(p.get("unit"), 30))))
    parcel = line(p.get("apn"))
    return street or (f"Parcel {parcel}" if parcel else f"Property {p['property_id']}")


def _header(record: MemoRecord) -> dict:
    p = record.property
    city, state, code = (line(p.get(name), 60) for name in ("city", "state", "zip"))
    region = " ".join(part for part in (state, code) if part)
    return {
        "street": _street_line(record),
        "place": ", ".join(part for part in (city.title() if city else None, region) if part),
        "property_type": PROPERTY_TYPE_NAMES.get(p.get("property_type", "")),
        "status": STATUS_NAMES.get(p.get("listing_status", "")),
    }


def _banner(score: Mapping) -> dict:
    return {
        "score": formats.score(score["bird_dog_score"]),
        "score_class": score["score_class"],
        "confidence": formats.share(score["confidence"]),
    }


def _highlights(reasons: str, without: Container[str]) -> dict:
    """The strongest reasons of each side but for these codes; they are stored in order of their weight."""
    found = json.loads(reasons)
    told = {side: [r for r in found[side] if r["code"] not in without] for side in ("positive", "negative")}
    return {
        side: [{"text": r["text"], "points": formats.decimal(r["weight"], 1)} for r in listed[:REASONS]]
        for side, listed in told.items()
    }


def _summary(record: MemoRecord, figures: Figures) -> str:
    """Why this property, in two sentences of figures that stand elsewhere on the memo too.

    Where no way is known in which it pays, that comes first.
    """
    score = record.score
    limit = line(score.get("class_limit"))
    kind = PROPERTY_TYPE_NAMES.get(record.property.get("property_type", ""), "Property").lower()
    first = f"{limit} " if limit else ""
    first += f"A {kind} valued at {formats.usd(score['market_value_p50_usd'])}"
    low, high = formats.usd(score["market_value_p10_usd"]), formats.usd(score["market_value_p90_usd"])
    first += f" (80% range {low} to {high})" if low and high else ""
    discount = figures.number("discount_to_value_pct")
    if discount is not None:
        side = "below" if discount >= 0 else "above"
        price = formats.usd(score["asking_price_usd"])
        verb = "sold" if score["offer_state"] == RETROSPECTIVE else "asked"
        first += (
            f", {verb} at {price}, {formats.percent(abs(discount))} {side} that value, which does not know it"
        )
    components = {
        name.removeprefix("component_").replace("_", " "): score[name]
        for name in sorted(score)
        if name.startswith("component_") and not is_missing(score[name])
    }
    if figures.raw("condition_code") is None and "condition" in components:
        # The component then rests on the years alone: "condition" would contradict the facts below.
        components["age"] = components.pop("condition")
    strongest = max(components, key=lambda name: components[name])
    weakest = min(components, key=lambda name: components[name])
    return f"{first}. Strongest component: {strongest}; weakest: {weakest}."


def _model(score: Mapping, template_version: str) -> dict:
    return {
        "kind": score["model_kind"],
        "model_id": line(score["model_id"]),
        "config_version": score["config_version"],
        "template_version": template_version,
    }
