"""Filters said in a search sentence: "brick craftsman near water under 600k" -> at most 600,000 USD.

Only plain figures of price and bedrooms are understood; everything else stays in the sentence and is
embedded. A figure counts as a price when it has a dollar sign, k, m or million, or is 10,000 or more, and is
not followed by a unit of length or area.
"""

import re
from dataclasses import dataclass

_NUMBER = r"(?P<{0}_sign>\$\s*)?(?P<{0}>\d[\d,]*(?:\.\d+)?)\s*(?P<{0}_unit>k|thousand|m|mil|mio|million)?"
_END = r"(?![\w.]|\s*(?:sq|square|ft|feet|foot|acre|mile|mi\b|meter|metre|m2|year|bed|br\b|bath|minute))"
_USD = r"(?:\s*(?:usd|dollars))?"
_UPPER = re.compile(
    r"\b(?:under|below|less than|at most|up to|max(?:imum)?|cheaper than|no more than)\s+"
    + _NUMBER.format("high")
    + _USD
    + _END,
    re.IGNORECASE,
)
_LOWER = re.compile(
    r"\b(?:over|above|more than|at least|from|min(?:imum)?|starting at)\s+"
    + _NUMBER.format("low")
    + _USD
    + _END,
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    r"\b(?:between|from)\s+"
    + _NUMBER.format("low")
    + r"\s*(?:and|to|-|–)\s*"
    + _NUMBER.format("high")
    + _USD
    + _END,
    re.IGNORECASE,
)
_BEDROOMS = re.compile(
    r"\b(?:at least\s+|minimum\s+)?(?P<count>\d{1,2}|one|two|three|four|five|six)\s*\+?[\s-]*"
    r"(?:bed(?:room)?s?|brs?|bds?)\b",
    re.IGNORECASE,
)
_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_FACTORS = {"k": 1e3, "thousand": 1e3, "m": 1e6, "mil": 1e6, "mio": 1e6, "million": 1e6}
MIN_BARE_PRICE_USD = 10_000


@dataclass(frozen=True)
class ParsedQuery:
    """A sentence without its filters, and the filters; null where none was said."""

    text: str
    min_price: float | None = None
    max_price: float | None = None
    min_bedrooms: float | None = None


def _price(match: re.Match[str], name: str, shared_unit: str | None = None) -> float | None:
    amount = float(match[name].replace(",", ""))
    unit = match[f"{name}_unit"] or shared_unit
    value = amount * _FACTORS[unit.lower()] if unit else amount
    is_price = bool(match[f"{name}_sign"]) or bool(unit) or value >= MIN_BARE_PRICE_USD
    return value if is_price and value > 0 else None


def _take(pattern: re.Pattern[str], text: str, names: tuple[str, ...]) -> tuple[str, dict[str, float]]:
    """The first match that holds prices, cut out of the text."""
    for match in pattern.finditer(text):
        # In "between 300 and 600k" the unit belongs to both.
        shared = match["high_unit"] if len(names) == 2 else None
        prices = {name: _price(match, name, shared) for name in names}
        found = {name: price for name, price in prices.items() if price is not None}
        if len(found) == len(names):
            return f"{text[: match.start()]} {text[match.end() :]}", found
    return text, {}


def parse_query(sentence: str) -> ParsedQuery:
    """Split a sentence into the words to embed and the filters it names.

    A sentence of nothing but filters keeps its words, because an empty text has no meaning to search by.
    """
    text, prices = _take(_BETWEEN, sentence, ("low", "high"))
    if not prices:
        text, upper = _take(_UPPER, text, ("high",))
        text, lower = _take(_LOWER, text, ("low",))
        prices = {**upper, **lower}
    bedrooms = None
    if match := _BEDROOMS.search(text):
        # The words stay: bedrooms stand in the embedded text as well.
        word = match["count"].lower()
        bedrooms = float(_WORDS.get(word) or word)
    low, high = prices.get("low"), prices.get("high")
    if low is not None and high is not None and low > high:
        low, high = high, low
    text = re.sub(r"\s+", " ", text).strip(" ,.;")
    return ParsedQuery(text or sentence.strip(), low, high, bedrooms)
