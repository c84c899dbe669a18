"""Does it pay to partition a table by county? The same rows in one table and in one of partitions, in turns.

    .venv/bin/python -m benchmarks.partitioned [--rows 3000000] [--counties 30] [--turns 5]

Simulated scores: counties times twelve months, with the keys, the index and the columns that runs and
readers use most. Measured are what a run does (the rows of one county and month are replaced in a
transaction), what a reader does (one county's month; one home over all months; the best of one month over
all counties), and VACUUM after it all. An embedded Postgres of its own; seconds of the wall, medians.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from resources.warehouse import connections as postgres
from resources.warehouse import embedded
from resources.warehouse.warehouse import Warehouse

COLUMNS = """
    county text not null, month text not null, property_id text not null, score double precision,
    value_usd double precision, low_usd double precision, high_usd double precision, model text, reason text
"""
FILL = """
insert into {table}
select 'county-' || lpad((n % $1::int)::text, 4, '0'), '2024-' || lpad((n / $1::int % 12 + 1)::text, 2, '0'),
    md5((n / 12)::text), random() * 100, random() * 1e6, random() * 9e5, random() * 1.1e6, 'model', null
from generate_series(0, $2::int - 1) as n
"""
REPLACE = """
with gone as (delete from {table} where county = $1 and month = '2024-06' returning *)
select count(*) as n from gone
"""
BACK = """
insert into {table}
select $1::text, '2024-06', md5(n::text || $1), random() * 100, 1, 1, 1, 'model', null
from generate_series(1, $2::int) as n
"""
READS = {
    "a county's month": "select * from {table} where county = $1 and month = '2024-03'",
    "a home, all months": "select * from {table} where property_id = md5('1234') and county = $1",
    "the best of a month, all counties": (
        "select * from {table} where month = '2024-03' and county >= $1 order by score desc limit 50"
    ),
}


def make(warehouse: Warehouse, table: str, counties: int, rows: int) -> float:
    """The table, filled; seconds of filling it."""
    warehouse.execute(f"drop table if exists {table}")
    by_county = table == "by_county"
    warehouse.execute(
        f"create table {table} ({COLUMNS})" + (" partition by list (county)" if by_county else "")
    )
    for number in range(counties if by_county else 0):
        name = f"county-{number:04d}"
        warehouse.execute(f"create table {table}_{number} partition of {table} for values in ('{name}')")
    warehouse.execute(f"create unique index on {table} (county, month, property_id)")
    warehouse.execute(f"create index on {table} (property_id)")
    started = time.perf_counter()
    warehouse.execute(FILL.format(table=table), (counties, rows))
    took = time.perf_counter() - started
    warehouse.execute(f"analyze {table}")
    return took


def measured(work: Callable[[], object]) -> float:
    """Seconds of one call."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=3_000_000)
    parser.add_argument("--counties", type=int, default=30)
    parser.add_argument("--turns", type=int, default=5)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="realestate-partitioned-") as name:
        folder = Path(name)
        # The embedded Postgres runs as another user where this runs as root.
        folder.chmod(0o755)
        warehouse = Warehouse(embedded_root=str(folder / "postgres"))
        try:
            compare(warehouse, chosen.rows, chosen.counties, chosen.turns)
        finally:
            embedded.leave(folder / "postgres")


def compare(warehouse: Warehouse, rows: int, counties: int, turns: int) -> None:
    """Both tables side by side."""
    tables = ("one_table", "by_county")
    found: dict[str, dict[str, list[float]]] = {}
    for table in tables:
        found.setdefault("filling it", {})[table] = [make(warehouse, table, counties, rows)]
    a_month = rows // counties // 12
    for turn in range(turns):
        county = (f"county-{turn % counties:04d}",)
        for table in tables:

            def replace(table: str = table, county: tuple[str] = county) -> None:
                warehouse.read(REPLACE.format(table=table), county)
                warehouse.execute(BACK.format(table=table), (*county, a_month))

            found.setdefault("a county's month replaced", {}).setdefault(table, []).append(measured(replace))
            for what, sql in READS.items():

                def read(sql: str = sql, table: str = table, county: tuple[str] = county) -> object:
                    return warehouse.read(sql.format(table=table), county)

                read()
                found.setdefault(what, {}).setdefault(table, []).append(measured(read))
    # Not within a transaction.
    connection = postgres.open_connection(warehouse.database_url(), autocommit=True)
    for table in tables:
        started = time.perf_counter()
        postgres.run(connection, f"vacuum {table}")
        found.setdefault("VACUUM", {})[table] = [time.perf_counter() - started]
    postgres.close(connection)
    print(f"{rows:,} rows (simulated), {counties} counties\n")
    print("| | one table, ms | by county, ms | by county / one |\n|---|---|---|---|")
    for what, each in found.items():
        one, parts = (statistics.median(each[table]) * 1e3 for table in tables)
        print(f"| {what} | {one:,.1f} | {parts:,.1f} | {parts / one:.2f} |")


if __name__ == "__main__":
    main()
