"""Where every figure of a property came from, and all that happened to it; what `realestate trace` prints.

A fixed number of queries, whatever the property's history.
"""

from collections.abc import Sequence
from typing import Any

from realestate_assets.domain.tables import PROPERTIES, TABLES
from realestate_assets.domain.tables.ops import OPS_TABLES
from resources.errors import PermanentError
from resources.warehouse.warehouse import Warehouse

# What says where a record came from, and not what the home is.
ORIGIN = ("source", "source_id", "source_file", "source_row", "is_simulated", "url")
KEYS = ("county", "month", "property_id")

# $1: the property; $2: a month, or empty for all.
QUERIES = {
    "records": """
        select t.*, f.file_sha256
        from raw.properties as t
        left join raw.source_files as f using (county, month, source, source_file)
        where t.property_id = $1 and ($2 = '' or t.month = $2)
        order by t.county, t.month
    """,
    "merged": """
        select county, month, source, source_file, source_row, reason_code, reason
        from raw.property_rejects
        where duplicate_of = $1 and ($2 = '' or month = $2)
        order by county, month, source, source_file, source_row
    """,
    "facts": """
        select * from raw.enrichment_facts
        where property_id = $1 and ($2 = '' or month = $2) order by month, field, provider
    """,
    "scores": """
        select * from raw.scores where property_id = $1 and ($2 = '' or month = $2) order by month
    """,
    "models": """
        select p.county, p.month, p.used_id, p.used_month, p.decision, p.judged_sales
        from raw.model_promotions as p
        inner join raw.scores as t on t.county = p.county and t.month = p.month
        where t.property_id = $1 and ($2 = '' or t.month = $2)
        order by p.month
    """,
    "comparables": """
        select month, comp_rank, comp_property_id, comp_sale_date, comp_sale_price_usd, adjusted_price_usd,
            weight
        from raw.comparables
        where property_id = $1 and ($2 = '' or month = $2) order by month, comp_rank
    """,
    "memos": """
        select * from raw.memos where property_id = $1 and ($2 = '' or month = $2) order by month
    """,
    "events": """
        select event_time, event_type, county, month, source, correlation_id, event_id, payload
        from ops.events
        where property_id = $1 and ($2 = '' or month = $2) order by event_time, month, event_type, event_id
    """,
}


def trace(warehouse: Warehouse, property_id: str, month: str = "") -> dict[str, Any]:
    """All that is known of the origin of a property's figures.

    Args:
        warehouse: the warehouse.
        property_id: the property.
        month: only this month, as YYYY-MM; all where it is empty.

    Returns:
        Rows by the names of QUERIES, without nulls, and `fields`: one row a figure with its origin.

    Raises:
        PermanentError: no such property.
    """
    warehouse.ensure_tables([*TABLES.values(), *OPS_TABLES.values()])
    bound = (property_id, month)
    found = {name: _known(warehouse.read(sql, bound).to_pylist()) for name, sql in QUERIES.items()}
    if not found["records"] and not found["events"]:
        where = f" in {month}" if month else ""
        raise PermanentError(
            f"There is no property {property_id}{where}.",
            field="PROPERTY_ID",
            remedy="Property ids stand in marts.deal_board, on the memos and in `realestate search --json`.",
        )
    return {"property_id": property_id, "fields": fields(found), **found}


def fields(found: dict[str, list[dict]]) -> list[dict]:
    """One row a figure: month, field, value, and who said it.

    A field of the record comes from its file; an enriched one from the fact that is used; a score's figures
    from its model and settings.
    """
    rows = []
    for record in found["records"]:
        place = record.get("source_file", "unknown file"), record.get("source_row", "unknown")
        origin = f"{record['source']}: {place[0]} row {place[1]}"
        names = [c.name for c in PROPERTIES.columns if c.name not in (*ORIGIN, *KEYS)]
        rows += _rows(record, names, origin, f"sha256 {record.get('file_sha256', 'unknown')[:12]}")
    for fact in found["facts"]:
        if fact["is_used"]:
            name = fact["field"]
            rows += _rows(fact | {name: fact.get("value")}, [name], fact["provider"], _fact_detail(fact))
    for score in found["scores"]:
        names = [c.name for c in TABLES["scores"].columns if c.kind == "float"]
        model = f"model {score.get('model_id', 'none')}"
        rows += _rows(score, names, "scores", f"{model}, settings {score['config_version']}")
    return rows


def _fact_detail(fact: dict) -> str:
    parts = [fact.get("source_url")]
    parts += [f"retrieved {fact['retrieved_at']:%Y-%m-%d}"] if "retrieved_at" in fact else []
    parts += [f"of {fact['vintage']}"] if "vintage" in fact else []
    parts += ["simulated"] if fact["simulated"] else []
    return ", ".join(filter(None, parts))


def _rows(row: dict, names: Sequence[str], origin: str, detail: str) -> list[dict]:
    return [
        {"month": row["month"], "field": name, "value": row[name], "origin": origin, "detail": detail}
        for name in names
        if name in row
    ]


def _known(rows: list[dict]) -> list[dict]:
    return [{name: value for name, value in row.items() if value is not None} for row in rows]
