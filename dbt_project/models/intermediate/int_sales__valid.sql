with reported as (

    select * from {{ ref('int_sales__reported') }}

)

select
    county,
    month,
    property_id,
    is_simulated,
    zip,
    sale_date,
    sale_price_usd,
    sale_price_per_sqft_usd,
    place
from reported
where is_valid_sale
