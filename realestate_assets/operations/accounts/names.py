"""Who wrote something: names of people of the transaction's tenant, for those who read it."""

import uuid
from collections.abc import Iterable

from sqlalchemy.orm import Session

from realestate_assets.app.audit import note_read
from realestate_assets.app.people import User
from realestate_assets.app.sealing import Sealer
from realestate_assets.operations.accounts.people import people, person_rows


def names_of(
    session: Session, sealer: Sealer, user_ids: Iterable[uuid.UUID], reader: uuid.UUID
) -> dict[uuid.UUID, str]:
    """Names by account; whose account is gone has none. That the reader read others' is written down."""
    wanted = set(user_ids)
    if not wanted:
        return {}
    found = people(session, sealer, person_rows().where(User.user_id.in_(wanted)))
    if others := sorted(each.user_id for each in found if each.user_id != reader):
        note_read(session, "users", others)
    return {each.user_id: each.name for each in found}
