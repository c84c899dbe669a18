"""Dagster's storage waits for a server that is away, for a while, and says so."""

import threading
import time

import psycopg2
import pytest
import sqlalchemy as sa

from resources.errors import PermanentError, TransientError
from resources.warehouse import dagster_engine
from resources.warehouse.dagster_engine import PatientConnection, kept_engine
from tests.integration.faults.link import link_to_socket

pytestmark = pytest.mark.integration


@pytest.fixture
def line(warehouse):
    parts = warehouse.connection_parts()
    with link_to_socket(f"{parts['host']}/.s.PGSQL.{parts['port']}") as made:
        yield made


def engine(line, warehouse, kind=PatientConnection) -> sa.Engine:
    name = warehouse.connection_parts()["dbname"]
    url = f"postgresql://postgres@127.0.0.1:{line.port}/{name}"
    return kept_engine(lambda: url, max_overflow=1, kind=kind)


def test_a_connection_is_waited_for_longer_than_dagster_would(line, warehouse, caplog):
    line.cut()
    threading.Timer(1.5, line.mend).start()
    begun = time.monotonic()
    with engine(line, warehouse).connect() as connection:
        assert connection.execute(sa.text("select 1")).scalar() == 1
    assert time.monotonic() - begun > 1.4
    assert caplog.text.count("is away, and waited for 360 s") == 1


def test_a_server_that_stays_away_is_given_up_with_a_sentence(line, warehouse):
    class Hasty(PatientConnection):
        patience_seconds = 0.5

    line.cut()
    with pytest.raises(TransientError, match=r"has not answered for 0 s\. .*Connection refused"):
        engine(line, warehouse, Hasty).connect()


def test_a_full_disk_of_the_server_is_told_as_one(line, warehouse, monkeypatch):
    # What the server says when it cannot extend a file, raised by the server itself.
    raised = "do $$ begin raise exception 'could not extend file' using errcode = '53100'; end $$"
    with engine(line, warehouse).connect() as connection, pytest.raises(PermanentError, match="is full"):
        connection.execute(sa.text(raised))


def test_a_password_that_is_refused_is_not_waited_for(line, warehouse, monkeypatch):
    def refused(_):
        raise psycopg2.OperationalError('FATAL:  password authentication failed for user "ann"')

    monkeypatch.setattr(dagster_engine.psycopg2, "connect", refused)
    with pytest.raises(sa.exc.OperationalError, match="password authentication failed"):
        engine(line, warehouse).connect()
