with properties as (

    select * from {{ ref('stg_raw__properties') }} where {{ in_run_partitions() }}

),

sales as (

    select * from {{ ref('int_sales__valid') }}

),

markets as (

    {{ run_markets() }}

),

earlier_sales as (

    select
        markets.county,
        markets.month,
        markets.as_of_date,
        markets.is_simulated,
        sales.place,
        sales.sale_date,
        sales.sale_price_per_sqft_usd as price_per_sqft_usd,
        sales.sale_date
        >= markets.as_of_date - interval '{{ var("trend_window_months") }} months' as is_recent
    from markets
    inner join sales
        on {{ sold_before('sales', 'market_window_months') }}

),

sold as (

    select
        county,
        month,
        is_simulated,
        place,
        count(*) as sale_count,
        count(price_per_sqft_usd) as priced_count,
        percentile_cont(0.5) within group (order by price_per_sqft_usd) as median_usd,
        count(price_per_sqft_usd) filter (where is_recent) as recent_count,
        percentile_cont(0.5) within group (order by price_per_sqft_usd)
        filter (where is_recent) as recent_usd,
        count(price_per_sqft_usd) filter (where not is_recent) as prior_count,
        percentile_cont(0.5) within group (order by price_per_sqft_usd)
        filter (where not is_recent) as prior_usd
    from earlier_sales
    where place is not null
    group by county, month, is_simulated, place

),

places as (

    select distinct county, month, is_simulated, place from properties where place is not null

)

select
    county,
    month,
    place as zip,
    is_simulated,
    case when sold.priced_count >= {{ var('minimum_sales') }} then sold.median_usd end
        as zip_median_price_per_sqft_usd,
    case
        when least(sold.recent_count, sold.prior_count) >= {{ var('minimum_sales') }}
            then (sold.recent_usd / nullif(sold.prior_usd, 0) - 1) * 100
    end as zip_price_per_sqft_trend_pct,
    coalesce(sold.sale_count, 0)::double precision as zip_sale_count
from sold
full outer join places using (county, month, is_simulated, place)
