"""The sales grid of a memo: one column a comparable, one row a property of it or an adjustment."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from realestate_assets.domain.comparables.arv import value_as_is
from realestate_assets.domain.core import formats
from realestate_assets.domain.core.formats import is_missing
from realestate_assets.domain.memo.figures import Figures
from realestate_assets.domain.memo.map import map_plot
from realestate_assets.domain.memo.sources import SALES
from realestate_assets.domain.memo.text import joined, line
from realestate_assets.domain.scoring.reviews import LARGE_GROSS_PCT
from realestate_assets.domain.valuation.params import load_params

COMP_ROWS: tuple[tuple[str, str, Callable[[Any], str | None]], ...] = (
    ("Sold on", "comp_sale_date", formats.iso_day),
    ("Distance", "distance_mi", lambda v: "same area" if is_missing(v) else f"{formats.decimal(v)} mi"),
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
    ("Waterfront", "adj_waterfront_usd"),
    ("View", "adj_view_usd"),
    ("Location", "adj_location_usd"),
    ("Other attributes", "adj_other_usd"),
)


def comparable_grid(comparables: Sequence[Mapping], figures: Figures) -> dict | None:
    """The grid and the map; None without comparables."""
    comps = sorted(comparables, key=lambda comp: int(comp["comp_rank"]))
    if not comps:
        return None
    cells = [(label, [write(comp[name]) for comp in comps]) for label, name, write in COMP_ROWS]
    beds = [_bed_bath(comp["comp_bedrooms"], comp["comp_bathrooms"]) for comp in comps]
    cells.insert(3, ("Beds / baths", beds))
    subject = _subject(figures)
    rows = [{"label": label, "subject": subject.get(label), "cells": row} for label, row in cells]
    behind = figures.footnotes.behind((SALES,))
    cells_of = {label: [signed(comp.get(name)) for comp in comps] for label, name in ADJUSTMENT_ROWS}
    # Unknown to comparables made before the line was.
    known = {label: row for label, row in cells_of.items() if any(row)}
    idle = [label for label, row in known.items() if all(cell in (None, "$0") for cell in row)]
    return {
        "names": [_comp_name(comp) for comp in comps],
        "rows": rows,
        "adjustments": [{"label": label, "cells": row} for label, row in known.items() if label not in idle],
        # A row of nothing but $0 says no more than its name here.
        "not_adjusted": joined([label.lower() for label in idle]),
        "adjusted": [formats.usd(comp["adjusted_price_usd"]) for comp in comps],
        "repaired": [signed(comp.get("adj_repair_usd")) for comp in comps],
        "net": [formats.percent(comp.get("adj_net_pct")) for comp in comps],
        "gross": [formats.percent(comp["adj_gross_pct"]) for comp in comps],
        "weights": [formats.share(comp["weight"]) for comp in comps],
        "notes": _notes(comps),
        "reconciled": _reconciled(comps, figures),
        "is_simulated": any(bool(comp["is_simulated"]) for comp in comps),
        "sources": ", ".join(source.letter for source in behind),
        "arv": figures.usd("After-repair value", "arv_usd"),
        "arv_range": figures.range_of("Range", "arv_low_usd", "arv_high_usd"),
        "map": map_plot((figures.raw("latitude"), figures.raw("longitude")), comps),
    }


def signed(value: float | None) -> str | None:
    """An adjustment: its sign always shown, none on 0."""
    text = formats.usd(value)
    if text is None:
        return None
    return text if text == "$0" or text.startswith("-") else f"+{text}"


def _notes(comps: Sequence[Mapping]) -> list[str]:
    """What a reader must know of the choice: large adjustments, other classes, caps."""
    large = [k for k, comp in enumerate(comps, 1) if float(comp["adj_gross_pct"]) > LARGE_GROSS_PCT]
    found = []
    if large:
        limit = formats.percent(LARGE_GROSS_PCT, 0)
        found.append(
            f"Adjusted by more than {limit} of the price, and used since fewer than three sales are closer: "
            f"{joined(_numbered(large))}."
        )
    unlike = [
        f"No. {k} ({comp['mismatches']})"
        for k, comp in enumerate(comps, 1)
        if not is_missing(comp.get("mismatches"))
    ]
    if unlike:
        found.append(f"Of another class than this home, for want of three alike: {joined(unlike)}.")
    capped = [
        f"No. {k} ({formats.usd(comp['adj_capped_usd'])})"
        for k, comp in enumerate(comps, 1)
        if not is_missing(comp.get("adj_capped_usd")) and float(comp["adj_capped_usd"]) >= 1.0
    ]
    if capped:
        found.append(f"Adjustments cut by their caps: {joined(capped)}.")
    return found


def _numbered(places: Sequence[int]) -> list[str]:
    return [f"No. {place}" for place in places]


def _reconciled(comps: Sequence[Mapping], figures: Figures) -> str | None:
    """Value as is, repairs, ARV: one line that adds up to the dollar."""
    value, arv = figures.number("market_value_p50_usd"), figures.number("arv_usd")
    if value is None or arv is None:
        return None
    prices = np.array([float(comp["adjusted_price_usd"]) for comp in comps])
    weights = np.array([float(comp["weight"]) for comp in comps])
    said = float(np.exp((weights * np.log(prices)).sum() / weights.sum()))
    share = load_params().comparables.arv_comparables_weight
    as_is, value, arv = round(float(value_as_is(value, said, share))), round(value), round(arv)
    return (
        f"Value as is {formats.usd(as_is)} (market value {formats.usd(value)}; the comparables say "
        f"{formats.usd(round(said))} and have {formats.share(share)} of the weight) {_plus(arv - as_is)} "
        f"(repairs to good condition) = after-repair value {formats.usd(arv)}."
    )


def _plus(amount: float) -> str:
    return f"{'-' if amount < 0 else '+'} {formats.usd(abs(amount))}"


def _subject(figures: Figures) -> dict[str, str | None]:
    year = figures.number("year_built")
    return {
        "Living area, sq ft": formats.count(figures.raw("living_area_sqft")),
        "Built": None if year is None else str(int(year)),
        "Beds / baths": _bed_bath(figures.raw("bedrooms"), figures.raw("bathrooms")),
    }


def _comp_name(comp: Mapping) -> str:
    street, parcel, code = (line(comp.get(f"comp_{name}"), 40) for name in ("street", "apn", "zip"))
    within = f"ZIP {code}" if code else None
    if street or not parcel:
        return street or within or "Address not known"
    return f"Parcel {parcel}" + (f", {within}" if within else "")


def _bed_bath(bedrooms: float | None, bathrooms: float | None) -> str | None:
    parts = formats.compact(bedrooms), formats.compact(bathrooms)
    return " / ".join(part or "?" for part in parts) if any(parts) else None
