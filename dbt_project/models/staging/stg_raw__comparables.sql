with comparables as (

    select * from {{ source('raw', 'comparables') }}

)

select
    county,
    month,
    property_id,
    comp_rank,
    comp_property_id
from comparables
