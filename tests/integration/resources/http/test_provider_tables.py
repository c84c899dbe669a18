"""The ledger's tables come into being once, whoever asks; doctor reads what is left of each budget."""

import threading
import time

import pytest

from realestate_assets.domain.counties.provider_policies import load_policies
from resources.errors import TransientError
from resources.http.ledger import Ledger
from resources.http.provider_status import provider_status
from resources.http.session import ApiSession
from resources.ops_tables import PROVIDER_TABLES
from resources.warehouse import connections as postgres
from resources.warehouse.held_connection import HeldConnection
from resources.warehouse.resource import WarehouseResource
from tests.http_server import LocalServer, json_reply
from tests.integration.resources.http.api_calls import KING, asks, ledger, paid, policy, session

pytestmark = pytest.mark.integration


def test_many_that_make_the_tables_at_once_all_succeed(warehouse):
    warehouse.execute("drop schema ops cascade")
    errors: list[Exception] = []

    def ensure() -> None:
        try:
            warehouse.ensure_tables(PROVIDER_TABLES)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=ensure) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    found = warehouse.read(
        "select table_name::text as name, count(*) as columns from information_schema.columns "
        "where table_schema = 'ops' group by 1"
    ).to_pylist()
    assert {row["name"]: row["columns"] for row in found} == {
        spec.name: len(spec.columns) for spec in PROVIDER_TABLES
    }


def test_the_tables_and_their_columns_say_what_they_hold(warehouse):
    warehouse.ensure_tables(PROVIDER_TABLES)
    rows = warehouse.read(
        "select c.relname::text as name, obj_description(c.oid) as told, a.attname::text as column, "
        "col_description(c.oid, a.attnum) as meaning "
        "from pg_class c join pg_attribute a on a.attrelid = c.oid "
        "where c.relnamespace = 'ops'::regnamespace and c.relkind = 'r' "
        "and a.attnum > 0 and not a.attisdropped"
    ).to_pylist()
    assert {row["told"] for row in rows} == {spec.comment for spec in PROVIDER_TABLES}
    told = {(row["name"], row["column"]): row["meaning"] for row in rows}
    assert told == {(spec.name, c.name): c.description for spec in PROVIDER_TABLES for c in spec.columns}


def test_a_column_that_an_older_ledger_lacks_is_added_and_its_rows_stay(warehouse):
    with LocalServer(lambda *_: json_reply({})) as server, session(warehouse, policy(server.url)) as api:
        api.send_all(asks(1))
    warehouse.execute("alter table ops.provider_calls drop column latency_ms")
    warehouse.ensure_tables(PROVIDER_TABLES)
    assert [row["latency_ms"] for row in ledger(warehouse)] == [None]


def test_a_held_connection_that_was_cut_is_opened_again(warehouse):
    held = HeldConnection(warehouse)
    pid = held.run(lambda c: postgres.query(c, "select pg_backend_pid() as pid"))[0]["pid"]
    warehouse.read(f"select pg_terminate_backend({pid})")
    assert held.run(lambda c: postgres.query(c, "select pg_backend_pid() as pid"))[0]["pid"] != pid
    held.close()
    held.close()


def test_a_failed_transaction_of_a_held_connection_leaves_nothing_behind(warehouse):
    held = HeldConnection(warehouse)
    warehouse.execute("create table if not exists marks (n integer)")

    def half(connection: object) -> None:
        postgres.run(connection, "insert into marks values (1)")
        raise ValueError("in the middle")

    with pytest.raises(ValueError, match="in the middle"):
        held.run(half)
    held.run(lambda c: postgres.run(c, "insert into marks values (2)"))
    held.close()
    assert warehouse.read("select n from marks")["n"].to_pylist() == [2]


class BrokenLedger(Ledger):
    """Its database goes away before the first reservation."""

    def reserve(self, asked: object) -> list:
        raise TransientError("Postgres: the server closed the connection.")


def test_without_its_ledger_nothing_is_sent(warehouse):
    """A call that cannot be written down could be paid twice."""
    warehouse.ensure_tables(PROVIDER_TABLES)
    with LocalServer(lambda *_: json_reply({})) as server:
        rules = paid(server.url)
        api = ApiSession(BrokenLedger(warehouse, rules, "mine", KING, "run-1"), rules, "mine")
        with pytest.raises(TransientError, match="closed the connection"):
            api.send_all(asks(5))
        api.close()
        assert server.requests == []


def states(warehouse: WarehouseResource, *rules: object) -> dict[str, object]:
    found = provider_status(warehouse, {rule.name: rule for rule in rules}, timeout_seconds=1)
    return {status.api: status for status in found}


def test_doctor_says_what_can_be_called_and_what_is_left(warehouse, monkeypatch):
    monkeypatch.setenv("MINE_API_KEY", "s3cret-value")
    with LocalServer(lambda *_: json_reply({}, 404)) as server:
        rules = paid(
            server.url,
            name="mine",
            key={"env": "MINE_API_KEY", "query": "token"},
            budget={"usd_per_run": 1, "usd_per_day": "0.50", "calls_per_month": 1000},
        )
        with session(warehouse, rules) as api:
            api.send_all(asks(2))
        status = states(warehouse, rules)["mine"]
        probe = server.requests[-1]
    assert status.ok
    assert status.reached.startswith("HTTP 404 in ")
    assert status.key == "MINE_API_KEY is set"
    assert (
        status.budget == "$1.00 of $1.00 a run; $0.34 of $0.50 a day (UTC); 998 of 1,000 calls a month (UTC)"
    )
    assert status.remedy == ""
    assert "s3cret" not in repr(status)
    # The probe carries no key and is no call.
    assert (probe.method, probe.query) == ("HEAD", {})
    assert len(ledger(warehouse)) == 2


def test_doctor_says_what_is_wrong_and_what_to_do(warehouse, monkeypatch):
    monkeypatch.delenv("MINE_API_KEY", raising=False)
    with LocalServer(lambda *_: json_reply({})) as server:
        gone = server.url
        spent = paid(server.url, name="spent", budget={"usd_per_day": "0.15"})
        with session(warehouse, spent) as api:
            api.send_all(asks(1))
        keyless = policy(server.url, name="keyless", key={"env": "MINE_API_KEY", "header": "X-Key"})
        optional = policy(
            server.url, name="optional", key={"env": "MINE_API_KEY", "query": "k", "required": False}
        )
        inside = policy(server.url, name="inside", allow_private_addresses=False)
        found = states(warehouse, spent, keyless, optional, inside)
    found |= states(warehouse, policy(gone, name="away"))
    assert {name: (s.reachable, s.key_ok, s.budget_ok) for name, s in found.items()} == {
        "spent": (True, True, False),
        "keyless": (True, False, True),
        "optional": (True, True, True),
        "inside": (False, True, True),
        "away": (False, True, True),
    }
    assert "raise the budget" in found["spent"].remedy
    assert "set MINE_API_KEY" in found["keyless"].remedy
    assert found["optional"].key == "MINE_API_KEY is not set (optional)"
    assert "not public" in found["inside"].reached
    assert "no connection" in found["away"].reached
    assert [s.ok for s in found.values()] == [False, False, True, False, False]


def test_doctor_tries_all_addresses_at_once_and_none_for_long(warehouse):
    with LocalServer(lambda *_: (time.sleep(3), json_reply({}))[1]) as server:
        rules = [policy(server.url, name=f"slow_{n}") for n in range(6)]
        warehouse.ensure_tables(PROVIDER_TABLES)
        begin = time.monotonic()
        found = states(warehouse, *rules)
        assert time.monotonic() - begin < 3
    assert not any(status.reachable for status in found.values())


def test_doctor_knows_every_api_that_ships(warehouse, monkeypatch):
    monkeypatch.setattr("resources.http.provider_status._probe", lambda *_: (True, "not tried here", None))
    found = provider_status(warehouse, load_policies())
    assert [status.api for status in found] == list(load_policies())
    assert all(status.budget_ok and status.budget for status in found)
    assert provider_status(warehouse, {}) == []
