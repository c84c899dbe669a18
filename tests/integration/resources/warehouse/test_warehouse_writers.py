"""Writers at the same time, and writers that are killed, leave whole partitions."""

import multiprocessing
import threading
import time

import pandas as pd
import pytest

from resources.partition import Partition
from resources.warehouse import connections as postgres
from resources.warehouse.resource import WarehouseResource
from resources.warehouse.table_spec import Column, TableSpec

pytestmark = pytest.mark.integration

MONTHS = [Partition("king-wa", f"2015-{month:02}") for month in range(1, 5)]
SALES = TableSpec(
    schema="raw",
    name="sales",
    description="Sales.",
    key=("county", "month", "sale_id"),
    columns=(
        Column("county", "text", "County.", nullable=False),
        Column("month", "text", "Month.", nullable=False),
        Column("sale_id", "integer", "Id.", nullable=False),
        Column("writer", "integer", "Who wrote it."),
    ),
)
ROWS = 500
FORK = multiprocessing.get_context("fork")


def sales(partitions: list[Partition], writer: int) -> pd.DataFrame:
    frames = [
        pd.DataFrame({"county": county, "month": month, "sale_id": range(ROWS), "writer": writer})
        for county, month in partitions
    ]
    return pd.concat(frames, ignore_index=True)


def writers_and_rows(warehouse: WarehouseResource) -> dict[str, tuple[int, int]]:
    table = warehouse.read(
        "select month, count(distinct writer) as writers, count(*) as n from raw.sales group by month"
    )
    return {row["month"]: (row["writers"], row["n"]) for row in table.to_pylist()}


def write_at_once(warehouse: WarehouseResource, orders: list[list[Partition]]) -> list[Exception]:
    errors: list[Exception] = []
    start = threading.Barrier(len(orders))

    def write(writer: int, partitions: list[Partition]) -> None:
        try:
            start.wait()
            for _ in range(3):
                warehouse.replace_partitions(SALES, sales(partitions, writer), partitions)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=order) for order in enumerate(orders)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def test_writers_of_different_partitions_do_not_disturb_each_other(warehouse):
    warehouse.ensure_tables([SALES])
    assert write_at_once(warehouse, [[month] for month in MONTHS]) == []
    assert writers_and_rows(warehouse) == {month: (1, ROWS) for _, month in MONTHS}


def test_writers_of_the_same_partitions_leave_one_of_them_whole(warehouse):
    """In opposite orders, which is how a deadlock is made."""
    warehouse.ensure_tables([SALES])
    assert write_at_once(warehouse, [MONTHS, MONTHS[::-1], MONTHS[1:3], MONTHS[::-1]]) == []
    assert writers_and_rows(warehouse) == {month: (1, ROWS) for _, month in MONTHS}


def write_three_times(warehouse: WarehouseResource, writer: int) -> None:
    for _ in range(3):
        warehouse.replace_partitions(SALES, sales(MONTHS, writer), MONTHS)


def test_two_processes_write_the_same_partitions_without_error(warehouse):
    warehouse.ensure_tables([SALES])
    # Forked, not spawned: the imports of a new process take longer than the test.
    processes = [FORK.Process(target=write_three_times, args=(warehouse, writer)) for writer in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    assert writers_and_rows(warehouse) == {month: (1, ROWS) for _, month in MONTHS}


def test_a_writer_killed_between_delete_and_insert_leaves_the_old_partition(warehouse):
    warehouse.ensure_tables([SALES])
    march = MONTHS[:1]
    warehouse.replace_partitions(SALES, sales(march, 1), march)
    # An uncommitted row of the same key, outside of the partition's lock, holds the insert up.
    blocker = postgres.open_connection(
        postgres.socket_url(str(warehouse.connection_parts()["host"]), warehouse.database)
    )
    county, month = march[0]
    row = f"('{county}', '{month}', {ROWS}, 9)"
    postgres.run(blocker, f"insert into raw.sales (county, month, sale_id, writer) values {row}")
    new = pd.concat([sales(march, 2), sales(march, 2).head(1).assign(sale_id=ROWS)])
    process = FORK.Process(target=warehouse.replace_partitions, args=(SALES, new, march))
    process.start()
    try:
        await_blocked_insert(warehouse)
    finally:
        process.kill()
        process.join()
        blocker.rollback()
        blocker.close()
    assert writers_and_rows(warehouse) == {month: (1, ROWS)}
    assert warehouse.read("select distinct writer from raw.sales")["writer"].to_pylist() == [1]
    warehouse.replace_partitions(SALES, sales(march, 3), march)
    assert warehouse.read("select distinct writer from raw.sales")["writer"].to_pylist() == [3]


def await_blocked_insert(warehouse: WarehouseResource) -> None:
    deadline = time.monotonic() + 60
    sql = (
        "select count(*) as n from pg_stat_activity where wait_event_type = 'Lock' "
        "and query like 'insert into raw.sales%' and datname = current_database()"
    )
    while warehouse.read(sql)["n"][0].as_py() == 0:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_serialization_failure_is_tried_again(warehouse):
    tries = []

    def work(connection):
        tries.append(1)
        if len(tries) < 3:
            postgres.run(connection, "do $$ begin raise exception 'conflict' using errcode = '40001'; end $$")
        return "done"

    assert warehouse._transaction(work) == "done"
    assert len(tries) == 3
