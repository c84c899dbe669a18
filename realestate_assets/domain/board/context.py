"""What a deal board says: `build_board` turns rows of the marts into text and data for its template.

Pure: no clock, no file, no database. What the reader can sort, filter or point at goes as data to the page's
script; what only stands there is made here. How it looks is the templates' affair.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from realestate_assets.domain.board.columns import COLUMNS, MAX_TEXT, TABLE_COLUMNS
from realestate_assets.domain.board.quality import quality_strip
from realestate_assets.domain.board.whatif import STRESS_HEADS, what_if
from realestate_assets.domain.core import formats
from realestate_assets.domain.core.formats import MONTH_NAMES, is_missing
from realestate_assets.domain.counties.county import County
from realestate_assets.domain.memo.assumptions import assumptions
from realestate_assets.domain.memo.context import PROPERTY_TYPE_NAMES, STATUS_NAMES

# The lists of a board, in the order they are offered.
LIST_NAMES = {
    "on_offer": "On offer",
    "under_contract": "Under contract",
    "gone": "Gone",
    "retrospective": "Sales, looked back on",
}
CLASSES = ("excellent", "good", "fair", "poor")
# From a board's folder to the lake: boards/county=…/month=…
TO_LAKE = "../../../"
COUNTY_WIDE = "ALL"
KINDS = {column.name: column.kind for column in COLUMNS}


def month_name(month: str) -> str:
    """`2015-05` -> May 2015."""
    return f"{MONTH_NAMES[int(month[5:7]) - 1]} {month[:4]}"


def lake_link(path: object, to_lake: str = TO_LAKE) -> str | None:
    """Relative address of a file of the lake, for a browser; None where there is none."""
    return None if is_missing(path) else to_lake + quote(str(path), safe="/=")


def build_board(
    county: County,
    month: str,
    deals: Sequence[Mapping],
    trends: Sequence[Mapping],
    quality: Sequence[Mapping],
    template_version: str,
) -> dict[str, Any]:
    """The board of one county and month, ready for the template.

    Args:
        county: name and slug.
        month: the month as YYYY-MM.
        deals: rows of marts.deal_board with `property`, the address or parcel number; best first.
        trends: rows of marts.market_trends of the county up to that month.
        quality: rows of marts.data_quality of the partition.
        template_version: hash of the templates, printed on the page.
    """
    simulated = sum(bool(deal["is_simulated"]) for deal in deals)
    assumed = sum(bool(deal["is_asking_price_assumed"]) for deal in deals)
    lists = _lists(deals)
    shown = lists[0][0] if lists else ""
    series, trend_simulated = trend_series(trends, real=simulated < len(deals) or not deals)
    return {
        "title": f"Deal board: {county.name}, {county.state}, {month_name(month)}",
        "county": f"{county.name}, {county.state}",
        "month": month_name(month),
        "has_deals": bool(deals),
        "figures": _figures(deals),
        "lists": lists,
        "is_back_test": shown == "retrospective",
        "simulated": _part_of(simulated, len(deals)),
        "assumed": _part_of(assumed, len(deals)),
        "trend_simulated": trend_simulated,
        "quality": quality_strip(quality),
        "columns": TABLE_COLUMNS,
        "kinds": KINDS,
        "classes": CLASSES,
        "zips": sorted({deal["zip"] for deal in deals if not is_missing(deal["zip"])}),
        "statuses": _present(deals, "listing_status", STATUS_NAMES),
        "types": _present(deals, "property_type", PROPERTY_TYPE_NAMES),
        "stress_heads": STRESS_HEADS,
        "assumptions": assumptions(county.underwriting),
        "template_version": template_version,
        "data": {
            "county": county.slug,
            "month": month,
            "classes": CLASSES,
            "kinds": KINDS,
            "typeNames": PROPERTY_TYPE_NAMES,
            "statusNames": STATUS_NAMES,
            "firstList": shown,
            "deals": deal_columns(deals),
            "links": [lake_link(deal.get("memo_pdf_path")) for deal in deals],
            "trends": series,
            "whatIf": what_if(deals, county.underwriting),
        },
    }


def deal_columns(deals: Sequence[Mapping]) -> dict[str, list]:
    """The deals column by column: names once, which is a third of the bytes."""
    return {
        column.name: [_shown(column.value(deal.get(column.name))) for deal in deals] for column in COLUMNS
    }


def trend_series(trends: Sequence[Mapping], real: bool) -> tuple[dict[str, list], bool]:
    """Months, median price per sq ft and sales by ZIP; of real records where asked for and there are any.

    Returns:
        ZIP (or ALL) -> [month, median USD per sq ft or None, sales], oldest first; and whether simulated.
    """
    simulated = not (real and any(not row["is_simulated"] for row in trends))
    series: dict[str, list] = {COUNTY_WIDE: []}
    for row in sorted(trends, key=lambda row: (row["zip"], row["month"])):
        if bool(row["is_simulated"]) == simulated:
            raw = row["median_price_per_sqft_usd"]
            price = None if is_missing(raw) else round(float(raw), 1)
            series.setdefault(row["zip"], []).append([row["month"], price, int(row["sale_count"])])
    return series, simulated and any(series.values())


def _present(deals: Sequence[Mapping], column: str, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """The codes that the deals have, with their names, in the order of the names."""
    found = {deal[column] for deal in deals}
    return [(code, name) for code, name in names.items() if code in found]


def _lists(deals: Sequence[Mapping]) -> list[tuple[str, str, str]]:
    """Code, name and number of deals of each list that has some; the first is the one a reader opens."""
    counts = Counter(deal["offer_state"] for deal in deals)
    return [(code, name, f"{counts[code]:,}") for code, name in LIST_NAMES.items() if counts[code]]


def _shown(value: Any) -> Any:
    if not isinstance(value, str) or len(value) <= MAX_TEXT:
        return value
    return value[:MAX_TEXT].rstrip() + "…"


def _part_of(some: int, whole: int) -> str | None:
    """How many of them, in words; None where none."""
    if not some:
        return None
    return "All" if some == whole else f"{some:,} of {whole:,}"


def _median(values: list[float]) -> float | None:
    ordered = sorted(values)
    if not ordered:
        return None
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def _figures(deals: Sequence[Mapping]) -> list[tuple[str, str]]:
    """The figures at the head of the page: label and text, without those that are not known.

    They are of what is on offer; where nothing is, of all that has a score.
    """
    offers = [deal for deal in deals if deal["offer_state"] == "on_offer"]
    told = offers or deals

    def known(name: str) -> list[float]:
        return [float(deal[name]) for deal in told if not is_missing(deal[name])]

    good = sum(deal["score_class"] in ("excellent", "good") for deal in told)
    memos = sum(not is_missing(deal.get("memo_pdf_path")) for deal in told)
    found = [
        ("On offer" if offers else "Scored sales", formats.count(len(told))),
        ("Good or excellent", formats.count(good)),
        ("To be reviewed", formats.count(sum(bool(deal["needs_review"]) for deal in told))),
        ("With a memo", formats.count(memos)),
        ("Median asking" if offers else "Median price", formats.usd(_median(known("asking_price_usd")))),
        ("Median value", formats.usd(_median(known("market_value_p50_usd")))),
        ("Median below value", formats.percent(_median(known("discount_to_value_pct")))),
        ("Median cap rate", formats.percent(_median(known("cap_rate_pct")))),
    ]
    return [(label, text) for label, text in found if text is not None]
