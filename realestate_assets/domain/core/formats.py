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


def known(value: float | None) -> float | None:
    """A number of a row; None where it is missing."""
    return None if value is None or is_missing(value) else float(value)


def _number(value: float, digits: int) -> str:
    # Adding 0.0 after rounding turns -0.0 into 0.0.
    return f"{round(value, digits) + 0.0:,.{digits}f}"


def usd(value: float | None) -> str | None:
    """1234567.8 -> $1,234,568; a negative amount as -$5,000."""
    amount = known(value)
    if amount is None or not math.isfinite(amount):
        return None
    text = _number(abs(amount), 0)
    return f"-${text}" if amount < 0 and text != "0" else f"${text}"


def percent(value: float | None, digits: int = 1) -> str | None:
    """A value already in per cent: 12.34 -> 12.3%."""
    text = decimal(value, digits)
    return None if text is None else f"{text}%"


def share(value: float | None, digits: int = 0) -> str | None:
    """A share: 0.055 -> 6%, with one digit 5.5%."""
    found = known(value)
    return None if found is None else percent(found * 100, digits)


def probability(value: float | None) -> str | None:
    """A probability in whole per cent; no model makes anything certain: 0.998 -> >99%, 0.002 -> <1%."""
    found = known(value)
    if found is None:
        return None
    return ">99%" if found > 0.99 else "<1%" if found < 0.01 else share(found)


def of_a_hundred(value: float | None) -> str | None:
    """How many of 100, with one digit: 0.034 -> 3.4; seldom is not never: 0.0002 -> under 0.1."""
    found = known(value)
    if found is None:
        return None
    return "under 0.1" if 100 * found < 0.1 else decimal(100 * found, 1)


def count(value: float | None) -> str | None:
    """A whole number: 12345.0 -> 12,345."""
    return decimal(value, 0)


def decimal(value: float | None, digits: int = 2) -> str | None:
    """A plain number with fixed digits."""
    found = known(value)
    return None if found is None else _number(found, digits)


def cut_score(value: float) -> float:
    """One decimal, cut and not rounded: 79.96 is of the class below 80 and must not read as 80.0."""
    return math.floor(float(value) * 10) / 10


def score(value: float | None) -> str | None:
    """79.96 -> 79.9; see `cut_score`."""
    found = known(value)
    return None if found is None else decimal(cut_score(found), 1)


def compact(value: float | None) -> str | None:
    """As many digits as needed, at most two: 2.0 -> 2, 2.25 -> 2.25."""
    text = decimal(value, 2)
    return None if text is None else text.rstrip("0").rstrip(".")


def sqft(value: float | None) -> str | None:
    """Area: 2570.0 -> 2,570 sq ft."""
    text = count(value)
    return None if text is None else f"{text} sq ft"


def years(value: float | None) -> str | None:
    """Duration in whole years."""
    text = count(value)
    if text is None:
        return None
    return f"{text} year" if text == "1" else f"{text} years"


def yes_no(value: bool | float | None) -> str | None:
    """Yes, No, or None where unknown."""
    if is_missing(value):
        return None
    return "Yes" if value else "No"


def full_date(value: date) -> str:
    """A date as 3 March 2015, without the locale of the machine."""
    return f"{value.day} {MONTH_NAMES[value.month - 1]} {value.year}"


def _as_date(value: date | str | None) -> date | None:
    if value is None or is_missing(value):
        return None
    if isinstance(value, str):
        return date.fromisoformat(value[:10])
    return value.date() if isinstance(value, datetime) else value


def iso_day(value: date | str | None) -> str | None:
    """A date as 2015-03-03, for narrow columns."""
    found = _as_date(value)
    return None if found is None else found.isoformat()


def day(value: date | str | None) -> str | None:
    """A date of a row as 3 March 2015."""
    found = _as_date(value)
    return None if found is None else full_date(found)


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

Style = Callable[[float | None], str | None]

# The styles that reason texts name.
STYLES: dict[str, Style] = {
    "percent": percent,
    "share": share,
    "probability": probability,
    "of_a_hundred": of_a_hundred,
    "count": count,
    "decimal": decimal,
    "usd": usd,
    "years": years,
    "compact": compact,
}
