with row_counts as (

    select * from {{ ref('int_partition__row_counts') }} where {{ in_run_partitions() }}

),

property_rejects as (

    select * from {{ ref('stg_raw__property_rejects') }} where {{ in_run_partitions() }}

),

features as (

    select * from {{ ref('features') }} where {{ in_run_partitions() }}

),

measures as (

    select * from {{ ref('quality_measures') }} where {{ in_run_partitions() }}

),

totals as (

    select
        county,
        month,
        coalesce(received_count, 0)::double precision as received,
        accepted_count::double precision as accepted,
        duplicate_count::double precision as duplicates,
        rejected_count::double precision as rejected
    from row_counts

),

completeness as (

    select county, month, fields.field, avg(fields.is_filled::integer) * 100 as filled_pct
    from features
    cross join
        lateral (
            values
            {%- for field in key_fields() + var('reported_fields') | list %}
                ('{{ field }}', features.{{ field }} is not null){{ ',' if not loop.last }}
            {%- endfor %}
        ) as fields (field, is_filled)
    group by county, month, fields.field

),

metrics as (

    select
        county,
        month,
        'received' as metric,
        'all' as detail,
        received as metric_value,
        null::boolean as is_passed
    from totals
    union all
    select county, month, 'accepted', 'all', accepted, null from totals
    union all
    select county, month, 'duplicates', 'all', duplicates, null from totals
    union all
    select county, month, 'rejected', 'all', rejected, null from totals
    union all
    -- The value is what is missing: rows that went nowhere, or came from nowhere where negative.
    select
        county,
        month,
        'adds_up',
        'all',
        received - accepted - duplicates - rejected,
        received = accepted + duplicates + rejected
    from totals
    union all
    select county, month, 'rejected_for', reason_code, count(*), null
    from property_rejects
    where is_rejected
    group by county, month, reason_code
    union all
    select county, month, 'filled_pct', field, filled_pct, null from completeness
    union all
    select county, month, metric, detail, metric_value, is_passed from measures

)

select
    county,
    month,
    metric,
    detail,
    metric_value::double precision as metric_value,
    is_passed
from metrics
