"""The outbox: mail is queued within a transaction and sent after it, each once.

Whoever sends takes a mail by a transaction of its own, sends it while none is open, and notes what came of
it. A process that ends in between leaves it `sending`; found so, it is `uncertain` and left alone.
A refusal that may pass is tried again, later each time. Several processes send beside each other.
"""

import logging
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from realestate_assets.app.base import new_id
from realestate_assets.app.mails import LEFT, Mail, tenants_to_mail
from realestate_assets.app.people import PersonKey
from realestate_assets.app.sealing import Sealer
from realestate_assets.operations.mail.channels import AwayError, Channel, RefusedError, UnknownEndError
from realestate_assets.operations.mail.letters import Letter
from resources.errors import PermanentError

_log = logging.getLogger(__name__)

RECIPIENT, CONTENT = "mails.recipient", "mails.content"
# After each refusal that may pass; after the last of them it has failed, two days after the first try.
WAITS = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 720, 1440))
# Mails that one round sends for a tenant: the others have their turn.
ROUND = 20
Transaction = Callable[[uuid.UUID | None], AbstractContextManager[Session]]


@dataclass(frozen=True)
class Posted:
    """What one round did."""

    sent: int = 0
    delayed: int = 0
    failed: int = 0
    uncertain: int = 0

    def __add__(self, other: "Posted") -> "Posted":
        return Posted(*(getattr(self, n) + getattr(other, n) for n in self.__dataclass_fields__))

    @property
    def did_something(self) -> bool:
        """Whether anything came of it."""
        return self != Posted()


def queue(
    session: Session, sealer: Sealer, person_id: uuid.UUID, recipient: str, kind: str, letter: Letter
) -> uuid.UUID:
    """Put a letter on its way, with the caller's transaction or not at all; the mail's id.

    Args:
        session: of the tenant.
        sealer: encrypts address and content.
        person_id: whose key they are encrypted with; without the key nobody is written to.
        recipient: the address.
        kind: what it is about, as in `password_reset`.
        letter: what is written.

    Raises:
        PermanentError: the person has no key, as one who was forgotten.
    """
    key = _key_of(session, person_id)
    if key is None:
        raise PermanentError("This person has no key: they were forgotten, or are of another tenant.")
    mail_id = new_id()
    session.add(
        Mail(
            mail_id=mail_id,
            tenant_id=key.tenant_id,
            person_id=person_id,
            kind=kind,
            recipient_sealed=sealer.seal(key.key_sealed, person_id, RECIPIENT, recipient),
            content_sealed=sealer.seal(key.key_sealed, person_id, CONTENT, letter.packed()),
        )
    )
    session.flush()
    return mail_id


def send_due(transaction: Transaction, sealer: Sealer, channel: Channel) -> Posted:
    """Send what is due, each mail once, and say of what was left in the middle that it is uncertain.

    Args:
        transaction: opens one of a tenant.
        sealer: decrypts.
        channel: how mail leaves.
    """
    with transaction(None) as session:
        tenants = tenants_to_mail(session)
    posted = Posted()
    for tenant_id in tenants:
        with transaction(tenant_id) as session:
            posted += Posted(uncertain=_give_up_left(session))
        for _ in range(ROUND):
            done = _send_one(transaction, tenant_id, sealer, channel)
            if done is None:
                break
            posted += done
            if done.delayed:
                # The server is away or has enough: the next mail would be told the same.
                return posted
    return posted


def _give_up_left(session: Session) -> int:
    left = sa.and_(Mail.state == "sending", Mail.taken_at < sa.func.now() - sa.text(f"interval '{LEFT}'"))
    found = session.execute(
        sa.update(Mail)
        .where(left)
        .values(
            state="uncertain", ended_at=sa.func.now(), failure="The process that sent it ended in the middle."
        )
        .returning(Mail.mail_id)
    ).scalars()
    ids = list(found)
    for mail_id in ids:
        _log.warning("mail %s may have been sent or not: its process ended in the middle", mail_id)
    return len(ids)


def _send_one(
    transaction: Transaction, tenant_id: uuid.UUID, sealer: Sealer, channel: Channel
) -> Posted | None:
    """Send the tenant's next due mail; None where there is none."""
    with transaction(tenant_id) as session:
        due = (
            sa.select(Mail)
            .where(Mail.state == "queued", Mail.next_at <= sa.func.now())
            .order_by(Mail.next_at, Mail.mail_id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        mail = session.scalars(due).one_or_none()
        if mail is None:
            return None
        read = _read(session, sealer, mail)
        if isinstance(read, str):
            _end(mail, "failed", read)
            return Posted(failed=1)
        recipient, letter = read
        mail.state, mail.attempts, mail.taken_at = "sending", mail.attempts + 1, datetime.now(UTC)
        mail_id, attempts = mail.mail_id, mail.attempts
    state, failure = _try(channel, mail_id, recipient, letter, attempts)
    with transaction(tenant_id) as session:
        # One that another process gave up as uncertain meanwhile is that no more: here is what came of it.
        taken = session.get(Mail, mail_id, with_for_update=True)
        if taken is None:
            # Forgotten with its person while it was under way.
            pass
        elif state == "queued":
            taken.state, taken.failure, taken.ended_at = "queued", failure, None
            taken.next_at = datetime.now(UTC) + WAITS[attempts - 1]
        else:
            _end(taken, state, failure)
    return Posted(
        sent=int(state == "sent"), delayed=int(state == "queued"), failed=int(state == "failed"),
        uncertain=int(state == "uncertain"),
    )  # fmt: skip


def _read(session: Session, sealer: Sealer, mail: Mail) -> tuple[str, Letter] | str:
    """Address and letter in clear, or why they cannot be read."""
    key = _key_of(session, mail.person_id)
    if key is None or mail.content_sealed is None:
        return "The person was forgotten."
    try:
        recipient = sealer.unseal(key.key_sealed, mail.person_id, RECIPIENT, mail.recipient_sealed)
        content = sealer.unseal(key.key_sealed, mail.person_id, CONTENT, mail.content_sealed)
    except PermanentError as error:
        return str(error.args[0])
    return recipient, Letter.unpacked(content)


def _try(
    channel: Channel, mail_id: uuid.UUID, recipient: str, letter: Letter, attempts: int
) -> tuple[str, str | None]:
    """What came of sending, and why it was not that it was sent."""
    try:
        channel.send(mail_id, recipient, letter)
    except AwayError as error:
        return ("queued" if attempts <= len(WAITS) else "failed"), str(error)
    except RefusedError as error:
        return "failed", str(error)
    except UnknownEndError as error:
        _log.warning("mail %s may have been sent or not: %s", mail_id, error)
        return "uncertain", str(error)
    return "sent", None


def _end(mail: Mail, state: str, failure: str | None = None) -> None:
    mail.state, mail.failure, mail.ended_at = state, failure, datetime.now(UTC)
    if state == "sent":
        mail.content_sealed = None


def _key_of(session: Session, person_id: uuid.UUID) -> PersonKey | None:
    return session.get(PersonKey, person_id)
