"""What of a run is compared with an undisturbed one: rows of tables, and bytes of files."""

import hashlib

from resources.lake.store import StoreResource
from resources.warehouse.resource import WarehouseResource

# These tell of the runs themselves: how often one asked, when each version was made.
ABOUT_RUNS = ("data_quality_history", "enrichment_costs", "property_lifecycle")
TABLES = """
select
    table_schema || '.' || table_name as name,
    string_agg(format('coalesce(%I::text, ''null'')', column_name), ', ' order by column_name) as fields
from information_schema.tables
inner join information_schema.columns using (table_schema, table_name)
where
    table_schema in ('raw', 'marts')
    and table_type = 'BASE TABLE'
    and data_type <> 'timestamp with time zone'
group by table_schema, table_name
order by 1
"""


def tables(warehouse: WarehouseResource) -> dict[str, str]:
    """Of every table of raw and marts the number of rows and a hash of them, without their times."""
    found = {}
    for table in warehouse.read(TABLES).to_pylist():
        if table["name"].partition(".")[2] in ABOUT_RUNS:
            continue
        # An array: a function takes no more than 100 arguments, and tables have more columns.
        row = f"md5(array_to_string(array[{table['fields']}], '|'))"
        sql = f"select count(*) || ' ' || md5(string_agg({row}, '' order by {row})) as h from {table['name']}"
        found[table["name"]] = warehouse.read(sql).to_pylist()[0]["h"]
    return found


def files(store: StoreResource, below: str = "") -> dict[str, str]:
    """Of every file of a lake the SHA-256."""
    return {name: hashlib.sha256(store.read_bytes(name)).hexdigest() for name in store.list_files(below)}


def differences(expected: dict[str, str], found: dict[str, str]) -> dict[str, tuple[str | None, str | None]]:
    """What is not the same: expected and found, None where it is absent."""
    names = sorted(expected.keys() | found.keys())
    return {n: (expected.get(n), found.get(n)) for n in names if expected.get(n) != found.get(n)}
