"""What a kept search asks of the market's rows, without asking the model again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from realestate_assets.app.searches import SavedSearch
from realestate_assets.domain.counties.county import County
from realestate_assets.domain.search.facts import Fact
from realestate_assets.domain.search.places import gazetteer
from realestate_assets.domain.search.query import understand
from realestate_assets.operations.market.columns import properties
from realestate_assets.operations.market.counts import newest_month
from realestate_assets.operations.market.facts import fact_condition, on_offer
from realestate_assets.operations.market.filters import PropertyFilter, conditions


@dataclass(frozen=True)
class Criteria:
    """A month of a county and what its rows must fulfil."""

    month: str
    terms: Sequence[sa.ColumnElement[bool]]


def facts_of(search: SavedSearch, known: dict[str, County], today: date) -> list[Fact]:
    """The facts of a kept sentence that filter; the words that rank are none."""
    county = known.get(search.county)
    if search.sentence is None or county is None:
        return []
    understood = understand(search.sentence, today, gazetteer(county, known.values()))
    return [fact for fact in understood.without(search.without).facts if fact.field != "county"]


def tells_homes_apart(search: SavedSearch, known: dict[str, County], today: date) -> bool:
    """Whether the search filters at all: one that only ranks fits every home, and has nothing to tell."""
    if search.filters is not None:
        return bool(PropertyFilter(**search.filters).model_dump(exclude_defaults=True, exclude={"county"}))
    return bool(facts_of(search, known, today))


def criteria_of(
    session: Session, search: SavedSearch, known: dict[str, County], today: date
) -> Criteria | None:
    """What is asked of the newest month; None where the tenant does not see the county, or it has none.

    A sentence that says no status means what can be bought, where the county has offers.
    """
    month = newest_month(session, search.county)
    if month is None:
        return None
    chosen = PropertyFilter(**(search.filters or {})).model_copy(
        update={"county": [search.county], "month": None}
    )
    terms = conditions(chosen, [(search.county, month)])
    if search.sentence is None:
        return Criteria(month, terms)
    facts = facts_of(search, known, today)
    if not any(fact.field == "status" for fact in facts) and _has_offers(session, search.county, month):
        terms.append(on_offer())
    return Criteria(month, [*terms, *(fact_condition(fact) for fact in facts)])


def _has_offers(session: Session, county: str, month: str) -> bool:
    c = properties.c
    offers = sa.select(c.property_id).where(c.county == county, c.month == month, on_offer()).limit(1)
    return session.execute(offers).first() is not None
