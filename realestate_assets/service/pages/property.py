"""One property: its value and what made it, comparables, underwriting, history, where each field is from."""

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from fastapi import Depends
from fastapi.responses import Response
from sqlalchemy.orm import Session

from realestate_assets.app.notes import MAX_CHARACTERS, PropertyNote
from realestate_assets.domain.board.whatif import STRESS_HEADS, what_if
from realestate_assets.domain.core.formats import is_missing, known
from realestate_assets.domain.memo.assumptions import assumptions
from realestate_assets.domain.memo.comparables import ADJUSTMENT_ROWS
from realestate_assets.domain.scoring.reviews import LARGE_GROSS_PCT
from realestate_assets.extent import counties
from realestate_assets.operations.kept import notes
from realestate_assets.operations.kept.corrections import CORRECTED
from realestate_assets.operations.market import details, photos
from realestate_assets.service.dependencies import TenantSession, requires
from realestate_assets.service.pages import pictures, say
from realestate_assets.service.pages.frame import Frame, FrameOf, page_router
from realestate_assets.service.routers.corrections import standing
from realestate_assets.service.routers.notes import told
from realestate_assets.service.routers.of_property import MonthOf, PropertyId, count_opened, row_of
from realestate_assets.service.schemas.notes import Note
from resources.documents.inline_page import script_json

router = page_router()

FACTS = (
    ("Type", "property_type", "code"),
    ("Status", "listing_status", "code"),
    ("Bedrooms", "bedrooms", "compact"),
    ("Bathrooms", "bathrooms", "compact"),
    ("Living area", "living_area_sqft", "sqft"),
    ("Lot", "lot_area_sqft", "sqft"),
    ("Built", "year_built", "year"),
    ("Renovated", "year_renovated", "year"),
    ("Stories", "stories", "compact"),
    ("On the water", "is_waterfront", "yes_no"),
    ("Days on the market", "days_on_market", "count"),
    ("Last sale", "last_sale_price_usd", "usd"),
    ("Assessed", "assessed_value_usd", "usd"),
    ("Tax a year", "tax_annual_usd", "usd"),
    ("Association a month", "hoa_monthly_usd", "usd"),
    ("Flood zone", "flood_zone_code", "text"),
    ("Owner", "owner_type", "code"),
    ("Owner lives elsewhere", "is_absentee_owner", "yes_no"),
    ("Median income of the ZIP", "zip_median_income_usd", "usd"),
    ("Parcel", "apn", "text"),
)
MEASURES = (
    ("After-repair value", "arv_usd", "usd"),
    ("Repairs", "repair_estimate_usd", "usd"),
    ("Rent a month", "rent_monthly_usd", "usd"),
    ("Cap rate", "cap_rate_pct", "percent"),
    ("Cash on cash", "cash_on_cash_pct", "percent"),
    ("Debt coverage", "dscr", "decimal"),
    ("Maximum offer", "max_allowable_offer_usd", "usd"),
)


# Older ones are told by the API.
NOTES = 50


def facts(row: Mapping[str, Any], table: Sequence[tuple[str, str, str]]) -> list[tuple[str, str]]:
    """Label and text of each field that is known."""
    found = []
    for label, name, how in table:
        if is_missing(row.get(name)):
            continue
        text = say.code(name, row[name]) if how == "code" else getattr(say, how)(row[name])
        found.append((label, str(text)))
    return found


def comparable_rows(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Comparables with their lines, and what speaks against each."""
    return [
        {
            **row,
            "lines": [
                (label, say.signed_usd(row[name]))
                for label, name in ADJUSTMENT_ROWS
                if not is_missing(row[name]) and round(row[name]) != 0
            ],
            "doubts": doubts(row),
        }
        for row in rows
    ]


def doubts(row: Mapping[str, Any]) -> list[str]:
    """Why a comparable counts for little, in sentences."""
    found = []
    gross = known(row.get("adj_gross_pct"))
    if gross is not None and gross > LARGE_GROSS_PCT:
        found.append(f"Adjusted by more than {say.percent(LARGE_GROSS_PCT, 0)} of its price.")
    if not is_missing(row.get("mismatches")):
        found.append(f"Of another class: {row['mismatches']}.")
    if not is_missing(row.get("adj_capped_usd")) and row["adj_capped_usd"] >= 1:
        found.append("Its adjustments were cut by their caps.")
    return found


def map_data(row: Mapping[str, Any], comparables: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the map of comparables draws."""
    return {
        "subject": [row["latitude"], row["longitude"]] if not is_missing(row["latitude"]) else None,
        "comparables": [
            {
                "rank": comp["comp_rank"],
                "place": [comp["comp_latitude"], comp["comp_longitude"]],
                "street": say.text(comp["comp_street"]),
                "sold": f"{say.usd(comp['comp_sale_price_usd'])} on {say.iso_day(comp['comp_sale_date'])}",
            }
            for comp in comparables
            if not is_missing(comp["comp_latitude"])
        ],
    }


def notes_of(framed: Frame, session: Session, property_id: str) -> list[Note]:
    """The newest notes on a home that the reader sees."""
    seen = notes.seen_by(framed.principal.user_id, property_id)
    newest = seen.order_by(PropertyNote.created_at.desc()).limit(NOTES)
    return told(framed.parts, session, framed.principal, list(session.scalars(newest)))


@router.get("/properties/{property_id}", dependencies=[Depends(requires("properties:read"))])
def property_page(
    framed: FrameOf, session: TenantSession, property_id: PropertyId, month: MonthOf = None
) -> Response:
    """The page."""
    row = row_of(session, property_id, month)
    count_opened(session, framed.principal, [row["property_id"]])
    months = details.months_of(session, str(property_id))
    comps = comparable_rows(details.comparables_of(session, row))
    county = counties()[row["county"]]
    may = framed.principal.may
    memo = details.memo_of(session, row) if may("documents:read") and may("owners:read") else None
    reasons = say.parsed(row["reasons"], {})
    data = {
        "kinds": {},
        "whatIf": what_if([row], county.underwriting),
        "deal": {"at": 0, "property": say.address(row), "is_simulated": bool(row["is_simulated"])},
        "map": map_data(row, comps),
    }
    return framed.show(
        "property",
        say.address(row),
        row=row,
        county=f"{county.name}, {county.state}",
        fips=county.fips,
        months=months,
        scores=details.scores_of(session, str(property_id)),
        band=pictures.value_band(row),
        drivers=pictures.drivers(details.contributions_of(session, row)),
        history=pictures.history(months),
        comparables=comps,
        facts=facts(row, FACTS),
        measures=facts(row, MEASURES),
        reasons=reasons,
        reviews=[each for each in say.parsed(row["review_reasons"], []) if not each.get("cleared")],
        provenance=details.facts_of(session, row),
        memo=memo,
        corrections=standing(framed.parts, session, framed.principal, str(property_id)),
        corrected={name: (column.kind, column.allowed) for name, column in CORRECTED.items()},
        may_correct=may("properties:correct"),
        photos=len(photos.addresses_of(session, str(property_id), row["month"])),
        has_photos=framed.parts.settings.property_photos,
        notes=notes_of(framed, session, str(property_id)) if may("timeline:read") else None,
        may_note=may("timeline:write"),
        max_note=MAX_CHARACTERS,
        has_board=may("documents:read"),
        stress_heads=STRESS_HEADS,
        assumptions=assumptions(county.underwriting, not is_missing(row["tax_annual_usd"])),
        data=script_json(_plain(data)),
    )


def _plain(value: Any) -> Any:
    """Figures of the database as JSON knows them."""
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, datetime.date) else value
