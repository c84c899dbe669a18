"""Pictures of the pages as plain numbers: where bars and lines lie, in per cent of a box.

The templates draw them as SVG that is stretched to its place; words stand beside them as text, so that they
stay readable on a phone.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from realestate_assets.domain.core import formats
from realestate_assets.service.pages import say

ROOM = 0.08


class Scale:
    """Maps figures to 0 to 100 between the least and the most of them, with some room at both ends."""

    def __init__(self, values: Sequence[float | None]) -> None:
        known = [number for value in values if (number := formats.known(value)) is not None]
        low, high = (min(known), max(known)) if known else (0.0, 1.0)
        room = (high - low) * ROOM or abs(high) * ROOM or 1.0
        self.low, self.span = low - room, high - low + 2 * room

    def at(self, value: float) -> float:
        """The place of a figure."""
        return round(100 * (float(value) - self.low) / self.span, 2)


def value_band(row: Mapping[str, Any]) -> dict[str, Any] | None:
    """Value with its interval, likely sale and ask on one scale; None without a value."""
    marks = {name: formats.known(row.get(column)) for name, column in MARKS.items()}
    if marks["p50"] is None:
        return None
    scale = Scale(list(marks.values()))
    return {name: None if value is None else scale.at(value) for name, value in marks.items()}


MARKS = {
    "p10": "market_value_p10_usd",
    "p50": "market_value_p50_usd",
    "p90": "market_value_p90_usd",
    "sale10": "likely_sale_p10_usd",
    "sale50": "likely_sale_p50_usd",
    "sale90": "likely_sale_p90_usd",
    "ask": "asking_price_usd",
}


def drivers(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each step from the county's median to the value, with the ends of its bar.

    Start and end are marks and no bars: the axis does not begin at 0.
    """
    known = [row for row in rows if not formats.is_missing(row["contribution_usd"])]
    base = next((row for row in known if row["kind"] == "base"), None)
    if base is None:
        return []
    steps = [row for row in known if row["kind"] != "base"]
    ends = [float(base["contribution_usd"])]
    for row in steps:
        ends.append(ends[-1] + float(row["contribution_usd"]))
    scale = Scale(ends)
    found = [_whole("Median home of the model's sales", ends[0], scale)]
    for row, before, after in zip(steps, ends, ends[1:], strict=False):
        left, right = sorted((scale.at(before), scale.at(after)))
        found.append(
            {
                "label": "All else together" if row["kind"] == "other" else say.field(row["feature"]),
                "value": row["feature_value"],
                "amount": say.signed_usd(row["contribution_usd"]),
                "left": left,
                "width": max(round(right - left, 2), 0.4),
                "kind": "gain" if after >= before else "loss",
            }
        )
    return [*found, _whole("Market value", ends[-1], scale)]


def _whole(label: str, amount: float, scale: Scale) -> dict[str, Any]:
    left, text = scale.at(amount) - 0.5, say.usd(amount)
    return {"label": label, "value": None, "amount": text, "left": left, "width": 1, "kind": "whole"}


def history(months: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Lines of ask and value and the band of the value over the months; None where there is one month."""
    rows = [row for row in reversed(months) if not formats.is_missing(row["market_value_p50_usd"])]
    if len(rows) < 2:
        return None
    names = ("market_value_p10_usd", "market_value_p50_usd", "market_value_p90_usd", "asking_price_usd")
    scale = Scale([row[name] for row in rows for name in names])
    step = 100 / (len(rows) - 1)

    def points(name: str) -> list[str]:
        return [
            f"{round(place * step, 2)},{round(100 - scale.at(row[name]), 2)}"
            for place, row in enumerate(rows)
            if not formats.is_missing(row[name])
        ]

    band = points(names[0]) + points(names[2])[::-1]
    return {
        "band": " ".join(band),
        "value": " ".join(points(names[1])),
        "ask": " ".join(points(names[3])),
        "first": say.month(rows[0]["month"]),
        "last": say.month(rows[-1]["month"]),
        "low": say.usd(scale.low),
        "high": say.usd(scale.low + scale.span),
    }


def line(values: Sequence[float]) -> str | None:
    """Points of a line through figures, oldest first; None where there are fewer than two."""
    if len(values) < 2:
        return None
    scale, step = Scale(list(values)), 100 / (len(values) - 1)
    return " ".join(f"{round(k * step, 2)},{round(100 - scale.at(v), 2)}" for k, v in enumerate(values))
