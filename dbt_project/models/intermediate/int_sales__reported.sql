with reports as (

    select
        properties.county,
        properties.month,
        properties.property_id,
        properties.is_simulated,
        properties.zip,
        verdicts.sale_date,
        verdicts.sale_price_usd,
        verdicts.sale_price_usd / nullif(properties.living_area_sqft, 0) as sale_price_per_sqft_usd,
        verdicts.sale_validity,
        verdicts.is_arms_length,
        -- A sale stands in the month that reported it first: what later records say of it was not known
        -- in between.
        row_number() over (
            partition by
                properties.county, properties.property_id, properties.is_simulated, verdicts.sale_date
            order by properties.month
        ) as report_number
    from {{ ref('stg_raw__properties') }} as properties
    inner join {{ source('raw', 'sale_validity') }} as verdicts using (county, month, property_id)

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
    is_arms_length
from reports
where report_number = 1
