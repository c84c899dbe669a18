with properties as (

    select * from {{ ref('stg_raw__properties') }}

),

verdicts as (

    select * from {{ ref('stg_raw__sale_validity') }}

),

reports as (

    select
        properties.county,
        properties.month,
        properties.property_id,
        properties.is_simulated,
        properties.zip,
        properties.place,
        verdicts.sale_date,
        verdicts.sale_price_usd,
        verdicts.sale_price_usd / nullif(properties.living_area_sqft, 0) as sale_price_per_sqft_usd,
        verdicts.sale_validity,
        verdicts.is_arms_length,
        verdicts.is_valid_sale,
        -- A sale stands in the month that reported it first: what later records say of it was not known
        -- in between.
        row_number() over (
            partition by
                properties.county, properties.property_id, properties.is_simulated, verdicts.sale_date
            order by properties.month
        ) as report_number
    from properties
    inner join verdicts using (county, month, property_id)

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
    sale_validity,
    is_arms_length,
    is_valid_sale,
    place
from reports
where report_number = 1
