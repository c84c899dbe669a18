"""Facts of a sentence as conditions on the market's rows: what a search filters by, without the index.

The same facts as `operations.search.conditions_of` asks of the index; a search that is kept is looked at
again and again, and needs no model for it.
"""

from collections.abc import Callable
from datetime import date

import sqlalchemy as sa

from realestate_assets.domain.search.facts import Fact
from realestate_assets.domain.search.payload import OFF_MARKET
from realestate_assets.domain.search.vocabulary import CONTRACT, ON_OFFER, SOLD
from realestate_assets.operations.market.columns import properties
from realestate_assets.operations.market.filters import distance_miles

Term = sa.ColumnElement[bool]


def fact_condition(fact: Fact) -> Term:
    """Rows of which a fact holds; negated, all but those of which it is known to hold."""
    term = FIELDS.get(fact.field, _plain)(fact)
    return sa.not_(sa.func.coalesce(term, sa.false())) if fact.is_negated else term


def on_offer() -> Term:
    """Rows of homes that can be bought."""
    return properties.c.offer_state == ON_OFFER


def _plain(fact: Fact) -> Term:
    column = properties.c[fact.field]
    if fact.values:
        return column.in_(fact.values)
    return _between(column, fact.low, fact.high)


def _between(column: sa.ColumnElement, low: object, high: object) -> Term:
    bounds = [column >= low] if low is not None else []
    bounds += [column <= high] if high is not None else []
    return sa.and_(sa.true(), *bounds)


def _circles(fact: Fact) -> list[Term]:
    return [distance_miles(f"{each.latitude},{each.longitude}") <= each.miles for each in fact.circles]


def _place(fact: Fact) -> Term:
    c = properties.c
    ways: list[Term] = [c.city.in_([name.upper() for name in fact.values])]
    ways += [c.zip.in_(fact.zips)] if fact.zips else []
    return sa.or_(*ways, *_circles(fact))


def _day(fact: Fact) -> Term:
    low, high = (None if day is None else date.fromordinal(int(day)) for day in (fact.low, fact.high))
    return _between(properties.c.sale_date, low, high)


def _status(fact: Fact) -> Term:
    c = properties.c
    is_sold = sa.or_(
        c.offer_state == "retrospective", sa.and_(c.offer_state == "gone", c.listing_status == "sold")
    )
    states: dict[str, Term] = {
        ON_OFFER: on_offer(),
        CONTRACT: c.offer_state == CONTRACT,
        SOLD: is_sold,
        OFF_MARKET: sa.and_(c.offer_state == "gone", c.listing_status.is_distinct_from("sold")),
    }
    return sa.or_(*(states[value] for value in fact.values))


def _water(fact: Fact) -> Term:
    return properties.c.is_waterfront.is_(bool(fact.low))


FIELDS: dict[str, Callable[[Fact], Term]] = {
    "place": _place,
    "near": lambda fact: sa.or_(*_circles(fact)),
    "sale_day": _day,
    "status": _status,
    "is_waterfront": _water,
    "county": lambda fact: properties.c.county.in_(fact.values),
}
