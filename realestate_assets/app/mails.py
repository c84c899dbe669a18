"""Mail on its way: queued in the transaction that gives cause to it, sent by the service afterwards.

The database decides that a mail is sent once. Between sending and noting it lies a moment that no transaction
covers: what was being sent when a process ended is `uncertain`, and is never sent again by itself.
"""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, Session, mapped_column

from realestate_assets.app.base import WORK_SCHEMA, Base, Made, OfTenant, new_id, of_user

STATES = ("queued", "sending", "sent", "failed", "uncertain")
# A process sends one mail within a minute; what is under way longer was left by one that ended.
LEFT = "10 minutes"

FUNCTIONS = {
    "work.tenants_to_mail()": f"""
create or replace function work.tenants_to_mail()
returns setof uuid
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select distinct m.tenant_id
    from work.mails m join app.tenants t using (tenant_id)
    where t.state = 'active'
      and (m.state = 'queued' and m.next_at <= now()
           or m.state = 'sending' and m.taken_at < now() - interval '{LEFT}')
$$
""",  # noqa: S608 - a constant of this module
}


class Mail(OfTenant, Base):
    """One mail to one person; address and content are encrypted with the person's key."""

    __tablename__ = "mails"
    __table_args__ = (
        of_user("person_id"),
        sa.CheckConstraint("state in (" + ", ".join(f"'{each}'" for each in STATES) + ")", name="state"),
        sa.Index("mails_due", "next_at", postgresql_where=sa.text("state in ('queued', 'sending')")),
        sa.Index("mails_tenant_id_created_at", "tenant_id", "created_at"),
        {"schema": WORK_SCHEMA, "comment": "Mail on its way and what became of it, one row a mail."},
    )

    mail_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    # Who gets it.
    person_id: Mapped[uuid.UUID]
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="queued")
    recipient_sealed: Mapped[bytes]
    # Null once it is sent: it may hold a link that opens an account.
    content_sealed: Mapped[bytes | None]
    attempts: Mapped[int] = mapped_column(server_default="0")
    next_at: Mapped[Made]
    created_at: Mapped[Made]
    taken_at: Mapped[datetime | None] = mapped_column(postgresql.TIMESTAMP(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(postgresql.TIMESTAMP(timezone=True))
    # Of the last try, without the address.
    failure: Mapped[str | None]


def tenants_to_mail(session: Session) -> list[uuid.UUID]:
    """Active tenants with mail that is due, or that was left by a process that ended."""
    return list(session.scalars(sa.text("select * from work.tenants_to_mail()")))
