with properties as (

    select * from {{ ref('stg_raw__properties') }}

),

enrichments as (

    select * from {{ ref('stg_raw__enrichments') }}

),

counties as (

    select * from {{ ref('stg_ops__counties') }}

),

combined as (

    select
        county,
        month,
        property_id,
        coalesce(properties.reported_assessed_value_usd, enrichments.enriched_assessed_value_usd)
            as assessed_value_usd,
        coalesce(properties.reported_tax_annual_usd, enrichments.enriched_tax_annual_usd) as tax_annual_usd,
        enrichments.enriched_roll_market_value_usd,
        counties.assessment_ratio
    from properties
    left join enrichments using (county, month, property_id)
    left join counties using (county)

)

select
    county,
    month,
    property_id,
    assessed_value_usd,
    coalesce(enriched_roll_market_value_usd, assessed_value_usd / nullif(assessment_ratio, 0))
        as roll_market_value_usd,
    tax_annual_usd
from combined
