"""Price and market trend: median sale prices per square foot by month before the memo's month."""

from collections.abc import Callable, Mapping, Sequence

from markupsafe import Markup

from realestate_assets.domain.core import formats, svg
from realestate_assets.domain.core.formats import MONTH_NAMES, is_missing
from realestate_assets.domain.memo.figures import Figures
from realestate_assets.domain.memo.sources import SALES

WIDTH, HEIGHT = 320.0, 196.0
LEFT, RIGHT, TOP, BOTTOM, BARS = 38.0, 12.0, 34.0, 180.0, 26.0
MONTHS = 24
# The median of fewer sales says more about the homes sold than about the market.
MIN_SALES = 3
WHOLE_COUNTY = "ALL"

Series = dict[str, tuple[float, int]]


def market_trend(rows: Sequence[Mapping], month: str, zip_code: str | None, figures: Figures) -> dict | None:
    """The picture of the months before `month`; None with fewer than three of them.

    Args:
        rows: `month`, `zip` (ALL for the county), `sale_count`, `median_price_per_sqft_usd`.
        month: YYYY-MM of the memo; it and what follows is left out, whatever the rows hold.
        zip_code: of the property.
        figures: for the price of the property.
    """
    county, local = (_series(rows, month, place) for place in (WHOLE_COUNTY, zip_code))
    if len(county) < 3:
        return None
    months = _run_of_months(min(county), max(county))[-MONTHS:]
    county = {m: v for m, v in county.items() if m in months}
    local = {m: v for m, v in local.items() if m in months}
    own = figures.number("price_per_sqft_usd") if figures.raw("asking_price_usd") is not None else None
    place = zip_code if len(local) > 1 else None
    return {
        "picture": _picture(
            months, county, local if place else {}, own, place, _alt(county, local, place, own)
        ),
        "has_own_price": own is not None,
        "sources": ", ".join(source.letter for source in figures.footnotes.behind((SALES,))),
        "first": _month_name(months[0]),
        "last": _month_name(months[-1]),
        "sales": formats.count(sum(count for _, count in county.values())),
        "min_sales": MIN_SALES,
    }


def _series(rows: Sequence[Mapping], month: str, place: str | None) -> Series:
    found = {}
    for row in rows:
        known = not is_missing(row["median_price_per_sqft_usd"])
        if row["zip"] == place and row["month"] < month and known and row["sale_count"] >= MIN_SALES:
            found[row["month"]] = float(row["median_price_per_sqft_usd"]), int(row["sale_count"])
    return found


def _run_of_months(first: str, last: str) -> list[str]:
    """All months between two, both included: a month without sales keeps its place."""
    ends = [int(m[:4]) * 12 + int(m[5:7]) - 1 for m in (first, last)]
    return [f"{k // 12:04d}-{k % 12 + 1:02d}" for k in range(ends[0], ends[1] + 1)]


def _month_name(month: str) -> str:
    return f"{MONTH_NAMES[int(month[5:7]) - 1]} {month[:4]}"


def _alt(county: Series, local: Series, place: str | None, own: float | None) -> str:
    def ends(series: Series) -> str:
        first, last = min(series), max(series)
        return (
            f"{formats.usd(series[first][0])} in {_month_name(first)}, "
            f"{formats.usd(series[last][0])} in {_month_name(last)}"
        )

    parts = [f"county {ends(county)}"]
    if place:
        parts.append(f"ZIP {place} {ends(local)}")
    if own is not None:
        parts.append(f"this property at its asking price {formats.usd(own)}")
    return "Median sale price per square foot by month: " + "; ".join(parts) + "."


def _picture(
    months: list[str], county: Series, local: Series, own: float | None, place: str | None, alt: str
) -> Markup:
    picture = svg.Picture(WIDTH, HEIGHT, alt, "trend")
    values = [v for v, _ in (*county.values(), *local.values())] + ([own] if own is not None else [])
    low, high = min(values), max(values)
    room = (high - low) * 0.08 or high * 0.05
    low, high = max(low - room, 0.0), high + room
    floor = BOTTOM - BARS - 4

    def x_of(month: str) -> float:
        return LEFT + 6 + (WIDTH - LEFT - RIGHT - 12) * months.index(month) / max(len(months) - 1, 1)

    def y_of(value: float) -> float:
        return floor - (value - low) / (high - low) * (floor - TOP)

    for tick in svg.ticks(low, high, 4):
        picture.line(LEFT, y_of(tick), WIDTH - RIGHT, y_of(tick), "#e3e7ec", 0.8)
        picture.text(LEFT - 4, y_of(tick) + 3, f"${formats.compact(tick)}", 8.5, "end", svg.MUTED)
    _bars(picture, county, x_of, len(months))
    picture.line(LEFT, BOTTOM, WIDTH - RIGHT, BOTTOM, svg.MUTED)
    every = max(1, -(-len(months) // 5))
    for k, month in enumerate(months):
        if k % every == 0:
            label = f"{MONTH_NAMES[int(month[5:7]) - 1][:3]} {month[2:4]}"
            picture.text(x_of(month), BOTTOM + 12, label, 8.5, "middle", svg.MUTED)
    for series, colour in ((county, svg.BLUE), (local, svg.AMBER)):
        if series:
            points = [(x_of(m), y_of(series[m][0])) for m in sorted(series)]
            picture.curve(points, colour)
            for x, y in points:
                picture.dot(x, y, 2, colour)
    if own is not None:
        picture.line(LEFT, y_of(own), WIDTH - RIGHT, y_of(own), svg.RED, 1.2, dash="4 3")
    _legend(picture, place, own)
    return picture.markup()


def _bars(picture: svg.Picture, county: Series, x_of: Callable[[str], float], months: int) -> None:
    most = max(count for _, count in county.values())
    width = min((WIDTH - LEFT - RIGHT) / months * 0.6, 14)
    for month in sorted(county):
        height = county[month][1] / most * BARS
        picture.box(x_of(month) - width / 2, BOTTOM - height, width, height, "#dbe3ec")
    picture.text(LEFT - 4, BOTTOM - BARS + 8, formats.count(most) or "", 8.5, "end", svg.MUTED)
    picture.text(LEFT - 4, BOTTOM, "sales", 8.5, "end", svg.MUTED)


def _legend(picture: svg.Picture, place: str | None, own: float | None) -> None:
    picture.text(0, 9, "Median price per sq ft", 8.5, fill=svg.MUTED)
    entries = [("County", svg.BLUE)]
    if place:
        entries.append((f"ZIP {place}", svg.AMBER))
    if own is not None:
        entries.append(("This property", svg.RED))
    x = 0.0
    for text, colour in entries:
        picture.line(x, 20, x + 12, 20, colour, 2.2)
        picture.text(x + 16, 23, text, 8.5, fill=colour, bold=True)
        x += 30 + svg.text_width(text, 8.5)
