with properties as (

    select * from {{ ref('stg_raw__properties') }}

),

enrichments as (

    select * from {{ ref('stg_raw__enrichments') }}

),

counties as (

    select * from {{ source('ops', 'counties') }}

),

combined as (

    select
        county,
        month,
        property_id,
        properties.zip,
        substring(properties.street from '^\s*(\d+)') as house_number,
        coalesce(properties.reported_assessed_value_usd, enrichments.enriched_assessed_value_usd)
            as assessed_value_usd,
        coalesce(properties.reported_tax_annual_usd, enrichments.enriched_tax_annual_usd) as tax_annual_usd,
        coalesce(properties.reported_owner_occupied, enrichments.enriched_owner_occupied) as is_owner_occupied,
        coalesce(
            properties.reported_owner_mailing_address, enrichments.enriched_owner_mailing_address
        ) as mailing_address,
        enrichments.enriched_roll_market_value_usd,
        counties.assessment_ratio
    from properties
    left join enrichments using (county, month, property_id)
    left join counties using (county)

),

located as (

    select
        *,
        substring(mailing_address from '(\d{5})(?:-\d{4})?\s*$') as mailing_zip,
        substring(mailing_address from '^\s*(\d+)\s') as mailing_house_number
    from combined

)

select
    county,
    month,
    property_id,
    assessed_value_usd,
    coalesce(enriched_roll_market_value_usd, assessed_value_usd / nullif(assessment_ratio, 0))
        as roll_market_value_usd,
    tax_annual_usd,
    case
        when is_owner_occupied is not null then not is_owner_occupied
        when mailing_zip <> zip then true
        -- Street names are spelt in many ways; within one ZIP the house number tells homes apart.
        -- A mailing address that begins with no number is a post-office box or the like.
        when mailing_zip = zip and house_number is not null
            then mailing_house_number is distinct from house_number
    end as is_absentee_owner
from located
