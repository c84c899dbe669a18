"""Answers kept in the warehouse: what is kept, how it is packed, and finding many in one query."""

import json
import re
import zlib
from datetime import UTC, datetime, timedelta

import pyarrow as pa
from adbc_driver_postgresql import dbapi

from resources.http.api import ApiAnswer
from resources.http.api_policy import ApiPolicy
from resources.http.calls import Call
from resources.http.exchange import Exchange, Outcome
from resources.ops_tables import PROVIDER_RESPONSES
from resources.warehouse import connections as postgres

# An error object at HTTP 200, as ArcGIS servers send it, and a page for people instead of data.
ERROR_BODY = re.compile(rb'\s*\{\s*"error"\s*:')
LOOKUP_KEYS = 5000

RESPONSE_SCHEMA = PROVIDER_RESPONSES.plain_schema
_NAMES = ", ".join(RESPONSE_SCHEMA.names)
_PLACES = ", ".join(f"${place}" for place in range(1, len(RESPONSE_SCHEMA.names) + 1))
_NEW = ", ".join(f"excluded.{name}" for name in RESPONSE_SCHEMA.names)
# Constants of ours; values are bound.
STORE_SQL = (
    f"insert into ops.provider_responses ({_NAMES}) values ({_PLACES}) "  # noqa: S608
    f"on conflict (request_key) do update set ({_NAMES}) = ({_NEW})"
)
LOOKUP_SQL = (
    "select request_key, status, content_type, url, body, retrieved_at from ops.provider_responses "
    "where request_key in (select jsonb_array_elements_text($1::jsonb)) and expires_at > clock_timestamp()"
)
PURGE_SQL = "delete from ops.provider_responses where api = $1 and expires_at <= clock_timestamp()"


def is_kept(policy: ApiPolicy, found: Exchange) -> bool:
    """Whether an answer is worth keeping.

    A paid answer is kept whatever it says: asking again would be paid again. A free one only if it is data:
    an error kept for weeks would outlive its cause.
    """
    if found.outcome is not Outcome.ANSWERED or policy.cache_ttl_days == 0:
        return False
    if policy.is_paid:
        return True
    is_page = found.content_type.lower().startswith("text/html")
    return (
        found.status is not None and found.status < 300 and not is_page and not ERROR_BODY.match(found.body)
    )


def response_row(policy: ApiPolicy, provider: str, call: Call, found: Exchange) -> dict:
    """The row of a kept answer; compresses the body."""
    retrieved = found.retrieved_at or datetime.now(UTC)
    return {
        "request_key": call.request_key,
        "api": policy.name,
        "provider": provider,
        "status": found.status,
        "content_type": found.content_type,
        "url": call.url,
        "body": zlib.compress(found.body, 6),
        "body_bytes": len(found.body),
        "retrieved_at": retrieved,
        "expires_at": retrieved + timedelta(days=policy.cache_ttl_days),
    }


def store(connection: dbapi.Connection, rows: list[dict]) -> None:
    """Keep answers; the newer of two replaces the older."""
    if not rows:
        return
    batch = pa.RecordBatch.from_pylist(rows, RESPONSE_SCHEMA)
    with connection.cursor() as cursor:
        cursor.executemany(STORE_SQL, batch)


def lookup(connection: dbapi.Connection, keys: list[str]) -> dict[str, dict]:
    """Kept answers by request key, of those asked for."""
    found: dict[str, dict] = {}
    for start in range(0, len(keys), LOOKUP_KEYS):
        part = json.dumps(keys[start : start + LOOKUP_KEYS])
        found |= {row["request_key"]: row for row in postgres.query(connection, LOOKUP_SQL, (part,))}
    return found


def cached_answer(call: Call, row: dict) -> ApiAnswer:
    """The answer a kept row holds."""
    return ApiAnswer(
        request=call.request,
        url=row["url"],
        status=row["status"],
        body=zlib.decompress(row["body"]),
        content_type=row["content_type"],
        retrieved_at=row["retrieved_at"],
        cached=True,
    )


def purge(connection: dbapi.Connection, api: str) -> None:
    """Remove the answers of an API whose time is over."""
    postgres.run(connection, PURGE_SQL, (api,))
