"""Accounts: everything that stands of one exported, and erased.

An account is a person in one tenant; who has several is exported and erased in each.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from realestate_assets.app.engine import set_tenant
from realestate_assets.app.erasure import Found, PersonColumn, erase_account, is_there, person_columns
from realestate_assets.app.people import Membership, PersonKey, User
from realestate_assets.app.sealing import Sealer, normal_address
from realestate_assets.app.tenants import Tenant
from realestate_assets.operations.accounts.people import EMAIL, NAME, LastAdminError
from realestate_assets.operations.persons.report import Line, Report, merged
from resources.errors import PermanentError
from resources.warehouse import migration

# Of a row's columns those that prove who somebody is, or that nobody can read as they stand.
LEFT_OUT = ("_hash", "_sealed")
# Of the log: it tells of others what the person did to them.
OF_OTHERS = ("before", "after")
WHY = {
    "kept": "ids of who acted, evidence for the tenant (GDPR art. 17(3)(e), CCPA 1798.105(d)(8)): they name "
    "nobody once the account is gone; the log ends with its days in retention.yaml",
    "emptied": "entries about the account and its rows keep who, what and when, and lose what was in them",
}
BACKUPS = (
    "Backups made before hold the account as of their day, until `realestate backup --keep` drops them: "
    "after a restore of one, give this command again."
)


@dataclass(frozen=True)
class Account:
    """An account of a tenant."""

    tenant_id: uuid.UUID
    tenant: str
    user_id: uuid.UUID


@contextmanager
def as_owner(url: str) -> Iterator[Session]:
    """A transaction of the tables' owner, who looks across tenants.

    Raises:
        RealEstateError: the database is away or refuses.
    """
    with migration.readable(url), Session(migration.engine(url)) as session, session.begin():
        yield session


def accounts_with(session: Session, sealer: Sealer, email: str) -> list[Account]:
    """Accounts with an address in any tenant, deleted ones too, whose hash tells nothing any more."""
    wanted = normal_address(email)
    query = (
        sa.select(User.tenant_id, Tenant.slug, User.user_id, User.email_sealed, PersonKey.key_sealed)
        .join(Tenant, Tenant.tenant_id == User.tenant_id)
        .outerjoin(PersonKey, PersonKey.person_id == User.user_id)
        .where(sa.or_(User.email_hash == sealer.email_hash(email), User.state == "deleted"))
        .order_by(Tenant.slug, User.created_at)
    )
    found = []
    for row in session.execute(query):
        if row.key_sealed is None:
            continue
        address = sealer.unseal(row.key_sealed, row.user_id, EMAIL, row.email_sealed)
        if normal_address(address) == wanted:
            found.append(Account(row.tenant_id, row.slug, row.user_id))
    return found


def export(session: Session, sealer: Sealer, user_id: uuid.UUID) -> dict[str, Any] | None:
    """All rows of an account of the transaction's tenant, by table; None where it has none such.

    Address and name stand in clear; hashes of passwords and keys are left out.
    """
    if not is_there(session, user_id):
        return None
    rows = {
        f"{column.table.fullname}.{column.name}" if column.stays else column.table.fullname: found
        for column in person_columns()
        if (found := _rows(session, column, user_id))
    }
    return {"account": _in_clear(session, sealer, user_id), "rows": dict(sorted(rows.items()))}


def _rows(session: Session, column: PersonColumn, user_id: uuid.UUID) -> list[dict[str, Any]]:
    shown = [
        each
        for each in column.table.columns
        if not each.name.endswith(LEFT_OUT) and each.name not in ("tenant_id", *OF_OTHERS)
    ]
    query = sa.select(*shown).where(column.table.columns[column.name] == user_id)
    order = [each for each in column.table.primary_key if each in shown]
    return [dict(row) for row in session.execute(query.order_by(*order)).mappings()]


def _in_clear(session: Session, sealer: Sealer, user_id: uuid.UUID) -> dict[str, Any]:
    user = session.get_one(User, user_id)
    key = session.scalar(sa.select(PersonKey.key_sealed).where(PersonKey.person_id == user_id))
    if key is None:
        return {"user_id": user_id, "email": None, "name": None}
    return {
        "user_id": user_id,
        "email": sealer.unseal(key, user_id, EMAIL, user.email_sealed),
        "name": sealer.unseal(key, user_id, NAME, user.name_sealed),
    }


def erase(session: Session, user_id: uuid.UUID, *, is_done: bool) -> list[Line]:
    """What stands of an account of the transaction's tenant, and its erasure, all or nothing.

    Raises:
        LastAdminError: the tenant would be left with people and no admin.
    """
    if is_done:
        _keep_an_admin(session, user_id)
    return [_line(found) for found in erase_account(session, user_id, is_done=is_done) if found.rows]


def _keep_an_admin(session: Session, user_id: uuid.UUID) -> None:
    tenant_id = session.scalar(sa.select(User.tenant_id).where(User.user_id == user_id))
    # Held, as in a change of roles: two who go at once leave one.
    admins = sa.select(Membership.user_id).where(
        Membership.tenant_id == tenant_id, Membership.roles.contains(["admin"])
    )
    held = set(session.scalars(admins.with_for_update()))
    people = sa.select(User.user_id).where(User.tenant_id == tenant_id, User.state == "active")
    active = set(session.scalars(people))
    if active & held == {user_id} and active != {user_id}:
        raise LastAdminError(
            "The tenant would have no admin left.", remedy="Make somebody else an admin, then erase."
        )


def _line(found: Found) -> Line:
    return Line(found.place, found.deed, found.rows, WHY.get(found.deed, ""))


def erase_by_address(url: str, sealer: Sealer, email: str, *, is_done: bool) -> Report:
    """Erase every account with an address, a transaction each: what was done before a kill stays done.

    Raises:
        LastAdminError: a tenant would be left with people and no admin.
    """
    with as_owner(url) as session:
        accounts = accounts_with(session, sealer, email)
    lines: list[Line] = []
    for account in accounts:
        with as_owner(url) as session:
            set_tenant(session, account.tenant_id)
            lines += erase(session, account.user_id, is_done=is_done)
    tenants = ", ".join(account.tenant for account in accounts)
    more = [f"Accounts of {tenants}." if accounts else "No account has this address."]
    return Report(email, is_done, tuple(merged(lines)), (*more, *([BACKUPS] if accounts else [])))


def export_by_address(url: str, sealer: Sealer, email: str) -> list[dict[str, Any]]:
    """What stands of every account with an address, one object a tenant.

    Raises:
        PermanentError: no account has it.
    """
    found = []
    with as_owner(url) as session:
        for account in accounts_with(session, sealer, email):
            set_tenant(session, account.tenant_id)
            exported = export(session, sealer, account.user_id) or {}
            found.append({"tenant": account.tenant, **exported})
    if not found:
        raise PermanentError("No account has this address.", field="--email")
    return found
