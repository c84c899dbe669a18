with asks as (

    select * from {{ ref('stg_ops__provider_asks') }}

),

ledger as (

    select * from {{ ref('stg_ops__provider_calls') }}

),

enrichment_facts as (

    select *
    from {{ ref('stg_raw__enrichment_facts') }}
    where provider <> 'none' and {{ in_run_partitions() }}

),

-- A call serves properties of several months: its part of a month is the month's part of the properties.
shares as (

    select
        county,
        month,
        provider,
        run_id,
        property_count::double precision
        / nullif(sum(property_count) over (partition by county, provider, run_id), 0) as share
    from asks

),

calls as (

    select
        county,
        provider,
        run_id,
        count(*) filter (where is_sent) as call_count,
        count(*) filter (where is_cached) as cached_count,
        count(*) filter (where is_unanswered) as failed_count,
        sum(cost_micro_usd)::double precision / 1000000 as cost_usd
    from ledger
    group by county, provider, run_id

),

spent as (

    select
        shares.county,
        shares.month,
        shares.provider,
        count(*) as run_count,
        sum(shares.share * calls.call_count) as call_count,
        sum(shares.share * calls.cached_count) as cached_count,
        sum(shares.share * calls.failed_count) as failed_count,
        sum(shares.share * calls.cost_usd) as cost_usd
    from shares
    left join calls using (county, provider, run_id)
    where {{ in_run_partitions('shares.county', 'shares.month') }}
    group by shares.county, shares.month, shares.provider

),

properties as (

    select county, month, provider, property_id, bool_or(is_used) as is_used, sum(cost_usd) as cost_usd
    from enrichment_facts
    group by county, month, provider, property_id

),

facts as (

    select
        county,
        month,
        provider,
        count(*) as property_count,
        count(*) filter (where is_used) as used_property_count,
        sum(cost_usd) as facts_cost_usd
    from properties
    group by county, month, provider

)

select
    county,
    month,
    provider,
    coalesce(facts.property_count, 0) as property_count,
    coalesce(facts.used_property_count, 0) as used_property_count,
    coalesce(spent.run_count, 0) as run_count,
    coalesce(spent.call_count, 0)::double precision as call_count,
    coalesce(spent.cached_count, 0)::double precision as cached_count,
    coalesce(spent.failed_count, 0)::double precision as failed_count,
    coalesce(spent.cost_usd, 0)::double precision as cost_usd,
    coalesce(spent.cost_usd, 0)::double precision / nullif(facts.property_count, 0) as cost_per_property_usd,
    coalesce(spent.cost_usd, 0)::double precision
    / nullif(facts.used_property_count, 0) as cost_per_used_property_usd,
    coalesce(facts.facts_cost_usd, 0)::double precision as facts_cost_usd
from facts
full join spent using (county, month, provider)
