"""Corrections: a person's value of a field beside the source's, proposed, then accepted or withdrawn.

The record itself stays as its source gave it, and so does all that is computed from it: a correction is shown
beside, with who, when and why.
"""

import uuid
from calendar import monthrange
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from realestate_assets.app.corrections import PropertyCorrection
from realestate_assets.app.market_views import PROPERTY_COLUMNS
from realestate_assets.domain.counties.column_map import MAPPABLE_COLUMNS
from realestate_assets.domain.counties.county import County
from realestate_assets.domain.intake.single_value import check_value, typed
from resources.errors import PermanentError

# What tells which home and record it is, what its source says in its own words, and what is computed.
NOT_CORRECTED = frozenset(
    {
        "source", "source_id", "url", "apn", "street", "unit", "state", "observed_date", "description",
        "nearby_living_area_sqft", "nearby_lot_area_sqft",
    }
)  # fmt: skip
CORRECTED = {
    name: column
    for name, column in MAPPABLE_COLUMNS.items()
    if name in PROPERTY_COLUMNS and name not in NOT_CORRECTED and not column.is_personal
}
MAX_OPEN = 200


class StateError(PermanentError):
    """What is to be done does not go with the state the correction is in."""


def of_home(property_id: str) -> sa.Select[Any]:
    """Corrections of a home, whatever their state."""
    return sa.select(PropertyCorrection).where(PropertyCorrection.property_id == property_id)


def standing(session: Session, property_id: str) -> list[PropertyCorrection]:
    """Corrections of a home that are proposed or accepted, by field, the accepted one first."""
    query = of_home(property_id).where(PropertyCorrection.state != "withdrawn")
    order = (PropertyCorrection.field, PropertyCorrection.state, PropertyCorrection.proposed_at)
    return list(session.scalars(query.order_by(*order)))


def find(session: Session, property_id: str, correction_id: uuid.UUID) -> PropertyCorrection | None:
    """A correction of a home; none where it has none such.

    All of the home's are held until the transaction ends, in one order: two that decide at once take turns.
    """
    query = of_home(property_id).order_by(PropertyCorrection.correction_id).with_for_update()
    return next((each for each in session.scalars(query) if each.correction_id == correction_id), None)


def propose(
    session: Session,
    row: Mapping[str, Any],
    county: County,
    by: tuple[uuid.UUID, uuid.UUID],
    *,
    field: str,
    value: object,
    reason: str,
) -> PropertyCorrection:
    """Propose another value for a field.

    Args:
        session: of the tenant.
        row: the home in a month, as the tenant sees it.
        county: its county.
        by: tenant and user.
        field: the column.
        value: as JSON has it.
        reason: how the person knows.

    Raises:
        PermanentError: the field is not corrected, the value cannot be true or is the record's own, or too
            many are open.
    """
    column = CORRECTED.get(field)
    if column is None:
        raise PermanentError(f"Corrected are {', '.join(CORRECTED)}.", field="field")
    told = typed(column, value)
    check_value(column, told, _observed(row), county.bounds)
    told, known = _as_json(told), _as_json(row[field])
    if told == known:
        raise PermanentError("That is what the record says.", field="value")
    open_ones = of_home(row["property_id"]).where(PropertyCorrection.state == "proposed")
    count = session.scalar(sa.select(sa.func.count()).select_from(open_ones.subquery()))
    if (count or 0) >= MAX_OPEN:
        raise PermanentError(f"{MAX_OPEN} corrections of this home wait to be decided.", field="field")
    tenant_id, user_id = by
    made = PropertyCorrection(
        tenant_id=tenant_id,
        county=row["county"],
        month=row["month"],
        property_id=row["property_id"],
        field=field,
        value=told,
        source_value=known,
        reason=reason,
        proposed_by=user_id,
    )
    session.add(made)
    session.flush()
    session.refresh(made)
    return made


def accept(session: Session, correction: PropertyCorrection, user_id: uuid.UUID) -> PropertyCorrection:
    """Accept a proposal; the one of the same field that was accepted before is withdrawn.

    Raises:
        StateError: it is not proposed any more.
    """
    if correction.state != "proposed":
        raise StateError(f"It is {correction.state}.")
    now = datetime.now(UTC)
    before = sa.update(PropertyCorrection).where(
        PropertyCorrection.property_id == correction.property_id,
        PropertyCorrection.field == correction.field,
        PropertyCorrection.state == "accepted",
    )
    session.execute(before.values(state="withdrawn", decided_by=user_id, decided_at=now))
    return _decide(session, correction, "accepted", user_id, now)


def withdraw(session: Session, correction: PropertyCorrection, user_id: uuid.UUID) -> PropertyCorrection:
    """Take a correction back; it stays as what once was said.

    Raises:
        StateError: it is withdrawn already.
    """
    if correction.state == "withdrawn":
        raise StateError("It is withdrawn.")
    return _decide(session, correction, "withdrawn", user_id, datetime.now(UTC))


def _decide(
    session: Session, correction: PropertyCorrection, state: str, user_id: uuid.UUID, now: datetime
) -> PropertyCorrection:
    correction.state, correction.decided_by, correction.decided_at = state, user_id, now
    session.flush()
    return correction


def _observed(row: Mapping[str, Any]) -> date:
    """The day of the record, the month's last where that is not known."""
    observed = row.get("observed_date")
    if isinstance(observed, date):
        return observed
    year, month = (int(part) for part in row["month"].split("-"))
    return date(year, month, monthrange(year, month)[1])


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
