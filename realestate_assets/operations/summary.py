"""What a run left behind, read back from where it was written: counts, rejects, deals, ratio study."""

import json
from collections.abc import Sequence
from typing import Any

from realestate_assets.checks.counts import INTAKE_SQL, lake_row_counts
from realestate_assets.checks.valuation import SALES_SQL, study
from realestate_assets.operations.in_process import Outcome
from resources.lake.files import Store
from resources.partition import IN_PARTITIONS, Partition, partitions_json
from resources.warehouse.warehouse import Warehouse

LAKE_ASSETS = ("raw_listings", "valuation_models", "promoted_models", "embeddings")

# What the files of a run sent, each counted once however many months it was read for.
SENT_SQL = f"""
with files as (
    select
        county, source, source_file,
        -- The sample is one file of each month.
        case when is_simulated then month end as sample_month,
        max(file_rows) as sent,
        max(coalesce(file_offers, 0)) as offers,
        sum(rows_received) as here,
        -- They are refused in one month: none is left where the run has that one.
        min(coalesce(rows_undated, 0)) as undated
    from raw.source_files where {IN_PARTITIONS}
    group by county, source, source_file, sample_month
)
select
    coalesce(sum(sent), 0)::bigint as sent,
    coalesce(sum(offers), 0)::bigint as offers,
    coalesce(sum(here), 0)::bigint as received,
    coalesce(sum(sent + offers - here - undated), 0)::bigint as of_other_months,
    coalesce(sum(undated), 0)::bigint as undated
from files
"""

REASONS_SQL = f"""
select reason_code, count(*) as n from raw.property_rejects
where {IN_PARTITIONS} and disposition = 'rejected'
group by reason_code order by n desc, reason_code
"""

# A home on offer in several months is one deal, that of the last of them. Where nothing was on offer at all
# the best of the back-test are shown instead.
DEALS_SQL = f"""
with shown as (
    select *, bool_or(offer_state = 'on_offer') over () as has_offers
    from marts.deal_board where {IN_PARTITIONS}
),
deals as (
    select distinct on (county, property_id) * from shown
    where offer_state = case when has_offers then 'on_offer' else 'retrospective' end
    order by county, property_id, month desc
)
select county, month, property_id, b.offer_state,
       coalesce(nullif(concat_ws(' ', p.street, p.unit), ''), 'APN ' || p.apn) as property,
       b.zip, asking_price_usd, b.is_asking_price_assumed, market_value_p50_usd, discount_to_value_pct,
       bird_dog_score, score_class, memo_pdf_path, b.is_simulated
from deals as b
join raw.properties as p using (county, month, property_id)
order by coalesce(b.needs_review, false), bird_dog_score desc, property_id limit 10
"""

VALUE_STATUS_SQL = f"""
select value_status, count(*) as n from raw.scores where {IN_PARTITIONS} group by 1 order by 1
"""


def intake(warehouse: Warehouse, partitions: Sequence[Partition]) -> dict:
    """Rows sent, where each of them stands, and the rejects by reason; `received` are those of the months."""
    sent = warehouse.read(SENT_SQL, (partitions_json(partitions),)).to_pylist()[0]
    rows = warehouse.read(INTAKE_SQL, (partitions_json(partitions),)).to_pylist()
    reasons = warehouse.read(REASONS_SQL, (partitions_json(partitions),)).to_pylist()
    return {
        **sent,
        **{name: sum(row[name] for row in rows) for name in ("accepted", "duplicates", "rejected")},
        "rejects_by_reason": {row["reason_code"]: row["n"] for row in reasons},
    }


def relation_rows(warehouse: Warehouse, names: set[str], partitions: Sequence[Partition]) -> dict[str, int]:
    """Rows of the partitions in each warehouse relation of these names that is kept by county and month."""
    found = warehouse.read(
        "select table_schema::text as s, table_name::text as t from information_schema.columns "
        "where table_schema in ('raw', 'staging', 'intermediate', 'marts') "
        "and column_name in ('county', 'month') group by 1, 2 having count(*) = 2"
    ).to_pylist()
    relations = [row for row in found if row["t"] in names]
    if not relations:
        return {}
    # Names come from the catalogue itself, quoted.
    counts = " union all ".join(
        f'select \'{row["t"]}\' as name, count(*) as n from "{row["s"]}"."{row["t"]}" where {IN_PARTITIONS}'
        for row in relations
    )
    return {
        row["name"]: row["n"] for row in warehouse.read(counts, (partitions_json(partitions),)).to_pylist()
    }


def stages(
    outcome: Outcome, warehouse: Warehouse, lake: Store, partitions: Sequence[Partition]
) -> list[dict]:
    """One entry an asset in the order it was made: rows, and the seconds of the step that made it."""
    made = [(asset, step.seconds) for step in outcome.steps.values() for asset in step.assets]
    rows = relation_rows(warehouse, {asset for asset, _ in made}, partitions)
    for asset in LAKE_ASSETS:
        if any(asset == name for name, _ in made):
            rows[asset] = sum(lake_row_counts(lake, asset, list(partitions)).values())
    return [{"asset": asset, "rows": rows.get(asset), "seconds": seconds} for asset, seconds in made]


def valuation(warehouse: Warehouse, partitions: Sequence[Partition]) -> dict[str, Any]:
    """Ratio study of the partitions' sales that have a value, and how many properties have which status.

    Empty where no features or scores were ever made.
    """
    if not _exist(warehouse, "marts.features", "raw.scores"):
        return {}
    bound = (partitions_json(partitions),)
    figures = study(warehouse.read(SALES_SQL, bound).to_pandas())
    status = {row["value_status"]: row["n"] for row in warehouse.read(VALUE_STATUS_SQL, bound).to_pylist()}
    return {**figures, "properties_by_status": status}


def best_deals(warehouse: Warehouse, partitions: Sequence[Partition]) -> list[dict]:
    """The ten highest scores on offer in the partitions, sound homes first; none before there is a board."""
    if not _exist(warehouse, "marts.deal_board"):
        return []
    return warehouse.read(DEALS_SQL, (partitions_json(partitions),)).to_pylist()


def memo_count(warehouse: Warehouse, partitions: Sequence[Partition]) -> int:
    """Memos of the partitions."""
    sql = f"select count(*) as n from raw.memos where {IN_PARTITIONS}"
    return warehouse.read(sql, (partitions_json(partitions),)).to_pylist()[0]["n"]


def _exist(warehouse: Warehouse, *relations: str) -> bool:
    sql = "select bool_and(to_regclass(n) is not null) as there from jsonb_array_elements_text($1::jsonb) n"
    return warehouse.read(sql, (json.dumps(relations),)).to_pylist()[0]["there"]
