with enrichments as (

    select * from {{ source('raw', 'enrichments') }}

)

select
    county,
    month,
    property_id,
    zip_population,
    zip_median_income_usd,
    zip_median_home_value_usd,
    zip_owner_occupied_pct,
    zip_unemployment_pct,
    zip_median_rent_usd,
    bedroom_rent_usd,
    -- The rent an owner would get: for the home's bedrooms where known, else the ZIP's median.
    coalesce(bedroom_rent_usd, zip_median_rent_usd) as rent_monthly_usd,
    assessed_value_usd as enriched_assessed_value_usd,
    roll_market_value_usd as enriched_roll_market_value_usd,
    tax_annual_usd as enriched_tax_annual_usd,
    last_sale_price_usd as enriched_last_sale_price_usd,
    last_sale_date as enriched_last_sale_date,
    is_tax_delinquent,
    tax_delinquent_usd,
    tax_sale_year,
    flood_zone_code,
    is_flood_hazard_area
from enrichments
