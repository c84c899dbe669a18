"""A database dumped and brought back by Postgres' own programs, and a checksum of what its tables hold."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

import sqlalchemy as sa

from realestate_assets.operations.backup.snapshot import TableState
from realestate_assets.operations.backup.vault import PIECE_BYTES
from resources.errors import PermanentError, TransientError
from resources.warehouse import connections as postgres
from resources.warehouse.migration import LOCK_TIMEOUT, engine, readable
from resources.warehouse.server_programs import programs_folder

NO_POLICIES_SINCE = 18
TABLES_SQL = """
select schemaname::text, tablename::text from pg_tables
where schemaname not in ('pg_catalog', 'information_schema') and schemaname !~ '^pg_' order by 1, 2
"""
SCHEMAS_SQL = """
select nspname::text from pg_namespace where nspname <> 'information_schema' and nspname !~ '^pg_'
"""


@contextmanager
def moment(url: str) -> Iterator[tuple[sa.Connection, str]]:
    """A connection that sees one moment of a database, and the name by which pg_dump sees the same.

    Raises:
        RealEstateError: what the server said, without a password.
    """
    with (
        readable(url),
        engine(url).connect().execution_options(isolation_level="REPEATABLE READ") as connection,
    ):
        connection.exec_driver_sql("set time zone 'UTC'")
        yield connection, str(connection.exec_driver_sql("select pg_export_snapshot()").scalar_one())


def states(connection: sa.Connection) -> dict[str, TableState]:
    """What each table of the connection's moment holds."""
    quote = connection.dialect.identifier_preparer.quote_identifier
    found = {}
    for schema, table in connection.exec_driver_sql(TABLES_SQL).all():
        sql = (
            "select count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text "  # noqa: S608
            f"from {quote(schema)}.{quote(table)} t"
        )
        rows, checksum = connection.exec_driver_sql(sql).one()
        found[f"{schema}.{table}"] = TableState(rows=rows, checksum=checksum)
    return found


def dump(url: str, moment_name: str) -> Iterator[bytes]:
    """Blocks of a dump of a moment.

    Raises:
        PermanentError: pg_dump failed; the server may be newer than the programs of the wheel.
    """
    # The tables' owner, where it is no superuser, is held to row-level security too, by a policy that shows
    # it every row (app/row_security.py): without the option the program refuses.
    arguments = ["--format=custom", "--no-owner", "--no-acl", "--enable-row-security"]
    arguments.append(f"--snapshot={moment_name}")
    process = _program("pg_dump", url, *arguments, stdout=subprocess.PIPE)
    with process:
        assert process.stdout is not None
        while block := process.stdout.read(PIECE_BYTES):
            yield block
        _finish(process, "pg_dump", url)


def restore(url: str, blocks: Iterable[bytes]) -> None:
    """Bring a dump into an empty database, in one transaction.

    Raises:
        PermanentError: the database holds tables, or pg_restore failed: nothing was changed.
    """
    arguments = ["--no-owner", "--no-acl", "--exit-on-error", "--single-transaction"]
    if _version("pg_restore", url) >= NO_POLICIES_SINCE:
        # A policy names the owner it is for, whose name here may be another. Row-level security as a whole is
        # made by the upgrade of the tables that follows (app/row_security.py); until then only the owner has
        # been granted anything.
        arguments.append("--no-policies")
    process = _program("pg_restore", url, *arguments, stdin=subprocess.PIPE)
    with process:
        assert process.stdin is not None
        try:
            for block in blocks:
                process.stdin.write(block)
            process.stdin.close()
        except BrokenPipeError:
            # It ended before it had read all: its own words say why.
            pass
        except BaseException:
            process.kill()
            raise
        _finish(process, "pg_restore", url)


def is_empty(url: str) -> bool:
    """Whether a database holds no table.

    Raises:
        RealEstateError: what the server said, without a password.
    """
    with readable(url), engine(url).connect() as connection:
        return not connection.exec_driver_sql(TABLES_SQL).all()


def clear(url: str) -> None:
    """Drop everything that a database holds, in one transaction.

    Raises:
        TransientError: a table was in use for longer than LOCK_TIMEOUT: nothing was dropped.
        PermanentError: the server refused.
    """
    with readable(url), engine(url).begin() as connection:
        connection.exec_driver_sql(f"set local lock_timeout = '{LOCK_TIMEOUT}'")
        quote = connection.dialect.identifier_preparer.quote_identifier
        for schema in connection.exec_driver_sql(SCHEMAS_SQL).scalars().all():
            connection.exec_driver_sql(f"drop schema {quote(schema)} cascade")
        connection.exec_driver_sql("create schema public")


def _path(name: str, sslmode: str) -> str:
    """The program of the wheel, which knows no TLS; where that is asked for, the machine's own.

    Raises:
        PermanentError: there is none.
    """
    if sslmode not in ("require", "verify-ca", "verify-full"):
        return str(programs_folder() / name)
    if found := shutil.which(name):
        return found
    raise PermanentError(
        f"The {name} that comes with the platform knows no TLS, and this machine has none of its own.",
        field="DATABASE_URL",
        remedy="Install the client programs of Postgres, of the server's version or newer "
        "(Debian: postgresql-client).",
    )


def _version(name: str, url: str) -> int:
    """Major version of a program."""
    command = [_path(name, str(postgres.url_parts(url).get("sslmode", ""))), "--version"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"\) (\d+)", said)
    return int(found[1]) if found else 0


def _program(
    name: str, url: str, *arguments: str, stdin: int | None = None, stdout: int | None = None
) -> subprocess.Popen[bytes]:
    """A program of the wheel on a database; the password goes by the environment, unseen by others."""
    parts = postgres.url_parts(url)
    password = str(parts.pop("password"))
    query = urlencode({key: value for key, value in parts.items() if value != ""})
    address = f"postgresql:///?{query}"
    environment = {**os.environ, **({"PGPASSWORD": password} if password else {})}
    return subprocess.Popen(
        [_path(name, str(parts.get("sslmode", ""))), *arguments, f"--dbname={address}"],
        stderr=subprocess.PIPE,
        env=environment,
        stdin=stdin,
        stdout=stdout,
    )


def _finish(process: subprocess.Popen[bytes], name: str, url: str) -> None:
    assert process.stderr is not None
    said = process.stderr.read().decode(errors="replace").strip()
    if process.wait() == 0:
        return
    text = postgres.redact(said, url)
    if any(part in text for part in postgres.TRANSIENT_TEXTS):
        raise TransientError(f"{name}: {text}")
    remedy = None
    if "server version mismatch" in text:
        remedy = (
            "The server is newer than the Postgres programs that come with this version: use its own pg_dump."
        )
    raise PermanentError(f"{name}: {text}", remedy=remedy)
