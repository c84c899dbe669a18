"""The tables of schema `ops` that the clients keep: provider calls and answers, alerts, heartbeats.

They are only ever extended; no run replaces rows of them. Their statements stand with the clients.
"""

from resources.warehouse.table_spec import Column, Index, TableSpec

# In the warehouse, not in a cache of its own: a paid answer and its ledger row are committed together.
PROVIDER_CALLS = TableSpec(
    schema="ops",
    name="provider_calls",
    grain="One row an attempt to call an API and one a cached answer used.",
    description="Written before a call is sent, so that two runs cannot overspend and a run that was killed "
    "does not pay twice.",
    key=("call_id",),
    is_partitioned=False,
    columns=(
        Column("call_id", "text", "Id of the attempt.", nullable=False),
        Column("called_at", "timestamp", "When it was reserved, or found in the cache.", nullable=False),
        Column("settled_at", "timestamp", "When its outcome was written; null while open."),
        Column("api", "text", "Entry of providers.yaml; budgets are counted by it.", nullable=False),
        Column("provider", "text", "Provider or source that asked.", nullable=False),
        Column("county", "text", "County it asked for.", nullable=False),
        Column("run_id", "text", "Run it asked in.", nullable=False),
        Column("endpoint", "text", "What was asked, as a short label.", nullable=False),
        Column("request_key", "text", "SHA-256 of the request without credentials.", nullable=False),
        Column(
            "attempt",
            "int32",
            "Which try of the request in its session, from 1; 0 from the cache.",
            nullable=False,
            minimum=0,
        ),
        Column(
            "state",
            "text",
            "reserved: under way, or its process ended; settled: answered; failed: refused or never sent, "
            "free of charge; lost: sent, and the answer did not arrive.",
            nullable=False,
            allowed=("reserved", "settled", "failed", "lost"),
        ),
        Column(
            "outcome",
            "text",
            "ANSWERED, CACHED, REDIRECTED, KEY_REFUSED, THROTTLED, SERVER_ERROR, TOO_LARGE, TIMED_OUT, "
            "CONNECTION_LOST, NOT_CONNECTED or INTERRUPTED; null while open.",
            allowed=(
                "ANSWERED",
                "CACHED",
                "REDIRECTED",
                "KEY_REFUSED",
                "THROTTLED",
                "SERVER_ERROR",
                "TOO_LARGE",
                "TIMED_OUT",
                "CONNECTION_LOST",
                "NOT_CONNECTED",
                "INTERRUPTED",
            ),
        ),
        Column("status", "int32", "HTTP status; null where none arrived."),
        Column("latency_ms", "float", "From sending to the last byte, in milliseconds.", minimum=0),
        Column(
            "cost_micro_usd",
            "integer",
            "Millionths of a dollar: the price while reserved, answered or lost, 0 where it was refused.",
            nullable=False,
            minimum=0,
        ),
        Column("cost_usd", "float", "The same in dollars.", generated="cost_micro_usd / 1000000.0::float8"),
        Column(
            "cached",
            "boolean",
            "True where the answer came from the cache and nothing was sent.",
            nullable=False,
        ),
        Column(
            "sent",
            "boolean",
            "True where the API was called, or may have been; false from the cache, or without connection.",
            nullable=False,
        ),
        Column(
            "owner", "text", "Process that reserved it: host, process id, its start time.", nullable=False
        ),
    ),
    indexes=(
        Index("api_time", ("api", "called_at"), where="not cached"),
        Index("run", ("run_id",)),
        # What asks whether a paid request is under way or lost reads only the few rows that are.
        Index("open", ("request_key",), where="state in ('reserved', 'lost') and cost_micro_usd > 0"),
    ),
)

PROVIDER_RESPONSES = TableSpec(
    schema="ops",
    name="provider_responses",
    grain="One row a request that was answered.",
    description="Answers of APIs, kept for the time that providers.yaml says.",
    key=("request_key",),
    is_partitioned=False,
    columns=(
        Column("request_key", "text", "SHA-256 of the request without credentials.", nullable=False),
        Column("api", "text", "Entry of providers.yaml.", nullable=False),
        Column("provider", "text", "Provider that asked first.", nullable=False),
        Column("status", "int32", "HTTP status.", nullable=False),
        Column("content_type", "text", "Content type of the answer.", nullable=False),
        Column("url", "text", "Address without credentials.", nullable=False),
        Column("body", "binary", "The answer, compressed with zlib.", nullable=False, is_personal=True),
        Column("body_bytes", "integer", "Its size before compression.", nullable=False, minimum=0),
        Column("retrieved_at", "timestamp", "When it was received.", nullable=False),
        Column("expires_at", "timestamp", "Until when it is used.", nullable=False),
    ),
    indexes=(Index("expiry", ("api", "expires_at")),),
)

PROVIDER_ASKS = TableSpec(
    schema="ops",
    name="provider_asks",
    grain="One row a run, provider and month.",
    description="Properties of each month that a run asked a provider about, noted before it is called.",
    key=("county", "month", "provider", "run_id"),
    is_partitioned=False,
    columns=(
        Column("county", "text", "County slug.", nullable=False),
        Column("month", "text", "Month of the properties as YYYY-MM.", nullable=False),
        Column("provider", "text", "Provider as the county's chains name it.", nullable=False),
        Column("run_id", "text", "Run that asked, as in the ledger.", nullable=False),
        Column("property_count", "integer", "Properties asked about.", nullable=False, minimum=1),
    ),
)

ALERTS = TableSpec(
    schema="ops",
    name="alerts",
    grain="One row a thing that people were told of.",
    description="Whether it lasts, and what each channel was told of it: several processes and restarts "
    "tell it once.",
    key=("key",),
    is_partitioned=False,
    columns=(
        Column("key", "text", "What it is about: the same key is the same thing.", nullable=False),
        Column("title", "text", "What it is, in a line.", nullable=False),
        Column("first_at", "timestamp", "When it began, the last time it did.", nullable=False),
        Column("sent_at", "timestamp", "When it was last told; until then when it began.", nullable=False),
        Column("held_back", "integer", "Times it came up again while it lasted.", nullable=False, minimum=0),
        Column("closed_at", "timestamp", "When it was over; null while it lasts."),
        Column("severity", "text", "How bad it is.", allowed=("critical", "warning", "info")),
        Column("owners", "text", "Who mends it, as assets and checks declare it, separated by blanks."),
        Column("counties", "text", "Counties it concerns, separated by blanks; empty for none."),
        Column("body", "text", "What happened and what to do, as it is told."),
        Column("link", "text", "Where to look."),
        Column(
            "occurrence",
            "text",
            "What it was seen in last, such as the id of a run; the same does not begin it again.",
        ),
        Column("subject", "json", "What its end is known by, such as job and partitions."),
        Column(
            "hold_until",
            "timestamp",
            "Not told before: what is tried again by itself may pass; null: at once.",
        ),
        Column("ended_by", "text", "How it ended; null while it lasts."),
        Column("told", "json", "By channel: what was told last, when, of which beginning, and reminders."),
        Column(
            "being_told",
            "text",
            "Channel that a message is on its way to; left where its process was killed.",
        ),
        Column("is_settled", "boolean", "True where it is over and every channel knows; null in older rows."),
    ),
)

HEARTBEATS = TableSpec(
    schema="ops",
    name="heartbeats",
    grain="One row a service and look.",
    description="Whether each service answered; kept for some weeks.",
    key=(),
    is_partitioned=False,
    columns=(
        Column("checked_at", "timestamp", "When it was looked at.", nullable=False),
        Column(
            "component",
            "text",
            "postgres, lake, landing, vector_index, or api:<entry of providers.yaml>.",
            nullable=False,
        ),
        Column("is_up", "boolean", "True where it answered.", nullable=False),
        Column(
            "latency_ms",
            "float",
            "How long that took, in milliseconds; null without an answer.",
            minimum=0,
        ),
        Column("detail", "text", "What was seen, or what failed and what to do.", nullable=False),
    ),
    indexes=(Index("component", ("component", "checked_at"), descending=("checked_at",)),),
)

API_STATES = TableSpec(
    schema="ops",
    name="api_states",
    grain="One row an API and address.",
    description="Pace and circuit breaker of an API, which all processes on all machines keep together.",
    key=("api", "base_url"),
    is_partitioned=False,
    columns=(
        Column("api", "text", "Entry of providers.yaml.", nullable=False),
        Column("base_url", "text", "Its address.", nullable=False),
        Column("next_at", "timestamp", "From when on the next call may leave.", nullable=False),
        Column("failures", "integer", "Failures in a row.", minimum=0, nullable=False),
        Column("opened_at", "timestamp", "Since when nothing is sent; null while calls may be."),
        Column("trial_at", "timestamp", "When a call was let through to try again; null without one."),
    ),
)
PROVIDER_TABLES = (PROVIDER_CALLS, PROVIDER_RESPONSES, API_STATES)
RUN_CLAIMS = TableSpec(
    schema="ops",
    name="run_claims",
    grain="One row a run that a worker took from its queue.",
    description="Which worker executes which run, and when it was last heard of: a run whose worker is lost "
    "is begun anew elsewhere.",
    key=("run_id",),
    is_partitioned=False,
    columns=(
        Column("run_id", "text", "Id of the run.", nullable=False),
        Column("worker", "text", "Worker that took it: name@host.", nullable=False),
        Column("claimed_at", "timestamp", "When it was taken.", nullable=False),
        Column("beat_at", "timestamp", "When its process was last heard of.", nullable=False),
        Column(
            "ended_at", "timestamp", "When its process was through with it; null while it works, or is lost."
        ),
    ),
    indexes=(Index("beat_at", ("beat_at",)),),
)
CLIENT_TABLES = (*PROVIDER_TABLES, PROVIDER_ASKS, ALERTS, HEARTBEATS, RUN_CLAIMS)
