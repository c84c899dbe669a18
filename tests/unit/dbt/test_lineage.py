"""Column lineage from compiled SQL: through expressions, joins and views; never a reason to fail a run."""

import pytest

from realestate_assets.dbt.lineage import LINEAGE_KEY, column_dependencies, column_lineage


def table(name: str, schema: str, *columns: str) -> dict:
    return {
        "name": name,
        "schema": schema,
        "identifier": name,
        "columns": {column: {"data_type": "double precision"} for column in columns},
        "depends_on": {"nodes": []},
    }


MANIFEST = {
    "sources": {
        "sales": table("sales", "raw", "zip", "price_usd", "area_sqft"),
        "rents": table("rents", "raw", "zip", "rent_usd"),
        "counties": table("counties", "ops", "zip", "heat"),
    },
    "nodes": {
        "levels": table("levels", "marts", "zip", "price_per_sqft_usd", "rent_share", "heat", "n", "kind")
        | {"depends_on": {"nodes": ["sales", "rents", "counties"]}}
    },
}
SQL = """
with priced as (select zip, price_usd / nullif(area_sqft, 0) as price_per_sqft_usd, price_usd from raw.sales)
select zip, avg(price_per_sqft_usd) as price_per_sqft_usd, avg(rent_usd / price_usd) as rent_share,
       max(counties.heat) as heat, count(*) as n, 'all' as kind
from priced join raw.rents using (zip) left join ops.counties using (zip)
group by zip
"""


def test_a_column_comes_from_the_columns_it_is_computed_from():
    found = column_dependencies(MANIFEST, "levels", SQL)
    assert found["price_per_sqft_usd"] == [("sales", "area_sqft"), ("sales", "price_usd")]
    assert found["rent_share"] == [("rents", "rent_usd"), ("sales", "price_usd")]
    assert ("sales", "zip") in found["zip"]


def test_counts_constants_and_configuration_come_from_no_asset():
    found = column_dependencies(MANIFEST, "levels", SQL)
    assert found["n"] == found["kind"] == found["heat"] == []


@pytest.mark.parametrize(
    "sql", ["select from where", "select unheard_of from raw.sales", "select x from raw.other"]
)
def test_sql_that_cannot_be_followed_gives_no_lineage_and_no_error(sql):
    assert column_lineage(MANIFEST, "levels", sql) == {}


def test_the_entry_is_the_one_the_asset_page_reads():
    (entry,) = column_lineage(MANIFEST, "levels", SQL).items()
    assert entry[0] == LINEAGE_KEY == "dagster/column_lineage"
    assert set(entry[1].deps_by_column) == set(MANIFEST["nodes"]["levels"]["columns"])
