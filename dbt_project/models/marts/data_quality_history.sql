{{ config(incremental_strategy='append', full_refresh=false, pre_hook='{{ one_writer() }}') }}

with current_values as (

    select * from {{ ref('data_quality') }} where {{ in_run_partitions() }}

),

-- Versions already kept. History outlives its partition: nothing here is ever replaced.
latest as (

    {% if is_incremental() -%}
        select distinct on (county, month, metric, detail)
            county,
            month,
            metric,
            detail,
            version_number,
            metric_value,
            is_passed
        from {{ this }}
        where {{ in_run_partitions() }}
        order by county, month, metric, detail, version_number desc
    {%- else -%}
        select
            county,
            month,
            metric,
            detail,
            null::bigint as version_number,
            null::double precision as metric_value,
            null::boolean as is_passed
        from current_values
        where false
    {%- endif %}

)

select
    county,
    month,
    metric,
    detail,
    coalesce(latest.version_number, 0) + 1 as version_number,
    current_values.metric_value,
    current_values.is_passed,
    current_values.metric_value - latest.metric_value as value_change,
    now() as recorded_at
from current_values
left join latest using (county, month, metric, detail)
where
    latest.version_number is null
    or current_values.metric_value is distinct from latest.metric_value
    or current_values.is_passed is distinct from latest.is_passed
