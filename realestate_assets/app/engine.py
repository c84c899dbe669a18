"""Transactions of the service: each knows its tenant and user, and forgets them at its end.

What is set is local to the transaction, so that it works behind a pooler of transactions (PgBouncer) and no
connection carries a tenant into the next request.
"""

import contextlib
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import psycopg2
import sqlalchemy as sa
from sqlalchemy.orm import Session

from realestate_assets.app.service_role import ROLE
from resources.warehouse.connections import watched_url

CONNECT_SECONDS = 5
POOL_SIZE, POOL_OVERFLOW = 10, 10
# A request waits no longer for a connection, and a statement of it runs no longer.
POOL_WAIT_SECONDS = 10.0
STATEMENT_SECONDS = 30
TENANT, USER, REQUEST = "app.tenant_id", "app.user_id", "app.request_id"

SET_SQL = sa.text(
    f"select set_config('{TENANT}', :tenant, true), set_config('{USER}', :user, true), "
    f"set_config('{REQUEST}', :request, true), "
    f"set_config('statement_timeout', '{STATEMENT_SECONDS}s', true)"
)
# A server that falls loses what it was told in the last half second; nobody waits for the disk.
SOON_SQL = sa.text("select set_config('synchronous_commit', 'off', true)")


def make_engine(url: Callable[[], str], user: str | None = None, password: str | None = None) -> sa.Engine:
    """A pool of connections of the service.

    Args:
        url: where the database is; asked for each new connection, as an embedded server may have moved.
        user: who connects, instead of the URL's; None for the URL's own.
        password: the user's, where the server asks for one.
    """
    given = {"user": user, "password": password, "connect_timeout": CONNECT_SECONDS}
    instead: dict[str, Any] = {name: value for name, value in given.items() if value}

    def connect() -> psycopg2.extensions.connection:
        return psycopg2.connect(watched_url(url()), **instead)

    return sa.create_engine(
        "postgresql+psycopg2://",
        creator=connect,
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        pool_timeout=POOL_WAIT_SECONDS,
        # A server that was started anew costs one question, no failed request.
        pool_pre_ping=True,
    )


def embedded_engine(url: Callable[[], str]) -> sa.Engine:
    """The pool over the embedded server, which lets its owner in as any role."""
    return make_engine(url, user=ROLE)


@contextlib.contextmanager
def tenant_transaction(
    engine: sa.Engine,
    tenant_id: uuid.UUID | None,
    user_id: uuid.UUID | None = None,
    request_id: str = "",
    *,
    is_lasting: bool = True,
) -> Iterator[Session]:
    """One transaction of a tenant: committed at the end, rolled back on an error.

    Args:
        engine: connects as the service's role.
        tenant_id: whose rows are seen; None shows no row of `app` at all.
        user_id: who acts, for what is written down about it.
        request_id: of the request that is answered, likewise.
        is_lasting: on disk when it has ended; else soon after.
    """
    # Not by a `sessionmaker` of its own: each makes a class, with its own empty listeners to every event.
    with Session(engine, expire_on_commit=False) as session, session.begin():
        set_tenant(session, tenant_id, user_id, request_id)
        if not is_lasting:
            session.execute(SOON_SQL)
        yield session


def set_tenant(
    session: Session, tenant_id: uuid.UUID | None, user_id: uuid.UUID | None = None, request_id: str = ""
) -> None:
    """Say whose rows the rest of the transaction sees."""
    ids = {"tenant": str(tenant_id or ""), "user": str(user_id or ""), "request": request_id}
    session.execute(SET_SQL, ids)
