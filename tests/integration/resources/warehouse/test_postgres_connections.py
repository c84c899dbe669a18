"""Connections: opened fast, and again after the server ended them."""

import pytest

from resources.errors import RealEstateError
from resources.warehouse import connections as postgres

pytestmark = pytest.mark.integration

END_THE_OTHERS = (
    "select count(pg_terminate_backend(pid)) as ended from pg_stat_activity "
    "where datname = current_database() and pid <> pg_backend_pid()"
)


def test_after_its_first_connection_a_process_opens_no_database_again(warehouse, monkeypatch):
    warehouse.read("select 1 as n")
    opened = []
    connect = postgres.dbapi.connect
    monkeypatch.setattr(postgres.dbapi, "connect", lambda *a, **k: opened.append(a) or connect(*a, **k))
    for number in range(5):
        assert warehouse.read("select $1::integer as n", (number,)).to_pylist() == [{"n": number}]
    assert not opened


def test_connections_are_made_again_after_the_server_ended_every_one(warehouse):
    assert warehouse.read(END_THE_OTHERS).to_pylist()[0]["ended"] >= 1
    assert warehouse.read("select current_setting('TimeZone') as zone").to_pylist() == [{"zone": "UTC"}]


def test_an_ended_transaction_is_rolled_back_whole(warehouse):
    warehouse.execute("create table kept (n integer)")
    with pytest.raises(RealEstateError), warehouse.connect() as connection:
        postgres.run(connection, "insert into kept values (1)")
        warehouse.read(END_THE_OTHERS)
        postgres.run(connection, "insert into kept values (2)")
    assert warehouse.read("select count(*) as n from kept").to_pylist() == [{"n": 0}]


def test_no_more_than_a_few_databases_are_kept_open(warehouse):
    url = postgres.socket_url(warehouse.connection_parts()["host"], "postgres")
    for number in range(postgres.MAX_OPENED + 2):
        postgres.open_connection(f"{url}&application_name=a{number}").close()
    assert len(postgres._opened) == postgres.MAX_OPENED
    assert warehouse.read("select 1 as n").num_rows == 1
