"""What drives the value: a chart of contributions in dollars from the county's median to the market value."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from realestate_assets.domain.core import formats, svg
from realestate_assets.domain.core.formats import is_missing
from realestate_assets.domain.memo.figures import Figures
from realestate_assets.domain.memo.sources import MODEL, field_name
from realestate_assets.domain.memo.text import line

WIDTH, ROW, TOP = 640.0, 16.0, 4.0
LABELS, AMOUNTS = 205.0, 74.0
BASE, OTHER = "base", "other"
MOST = 10


def drivers(contributions: Sequence[Mapping], figures: Figures) -> dict | None:
    """The chart, or None without contributions.

    Args:
        contributions: rows of `feature`, `feature_value`, `contribution_usd`; see `MemoRecord`. Beyond the
            ten largest, the rest is summed as one.
        figures: for the value they add up to.
    """
    known = [row for row in contributions if not is_missing(row["contribution_usd"])]
    base = next((float(row["contribution_usd"]) for row in known if row["feature"] == BASE), None)
    causes = [row for row in known if row["feature"] not in (BASE, OTHER)]
    if base is None or not causes:
        return None
    causes.sort(key=lambda row: (-abs(float(row["contribution_usd"])), str(row["feature"])))
    rest = sum(float(row["contribution_usd"]) for row in known if row["feature"] == OTHER)
    rest += sum(float(row["contribution_usd"]) for row in causes[MOST:])
    steps = [(_label(row), float(row["contribution_usd"])) for row in causes[:MOST]]
    if round(rest) != 0:
        steps.append(("All else together", rest))
    total = base + sum(amount for _, amount in steps)
    value = figures.number("market_value_p50_usd")
    # A county of few sales is valued by a model of all of them.
    place = "all counties" if figures.raw("model_kind") == "pooled" else "the county"
    return {
        "picture": _picture(f"Median of {place}", base, steps, total),
        "place": place,
        # Said only where it is so: the sum is compared with the value itself.
        "adds_up": value is not None and abs(total - value) < 1.0,
        "figure": figures.shown("What drives the value", "", formats.usd(total), like=(MODEL,)),
    }


def _label(row: Mapping) -> str:
    feature = str(row["feature"])
    name = line(field_name(feature), 32) or ""
    if feature.startswith("zip_") and "ZIP" not in name:
        # Among the property's own features the area's must say whose they are.
        name = f"ZIP {name}"
    text = line(row.get("feature_value"), 24)
    return name[:1].upper() + name[1:] + (f": {text}" if text else "")


def _signed(amount: float) -> str:
    text = formats.usd(amount) or ""
    return text if text.startswith("-") or text == "$0" else f"+{text}"


def _picture(start: str, base: float, steps: list[tuple[str, float]], total: float) -> Markup:
    ends, at = [base], base
    for _, amount in steps:
        at += amount
        ends.append(at)
    low, high = min(ends), max(ends)
    room = (high - low) * 0.06 or max(abs(base) * 0.05, 1.0)
    low -= room
    span = high + room - low

    def x_of(value: float) -> float:
        return LABELS + (value - low) / span * (WIDTH - LABELS - AMOUNTS)

    listed = "; ".join(f"{label} {_signed(amount)}" for label, amount in steps)
    alt = (
        f"Contributions to the value, from the {start[0].lower()}{start[1:]}, {formats.usd(base)}: {listed}; "
        f"market value {formats.usd(total)}."
    )
    picture = svg.Picture(WIDTH, TOP + ROW * (len(steps) + 2) + 2, alt, "drivers")
    y = TOP
    _total_row(picture, start, base, x_of(base), y)
    for (label, amount), before, after in zip(steps, ends, ends[1:], strict=False):
        y += ROW
        colour = svg.GREEN if amount >= 0 else svg.RED
        picture.text(0, y + 11, label, 9.5)
        picture.line(x_of(before), y - 2, x_of(before), y + 3, svg.MUTED, 0.7)
        left, right = sorted((x_of(before), x_of(after)))
        picture.box(left, y + 3, max(right - left, 0.8), ROW - 5, colour)
        picture.text(WIDTH, y + 11, _signed(amount), 9.5, "end", colour, bold=True)
    _total_row(picture, "Market value (P50)", total, x_of(total), y + ROW)
    return picture.markup()


def _total_row(picture: svg.Picture, label: str, amount: float, x: float, y: float) -> None:
    picture.text(0, y + 11, label, 9.5, fill=svg.BLUE, bold=True)
    # A mark and no bar: the axis does not begin at 0.
    picture.line(x, y + 1, x, y + ROW - 1, svg.BLUE, 3)
    picture.text(WIDTH, y + 11, formats.usd(amount) or "", 9.5, "end", svg.BLUE, bold=True)
