-- The run's months and the one before each, which the change is measured from.
with properties as (

    select *
    from {{ ref('stg_raw__properties') }}
    where
        {{ in_run_partitions() }}
        or {{ in_run_partitions(month="to_char(as_of_date + interval '1 month', 'YYYY-MM')") }}

),

verdicts as (

    select * from {{ ref('stg_raw__sale_validity') }}

),

counted as (

    select
        county,
        month,
        as_of_date,
        properties.is_simulated,
        zip,
        days_on_market,
        listing_status = 'active' as is_active,
        coalesce(verdicts.is_valid_sale, false) as is_sale,
        properties.sale_price_usd,
        properties.sale_price_usd / nullif(living_area_sqft, 0) as sale_price_per_sqft_usd
    from properties
    left join verdicts using (county, month, property_id)

),

summed as (

    select
        county,
        month,
        case when grouping(zip) = 1 then 'ALL' else zip end as zip,
        is_simulated,
        to_char(as_of_date - interval '1 month', 'YYYY-MM') as earlier_month,
        count(*) as property_count,
        count(*) filter (where is_active) as active_listing_count,
        count(*) filter (where is_sale) as sale_count,
        percentile_cont(0.5) within group (order by sale_price_usd) filter (where is_sale)
            as median_sale_price_usd,
        percentile_cont(0.5) within group (order by sale_price_per_sqft_usd) filter (where is_sale)
            as median_price_per_sqft_usd,
        percentile_cont(0.5) within group (order by days_on_market) as median_days_on_market
    from counted
    group by
        grouping sets (
            (county, month, as_of_date, is_simulated),
            (county, month, as_of_date, is_simulated, zip)
        )
    having grouping(zip) = 1 or zip is not null

)

select
    summed.county,
    summed.month,
    summed.zip,
    summed.is_simulated,
    summed.property_count,
    summed.active_listing_count,
    summed.sale_count,
    summed.median_sale_price_usd,
    summed.median_price_per_sqft_usd,
    (summed.median_price_per_sqft_usd / nullif(earlier.median_price_per_sqft_usd, 0) - 1) * 100
        as median_price_per_sqft_change_pct,
    summed.median_days_on_market
from summed
left join summed as earlier
    on
        summed.county = earlier.county
        and summed.earlier_month = earlier.month
        and summed.zip = earlier.zip
        and summed.is_simulated = earlier.is_simulated
where {{ in_run_partitions('summed.county', 'summed.month') }}
