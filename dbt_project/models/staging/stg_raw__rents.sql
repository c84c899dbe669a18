with rents as (

    select * from {{ source('raw', 'rents') }}

)

select
    county,
    month,
    source,
    source_file,
    source_row,
    is_simulated,
    observed_date,
    city,
    zip,
    property_type,
    bedrooms,
    bathrooms,
    living_area_sqft,
    rent_monthly_usd as asked_rent_usd,
    advertisements
from rents
