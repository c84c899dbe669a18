{#- Column -> reason codes it counts. Together with what is used they are all there is. -#}
{%- set reasons = {
    'not_needed_count': ['NOT_NEEDED'],
    'lower_priority_count': ['LOWER_PRIORITY'],
    'low_confidence_count': ['LOW_CONFIDENCE'],
    'too_late_count': ['VINTAGE_TOO_LATE'],
    'no_key_count': ['NO_KEY'],
    'no_match_count': ['NO_MATCH'],
    'null_in_source_count': ['NULL_IN_SOURCE', 'OPEN_ENDED', 'TOO_FEW_ANSWERS', 'NOT_APPLICABLE'],
    'out_of_range_count': ['OUT_OF_RANGE'],
    'no_coverage_count': ['NO_COVERAGE'],
    'not_configured_count': ['NO_PROVIDER', 'REFERENCE_MISSING', 'KEY_MISSING'],
    'budget_spent_count': ['BUDGET_SPENT'],
    'failed_count': ['KEY_REFUSED', 'PROVIDER_FAILED', 'PROVIDER_CLOSED', 'BAD_ANSWER', 'CALL_UNSETTLED'],
} -%}

with facts as (

    select * from {{ ref('stg_raw__enrichment_facts') }} where {{ in_run_partitions() }}

),

-- What another provider's used value beats is the only thing that can be compared: a fact that is used is no
-- witness for itself.
beaten as (

    select * from facts where reason_code in ('LOWER_PRIORITY', 'LOW_CONFIDENCE')

),

compared as (

    select
        beaten.county,
        beaten.month,
        beaten.field,
        beaten.provider,
        {{ values_agree('beaten.field', 'beaten.value', 'used.value') }} as is_agreeing
    from beaten
    inner join facts as used using (county, month, property_id, field)
    where used.is_used

),

agreement as (

    select
        county,
        month,
        field,
        provider,
        count(is_agreeing) as compared_count,
        count(*) filter (where is_agreeing) as agreeing_count,
        count(*) filter (where not is_agreeing) as conflicting_count
    from compared
    group by county, month, field, provider

),

counted as (

    select
        county,
        month,
        field,
        provider,
        count(*) as fact_count,
        count(value) as answered_count,
        count(*) filter (where is_used) as used_count,
        {%- for column, codes in reasons.items() %}
            count(*) filter (
                where reason_code in (
                    '{{ codes | join("', '") }}'
                )
            ) as {{ column }},
        {%- endfor %}
        count(*) filter (where is_later_vintage) as later_vintage_count,
        count(*) filter (where is_simulated) as simulated_count,
        avg(confidence) as mean_confidence,
        min(vintage_date) as oldest_vintage_date,
        max(vintage_date) as newest_vintage_date,
        sum(cost_usd) as cost_usd
    from facts
    group by county, month, field, provider

)

select
    county,
    month,
    field,
    provider,
    fact_count,
    answered_count,
    used_count,
    {%- for column in reasons %}
        {{ column }},
    {%- endfor %}
    later_vintage_count,
    simulated_count,
    coalesce(agreement.compared_count, 0) as compared_count,
    coalesce(agreement.agreeing_count, 0) as agreeing_count,
    coalesce(agreement.conflicting_count, 0) as conflicting_count,
    agreement.agreeing_count::double precision / nullif(agreement.compared_count, 0) * 100 as agreement_pct,
    mean_confidence,
    oldest_vintage_date,
    newest_vintage_date,
    cost_usd
from counted
left join agreement using (county, month, field, provider)
