"""Raw tables have statistics before each dbt build: without, the planner takes them for nearly empty."""

import pytest

from realestate_assets.dbt.build import prepare_warehouse
from resources.partition import Partition
from tests.integration.dbt.raw import listing, load

pytestmark = pytest.mark.integration

MARCH = Partition("king-wa", "2024-03")
KNOWN = "select distinct tablename::text as name from pg_stats where schemaname = 'raw' order by name"


def test_tables_are_analysed_also_where_a_kill_of_the_server_lost_what_was_counted(warehouse):
    prepare_warehouse(warehouse, [])
    load(warehouse, "properties", [listing(f"p{n}", "2024-03-02", 100_000 + n) for n in range(200)], [MARCH])
    # As recovery after a crash does.
    warehouse.read("select pg_stat_reset()::text as done")
    assert warehouse.read(KNOWN)["name"].to_pylist() == []
    prepare_warehouse(warehouse, [])
    assert warehouse.read(KNOWN)["name"].to_pylist() == ["properties"]
    analysed = "select analyze_count::int as n from pg_stat_user_tables where relname = 'properties'"
    prepare_warehouse(warehouse, [])
    assert warehouse.read(analysed)["n"].to_pylist() == [1], "and not again without a change"
