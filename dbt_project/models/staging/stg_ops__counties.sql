with counties as (

    select * from {{ source('ops', 'counties') }}

)

select
    county,
    assessment_ratio,
    minimum_price_usd
from counties
