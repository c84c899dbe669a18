"""What became of a county's offers: how far prices, intervals and chances came true, and the worst misses."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from realestate_assets.domain.core import formats
from realestate_assets.domain.core.svg import BLUE, INK, MUTED, RULE, Picture
from realestate_assets.domain.counties.county import County
from realestate_assets.domain.offers.params import GainParams

RETROSPECTIVE = "retrospective"
# Misses that are told by name, and groups of the reliability picture.
MISSES, GROUPS = 12, 5
# Fewer purchases say nothing of a chance of a few in a hundred.
MIN_CASES = 50
# Half width of a 95 % interval in standard deviations.
Z_95 = 1.959964
WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 420, 260, 48, 40, 16


def wilson(hits: int, cases: int) -> tuple[float, float]:
    """95 % interval of a share. Source: E. B. Wilson, JASA 22 (1927), 209-212."""
    share, extra = hits / cases, Z_95**2 / cases
    middle = (share + extra / 2) / (1 + extra)
    half = Z_95 * np.sqrt(share * (1 - share) / cases + extra / (4 * cases)) / (1 + extra)
    return float(middle - half), float(middle + half)


def build_outcomes(
    county: County, purchases: Sequence[Mapping], last_day: str, params: GainParams, template_version: str
) -> dict[str, Any]:
    """The page of one county.

    Args:
        county: whose offers.
        purchases: one row a home that stood on a board and was sold: month of the board, property, links,
            asking_price_usd, market_value_p10/p50/p90_usd, likely_sale_p10/p50/p90_usd, gain_probability,
            offer_state, is_top_tenth, is_simulated, sale_price_usd, sale_date, resale_price_usd, resale_date.
        last_day: last day that anything is known of, ISO; what was sold within the horizon before it has not
            had its time to gain.
        params: horizon and ratio of a gain.
        template_version: hash of the templates.
    """
    sold = _first_offers(pd.DataFrame.from_records([dict(row) for row in purchases]))
    page: dict[str, Any] = {
        "county": f"{county.name}, {county.state}",
        "template_version": template_version,
        "months": None,
        "is_back_test": False,
        "simulated": False,
        "groups": [],
    }
    if sold.empty:
        return page
    told = _with_gains(sold, last_day, params)
    groups = [("All that were sold", told), ("Top tenth of each month by score", told[told["is_top_tenth"]])]
    return page | {
        "months": f"{told['month'].min()} to {told['month'].max()}",
        "is_back_test": bool((told["offer_state"] == RETROSPECTIVE).all()),
        "simulated": bool(told["is_simulated"].any()),
        "horizon_days": params.horizon_days,
        "gain_ratio": formats.decimal(params.gain_ratio, 2),
        "groups": [_group(name, rows) for name, rows in groups if len(rows)],
        "reliability": _reliability(told),
        "misses": _misses(told),
    }


def _first_offers(sold: pd.DataFrame) -> pd.DataFrame:
    """A home that stood on several boards before one sale is one deal, by the first of them."""
    if sold.empty:
        return sold
    ordered = sold.sort_values(["property_id", "sale_date", "month"], kind="stable")
    return ordered.drop_duplicates(["property_id", "sale_date"]).reset_index(drop=True)


def _with_gains(sold: pd.DataFrame, last_day: str, params: GainParams) -> pd.DataFrame:
    """The purchases with `is_watched` (its time to gain is over), `gained` and `gain_pct`."""
    bought, resold = (pd.to_datetime(sold[name]) for name in ("sale_date", "resale_date"))
    ask = sold["asking_price_usd"].astype(float)
    ratio = sold["resale_price_usd"].astype(float) / ask
    in_time = (resold - bought).dt.days <= params.horizon_days
    gained = in_time & (ratio >= params.gain_ratio)
    # Those that gained early are no sample of all whose time has yet to end.
    over = (pd.Timestamp(last_day) - bought).dt.days >= params.horizon_days
    return sold.assign(gained=gained, is_watched=over, gain_pct=(100 * (ratio - 1)).where(gained)).astype(
        {"is_top_tenth": bool}
    )


def _median_ratio(top: pd.Series, bottom: pd.Series) -> str | None:
    ratio = (top.astype(float) / bottom.astype(float)).dropna()
    return formats.decimal(float(ratio.median()), 3) if len(ratio) else None


def _held(rows: pd.DataFrame, stem: str) -> str | None:
    """Share of the sale prices between P10 and P90 of a value."""
    low, high = (rows[f"{stem}_{end}_usd"].astype(float) for end in ("p10", "p90"))
    price, known = rows["sale_price_usd"].astype(float), low.notna() & high.notna()
    return formats.share(float(price.between(low, high)[known].mean())) if known.any() else None


def _group(name: str, rows: pd.DataFrame) -> dict[str, Any]:
    price, watched = rows["sale_price_usd"], rows[rows["is_watched"]]
    gains, in_time = int(rows["gained"].sum()), int(watched["gained"].sum())
    cells = (
        ("Sold", formats.count(len(rows))),
        ("Sale / ask", _median_ratio(price, rows["asking_price_usd"])),
        ("Sale / likely sale value", _median_ratio(price, rows["likely_sale_p50_usd"])),
        ("P10-P90 of it held", _held(rows, "likely_sale")),
        ("Sale / market value", _median_ratio(price, rows["market_value_p50_usd"])),
        ("P10-P90 of it held", _held(rows, "market_value")),
        ("Resold with the gain so far", formats.count(gains)),
        ("Median gain", formats.percent(float(rows["gain_pct"].median())) if gains else None),
        ("Sold long enough ago", formats.count(len(watched))),
        ("Of these resold so", formats.percent(100 * in_time / len(watched)) if len(watched) else None),
    )
    return {"name": name, "cells": [(label, text or "–") for label, text in cells]}


def _reliability(rows: pd.DataFrame) -> Markup | None:
    """Picture of the chance told against the share that gained, by fifths; None without enough cases."""
    # A retrospective row was told no chance, whatever stands in the table.
    known = rows[
        rows["is_watched"] & rows["gain_probability"].notna() & (rows["offer_state"] != RETROSPECTIVE)
    ]
    if len(known) < MIN_CASES:
        return None
    ordered = known.sort_values("gain_probability", kind="stable")
    points = []
    for part in np.array_split(np.arange(len(ordered)), GROUPS):
        own = ordered.iloc[part]
        hits = int(own["gained"].sum())
        chance = float(own["gain_probability"].astype(float).mean())
        points.append((chance, hits / len(own), *wilson(hits, len(own))))
    highest = max(max(point) for point in points) * 1.05
    told = "; ".join(f"{100 * p[0]:.1f} told, {100 * p[1]:.1f} came" for p in points)
    picture = Picture(WIDTH, HEIGHT, f"Chance of a gain, of 100, by fifths: {told}", "reliability")

    def at(x: float, y: float) -> tuple[float, float]:
        return (
            LEFT + (WIDTH - LEFT - 16) * x / highest,
            HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * y / highest,
        )

    picture.line(*at(0, 0), *at(highest, highest), stroke=RULE, dash="4 3")
    picture.line(*at(0, 0), *at(highest, 0), stroke=INK)
    picture.line(*at(0, 0), *at(0, highest), stroke=INK)
    for chance, share, low, high in points:
        picture.line(*at(chance, max(low, 0)), *at(chance, high), stroke=MUTED, width=1.5)
        picture.dot(*at(chance, share), 4, BLUE)
    for end in (0.0, highest):
        text = f"{100 * end:.0f}"
        picture.text(at(end, 0)[0], HEIGHT - BOTTOM + 14, text, anchor="middle", fill=MUTED)
        picture.text(LEFT - 6, at(0, end)[1] + 3, text, anchor="end", fill=MUTED)
    picture.text(at(highest / 2, 0)[0], HEIGHT - 8, "of 100, as told", anchor="middle", fill=MUTED)
    picture.text(LEFT, TOP - 5, "of 100, as it came (with 95 % interval)", fill=MUTED)
    return picture.markup()


def _misses(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """The sales furthest from what was told: the likely sale value, else the market value."""
    told = rows["likely_sale_p50_usd"].astype(float).fillna(rows["market_value_p50_usd"].astype(float))
    off = np.log(rows["sale_price_usd"].astype(float) / told)
    worst = off.abs().sort_values(ascending=False, kind="stable").dropna().index[:MISSES]
    return [
        {
            "property": row["property"],
            "month": row["month"],
            "link": row["link"],
            "ask": formats.usd(row["asking_price_usd"]),
            "told": formats.usd(float(told[at])),
            "sold": formats.usd(row["sale_price_usd"]),
            "sold_on": formats.iso_day(row["sale_date"]),
            "off": formats.percent(100 * float(np.expm1(off[at]))),
        }
        for at, row in zip(worst, rows.loc[worst].to_dict("records"), strict=True)
    ]
