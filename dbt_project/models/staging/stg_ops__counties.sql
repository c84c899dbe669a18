with counties as (

    select * from {{ source('ops', 'counties') }}

)

select
    county,
    assessment_ratio,
    as_of_month,
    appreciation_rate,
    allow_later_vintage,
    minimum_price_usd
from counties
