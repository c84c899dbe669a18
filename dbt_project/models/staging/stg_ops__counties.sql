with counties as (

    select * from {{ source('ops', 'counties') }}

)

select
    county,
    assessment_ratio
from counties
