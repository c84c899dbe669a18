with nearby_sales as (

    select * from {{ source('raw', 'nearby_sales') }}

)

select
    county,
    month,
    property_id,
    nearby_sale_count,
    nearby_price_per_sqft_usd,
    nearby_median_price_usd,
    nearby_mean_distance_mi
from nearby_sales
