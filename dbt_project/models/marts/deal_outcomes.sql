with sales as (

    select * from {{ ref('int_sales__reported') }} where is_arms_length

),

listings as (

    select * from {{ ref('features') }}

),

events as (

    select
        county, month, property_id, is_simulated, 'sold' as outcome, sale_date as outcome_date,
        sale_price_usd
    from sales
    where {{ in_run_partitions() }}
    union all
    select county, month, property_id, is_simulated, 'withdrawn', observed_date, null
    from listings
    where listing_status in ('withdrawn', 'expired') and {{ in_run_partitions() }}

),

-- What stood on an earlier board, or in the back-test of a source that holds sales alone.
offers as (

    select
        listings.county,
        listings.month,
        listings.property_id,
        listings.is_simulated,
        listings.offer_state,
        listings.zip,
        listings.observed_date,
        scores.asking_price_usd,
        scores.market_value_p10_usd, scores.market_value_p50_usd, scores.market_value_p90_usd,
        scores.likely_sale_p10_usd, scores.likely_sale_p50_usd, scores.likely_sale_p90_usd,
        scores.gain_probability, scores.bird_dog_score, scores.score_class,
        percent_rank() over (
            partition by listings.county, listings.month, listings.is_simulated
            order by scores.bird_dog_score desc
        ) < {{ var('top_share') }} as is_top_tenth
    from listings
    inner join {{ ref('stg_raw__scores') }} as scores using (county, month, property_id)
    where
        scores.bird_dog_score is not null
        and scores.asking_price_usd is not null
        and listings.offer_state in ('on_offer', 'under_contract', 'retrospective')

),

pairs as (

    select
        events.county,
        events.month,
        events.property_id,
        offers.month as offer_month,
        events.is_simulated,
        events.outcome, events.outcome_date,
        events.sale_price_usd,
        offers.offer_state,
        offers.zip,
        offers.observed_date,
        offers.asking_price_usd,
        offers.market_value_p10_usd, offers.market_value_p50_usd, offers.market_value_p90_usd,
        offers.likely_sale_p10_usd, offers.likely_sale_p50_usd, offers.likely_sale_p90_usd,
        offers.gain_probability,
        offers.bird_dog_score, offers.score_class, offers.is_top_tenth,
        -- A retrospective row is a purchase itself; an offer has to be sold first.
        (offers.offer_state = 'retrospective')::integer + (
            select count(*)
            from sales as between_them
            where
                between_them.county = events.county
                and between_them.property_id = events.property_id
                and between_them.is_simulated = events.is_simulated
                and between_them.sale_date > offers.observed_date
                and between_them.sale_date < events.outcome_date
        ) as earlier_sale_count
    from events
    inner join offers
        on
            events.county = offers.county
            and events.property_id = offers.property_id
            and events.is_simulated = offers.is_simulated
            and events.month > offers.month
            and events.outcome_date > offers.observed_date
            and events.outcome_date <= offers.observed_date + {{ var('outcome_days') }}

)

select
    county,
    month,
    property_id,
    offer_month,
    is_simulated,
    offer_state,
    zip,
    case when outcome = 'sold' and earlier_sale_count = 1 then 'resold' else outcome end as outcome,
    outcome_date,
    outcome_date - observed_date as days_since_offer,
    asking_price_usd,
    sale_price_usd,
    sale_price_usd / asking_price_usd as price_to_ask_ratio,
    market_value_p50_usd,
    sale_price_usd / market_value_p50_usd as price_to_value_ratio,
    sale_price_usd between market_value_p10_usd and market_value_p90_usd as is_in_value_interval,
    likely_sale_p50_usd,
    sale_price_usd / likely_sale_p50_usd as price_to_likely_ratio,
    sale_price_usd between likely_sale_p10_usd and likely_sale_p90_usd as is_in_likely_interval,
    gain_probability,
    bird_dog_score, score_class, is_top_tenth
from pairs
where earlier_sale_count = 0 or (earlier_sale_count = 1 and outcome = 'sold')
