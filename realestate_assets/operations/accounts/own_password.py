"""One's own password: changed by who knows it, or set anew by a link to the account's address.

Whoever has an account is told by mail that its password was changed; nobody else learns that there is one.
"""

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from realestate_assets.app.people import User
from realestate_assets.app.sign_in import accounts_of
from realestate_assets.app.tenants import Tenant
from realestate_assets.operations.accounts import links, people, sign_ins
from realestate_assets.operations.accounts.links import LinkOverError
from realestate_assets.operations.accounts.passwords import hash_of
from realestate_assets.operations.accounts.sign_in import is_right
from realestate_assets.operations.mail.mailer import Mailer

PATH = "/reset-password"
Changed = Literal["changed", "wrong"]
# Of a tenant and, where they are known, the one who acts.
Transaction = Callable[[uuid.UUID | None, uuid.UUID | None], AbstractContextManager[Session]]


def send_links(transaction: Transaction, mailer: Mailer, email: str, tenant: str | None = None) -> None:
    """Write to each active account of an address how its password is set anew; to nobody where there is none.

    Args:
        transaction: opens one of a tenant.
        mailer: writes.
        email: the address.
        tenant: short name of the tenant; without it accounts of all tenants are meant.
    """
    with transaction(None, None) as session:
        found = accounts_of(session, mailer.sealer.email_hash(email))
    for account in found:
        if tenant not in (None, account.slug):
            continue
        with transaction(account.tenant_id, account.user_id) as session:
            if links.is_enough(session, account.user_id, "password"):
                continue
            url = mailer.url(PATH, token=links.add(session, account.tenant_id, account.user_id, "password"))
            _write(session, mailer, account.user_id, "password_reset", "Set your password anew", {"url": url})


def reset(transaction: Transaction, mailer: Mailer, text: str, password: str) -> None:
    """Set a password by a link, and end all sign-ins of the account.

    Args:
        transaction: opens one of a tenant.
        mailer: tells the account's address of it.
        text: of the link.
        password: the new one.

    Raises:
        LinkOverError: the link is not open, or its account is not active.
        PermanentError: the password can be none.
    """
    secret, hashed = links.secret_of(text), hash_of(password)
    with transaction(secret.tenant_id, None) as session:
        link = links.taken(session, secret, ("password",))
        user = session.get_one(User, link.user_id)
        if user.state != "active":
            raise LinkOverError("unknown")
        _set(session, mailer, user, hashed)
        sign_ins.end_all(session, user.user_id, "password")


def change(
    transaction: Transaction,
    mailer: Mailer,
    *,
    tenant_id: uuid.UUID,
    user_id: uuid.UUID,
    sign_in_id: uuid.UUID | None,
    current: str,
    password: str,
) -> Changed:
    """Change a password by who knows it; the account's other sign-ins end. A wrong one counts as at sign-in.

    Raises:
        PermanentError: the new password can be none.
    """
    hashed, now = hash_of(password), datetime.now(UTC)
    with transaction(tenant_id, user_id) as session:
        user = session.scalars(sa.select(User).where(User.user_id == user_id).with_for_update()).one()
        if not is_right(user, current, now):
            return "wrong"
        _set(session, mailer, user, hashed)
        sign_ins.end_all(session, user_id, "password", except_for=sign_in_id)
    return "changed"


def _set(session: Session, mailer: Mailer, user: User, hashed: str) -> None:
    user.password_hash, user.updated_at = hashed, datetime.now(UTC)
    user.failed_logins, user.locked_until = 0, None
    session.flush()
    links.end(session, user.user_id, "password")
    reset_url = mailer.url("/forgotten-password")
    _write(
        session,
        mailer,
        user.user_id,
        "password_changed",
        "Your password was changed",
        {"reset_url": reset_url},
    )


def _write(
    session: Session, mailer: Mailer, user_id: uuid.UUID, template: str, subject: str, context: dict[str, str]
) -> None:
    person = people.person(session, mailer.sealer, user_id)
    assert person is not None
    tenant = session.get_one(Tenant, session.get_one(User, user_id).tenant_id)
    given = {**context, "tenant": tenant.name, "email": person.email}
    mailer.post(session, user_id, person.email, template, f"{subject} ({tenant.name})", given)
