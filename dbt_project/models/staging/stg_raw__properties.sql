with properties as (

    select * from {{ source('raw', 'properties') }}

),

dated as (

    select
        *,
        to_date(month, 'YYYY-MM') as as_of_date,
        coalesce(list_price_usd, sale_price_usd) as price_usd
    from properties

)

select
    county,
    month,
    as_of_date,
    property_id,
    source,
    is_simulated,
    url,
    apn,
    street,
    unit,
    city,
    state,
    zip,
    latitude,
    longitude,
    property_type,
    listing_status,
    observed_date,
    list_date,
    list_price_usd,
    is_list_price_assumed,
    sale_price_usd,
    sale_date,
    price_usd,
    price_usd / nullif(living_area_sqft, 0) as price_per_sqft_usd,
    bedrooms,
    bathrooms,
    living_area_sqft,
    lot_area_sqft,
    basement_sqft,
    year_built,
    -- A renovation after the as-of year was not known then.
    case when year_renovated <= extract(year from as_of_date) then year_renovated end as year_renovated,
    stories,
    garage_spaces,
    condition_code,
    quality_code,
    view_code,
    is_waterfront,
    nearby_living_area_sqft,
    nearby_lot_area_sqft,
    hoa_monthly_usd,
    days_on_market,
    last_sale_price_usd as reported_last_sale_price_usd,
    last_sale_date as reported_last_sale_date,
    assessed_value_usd as reported_assessed_value_usd,
    tax_annual_usd as reported_tax_annual_usd,
    coalesce(zip, place_code) as place,
    extra_features
from dated
