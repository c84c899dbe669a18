with properties as (

    select *, coalesce(place, 'ALL') as market_place
    from {{ ref('stg_raw__properties') }}
    where {{ in_run_partitions() }}

),

-- Each side is one row a property and month, or one a ZIP; none looks past the first of the month.
joined as (

    select
        *,
        extract(year from as_of_date) as as_of_year,
        {{ years_between('last_sale_date', 'as_of_date') }} as years_held
    from properties
    left join {{ ref('stg_raw__enrichments') }} using (county, month, property_id)
    left join {{ ref('int_property__assessment') }} using (county, month, property_id)
    left join {{ ref('int_property__ownership') }} using (county, month, property_id)
    left join {{ ref('int_property__sale_history') }} using (county, month, property_id)
    left join {{ ref('stg_raw__nearby_sales') }} using (county, month, property_id)
    left join (select county, month, property_id, sale_validity from {{ ref('stg_raw__sale_validity') }})
        as verdicts
        using (county, month, property_id)
    left join {{ ref('int_zip__conditions') }} using (county, month, market_place, is_simulated)
    left join (
        select
            county, month, zip as place, is_simulated, zip_median_price_per_sqft_usd,
            zip_price_per_sqft_trend_pct, zip_sale_count
        from {{ ref('int_zip__market_stats') }}
    ) as markets using (county, month, place, is_simulated)

)

select
    county,
    month,
    property_id,
    source,
    is_simulated,
    street, city, state, zip, place,
    latitude, longitude,
    property_type,
    listing_status, {{ offer_state() }} as offer_state,
    observed_date,
    sale_price_usd, sale_date, sale_validity,
    living_area_sqft,
    lot_area_sqft,
    bedrooms, bathrooms, stories,
    garage_spaces,
    basement_sqft / nullif(living_area_sqft, 0) as basement_share,
    year_built,
    -- Built after the as-of year means sold before completion: age 0. Unknown stays unknown.
    greatest(as_of_year - year_built, 0 * year_built)::double precision as age_years,
    greatest(as_of_year - greatest(year_built, year_renovated), 0 * year_built)::double precision
        as effective_age_years,
    condition_code, quality_code, view_code,
    is_waterfront,
    nearby_living_area_sqft,
    nearby_lot_area_sqft,
    hoa_monthly_usd,
    bedrooms / nullif(bathrooms, 0) as bed_bath_ratio,
    lot_area_sqft / nullif(living_area_sqft, 0) as lot_to_building_ratio,
    property_type = 'single_family' as is_single_family,
    property_type = 'condo' as is_condo,
    property_type = 'townhouse' as is_townhouse,
    listing_status = 'active' as is_status_active,
    list_price_usd,
    is_list_price_assumed,
    price_per_sqft_usd,
    assessed_value_usd,
    roll_market_value_usd,
    assessed_value_usd / nullif(roll_market_value_usd, 0) as assessed_to_market_ratio,
    price_usd / nullif(assessed_value_usd, 0) as list_to_assessed_ratio,
    price_usd / nullif(roll_market_value_usd, 0) as list_to_market_ratio,
    tax_annual_usd,
    tax_annual_usd / nullif(roll_market_value_usd, 0) * 100 as tax_rate_pct,
    roll_market_value_usd - last_sale_price_usd as estimated_equity_usd,
    years_held as years_since_last_sale,
    last_sale_price_usd,
    (price_usd / nullif(last_sale_price_usd, 0) - 1) * 100 as appreciation_since_last_sale_pct,
    case
        when years_held >= {{ var('minimum_holding_years') }}
            then (power(price_usd / nullif(last_sale_price_usd, 0), 1 / years_held) - 1) * 100
    end as annual_appreciation_rate_pct,
    extract(month from as_of_date)::double precision as month_of_year,
    days_on_market::double precision as days_on_market,
    zip_population, zip_median_income_usd, zip_median_home_value_usd,
    zip_median_rent_usd,
    bedroom_rent_usd,
    zip_owner_occupied_pct,
    zip_unemployment_pct,
    zip_median_price_per_sqft_usd,
    zip_price_per_sqft_trend_pct,
    zip_sale_count,
    zip_offer_count, zip_months_of_supply,
    market_appreciation_pct, market_appreciation_basis, market_appreciation_sales, market_appreciation_month,
    market_heat_pct, market_heat_basis, market_heat_sales,
    price_per_sqft_usd / nullif(zip_median_price_per_sqft_usd, 0) as price_to_zip_median_ratio,
    nearby_sale_count::double precision as nearby_sale_count,
    nearby_price_per_sqft_usd,
    nearby_median_price_usd,
    nearby_mean_distance_mi,
    price_usd / nullif(zip_median_income_usd, 0) as price_to_income_ratio,
    rent_monthly_usd / nullif(price_usd, 0) * 100 as rent_to_price_pct,
    owner_type,
    is_absentee_owner,
    is_absentee_out_of_state,
    tenure_years,
    is_long_tenure,
    is_corporate_owner, is_trust_owner, is_bank_owner,
    is_tax_delinquent, tax_delinquent_usd, tax_sale_year,
    distress_signal_count,
    price_per_sqft_usd < {{ var('undervalued_below') }} * zip_median_price_per_sqft_usd as is_undervalued,
    (zip_median_price_per_sqft_usd * living_area_sqft / nullif(price_usd, 0) - 1) * 100 as potential_roi_pct,
    flood_zone_code,
    is_flood_hazard_area,
    extra_features
from joined
