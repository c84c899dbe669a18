"""Figures with their units and comparisons: "under 1.2m", "at least 2,000 sq ft", "3+ bed"."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from realestate_assets.domain.search.tokens import Token, phrase_at
from realestate_assets.domain.search.vocabulary import (
    ABOUT,
    AT_LEAST,
    AT_MOST,
    COMPARISONS,
    EXACT,
    FRACTIONS,
    LESS,
    MORE,
    NUMBER_WORDS,
    POWERS,
    SUFFIXES,
    UNITS,
)

ABOUT_SHARE = 0.1
# "100 m" is a length: nobody asks for homes of a hundred million.
MAX_MILLIONS = 100
WHOLE = frozenset({"bedrooms", "bathrooms", "cars", "stories", "days", "years", "year"})


@dataclass(frozen=True)
class Amount:
    """One figure: its value in the column's unit, what it measures, whether a power or $ stands by it."""

    value: float
    end: int
    unit: str = ""
    is_money: bool = False
    has_plus: bool = False
    power: float = 1.0
    factor: float = 1.0


@dataclass(frozen=True)
class Bound:
    """What a phrase allows, both ends included; `compared` is how it was said, empty for a bare figure."""

    low: float | None
    high: float | None
    unit: str
    is_money: bool
    compared: str
    end: int


def amount_at(tokens: Sequence[Token], at: int) -> Amount | None:
    """The figure that begins at a token."""
    tokens = list(tokens)
    has_sign = at < len(tokens) and tokens[at].text == "$"
    value, at = _value(tokens, at + has_sign)
    if value is None:
        return None
    if at < len(tokens) and tokens[at].text == "s" and tokens[at - 1].end == tokens[at].start:
        return None
    amount = Amount(value, at, is_money=has_sign)
    amount = _with_unit(tokens, _with_power(tokens, amount))
    return amount if amount.value > 0 or amount.unit == "bedrooms" else None


def _value(tokens: list[Token], at: int) -> tuple[float | None, int]:
    if at >= len(tokens):
        return None, at
    if tokens[at].value is not None:
        return tokens[at].value, at + 1
    if tokens[at].text in NUMBER_WORDS:
        return NUMBER_WORDS[tokens[at].text], at + 1
    if fraction := phrase_at(tokens, at, FRACTIONS):
        value, end = fraction
        unit = phrase_at(tokens, end, UNITS)
        if (end < len(tokens) and tokens[end].text in ("million", "mil")) or (unit and unit[0][0] == "land"):
            return value, end
    return None, at


def _with_power(tokens: list[Token], amount: Amount) -> Amount:
    if phrase_at(tokens, amount.end, UNITS) or amount.end >= len(tokens):
        return amount
    power = POWERS.get(tokens[amount.end].text)
    if power is None or (power == POWERS["m"] and amount.value >= MAX_MILLIONS):
        return amount
    return replace(amount, value=amount.value * power, is_money=True, power=power, end=amount.end + 1)


def _with_unit(tokens: list[Token], amount: Amount) -> Amount:
    end = amount.end
    has_plus = end < len(tokens) and tokens[end].text == "+"
    end += has_plus
    is_joined = end < len(tokens) and tokens[end].text == "-"
    unit = phrase_at(tokens, end + is_joined, UNITS)
    if unit is None:
        return replace(amount, has_plus=has_plus, end=end)
    (kind, factor), end = unit
    has_plus = has_plus or (end < len(tokens) and tokens[end].text == "+")
    end += end < len(tokens) and tokens[end].text == "+"
    return replace(
        amount,
        value=amount.value * factor,
        unit="" if kind == "price" else kind,
        is_money=amount.is_money or kind == "price",
        has_plus=has_plus,
        factor=factor,
        end=end,
    )


def bound_at(tokens: Sequence[Token], at: int) -> Bound | None:
    """The figure or range, with its comparison, that begins at a token."""
    tokens = list(tokens)
    between = _range_at(tokens, at)
    if between:
        return between
    compared = phrase_at(tokens, at, COMPARISONS)
    how, start = compared if compared else ("", at)
    # "budget of under 500k", "price: 500k"
    if compared and (second := phrase_at(tokens, start, COMPARISONS)):
        how, start = second
    amount = amount_at(tokens, start)
    if amount is None:
        return None
    end = amount.end
    if not how and amount.has_plus:
        how = AT_LEAST
    elif not how and (suffix := phrase_at(tokens, end, SUFFIXES)):
        how, end = suffix
    return _bound(how, amount, end)


def _range_at(tokens: list[Token], at: int) -> Bound | None:
    opening = tokens[at].text if at < len(tokens) else ""
    first = amount_at(tokens, at + (opening in ("between", "from")))
    if first is None or first.end >= len(tokens):
        return None
    joining = tokens[first.end].text
    second = amount_at(tokens, first.end + 1)
    if second is None or (first.unit and first.unit != second.unit):
        return None
    is_choice = joining == "or" and second.unit in WHOLE
    is_between = joining == "and" and opening == "between"
    if joining not in ("-", "–", "—", "to") and not is_choice and not is_between:
        return None
    low, high = first.value, second.value
    if not first.unit and second.unit:
        low *= second.factor
    if first.power == 1 and second.power > 1 and not first.unit and first.value < second.value / second.power:
        # "400 to 600k"
        low *= second.power
    low, high = min(low, high), max(low, high)
    return Bound(low, high, second.unit, first.is_money or second.is_money, "range", second.end)


def _bound(how: str, amount: Amount, end: int) -> Bound:
    value, unit = amount.value, amount.unit
    low: float | None = None
    high: float | None = None
    if how == AT_LEAST:
        low = value
    elif how == AT_MOST:
        high = value
    elif how == MORE:
        low = math.floor(value) + 1 if unit in WHOLE else value
    elif how == LESS:
        high = math.ceil(value) - 1 if unit in WHOLE else value
    elif how == ABOUT:
        low, high = value * (1 - ABOUT_SHARE), value * (1 + ABOUT_SHARE)
    else:
        low = high = value
    return Bound(low, high, unit, amount.is_money, how, end)


def strict(bound: Bound) -> Bound:
    """The bound of whole numbers without a unit, such as years: "after 2010" begins with 2011."""
    if bound.unit in WHOLE:
        return bound
    if bound.compared == MORE and bound.low is not None:
        return replace(bound, low=math.floor(bound.low) + 1.0)
    if bound.compared == LESS and bound.high is not None:
        return replace(bound, high=math.ceil(bound.high) - 1.0)
    return bound


def is_bare(bound: Bound) -> bool:
    """True for a figure that stands without a comparison."""
    return bound.compared == ""


def is_exact(bound: Bound) -> bool:
    """True for a figure said to be meant exactly."""
    return bound.compared == EXACT
