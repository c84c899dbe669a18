with enrichment_facts as (

    select * from {{ source('raw', 'enrichment_facts') }}

)

select
    county,
    month,
    property_id,
    field,
    provider,
    value,
    is_used,
    reason_code,
    vintage as vintage_date,
    is_later_vintage,
    confidence,
    cost_usd,
    simulated as is_simulated
from enrichment_facts
