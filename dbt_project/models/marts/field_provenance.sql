{#- Column -> reason codes it counts. Together with what is used they are all there is. -#}
{%- set reasons = {
    'not_needed_count': ['NOT_NEEDED'],
    'lower_priority_count': ['LOWER_PRIORITY'],
    'low_confidence_count': ['LOW_CONFIDENCE'],
    'too_late_count': ['VINTAGE_TOO_LATE'],
    'no_key_count': ['NO_KEY'],
    'no_match_count': ['NO_MATCH'],
    'null_in_source_count': ['NULL_IN_SOURCE'],
    'no_coverage_count': ['NO_COVERAGE'],
    'not_configured_count': ['NO_PROVIDER', 'REFERENCE_MISSING', 'KEY_MISSING'],
    'budget_spent_count': ['BUDGET_SPENT'],
    'failed_count': ['KEY_REFUSED', 'PROVIDER_FAILED', 'PROVIDER_CLOSED', 'BAD_ANSWER', 'CALL_UNSETTLED'],
} -%}

with facts as (

    select * from {{ source('raw', 'enrichment_facts') }} where {{ in_run_partitions() }}

),

used as (

    select county, month, property_id, field, value as used_value
    from facts
    where is_used

),

compared as (

    -- A fact that is used is no witness for itself.
    select
        facts.*,
        case
            when not facts.is_used and facts.reason_code in ('LOWER_PRIORITY', 'LOW_CONFIDENCE')
                then {{ values_agree('facts.field', 'facts.value', 'used.used_value') }}
        end as is_agreeing
    from facts
    left join used using (county, month, property_id, field)

)

select
    county,
    month,
    field,
    provider,
    count(*) as fact_count,
    count(value) as answered_count,
    count(*) filter (where is_used) as used_count,
    {%- for column, codes in reasons.items() %}
    count(*) filter (where reason_code in ('{{ codes | join("', '") }}')) as {{ column }},
    {%- endfor %}
    count(*) filter (where is_later_vintage) as later_vintage_count,
    count(*) filter (where simulated) as simulated_count,
    count(is_agreeing) as compared_count,
    count(*) filter (where is_agreeing) as agreeing_count,
    count(*) filter (where not is_agreeing) as conflicting_count,
    avg(is_agreeing::integer)::double precision * 100 as agreement_pct,
    avg(confidence) as mean_confidence,
    min(vintage) as oldest_vintage_date,
    max(vintage) as newest_vintage_date,
    sum(cost_usd) as cost_usd
from compared
group by county, month, field, provider
