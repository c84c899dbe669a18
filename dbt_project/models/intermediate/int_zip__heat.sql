with properties as (

    select * from {{ ref('stg_raw__properties') }}

),

sales as (

    select
        *,
        max(sale_date) over (
            partition by county, property_id, is_simulated
            order by sale_date range between unbounded preceding and interval '1 day' preceding
        ) as previous_sale_date
    from {{ ref('int_sales__valid') }}

),

markets as (

    {{ run_markets() }}

),

asks as (

    select county, month, as_of_date, property_id, is_simulated, list_price_usd
    from properties
    where list_price_usd > 0 and not is_list_price_assumed

),

-- The last ask before a sale, of its own month or up to a year before: a later ask is another offer's, and so
-- is one that the home's sale before answered.
ratios as (

    select distinct on (sales.county, sales.month, sales.property_id, sales.is_simulated, sales.sale_date)
        sales.county,
        sales.month,
        sales.is_simulated,
        sales.place,
        sales.sale_date,
        sales.sale_price_usd / asks.list_price_usd * 100 as sale_to_ask_pct
    from sales
    inner join asks
        on
            sales.county = asks.county
            and sales.property_id = asks.property_id
            and sales.is_simulated = asks.is_simulated
            and asks.as_of_date <= sales.sale_date
            and asks.as_of_date >= sales.sale_date - interval '{{ var("offer_known_months") }} months'
            and asks.month <= sales.month
            and asks.as_of_date > coalesce(sales.previous_sale_date, '-infinity')
    order by
        sales.county,
        sales.month,
        sales.property_id,
        sales.is_simulated,
        sales.sale_date,
        asks.as_of_date desc

),

sold as (

    select
        markets.county,
        markets.month,
        markets.is_simulated,
        ratios.place,
        ratios.sale_to_ask_pct
    from markets
    inner join ratios
        on {{ sold_before('ratios', 'heat_window_months') }}

)

select
    county,
    month,
    case when grouping(place) = 1 then 'ALL' else place end as zip,
    is_simulated,
    percentile_cont(0.5) within group (order by sale_to_ask_pct) as heat_pct,
    count(*)::double precision as heat_sales
from sold
group by grouping sets ((county, month, is_simulated), (county, month, is_simulated, place))
having (grouping(place) = 1 or place is not null) and count(*) >= {{ var('heat_minimum_sales') }}
