with comparables as (

    select * from {{ source('raw', 'comparables') }}

)

select
    county,
    month,
    property_id,
    comp_rank,
    comp_property_id,
    comp_street,
    comp_zip,
    comp_latitude,
    comp_longitude,
    comp_sale_date,
    comp_sale_price_usd,
    comp_living_area_sqft,
    comp_bedrooms,
    comp_bathrooms,
    comp_year_built,
    distance_mi,
    months_ago,
    similarity,
    adj_time_usd,
    adj_living_area_usd,
    adj_lot_area_usd,
    adj_bedrooms_usd,
    adj_bathrooms_usd,
    adj_age_usd,
    adj_quality_usd,
    adj_condition_usd,
    adj_waterfront_usd,
    adj_view_usd,
    adj_location_usd,
    adj_other_usd,
    adj_capped_usd,
    mismatches,
    adj_repair_usd,
    adj_gross_pct,
    adj_net_pct,
    adjusted_price_usd,
    weight,
    is_simulated
from comparables
