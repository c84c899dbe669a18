with properties as (

    select * from {{ ref('stg_raw__properties') }}

),

reports as (

    select
        county,
        month,
        property_id,
        is_simulated,
        zip,
        sale_date,
        sale_price_usd,
        sale_price_usd / nullif(living_area_sqft, 0) as sale_price_per_sqft_usd,
        -- A sale stands in the month that reported it first: what later records say of it was not known
        -- in between.
        row_number() over (
            partition by county, property_id, is_simulated, sale_date order by month
        ) as report_number
    from properties
    where
        sale_date is not null
        and sale_price_usd >= {{ var('minimum_market_price_usd') }}

)

select
    county,
    month,
    property_id,
    is_simulated,
    zip,
    sale_date,
    sale_price_usd,
    sale_price_per_sqft_usd
from reports
where report_number = 1
