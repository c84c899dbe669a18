"""How figures and codes are written on the pages: one way for all, and a dash for what is not known."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from realestate_assets.domain.board.context import LIST_NAMES, month_name
from realestate_assets.domain.core import formats
from realestate_assets.domain.memo.comparables import signed
from realestate_assets.domain.memo.context import STATUS_NAMES
from realestate_assets.domain.memo.facts import PROPERTY_TYPE_NAMES
from realestate_assets.domain.memo.sources import field_name
from realestate_assets.domain.scoring.reasons import STATUS_TEXTS

UNKNOWN = "–"
# What `address` reads of a row.
ADDRESS_FIELDS = ("street", "unit", "apn")
VALUE_STATUS = {"valued": "Valued", **STATUS_TEXTS}


def _or_unknown(write: Callable[..., str | None]) -> Callable[..., str]:
    def said(*values: Any) -> str:
        return write(*values) or UNKNOWN

    return said


usd = _or_unknown(formats.usd)
signed_usd = _or_unknown(signed)
percent = _or_unknown(formats.percent)
share = _or_unknown(formats.share)
probability = _or_unknown(formats.probability)
count = _or_unknown(formats.count)
decimal = _or_unknown(formats.decimal)
score = _or_unknown(formats.score)
compact = _or_unknown(formats.compact)
sqft = _or_unknown(formats.sqft)
yes_no = _or_unknown(formats.yes_no)
day = _or_unknown(formats.day)
iso_day = _or_unknown(formats.iso_day)


def text(value: object) -> str:
    """Text of unknown origin, or the dash."""
    return UNKNOWN if formats.is_missing(value) else str(value)


def plain(value: object) -> str:
    """A value of any kind as a person would write it into a form: no unit, no comma; or the dash."""
    if formats.is_missing(value):
        return UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def year(value: object) -> str:
    """A year without a comma in it."""
    return UNKNOWN if formats.is_missing(value) else str(int(float(str(value))))


def month(value: object) -> str:
    """`2015-05` -> May 2015."""
    return UNKNOWN if formats.is_missing(value) else month_name(str(value))


def moment(value: datetime | None) -> str:
    """A time as 2015-03-03 14:05 UTC."""
    return UNKNOWN if value is None else f"{value:%Y-%m-%d %H:%M} UTC"


def field(name: str) -> str:
    """A column's name as words, the first letter large."""
    words = str(field_name(name))
    return words[:1].upper() + words[1:]


def code(name: str, value: object) -> str:
    """The words for a code of a column; the code itself, as words, where there are none."""
    if formats.is_missing(value):
        return UNKNOWN
    names: Mapping[str, Mapping[str, str]] = {
        "offer_state": LIST_NAMES,
        "listing_status": STATUS_NAMES,
        "property_type": PROPERTY_TYPE_NAMES,
        "value_status": VALUE_STATUS,
    }
    plain = str(value).replace("_", " ").lower()
    known = names.get(name, {}).get(str(value))
    if name == "county":
        county, _, state = str(value).rpartition("-")
        return f"{county.replace('-', ' ').title()}, {state.upper()}"
    if name in ("zip", "city"):
        return str(value)
    return known or plain[:1].upper() + plain[1:]


def address(row: Mapping[str, Any]) -> str:
    """Street and unit, else the parcel's number."""
    parts = [str(row[name]) for name in ("street", "unit") if not formats.is_missing(row.get(name))]
    if parts:
        return " ".join(parts)
    return "Address not known" if formats.is_missing(row.get("apn")) else f"Parcel {row['apn']}"


def place(row: Mapping[str, Any]) -> str:
    """City, state and ZIP, as far as they are known."""
    city, rest = row.get("city"), [row.get("state"), row.get("zip")]
    tail = " ".join(str(part) for part in rest if not formats.is_missing(part))
    return ", ".join(part for part in ("" if formats.is_missing(city) else str(city), tail) if part)


def home(row: Mapping[str, Any]) -> str:
    """Bedrooms, bathrooms, area and year in one line."""
    found = [
        f"{formats.compact(row.get('bedrooms'))} bd" if row.get("bedrooms") is not None else None,
        f"{formats.compact(row.get('bathrooms'))} ba" if row.get("bathrooms") is not None else None,
        formats.sqft(row.get("living_area_sqft")),
        f"built {year(row['year_built'])}" if row.get("year_built") is not None else None,
    ]
    return " · ".join(part for part in found if part)


def parsed(value: object, otherwise: Any) -> Any:
    """What JSON kept as text says."""
    if isinstance(value, str):
        return json.loads(value)
    return otherwise if value is None else value
