{#- Who writes the events is made before what reads them. -#}
-- depends_on: {{ source('raw', 'properties') }}
-- depends_on: {{ source('raw', 'enrichments') }}
-- depends_on: {{ source('raw', 'scores') }}
-- depends_on: {{ source('raw', 'memos') }}

with events as (

    select *, payload::jsonb as figures from {{ source('ops', 'events') }}

)

select
    county,
    month,
    event_id,
    event_type,
    event_time,
    property_id,
    (figures ->> 'is_ready')::boolean as is_ready,
    (figures ->> 'filled_count')::integer as filled_count,
    figures ->> 'bird_dog_score' is not null as has_score
from events
