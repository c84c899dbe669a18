with events as (

    select *
    from {{ ref('stg_ops__events') }}
    where property_id is not null and {{ in_run_partitions() }}

),

reached as (

    select
        county,
        month,
        property_id,
        min(event_time) filter (where event_type = 'property.discovered') as discovered_at,
        min(event_time) filter (where event_type = 'property.discovered' and is_ready) as ready_at,
        min(event_time) filter (where event_type = 'property.enriched' and filled_count > 0) as enriched_at,
        min(event_time) filter (where event_type = 'property.scored' and has_score) as scored_at,
        min(event_time) filter (where event_type = 'memo.generated') as packet_ready_at,
        max(event_time) as last_event_at,
        count(*) as event_count
    from events
    group by county, month, property_id

)

-- A status is never lost, because events only grow.
select
    county,
    month,
    property_id,
    case
        when packet_ready_at is not null then 'packet_ready'
        when scored_at is not null then 'scored'
        when enriched_at is not null then 'enriched'
        when ready_at is not null then 'ready'
        else 'new'
    end as status,
    discovered_at,
    ready_at,
    enriched_at,
    scored_at,
    packet_ready_at,
    last_event_at,
    event_count
from reached
