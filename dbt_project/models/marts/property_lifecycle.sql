{#- The stages that events tell of, in their order; a status is never lost, because events only grow. -#}
-- depends_on: {{ source('raw', 'properties') }}
-- depends_on: {{ source('raw', 'enrichments') }}
-- depends_on: {{ source('raw', 'scores') }}
-- depends_on: {{ source('raw', 'memos') }}

with events as (

    select
        county,
        month,
        property_id,
        event_type,
        event_time,
        payload::jsonb as payload
    from {{ source('ops', 'events') }}
    where property_id is not null and {{ in_run_partitions() }}

),

reached as (

    select
        county,
        month,
        property_id,
        min(event_time) filter (where event_type = 'property.discovered') as discovered_at,
        min(event_time) filter (
            where event_type = 'property.discovered' and (payload ->> 'is_ready')::boolean
        ) as ready_at,
        min(event_time) filter (
            where event_type = 'property.enriched' and (payload ->> 'filled_count')::integer > 0
        ) as enriched_at,
        min(event_time) filter (
            where event_type = 'property.scored' and payload ->> 'bird_dog_score' is not null
        ) as scored_at,
        min(event_time) filter (where event_type = 'memo.generated') as packet_ready_at,
        max(event_time) as last_event_at,
        count(*) as event_count
    from events
    group by county, month, property_id

)

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
