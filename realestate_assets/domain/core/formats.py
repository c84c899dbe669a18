"""How figures are written for people: the one place that decides rounding, unit and separator.

Every function gives None for a missing value, so that a caller must decide what to say instead.
"""

import math
from collections.abc import Callable
from datetime import date, datetime


def is_missing(value: object) -> bool:
    """True for None, NaN, NaT, pandas' NA and empty text."""
    if value is None:
        return True
    try:
        return bool(value == "" or value != value)
    except TypeError:  # pandas.NA refuses to be a truth value
        return True


def _number(value: float, digits: int) -> str:
    # Adding 0.0 after rounding turns -0.0 into 0.0.
    return f"{round(float(value), digits) + 0.0:,.{digits}f}"


def usd(value: object) -> str | None:
    """1234567.8 -> $1,234,568; a negative amount as -$5,000."""
    if is_missing(value) or not math.isfinite(float(value)):
        return None
    text = _number(abs(float(value)), 0)
    return f"-${text}" if float(value) < 0 and text != "0" else f"${text}"


def percent(value: object, digits: int = 1) -> str | None:
    """A value already in per cent: 12.34 -> 12.3%."""
    return None if is_missing(value) else f"{_number(value, digits)}%"


def share(value: object, digits: int = 0) -> str | None:
    """A share: 0.055 -> 6%, with one digit 5.5%."""
    return None if is_missing(value) else percent(float(value) * 100, digits)


def probability(value: object) -> str | None:
    """A probability in whole per cent; no model makes anything certain: 0.998 -> >99%, 0.002 -> <1%."""
    if is_missing(value):
        return None
    found = float(value)
    return ">99%" if found > 0.99 else "<1%" if found < 0.01 else share(found)


def count(value: object) -> str | None:
    """A whole number: 12345.0 -> 12,345."""
    return None if is_missing(value) else _number(value, 0)


def decimal(value: object, digits: int = 2) -> str | None:
    """A plain number with fixed digits."""
    return None if is_missing(value) else _number(value, digits)


def compact(value: object) -> str | None:
    """As many digits as needed, at most two: 2.0 -> 2, 2.25 -> 2.25."""
    if is_missing(value):
        return None
    text = _number(value, 2)
    return text.rstrip("0").rstrip(".")


def sqft(value: object) -> str | None:
    """Area: 2570.0 -> 2,570 sq ft."""
    return None if is_missing(value) else f"{_number(value, 0)} sq ft"


def years(value: object) -> str | None:
    """Duration in whole years."""
    if is_missing(value):
        return None
    text = _number(value, 0)
    return f"{text} year" if text == "1" else f"{text} years"


def yes_no(value: object) -> str | None:
    """Yes, No, or None where unknown."""
    if is_missing(value):
        return None
    return "Yes" if value else "No"


def _as_date(value: object) -> date:
    if isinstance(value, str):
        return date.fromisoformat(value[:10])
    return value.date() if isinstance(value, datetime) else value


def iso_day(value: object) -> str | None:
    """A date as 2015-03-03, for narrow columns."""
    return None if is_missing(value) else _as_date(value).isoformat()


def day(value: object) -> str | None:
    """A date as 3 March 2015, without the locale of the machine."""
    if is_missing(value):
        return None
    value = _as_date(value)
    return f"{value.day} {MONTH_NAMES[value.month - 1]} {value.year}"


MONTH_NAMES = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

# The styles that reason texts name.
STYLES: dict[str, Callable[[object], str | None]] = {
    "percent": percent,
    "share": share,
    "probability": probability,
    "count": count,
    "decimal": decimal,
    "usd": usd,
    "years": years,
    "compact": compact,
}
