with provider_calls as (

    select * from {{ source('ops', 'provider_calls') }}

)

select
    call_id,
    county,
    provider,
    run_id,
    sent as is_sent,
    cached as is_cached,
    sent and state <> 'settled' as is_unanswered,
    cost_micro_usd
from provider_calls
