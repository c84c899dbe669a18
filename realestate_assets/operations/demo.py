"""A tenant for demonstrations: made-up people and what they would have kept, each labelled simulated.

One transaction, and what is there already is left alone: twice is once.
"""

import secrets
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from realestate_assets.app.engine import set_tenant
from realestate_assets.app.people import User
from realestate_assets.app.sealing import Sealer
from realestate_assets.app.searches import SavedSearch
from realestate_assets.app.sign_in import tenant_named
from realestate_assets.app.teams import Team
from realestate_assets.domain.counties.county import County
from realestate_assets.operations.accounts import people, teams
from realestate_assets.operations.accounts.passwords import hash_of
from realestate_assets.operations.accounts.sign_in import Transaction
from realestate_assets.operations.accounts.tenants import add_tenant, entitle
from realestate_assets.operations.kept import marks, searches
from realestate_assets.operations.market.columns import counties, properties
from resources.errors import PermanentError

SLUG, NAME = "demo", "Demonstration (simulated people)"
LABEL = "(simulated)"
PEOPLE = {
    "admin": "Dana Demo", "analyst": "Ari Demo", "underwriter": "Uma Demo", "ops": "Ola Demo",
    "viewer": "Vic Demo",
}  # fmt: skip
TEAM = f"Acquisitions {LABEL}"
# Name, sentence or filters; kept for each county by the analyst.
SEARCHES = (
    (f"Good deals {LABEL}", None, {"min_score": 65, "needs_review": False}),
    (f"Below value {LABEL}", None, {"min_discount_pct": 10}),
    (f"Small family homes {LABEL}", "3 beds under 500k", None),
)
SAVED, DISMISSED = 5, 2
PASSWORD_BYTES = 12


@dataclass(frozen=True)
class Filled:
    """What was added; passwords of new people by their address, told this once."""

    passwords: Mapping[str, str]
    searches: int
    marks: int


def fill(transaction: Transaction, sealer: Sealer, known: dict[str, County], wanted: Iterable[str]) -> Filled:
    """Fill the demonstration's tenant.

    Args:
        transaction: opens one of a tenant.
        sealer: of personal columns.
        known: the configured counties.
        wanted: counties that it is to see.

    Raises:
        PermanentError: no county has data yet.
    """
    with transaction(None) as session:
        found = tenant_named(session, SLUG)
        if found is None:
            tenant_id = add_tenant(session, slug=SLUG, name=NAME, counties=wanted, plan="professional")
        else:
            tenant_id = found[0]
            set_tenant(session, tenant_id)
            entitle(session, tenant_id, wanted)
        months = _months(session)
        if not months:
            raise PermanentError(
                "No county has data yet.", remedy="Run `make run` first, then `realestate demo` again."
            )
        ids, passwords = _people(session, sealer, tenant_id)
        _team(session, tenant_id, ids)
        set_tenant(session, tenant_id, ids["analyst"])
        kept = sum(_searches(session, tenant_id, ids["analyst"], county, known) for county in months)
        marked = sum(_marks(session, tenant_id, ids["analyst"], *each) for each in months.items())
    return Filled(passwords, kept, marked)


def _months(session: Session) -> dict[str, str]:
    """The newest scored month of each county that has one."""
    asked = sa.select(counties.c.county, counties.c.newest_month).where(counties.c.newest_month.is_not(None))
    return {row.county: row.newest_month for row in session.execute(asked)}


def _people(
    session: Session, sealer: Sealer, tenant_id: uuid.UUID
) -> tuple[dict[str, uuid.UUID], dict[str, str]]:
    ids, passwords = dict[str, uuid.UUID](), dict[str, str]()
    for role, name in PEOPLE.items():
        email = f"{role}@demo.example.com"
        there = session.scalar(sa.select(User.user_id).where(User.email_hash == sealer.email_hash(email)))
        if there is None:
            passwords[email] = secrets.token_urlsafe(PASSWORD_BYTES)
            there = people.add_user(
                session, sealer, tenant_id, email=email, name=f"{name} {LABEL}", roles=[role],
                password_hash=hash_of(passwords[email]),
            )  # fmt: skip
        ids[role] = there
    return ids, passwords


def _team(session: Session, tenant_id: uuid.UUID, ids: Mapping[str, uuid.UUID]) -> None:
    team_id = session.scalar(sa.select(Team.team_id).where(Team.name == TEAM))
    if team_id is None:
        team_id = teams.add_team(session, tenant_id, TEAM)
    for role in ("analyst", "underwriter", "ops"):
        teams.join(session, tenant_id, team_id, ids[role])


def _searches(
    session: Session, tenant_id: uuid.UUID, user_id: uuid.UUID, county: str, known: dict[str, County]
) -> int:
    there = sa.select(SavedSearch.name).where(SavedSearch.user_id == user_id, SavedSearch.county == county)
    names, added = set(session.scalars(there)), 0
    for name, sentence, filters in SEARCHES:
        # A sentence is read with the county's own places.
        if name in names or (sentence is not None and county not in known):
            continue
        search = SavedSearch(
            tenant_id=tenant_id, user_id=user_id, name=name, county=county, sentence=sentence, without=[],
            filters=filters, is_shared=True, is_alerted=True, frequency="daily",
        )  # fmt: skip
        searches.add(session, search, known)
        added += 1
    return added


def _marks(session: Session, tenant_id: uuid.UUID, user_id: uuid.UUID, county: str, month: str) -> int:
    c = properties.c
    best = (
        sa.select(c.property_id)
        .where(c.county == county, c.month == month, c.bird_dog_score.is_not(None))
        .order_by(c.bird_dog_score.desc(), c.property_id)
        .limit(SAVED + DISMISSED)
    )
    there = set(session.scalars(sa.select(marks.of_user(user_id).subquery().c.property_id)))
    added = 0
    for place, property_id in enumerate(session.scalars(best).all()):
        if property_id not in there:
            marks.put(session, tenant_id, user_id, property_id, "saved" if place < SAVED else "dismissed")
            added += 1
    return added
