"""Whether the service connects as what it has to be: its own role, which sees one tenant at a time."""

import sqlalchemy as sa

from realestate_assets.app.service_role import BY_ADMINISTRATOR, ROLE, service_role_state
from resources.errors import PermanentError, TransientError
from resources.warehouse import migration
from resources.warehouse.connections import sorted_error

WHO_SQL = sa.text(
    "select rolname::text as name, rolsuper or rolbypassrls or rolcreaterole or rolcreatedb as has_powers "
    "from pg_roles where rolname = current_user"
)
WITHOUT_POWERS = f"alter role {ROLE} nosuperuser nobypassrls nocreaterole nocreatedb;"
SETTING = "SERVICE_DATABASE_URL"


def check_connected(engine: sa.Engine, url: str) -> None:
    """Connect, and refuse another role, or one that may do more than the service must be able to.

    Args:
        engine: of the service.
        url: where it connects, whose password no text repeats.

    Raises:
        PermanentError: the server does not let it in, or it is the wrong role; says what to do.
        TransientError: the server is away.
    """
    failure: TransientError | PermanentError | None = None
    try:
        with engine.connect() as connection:
            found = connection.execute(WHO_SQL).one()
    except sa.exc.DBAPIError as error:
        sorted_ = sorted_error(getattr(error.orig, "pgcode", None) or "", str(error.orig), url)
        failure = sorted_ if isinstance(sorted_, TransientError) else _refused(str(sorted_.args[0]))
    if failure:
        # Outside of `except`: the driver's own error may quote a piece of the URL.
        raise failure
    if found.name != ROLE:
        raise PermanentError(
            f"The service would connect as {found.name}, which may see the rows of every tenant.",
            field=SETTING,
            remedy=f"Name the role {ROLE} in it.",
        )
    refuse_powers(bool(found.has_powers))


def refuse_powers(has_powers: bool) -> None:
    """Refuse a role that may do more than the service must be able to.

    Raises:
        PermanentError: it may; says what an administrator runs.
    """
    if has_powers:
        raise PermanentError(
            f"The role {ROLE} may do more than the service must be able to.",
            remedy=f"An administrator runs: {WITHOUT_POWERS}",
        )


def describe_role(url: str, engine: sa.Engine | None, engine_url: str) -> str:
    """How the service's role is, for `realestate doctor`; one that is not there is told and no failure.

    Args:
        url: the database, as the owner of its tables.
        engine: as the service connects; None where its password is set by the service's start alone.
        engine_url: where that connects.

    Raises:
        PermanentError: what keeps the service from working, and what to do.
        TransientError: the server is away.
    """
    with migration.readable(url), migration.engine(url).connect() as connection:
        state = service_role_state(connection)
    if not state.exists:
        if state.may_create:
            return "not there yet: the first run makes it"
        return (
            f"not there, and this database user may not create it; ask for: {BY_ADMINISTRATOR} "
            f"Then set {SETTING}"
        )
    refuse_powers(state.has_powers)
    if engine is not None:
        check_connected(engine, engine_url)
        return "connects, sees one tenant at a time"
    if not state.may_create:
        raise PermanentError(
            f"This database user may not set the password of {ROLE}.",
            field=SETTING,
            remedy=f"Set {SETTING} to an address at which that role may log in.",
        )
    return "there; the start of the service sets its password"


def _refused(said: str) -> PermanentError:
    return PermanentError(
        f"The service cannot connect as {ROLE}. {said.rstrip('.')}.",
        field=SETTING,
        remedy=f"Set {SETTING} to an address at which that role may log in: an administrator gives it a "
        f"password (alter role {ROLE} login password '…';), and a PgBouncer has to know the role too.",
    )
