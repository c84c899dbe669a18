with properties as (

    select county, month, as_of_date, property_id, is_simulated, place, {{ offer_state() }} as offer_state
    from {{ ref('stg_raw__properties') }}

),

sales as (

    select * from {{ ref('int_sales__valid') }}

),

markets as (

    {{ run_markets() }}

),

-- What a record told stands until the next one that tells anything of an offer.
told as (

    select
        county,
        is_simulated,
        place,
        offer_state,
        as_of_date,
        lead(as_of_date) over (partition by county, is_simulated, property_id order by as_of_date)
            as next_date
    from properties
    where offer_state is not null

),

known as (

    select
        markets.county,
        markets.month,
        markets.is_simulated,
        told.place,
        told.as_of_date,
        told.offer_state = 'on_offer' and coalesce(told.next_date >= markets.as_of_date, true) as is_on_offer
    from markets
    inner join told
        on
            markets.county = told.county
            and markets.is_simulated = told.is_simulated
            and told.as_of_date < markets.as_of_date
            and told.as_of_date >= markets.as_of_date - interval '{{ var("offer_known_months") }} months'
    where told.offer_state in ('on_offer', 'under_contract')

),

stock as (

    select county, month, is_simulated, place as zip, count(*) as offer_count
    from known
    where is_on_offer and place is not null
    group by county, month, is_simulated, place

),

-- Only a source that has listed homes for some months says anything about what is on the market.
listed as (

    select county, month, is_simulated
    from known
    group by county, month, is_simulated
    having count(distinct as_of_date) >= {{ var('minimum_listing_months') }}

),

sold as (

    select
        markets.county,
        markets.month,
        markets.is_simulated,
        sales.place as zip,
        count(*) as sale_count,
        -- Where the records begin inside the window, a mean over all its months would be too low.
        age(
            markets.as_of_date,
            date_trunc('month', min(min(sales.sale_date)) over (
                partition by markets.county, markets.month, markets.is_simulated
            ))
        ) as recorded
    from markets
    inner join sales
        on {{ sold_before('sales', 'market_window_months') }}
    group by markets.county, markets.month, markets.as_of_date, markets.is_simulated, sales.place

)

select
    county,
    month,
    zip,
    is_simulated,
    coalesce(stock.offer_count, 0)::double precision as zip_offer_count,
    case
        when sold.sale_count >= {{ var('supply_minimum_sales') }}
            then (
                coalesce(stock.offer_count, 0)
                * (12 * extract(year from sold.recorded) + extract(month from sold.recorded))
                / sold.sale_count
            )::double precision
    end as zip_months_of_supply
from stock
full outer join sold using (county, month, is_simulated, zip)
inner join listed using (county, month, is_simulated)
where zip is not null
