with provider_asks as (

    select * from {{ source('ops', 'provider_asks') }}

)

select
    county,
    month,
    provider,
    run_id,
    property_count
from provider_asks
