"""Staging models that are written into others have the columns they tell: no contract of dbt checks that."""

import re

import pytest

from realestate_assets.dbt.project import dbt_manifest, is_inlined

pytestmark = [pytest.mark.integration]

INLINED = {
    node["name"]: node
    for unique_id, node in dbt_manifest()["nodes"].items()
    if node["resource_type"] == "model"
    and node["schema"] == "staging"
    and is_inlined(dbt_manifest(), unique_id)
}
TYPES_SQL = """
    select attname::text as name, format_type(atttypid, atttypmod) as data_type from pg_attribute
    where attrelid = $1::regclass and attnum > 0 order by attnum
"""


@pytest.mark.parametrize("name", sorted(INLINED))
def test_an_inlined_model_has_the_columns_and_types_it_tells(first, name):
    node = INLINED[name]
    sql = re.sub(r"\{#.*?#\}|^-- depends_on:.*?$", "", node["raw_code"], flags=re.S | re.M)
    sql = re.sub(r"\{\{ source\('(\w+)', '(\w+)'\) \}\}", r"\1.\2", sql)
    first.warehouse.execute(f"create view staging.probe as {sql}")
    try:
        found = first.warehouse.read(TYPES_SQL, ("staging.probe",)).to_pylist()
    finally:
        first.warehouse.execute("drop view staging.probe")
    told = [{"name": c["name"], "data_type": c["data_type"]} for c in node["columns"].values()]
    assert found == told
