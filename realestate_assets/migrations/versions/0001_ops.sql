create schema if not exists ops;
create table if not exists ops.counties (
    county text not null,
    name text,
    state text,
    fips text,
    assessment_ratio double precision,
    median_price_usd double precision,
    heat double precision,
    appreciation_rate double precision,
    minimum_price_usd double precision,
    primary key (county)
);
create sequence if not exists ops.landed_batches;
create table if not exists ops.landed_files (
    path text not null,
    version text not null,
    size_bytes bigint not null,
    state text not null,
    seen_at timestamp with time zone not null,
    sha256 text,
    months jsonb not null,
    affected_months jsonb not null,
    row_count bigint,
    reason text not null,
    attempts integer not null,
    batch bigint,
    decided_at timestamp with time zone,
    primary key (path)
);
create index if not exists landed_files_batch on ops.landed_files (batch);
create index if not exists landed_files_open on ops.landed_files (path) where batch is null and (state in ('waiting', 'inspecting') or (state in ('admitted', 'duplicate') and affected_months <> '[]'::jsonb));
create index if not exists landed_files_sha256 on ops.landed_files (sha256) where state = 'admitted';
create table if not exists ops.provider_calls (
    call_id text not null,
    called_at timestamp with time zone not null,
    settled_at timestamp with time zone,
    api text not null,
    provider text not null,
    county text not null,
    run_id text not null,
    endpoint text not null,
    request_key text not null,
    attempt integer not null,
    state text not null,
    outcome text,
    status integer,
    latency_ms double precision,
    cost_micro_usd bigint not null,
    cost_usd double precision generated always as (cost_micro_usd / 1000000.0::float8) stored,
    cached boolean not null,
    sent boolean not null,
    owner text not null,
    primary key (call_id)
);
create index if not exists provider_calls_open on ops.provider_calls (request_key) where state in ('reserved', 'lost') and cost_micro_usd > 0;
create index if not exists provider_calls_api_time on ops.provider_calls (api, called_at) where not cached;
create index if not exists provider_calls_run on ops.provider_calls (run_id);
create table if not exists ops.provider_responses (
    request_key text not null,
    api text not null,
    provider text not null,
    status integer not null,
    content_type text not null,
    url text not null,
    body bytea not null,
    body_bytes bigint not null,
    retrieved_at timestamp with time zone not null,
    expires_at timestamp with time zone not null,
    primary key (request_key)
);
create index if not exists provider_responses_expiry on ops.provider_responses (api, expires_at);
create table if not exists ops.provider_asks (
    county text not null,
    month text not null,
    provider text not null,
    run_id text not null,
    property_count bigint not null,
    primary key (county, month, provider, run_id)
);
create table if not exists ops.alerts (
    key text not null,
    title text not null,
    first_at timestamp with time zone not null,
    sent_at timestamp with time zone not null,
    held_back bigint not null,
    closed_at timestamp with time zone,
    primary key (key)
);
create table if not exists ops.heartbeats (
    checked_at timestamp with time zone not null,
    component text not null,
    is_up boolean not null,
    latency_ms double precision,
    detail text not null
);
create index if not exists heartbeats_component on ops.heartbeats (component, checked_at desc);
create table if not exists ops.events (
    county text not null,
    month text not null,
    event_id text not null,
    event_type text not null,
    event_time timestamp with time zone not null,
    property_id text,
    correlation_id text not null,
    source text not null,
    payload text not null,
    primary key (event_id)
);
create index if not exists events_property_id on ops.events (property_id);
create table if not exists ops.reject_replays (
    county text not null,
    month text not null,
    replay_id text not null,
    source text not null,
    source_file text not null,
    file_sha256 text not null,
    source_row bigint not null,
    reason_code text not null,
    map_version text,
    replayed_with text not null,
    requested_at timestamp with time zone not null,
    settled_at timestamp with time zone,
    outcome text,
    new_month text,
    property_id text,
    new_reason_code text,
    primary key (replay_id, county, month, source, source_file, source_row)
);
create index if not exists reject_replays_property_id on ops.reject_replays (property_id);
create table if not exists ops.check_results (
    county text not null,
    month text not null,
    run_id text not null,
    asset text not null,
    check_name text not null,
    is_passed boolean not null,
    grain text,
    severity text not null,
    owner text,
    evaluated_at timestamp with time zone not null,
    primary key (run_id, county, month, asset, check_name)
);
