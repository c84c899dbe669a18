-- Two spans of the same months of the year, the later one just before the month, by place and for the county.
with markets as (

    {{ run_markets() }}

),

sales as (

    select * from {{ ref('int_sales__valid') }} where sale_price_per_sqft_usd > 0

),

spans as (

    select
        county,
        month,
        as_of_date,
        is_simulated,
        as_of_date - interval '{{ var("appreciation_span_months") }} months' as recent_start,
        as_of_date - interval '1 year' as prior_end,
        as_of_date - interval '1 year' - interval '{{ var("appreciation_span_months") }} months'
            as prior_start
    from markets

),

compared as (

    select
        spans.county,
        spans.month,
        spans.is_simulated,
        spans.prior_start,
        sales.sale_date,
        coalesce(sales.place, 'ALL') as zip,
        sales.sale_date >= spans.recent_start as is_recent,
        ln(sales.sale_price_per_sqft_usd) as price_level
    from spans
    inner join sales
        on
            spans.county = sales.county
            and spans.is_simulated = sales.is_simulated
            and sales.month < spans.month
            and (
                (sales.sale_date >= spans.recent_start and sales.sale_date < spans.as_of_date)
                or (sales.sale_date >= spans.prior_start and sales.sale_date < spans.prior_end)
            )

),

-- Records that begin within the earlier span would hold other months of the year against the later one.
covered as (

    select county, month, is_simulated
    from compared
    group by county, month, is_simulated, prior_start
    having min(sale_date) < prior_start + interval '1 month'

),

by_zip as (

    select
        county,
        month,
        is_simulated,
        zip,
        count(*) filter (where is_recent) as recent_count,
        count(*) filter (where not is_recent) as prior_count,
        percentile_cont(0.5) within group (order by price_level) filter (where is_recent) as recent_level,
        percentile_cont(0.5) within group (order by price_level) filter (where not is_recent) as prior_level
    from compared
    inner join covered using (county, month, is_simulated)
    group by county, month, is_simulated, zip

),

-- Each sale against the middle of its own place: where more was sold than a year ago moves nothing.
by_county as (

    select
        county,
        month,
        is_simulated,
        count(*) filter (where is_recent) as recent_count,
        count(*) filter (where not is_recent) as prior_count,
        percentile_cont(0.5) within group (order by price_level - (recent_level + prior_level) / 2)
        filter (where is_recent) as recent_level,
        percentile_cont(0.5) within group (order by price_level - (recent_level + prior_level) / 2)
        filter (where not is_recent) as prior_level
    from compared
    inner join by_zip using (county, month, is_simulated, zip)
    where by_zip.recent_level is not null and by_zip.prior_level is not null
    group by county, month, is_simulated

),

levels as (

    select county, month, is_simulated, zip, recent_count, prior_count, recent_level, prior_level
    from by_zip
    where zip <> 'ALL'
    union all
    select county, month, is_simulated, 'ALL' as zip, recent_count, prior_count, recent_level, prior_level
    from by_county

)

select
    county,
    month,
    zip,
    is_simulated,
    (exp(recent_level - prior_level) - 1) * 100 as appreciation_pct,
    (recent_count + prior_count)::double precision as appreciation_sales
from levels
where least(recent_count, prior_count) >= {{ var('appreciation_minimum_sales') }}
