"""What is written into `ops.events` when a table's partitions were replaced: one INSERT … SELECT a table.

Each runs in the transaction that replaced the rows, so that there is no row without its event and no event
without its row. An event's id follows from what it says: a run that finds the same again adds nothing.
"""

from collections.abc import Callable

import pyarrow as pa

from realestate_assets.domain.tables.event_rows import discovered
from resources.partition import in_partitions

# A name-based UUID, version 8 by RFC 9562: version 5 needs SHA-1, which Postgres has only by an extension.
UUID_SQL = (
    "(substr(h, 1, 12) || '8' || substr(h, 14, 3) || translate(substr(h, 17, 1), "
    "'0123456789abcdef', '89ab89ab89ab89ab') || substr(h, 18, 15))::uuid::text"
)


_INTO = """
    insert into ops.events
        (county, month, event_id, event_type, event_time, property_id, correlation_id, source, payload)
"""


def insert_sql(event_type: str, source: str, rows: str) -> str:
    """An INSERT of events that are not there yet.

    Args:
        event_type: one of EVENT_TYPES.
        source: asset or command that makes the rows.
        rows: a query with county, month, property_id and payload (jsonb); it may bind $1, $2 is the run's id.
    """
    # Materialized: else each mention of the payload and of the hash would compute it anew.
    return f"""
    {_INTO}
    with said as materialized (
        select county, month, property_id, payload::text as payload from ({rows}) as given
    ),
    hashed as materialized (
        select *, encode(sha256(convert_to(concat_ws(
            chr(31), '{event_type}', county, month, coalesce(property_id, ''), payload
        ), 'UTF8')), 'hex') as h
        from said
    )
    select county, month, {UUID_SQL}, '{event_type}', now(), property_id, $2::text, '{source}', payload
    from hashed
    on conflict (event_id) do nothing
    """  # noqa: S608 - constants of this module alone


def made_sql(event_type: str, source: str) -> str:
    """An INSERT of events that are not there yet, of rows that were made outside of the database.

    Args:
        event_type: one of EVENT_TYPES.
        source: asset or command that makes the rows.
    """
    return f"""
    {_INTO}
    select county, month, event_id, '{event_type}', now(), property_id, $1::text, '{source}', payload
    from pg_temp.made
    on conflict (event_id) do nothing
    """  # noqa: S608 - constants of this module alone


def _from(table: str, payload: str, where: str = "true", property_id: str = "t.property_id") -> str:
    return (
        f"select t.county, t.month, {property_id} as property_id, {payload} as payload "  # noqa: S608
        f"from {table} as t where {in_partitions('t')} and {where}"
    )


# Without nulls, so that a column that is added later does not make an event of every row.
_RECORD = "md5(jsonb_strip_nulls(to_jsonb(t))::text)"

# The rule of domain/scoring/values.py on the record alone: without these a property cannot be valued.
_READY = (
    "t.living_area_sqft is not null and (t.zip is not null "
    "or (t.latitude is not null and t.longitude is not null))"
)

# Table -> the statement that tells of its rows; $1 are the partitions that were replaced. The payload is what
# tells one event from the next.
EVENT_SQL: dict[str, str] = {
    "properties": insert_sql(
        "property.discovered",
        "properties",
        _from(
            "raw.properties",
            "jsonb_strip_nulls(jsonb_build_object('source', t.source, 'source_file', t.source_file, "
            "'source_row', t.source_row, 'listing_status', t.listing_status, 'observed_date', "
            "t.observed_date, 'list_price_usd', t.list_price_usd, 'sale_price_usd', t.sale_price_usd, "
            f"'is_simulated', t.is_simulated, 'is_ready', {_READY}, 'record', {_RECORD}))",
        ),
    ),
    "property_rejects": insert_sql(
        "row.rejected",
        "property_rejects",
        _from(
            "raw.property_rejects",
            "jsonb_strip_nulls(jsonb_build_object('source', t.source, 'source_file', t.source_file, "
            "'file_sha256', t.file_sha256, 'source_row', t.source_row, 'reason_codes', t.reason_codes, "
            "'field', t.field, 'reason', t.reason))",
            "t.disposition = 'rejected'",
            "null::text",
        ),
    ),
    "enrichments": insert_sql(
        "property.enriched",
        "enrichments",
        _from(
            "raw.enrichments",
            f"jsonb_build_object('filled_count', t.filled_count, 'record', {_RECORD})",
        ),
    ),
    "scores": insert_sql(
        "property.scored",
        "scores",
        _from(
            "raw.scores",
            "jsonb_strip_nulls(jsonb_build_object('value_status', t.value_status, 'market_value_p50_usd', "
            "t.market_value_p50_usd, 'asking_price_usd', t.asking_price_usd, 'bird_dog_score', "
            "t.bird_dog_score, 'score_class', t.score_class, 'model_id', t.model_id, 'config_version', "
            f"t.config_version, 'record', {_RECORD}))",
        ),
    ),
    "memos": insert_sql(
        "memo.generated",
        "memos",
        _from(
            "raw.memos",
            "jsonb_build_object('pdf_path', t.pdf_path, 'pdf_sha256', t.pdf_sha256, 'template_version', "
            "t.template_version, 'bird_dog_score', t.bird_dog_score)",
        ),
    ),
}

# The same events of rows that are at hand; where they cannot be made of them the statement above does.
EVENT_ROWS: dict[str, tuple[Callable[[pa.Table], pa.Table | None], str]] = {
    "properties": (discovered, made_sql("property.discovered", "properties")),
}
