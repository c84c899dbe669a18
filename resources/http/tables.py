"""The two tables of the HTTP client: the ledger of calls, and the answers that are kept.

Both are in the warehouse, not in a cache of their own, because a paid answer and its ledger row have to be
committed together.
"""

from resources.ops_tables import OpsTable, ensure_ops_tables
from resources.warehouse.resource import WarehouseResource

CALLS = "provider_calls"
RESPONSES = "provider_responses"

# Table -> column -> (Postgres type and constraint, meaning). dbt's sources are made from this too.
PROVIDER_COLUMNS: dict[str, dict[str, tuple[str, str]]] = {
    CALLS: {
        "call_id": ("text primary key", "Id of the attempt."),
        "called_at": ("timestamp with time zone not null", "When it was reserved, or found in the cache."),
        "settled_at": ("timestamp with time zone", "When its outcome was written; null while open."),
        "api": ("text not null", "Entry of providers.yaml; budgets are counted by it."),
        "provider": ("text not null", "Provider or source that asked."),
        "county": ("text not null", "County it asked for."),
        "run_id": ("text not null", "Run it asked in."),
        "endpoint": ("text not null", "What was asked, as a short label."),
        "request_key": ("text not null", "SHA-256 of the request without credentials."),
        "attempt": ("integer not null", "Which try of the request in its session, from 1; 0 from the cache."),
        "state": (
            "text not null",
            "reserved: under way, or its process ended; settled: answered; failed: refused or never sent, "
            "free of charge; lost: sent, and the answer did not arrive.",
        ),
        "outcome": (
            "text",
            "ANSWERED, CACHED, REDIRECTED, KEY_REFUSED, THROTTLED, SERVER_ERROR, TOO_LARGE, TIMED_OUT, "
            "CONNECTION_LOST, NOT_CONNECTED or INTERRUPTED; null while open.",
        ),
        "status": ("integer", "HTTP status; null where none arrived."),
        "latency_ms": ("double precision", "From sending to the last byte, in milliseconds."),
        "cost_micro_usd": (
            "bigint not null",
            "Millionths of a dollar: the price while reserved, answered or lost, 0 where it was refused.",
        ),
        "cost_usd": (
            "double precision generated always as (cost_micro_usd / 1000000.0::float8) stored",
            "The same in dollars.",
        ),
        "cached": ("boolean not null", "True where the answer came from the cache and nothing was sent."),
        "sent": (
            "boolean not null",
            "True where the API was called, or may have been; false from the cache, or without connection.",
        ),
        "owner": ("text not null", "Process that reserved it: host, process id, its start time."),
    },
    RESPONSES: {
        "request_key": ("text primary key", "SHA-256 of the request without credentials."),
        "api": ("text not null", "Entry of providers.yaml."),
        "provider": ("text not null", "Provider that asked first."),
        "status": ("integer not null", "HTTP status."),
        "content_type": ("text not null", "Content type of the answer."),
        "url": ("text not null", "Address without credentials."),
        "body": ("bytea not null", "The answer, compressed with zlib."),
        "body_bytes": ("bigint not null", "Its size before compression."),
        "retrieved_at": ("timestamp with time zone not null", "When it was received."),
        "expires_at": ("timestamp with time zone not null", "Until when it is used."),
    },
}
PROVIDER_TABLES = {
    CALLS: "One row an attempt to call an API and one a cached answer used. Written before a call is sent, "
    "so that two runs cannot overspend and a run that was killed does not pay twice.",
    RESPONSES: "Answers of APIs, kept for the time that providers.yaml says.",
}
INDEXES = {
    CALLS: (
        f"create index if not exists {CALLS}_api_time on ops.{CALLS} (api, called_at) where not cached",
        f"create index if not exists {CALLS}_run on ops.{CALLS} (run_id)",
        # What asks whether a paid request is under way or lost reads only the few rows that are.
        f"create index if not exists {CALLS}_open on ops.{CALLS} (request_key) "
        "where state in ('reserved', 'lost') and cost_micro_usd > 0",
    ),
    RESPONSES: (f"create index if not exists {RESPONSES}_expiry on ops.{RESPONSES} (api, expires_at)",),
}


def ensure_provider_tables(warehouse: WarehouseResource) -> None:
    """Make the ledger and the table of kept answers, or add what they lack; safe from several processes."""
    ensure_ops_tables(
        warehouse,
        [
            OpsTable(name, PROVIDER_TABLES[name], columns, INDEXES[name])
            for name, columns in PROVIDER_COLUMNS.items()
        ],
    )
