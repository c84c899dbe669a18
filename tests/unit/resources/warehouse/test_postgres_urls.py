"""Database URLs are read in every spelling, and a password never shows."""

import pytest
from adbc_driver_manager import OperationalError
from hypothesis import given
from hypothesis import strategies as st

from resources.errors import PermanentError, TransientError
from resources.warehouse import connections as postgres
from resources.warehouse.resource import WarehouseResource


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ann:s%40fe@db.example:6000/homes?sslmode=require",
        "postgres://ann:s%40fe@db.example:6000/homes?sslmode=require",
        "postgresql+psycopg2://ann:s%40fe@db.example:6000/homes?sslmode=require",
    ],
)
def test_the_parts_of_a_url_are_found_in_every_spelling(url):
    assert postgres.url_parts(url) == {
        "host": "db.example",
        "port": 6000,
        "user": "ann",
        "password": "s@fe",
        "dbname": "homes",
        "sslmode": "require",
    }


def test_a_socket_url_gives_its_folder_as_host():
    parts = postgres.url_parts(postgres.socket_url("/tmp/a=b/pg", "realestate"))
    assert parts["host"] == "/tmp/a=b/pg"
    assert parts["dbname"] == "realestate"


def test_another_database_of_the_same_server_keeps_everything_else():
    url = postgres.with_database("postgresql://a:b@h:1/x?sslmode=require", "dagster")
    assert url == "postgresql://a:b@h:1/dagster?sslmode=require"


@pytest.mark.parametrize(
    "url",
    [
        "mysql://a:hunter2@h/x",
        "hunter2",
        "postgresql://a:hunter2@h:port/x",
        "postgresql://a:hun ter2@h/x",
        "postgresql//a:hunter2@h/x",
    ],
)
def test_a_url_that_cannot_be_read_is_refused_without_being_shown(url):
    with pytest.raises(PermanentError) as caught:
        postgres.open_connection(url)
    assert "hun" not in str(caught.value)
    assert "DATABASE_URL" in str(caught.value)


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="*"), min_size=6))
def test_a_password_is_taken_out_in_any_spelling(password):
    from urllib.parse import quote

    url = f"postgresql://ann:{quote(password, safe='')}@h/x"
    text = f"<{password}|{quote(password, safe='')}>"
    assert postgres.redact(text, url) == "<***|***>"


def test_a_refused_connection_is_transient_and_hides_the_password(monkeypatch):
    monkeypatch.setattr("resources.warehouse.warehouse.ATTEMPTS", 1)
    with pytest.raises(TransientError) as caught:
        WarehouseResource(url="postgresql://ann:hunter2@127.0.0.1:1/x").read("select 1")
    assert "refused" in str(caught.value)
    error = caught.value
    while error is not None:
        assert "hunter2" not in str(error)
        error = error.__cause__ or error.__context__


def test_the_resource_does_not_print_its_url():
    assert "hunter2" not in repr(WarehouseResource(url="postgresql://ann:hunter2@h/x"))


@pytest.mark.parametrize(
    ("state", "text", "kind"),
    [
        ("40001", "could not serialize access", postgres.RolledBackError),
        ("40P01", "deadlock detected", postgres.RolledBackError),
        ("53300", "too many connections", TransientError),
        ("57P01", "terminating connection due to administrator command", postgres.RolledBackError),
        ("42P01", 'relation "nope" does not exist', PermanentError),
        ("23505", "duplicate key", PermanentError),
        (None, "server closed the connection unexpectedly", TransientError),
        (None, "FATAL: the database system is starting up", TransientError),
        (None, 'FATAL: password authentication failed for user "ann"', PermanentError),
        (None, 'FATAL: database "x" does not exist', PermanentError),
    ],
)
def test_errors_are_sorted_by_whether_a_retry_can_help(state, text, kind):
    error = OperationalError(text, status_code=10, sqlstate=state)
    assert type(postgres.translate(error, "postgresql://h/x")) is kind


@pytest.mark.parametrize("name", ["Robert'); drop table x;--", "", "a b", 'a"b', "A", "1a"])
def test_only_plain_identifiers_reach_sql(name):
    with pytest.raises(PermanentError):
        postgres.identifier(name)


def test_a_server_behind_a_network_is_not_waited_for_without_end():
    url = postgres.watched_url("postgres://ann@db.example/homes?connect_timeout=3&sslmode=require")
    assert "connect_timeout=3&" in url
    assert "connect_timeout=10" not in url
    assert "keepalives_count=3" in url
    assert "tcp_user_timeout=60000" in url
    assert postgres.url_parts(url) == postgres.url_parts("postgres://ann@db.example/homes?sslmode=require")


def test_a_server_behind_a_socket_needs_no_limits():
    url = postgres.socket_url("/var/run/pg", "homes")
    assert postgres.watched_url(url) == url
