"""What the memos are made of, read from the warehouse: a fixed number of queries however many memos."""

import json

import pandas as pd

from realestate_assets.domain.memo.market import WHOLE_COUNTY
from realestate_assets.domain.memo.rows import KEY
from resources.warehouse.resource import WarehouseResource

# Rows of the chosen properties.
_CHOSEN = (
    "(select p.county, p.month, p.property_id "
    "from jsonb_to_recordset($1::jsonb) as p(county text, month text, property_id text))"
)
TABLE_QUERIES = {
    name: f"select t.* from {table} t where (t.county, t.month, t.property_id) in {_CHOSEN}"  # noqa: S608
    for name, table in (
        ("features", "marts.features"),
        ("properties", "raw.properties"),
        ("enrichments", "raw.enrichments"),
        ("enrichment_facts", "raw.enrichment_facts"),
        ("contributions", "raw.value_contributions"),
    )
}
# A sale without a street is told by its parcel number, whatever month its record stands in.
COMPARABLES_QUERY = f"""
select t.*, p.apn as comp_apn
from raw.comparables t
left join lateral (
    select p.apn from raw.properties p where p.property_id = t.comp_property_id and p.apn is not null
    order by p.month desc, p.county limit 1
) p on t.comp_street is null
where (t.county, t.month, t.property_id) in {_CHOSEN}
"""  # noqa: S608
# Months before the last one asked for; those from a memo's own month on are left out memo by memo. Not
# marts.market_trends: the marts are built after the memos.
MARKET_QUERY = f"""
with places as (
    select distinct t.county, t.is_simulated, t.zip, t.month
    from raw.properties t where (t.county, t.month, t.property_id) in {_CHOSEN}
),
ends as (select county, is_simulated, max(month) as end_month from places group by county, is_simulated)
select
    s.county,
    s.month,
    s.is_simulated,
    case when grouping(s.zip) = 1 then '{WHOLE_COUNTY}' else s.zip end as zip,
    count(*) as sale_count,
    percentile_cont(0.5) within group (order by s.sale_price_per_sqft_usd) as median_price_per_sqft_usd
from intermediate.int_sales__valid s
join ends e on e.county = s.county and e.is_simulated = s.is_simulated and s.month < e.end_month
group by grouping sets ((s.county, s.month, s.is_simulated), (s.county, s.month, s.is_simulated, s.zip))
having grouping(s.zip) = 1 or s.zip in (select zip from places)
"""  # noqa: S608


def read_chosen(warehouse: WarehouseResource, chosen: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Every table's rows of the chosen properties, and the market around them.

    Args:
        warehouse: holds the tables.
        chosen: rows with the columns of KEY.
    """
    keys = json.dumps(chosen[KEY].to_dict("records"))
    queries = {**TABLE_QUERIES, "comparables": COMPARABLES_QUERY, "market": MARKET_QUERY}
    return {name: warehouse.read(sql, (keys,)).to_pandas() for name, sql in queries.items()}
