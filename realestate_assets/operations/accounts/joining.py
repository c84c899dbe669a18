"""How people come: invited by an admin, or by themselves where a tenant allows it.

Both get a link by mail, and choose name and password behind it: an account is active once its address is
shown to be theirs, and nobody else has ever had its password.
"""

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from realestate_assets.app.people import PersonKey, User
from realestate_assets.app.sealing import Sealer
from realestate_assets.app.tenants import Tenant
from realestate_assets.operations.accounts import links, people
from realestate_assets.operations.accounts.links import Kind, LinkOverError
from realestate_assets.operations.accounts.passwords import hash_of
from realestate_assets.operations.accounts.sign_in import Transaction
from realestate_assets.operations.mail.mailer import Mailer
from resources.errors import PermanentError

KINDS: tuple[Kind, ...] = ("invitation", "registration")
PATH = "/invitation"
REGISTERED_ROLE = "viewer"


class NotInvitedError(PermanentError):
    """The account is active already, or was disabled."""


def invite(
    session: Session,
    mailer: Mailer,
    tenant_id: uuid.UUID,
    *,
    email: str,
    name: str,
    roles: Iterable[str],
) -> uuid.UUID:
    """Make an account that waits for its person, and write to them; its id.

    Raises:
        EmailTakenError: the tenant has an account with that address.
        PermanentError: the address can be none.
    """
    user_id = people.add_user(
        session, mailer.sealer, tenant_id, email=email, name=name, roles=roles, password_hash=None,
        state="invited",
    )  # fmt: skip
    _write(session, mailer, tenant_id, user_id, "invitation")
    return user_id


def invite_again(session: Session, mailer: Mailer, user_id: uuid.UUID) -> None:
    """Send another invitation; the link of the one before counts no more.

    Raises:
        NotInvitedError: the account waits for nobody.
    """
    user = session.get_one(User, user_id)
    if user.state != "invited":
        raise NotInvitedError("This account is not waiting for its person.")
    _write(session, mailer, user.tenant_id, user_id, "invitation")


def register(
    transaction: Transaction, mailer: Mailer, tenant_id: uuid.UUID, *, email: str, name: str
) -> None:
    """Have somebody register who says that an address is theirs; what happens is told to that address alone.

    Args:
        transaction: opens one of a tenant.
        mailer: writes to the address.
        tenant_id: of the tenant, which allows it.
        email: that is shown to be theirs by the link.
        name: of the person.
    """
    with transaction(tenant_id) as session:
        found = _with_address(session, mailer.sealer, email)
        if found is None:
            user_id = people.add_user(
                session, mailer.sealer, tenant_id, email=email, name=name, roles=[REGISTERED_ROLE],
                password_hash=None, state="invited",
            )  # fmt: skip
            _write(session, mailer, tenant_id, user_id, "registration")
        elif links.is_enough(session, found.user_id, "registration"):
            pass
        elif found.state == "invited":
            _write(session, mailer, tenant_id, found.user_id, "registration")
        elif found.state == "active":
            _tell_known(session, mailer, found.user_id)


def accept(transaction: Transaction, sealer: Sealer, text: str, *, name: str, password: str) -> None:
    """Take an invitation or registration up: the account is active from now on.

    Args:
        transaction: opens one of a tenant.
        sealer: encrypts the name.
        text: of the link.
        name: that the person chose.
        password: likewise.

    Raises:
        LinkOverError: the link is not open, or the account waits no more.
        PermanentError: the password can be none.
    """
    secret, hashed = links.secret_of(text), hash_of(password)
    with transaction(secret.tenant_id) as session:
        link = links.taken(session, secret, KINDS)
        user = session.get_one(User, link.user_id)
        if user.state != "invited":
            raise LinkOverError("used")
        key = session.get_one(PersonKey, user.user_id)
        user.name_sealed = sealer.seal(key.key_sealed, user.user_id, people.NAME, name.strip())
        user.password_hash, user.state, user.updated_at = hashed, "active", datetime.now(UTC)
        links.end(session, user.user_id)


def _with_address(session: Session, sealer: Sealer, email: str) -> User | None:
    hashed = sealer.email_hash(people.checked_address(email))
    return session.scalars(sa.select(User).where(User.email_hash == hashed)).one_or_none()


def _write(session: Session, mailer: Mailer, tenant_id: uuid.UUID, user_id: uuid.UUID, kind: Kind) -> None:
    person, tenant = people.person(session, mailer.sealer, user_id), session.get_one(Tenant, tenant_id)
    assert person is not None
    url = mailer.url(PATH, token=links.add(session, tenant_id, user_id, kind))
    subject = (
        f"You are invited to {tenant.name} on Real Estate OS" if kind == "invitation"
        else f"Confirm your account of {tenant.name} on Real Estate OS"
    )  # fmt: skip
    context = {"tenant": tenant.name, "url": url, "lasts": links.LASTS[kind].days}
    mailer.post(session, user_id, person.email, kind, subject, context)


def _tell_known(session: Session, mailer: Mailer, user_id: uuid.UUID) -> None:
    person = people.person(session, mailer.sealer, user_id)
    assert person is not None
    tenant = session.get_one(Tenant, session.get_one(User, user_id).tenant_id)
    # Counted as a link, so that nobody fills a mail box by it.
    links.add(session, tenant.tenant_id, user_id, "registration")
    links.end(session, user_id, "registration")
    context = {"tenant": tenant.name, "reset_url": mailer.url("/forgotten-password")}
    mailer.post(
        session,
        user_id,
        person.email,
        "account_exists",
        "You have an account on Real Estate OS already",
        context,
    )
