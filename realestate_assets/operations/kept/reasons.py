"""Why a home is recommended, in words: what it has in common with one that was saved."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from realestate_assets.domain.core.geo import haversine_miles

NEAR_MILES = 1.0
# Shares of the saved home's figure within which another one is alike.
ALIKE_AREA, ALIKE_PRICE = 0.15, 0.1
NOTHING = "by its description"


def reason_of(home: Mapping[str, Any], saved: Mapping[str, Any]) -> str:
    """As "like 12 ELM ST that you saved: townhouse, 3 beds, near it"."""
    name = saved.get("street") or "a home"
    return f"like {name} that you saved: {', '.join(_common(home, saved)) or NOTHING}"


def _common(home: Mapping[str, Any], saved: Mapping[str, Any]) -> list[str]:
    found = []
    if home["property_type"] is not None and home["property_type"] == saved["property_type"]:
        found.append(str(home["property_type"]).replace("_", " "))
    if home["bedrooms"] is not None and home["bedrooms"] == saved["bedrooms"]:
        found.append(f"{home['bedrooms']:g} bed{'s' * (home['bedrooms'] != 1)}")
    if _is_alike(home["living_area_sqft"], saved["living_area_sqft"], ALIKE_AREA):
        found.append("of its size")
    if _is_alike(home["asking_price_usd"], saved["asking_price_usd"], ALIKE_PRICE):
        found.append("at its price")
    if home["is_waterfront"] and saved["is_waterfront"]:
        found.append("on the water")
    if _is_near(home, saved):
        found.append("near it")
    elif home["zip"] is not None and home["zip"] == saved["zip"]:
        found.append(f"in {home['zip']} too")
    return found


def _is_alike(value: float | None, other: float | None, share: float) -> bool:
    return value is not None and other is not None and abs(value - other) <= share * abs(other)


def _is_near(home: Mapping[str, Any], saved: Mapping[str, Any]) -> bool:
    places = [each[name] for each in (home, saved) for name in ("latitude", "longitude")]
    if None in places:
        return False
    return bool(haversine_miles(*(np.asarray(place, dtype=float) for place in places)) <= NEAR_MILES)
