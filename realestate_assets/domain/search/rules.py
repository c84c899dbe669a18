"""The rules of the grammar: what a phrase that begins at a token says. Each looks at a few tokens."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from realestate_assets.domain.search.amounts import AT_MOST, LESS, Bound, amount_at, bound_at, strict
from realestate_assets.domain.search.facts import Circle, Fact, Wish
from realestate_assets.domain.search.places import LANDMARK, NEAR_MILES, Gazetteer
from realestate_assets.domain.search.times import age_at, days_offered_at, decades_at, sale_days_at, year_at
from realestate_assets.domain.search.tokens import Token, phrase_at
from realestate_assets.domain.search.vocabulary import (
    COMPARISONS,
    FEATURES,
    HEADS,
    KEPT_WORDS,
    NEAR,
    NEGATORS,
    SOLD,
    STATUSES,
    TYPES,
    WISHES,
)

MIN_BARE_PRICE_USD = 10_000
ZIP_DIGITS = 5
COUNTS = {"bedrooms": "bedrooms", "bathrooms": "bathrooms", "cars": "garage_spaces", "stories": "stories"}
SMALL_WORDS = frozenset(
    {"a", "an", "any", "in", "on", "the", "with", "that", "want", "need", "for", "one", "is"}
)
LAND_AFTER = (("of", "land"), ("of", "lot"), ("lot",), ("lots",), ("land",))
NOT_NEEDED = (("needed",), ("required",), ("necessary",))
A_MONTH = (("a", "month"), ("per", "month"), ("/", "month"), ("monthly",), ("/", "mo"))
ENDLESS = 1e11


@dataclass(frozen=True)
class Found:
    """What a phrase says, and the token after it; `is_kept` where its words are worth to the ranking too."""

    end: int
    facts: tuple[Fact, ...] = ()
    wish: Wish | None = None
    is_kept: bool = False


@dataclass(frozen=True)
class Setting:
    """What a sentence is read by: the day it is said and the places there are."""

    today: date
    places: Gazetteer


def found_at(tokens: list[Token], at: int, setting: Setting) -> Found | None:
    """What begins at a token by the first rule that fits; figures come before negations ("no more than")."""
    for rule in RULES:
        if (found := rule(tokens, at, setting)) is not None:
            return found
    return None


def _follows(tokens: list[Token], at: int, phrases: tuple[tuple[str, ...], ...]) -> int:
    """The token after the first of these phrases that stands here, or the same token."""
    for phrase in phrases:
        if tuple(token.text for token in tokens[at : at + len(phrase)]) == phrase:
            return at + len(phrase)
    return at


def _number(end: int, field: str, low: float | None, high: float | None) -> Found | None:
    given = [each for each in (low, high) if each is not None]
    return Found(end, (Fact(field, "", low, high),)) if given and max(given) < ENDLESS else None


def _sale(tokens: list[Token], at: int, setting: Setting) -> Found | None:
    is_recent = tokens[at].text in ("recently", "just")
    start = at + is_recent
    if start >= len(tokens) or tokens[start].text != "sold":
        return None
    low, high, end = sale_days_at(tokens, start + 1, setting.today)
    if is_recent and low is None and high is None:
        low, high, _ = sale_days_at([replace(tokens[at], text="recently")], 0, setting.today)
    facts = [Fact("status", "", values=(SOLD,))]
    if low is not None or high is not None:
        facts.append(Fact("sale_day", "", low, high))
    return Found(end, tuple(facts))


def _offered(tokens: list[Token], at: int, setting: Setting) -> Found | None:
    span = days_offered_at(tokens, at)
    return _number(span[2], "days_on_market", span[0], span[1]) if span else None


def _years(tokens: list[Token], at: int, setting: Setting) -> Found | None:
    span = decades_at(tokens, at) or age_at(tokens, at, setting.today)
    return _number(span[2], "year_built", span[0], span[1]) if span else None


def _garage(tokens: list[Token], at: int, setting: Setting) -> Found | None:
    if tokens[at].text not in ("garage", "garages"):
        return None
    start = at + 1 + (at + 1 < len(tokens) and tokens[at + 1].text in ("for", "with"))
    bound = bound_at(tokens, start)
    if bound is None or bound.unit != "cars":
        return None
    return _number(bound.end, "garage_spaces", *_bounds(bound, "garage_spaces"))


def _headed(tokens: list[Token], at: int, setting: Setting) -> Found | None:
    """A figure whose column is named before it: "lot over 12000", "hoa max 200", "built after 2010"."""
    head = phrase_at(tokens, at, HEADS)
    if head is None:
        return None
    field, start = head
    while start < len(tokens) and tokens[start].text in (":", "of", "is"):
        start += 1
    if field in ("year_built", "year_renovated"):
        span = year_at(tokens, start)
        return _number(span[2], field, span[0], span[1]) if span else None
    bound = bound_at(tokens, start)
    if bound is None:
        return None
    if field in ("bedrooms", "bathrooms"):
        is_said = bound.compared and not bound.unit and not bound.is_money
        bound = strict(bound)
        return _number(bound.end, field, bound.low, bound.high) if is_said else None
    if field == "bird_dog_score":
        is_said = not bound.unit and not bound.is_money
        return _number(bound.end, field, bound.low, bound.high) if is_said else None
    is_area = field.endswith("_sqft")
    if bound.unit not in ("area", "land") if is_area and bound.unit else bool(bound.unit):
        return None
    if is_area and (bound.is_money or max(bound.low or 0, bound.high or 0) < 100):
        return None
    end = _follows(tokens, bound.end, A_MONTH) if field == "hoa_monthly_usd" else bound.end
    return _number(end, field, *_bounds(bound, field))


def _bounds(bound: Bound, field: str) -> tuple[float | None, float | None]:
    """A bare figure is the least that is wanted, of a price or a fee the most, of floors the very number."""
    if bound.compared or field == "stories":
        return bound.low, bound.high
    return (None, bound.high) if field.endswith("_usd") else (bound.low, None)


def _measured(tokens: list[Token], at: int, setting: Setting) -> Found | None:
    """A figure whose unit or size says what it is: "3+ bed", "half acre lot", "under 1.2m"."""
    bound = bound_at(tokens, at)
    if bound is None:
        return None
    field, end = COUNTS.get(bound.unit, ""), bound.end
    if bound.unit == "cars":
        end = _follows(tokens, end, (("garage",), ("garages",)))
        field = field if end > bound.end else ""
    elif bound.unit in ("area", "land"):
        end = _follows(tokens, end, LAND_AFTER)
        field = "lot_area_sqft" if bound.unit == "land" or end > bound.end else "living_area_sqft"
    elif not bound.unit and (bound.is_money or _is_price(tokens, at, bound)):
        field = "asking_price_usd"
        end = _follows(tokens, end, (("usd",), ("dollars",)))
    return _number(end, field, *_bounds(bound, field)) if field else None


def _is_price(tokens: list[Token], at: int, bound: Bound) -> bool:
    least = min(each for each in (bound.low, bound.high) if each is not None)
    is_zip = not bound.compared and _is_zip(tokens[at])
    return least >= MIN_BARE_PRICE_USD and not is_zip


def _is_zip(token: Token) -> bool:
    return token.kind == "number" and token.text.isdigit() and len(token.text) == ZIP_DIGITS


def _zip(tokens: list[Token], at: int, setting: Setting) -> Found | None:
    start = _follows(tokens, at, (("zip", "code"), ("zip",), ("zipcode",), ("in", "zip")))
    if start < len(tokens) and _is_zip(tokens[start]):
        return Found(start + 1, (Fact("zip", "", values=(tokens[start].text,)),))
    return None


def _near(tokens: list[Token], at: int, setting: Setting) -> Found | None:
    """A place to be near to: "near Green Lake", "within 2 miles of Microsoft", "5 km from Discovery Park"."""
    miles, start = None, at
    if near := phrase_at(tokens, at, NEAR):
        miles, start = near
    else:
        compared = phrase_at(tokens, at, COMPARISONS)
        amount = amount_at(tokens, compared[1] if compared else at)
        if amount is None or amount.unit != "miles" or (compared and compared[0] not in (AT_MOST, LESS)):
            return None
        miles = round(amount.value, 1)
        start = _follows(tokens, amount.end, (("away", "from"), ("from",), ("of",), ("to",)))
        if start == amount.end or not 0 < miles < 100:
            return None
    start += start < len(tokens) and tokens[start].text == "the"
    place = setting.places.place_at(tokens, start)
    if place is None or place[0].circle is None:
        return None
    circle = place[0].circle
    reach = miles if miles is not None else circle.miles + NEAR_MILES
    near_by = Circle(circle.name, circle.latitude, circle.longitude, reach)
    return Found(place[1], (Fact("near", "", values=(circle.name,), circles=(near_by,)),))


def _negated(tokens: list[Token], at: int, setting: Setting) -> Found | None:
    """What is not wanted: "no pool or hot tub", "anything but condos", "not in Kent"."""
    negator = phrase_at(tokens, at, NEGATORS)
    if negator is None:
        return None
    start = negator[1]
    while start < len(tokens) and start < negator[1] + 3 and tokens[start].text in SMALL_WORDS:
        if _plain(tokens, start, setting):
            break
        start += 1
    if start >= len(tokens):
        return None
    found = _plain(tokens, start, setting)
    if found is None:
        return None
    if (end := _follows(tokens, found.end, NOT_NEEDED)) > found.end:
        # "no view needed": one may be there.
        return Found(end)
    facts = tuple(replace(fact, is_negated=not fact.is_negated) for fact in found.facts)
    wish = replace(found.wish, is_negated=True) if found.wish else None
    return Found(found.end, facts, wish)


def _plain(tokens: list[Token], at: int, setting: Setting) -> Found | None:
    for rule in (_sale, _garage, _measured, _zip, _said):
        if (found := rule(tokens, at, setting)) is not None:
            return found
    return None


def _said(tokens: list[Token], at: int, setting: Setting) -> Found | None:
    """A kind of home, a state of the offer, a feature, a place, a county, or what no column tells."""
    if county := phrase_at(tokens, at, setting.places.counties):
        return Found(county[1], (Fact("county", "", values=(county[0],)),))
    place = setting.places.place_at(tokens, at)
    if place and place[0].kind != LANDMARK:
        known, end = place
        circles = (known.circle,) if known.circle and not known.zips else ()
        return Found(end, (Fact("place", "", values=(known.name,), circles=circles, zips=known.zips),))
    if at and tokens[at - 1].text == "in" and (short := phrase_at(tokens, at, setting.places.short_counties)):
        return Found(short[1], (Fact("county", "", values=(short[0],)),))
    if kind := phrase_at(tokens, at, TYPES):
        return Found(kind[1], (Fact("property_type", "", values=(kind[0],)),))
    if feature := phrase_at(tokens, at, FEATURES):
        (field, low, high), end = feature
        is_kept = end == at + 1 and tokens[at].text in KEPT_WORDS
        return Found(end, (Fact(field, "", low, high),), is_kept=is_kept)
    if status := phrase_at(tokens, at, STATUSES):
        return Found(status[1], (Fact("status", "", values=(status[0],)),))
    if wish := phrase_at(tokens, at, WISHES):
        return Found(wish[1], wish=Wish(wish[0], ""), is_kept=True)
    return None


Rule = Callable[[list[Token], int, Setting], Found | None]
RULES: tuple[Rule, ...] = (
    _sale, _offered, _years, _near, _garage, _headed, _measured, _zip, _negated, _said,
)  # fmt: skip
