with properties as (

    select * from {{ ref('stg_raw__properties') }} where {{ in_run_partitions() }}

),

enrichments as (

    select * from {{ ref('stg_raw__enrichments') }} where {{ in_run_partitions() }}

),

sales as (

    -- A quick resale is no witness of value, but the home did change hands at that price.
    select * from {{ ref('int_sales__reported') }} where is_arms_length

),

counties as (

    select * from {{ ref('stg_ops__counties') }}

),

subjects as (

    -- The sale a record reports is its own price: neither it nor a later one is its history.
    select *, least(as_of_date, sale_date) as known_before from properties

),

candidates as (

    select
        county,
        month,
        property_id,
        known_before,
        reported_last_sale_date as last_sale_date,
        reported_last_sale_price_usd as last_sale_price_usd,
        1 as preference,
        'record' as last_sale_origin
    from subjects

    union all

    select
        county,
        month,
        property_id,
        subjects.known_before,
        enrichments.enriched_last_sale_date,
        enrichments.enriched_last_sale_price_usd,
        2,
        'enrichment'
    from subjects
    inner join enrichments using (county, month, property_id)

    union all

    select
        subjects.county,
        subjects.month,
        subjects.property_id,
        subjects.known_before,
        sales.sale_date,
        sales.sale_price_usd,
        3,
        'earlier_sale'
    from subjects
    inner join sales
        on
            subjects.county = sales.county
            and subjects.property_id = sales.property_id
            and subjects.is_simulated = sales.is_simulated
            and sales.month < subjects.month

)

-- The newest sale; of one date, the one with a price, then the nearest origin.
select distinct on (candidates.county, month, property_id)
    candidates.county,
    month,
    property_id,
    last_sale_date,
    last_sale_price_usd,
    last_sale_origin
from candidates
left join counties using (county)
where
    last_sale_date < known_before
    -- A deed at a nominal price is no sale; a sale without a price (non-disclosure states) is one.
    and coalesce(last_sale_price_usd >= minimum_price_usd, true)
order by candidates.county, month, property_id, last_sale_date desc, last_sale_price_usd is null, preference
