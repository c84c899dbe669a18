
with received as (

    select county, month, sum(rows_received) as row_count
    from {{ source('raw', 'source_files') }}
    where {{ in_run_partitions() }}
    group by county, month

),

accepted as (

    select county, month, count(*) as row_count
    from {{ source('raw', 'properties') }}
    where {{ in_run_partitions() }}
    group by county, month

),

refused as (

    select county, month, disposition, reason_code, count(*) as row_count
    from {{ source('raw', 'property_rejects') }}
    where {{ in_run_partitions() }}
    group by county, month, disposition, reason_code

),

features as (

    select * from {{ ref('features') }} where {{ in_run_partitions() }}

),

partitions as (

    select county, month from received
    union
    select county, month from accepted
    union
    select county, month from refused

),

totals as (

    select
        county,
        month,
        coalesce(received.row_count, 0)::double precision as received,
        coalesce(accepted.row_count, 0)::double precision as accepted,
        coalesce(sum(refused.row_count) filter (where disposition = 'duplicate'), 0)::double precision as duplicates,
        coalesce(sum(refused.row_count) filter (where disposition = 'rejected'), 0)::double precision as rejected
    from partitions
    left join received using (county, month)
    left join accepted using (county, month)
    left join refused using (county, month)
    group by county, month, received.row_count, accepted.row_count

),

completeness as (

    select county, month, fields.field, avg(fields.is_filled::integer) * 100 as filled_pct
    from features
    cross join lateral (
        values
        {%- for field in key_fields() %}
        ('{{ field }}', features.{{ field }} is not null){{ ',' if not loop.last }}
        {%- endfor %}
    ) as fields (field, is_filled)
    group by county, month, fields.field

),

metrics as (

    select county, month, 'received' as metric, 'all' as detail, received as metric_value, null::boolean as is_passed
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
    select county, month, 'rejected_for', reason_code, row_count, null
    from refused
    where disposition = 'rejected'
    union all
    select county, month, 'filled_pct', field, filled_pct, null from completeness
    union all
    select county, month, metric, detail, metric_value, is_passed
    from {{ ref('quality_measures') }}
    where {{ in_run_partitions() }}

)

select
    county,
    month,
    metric,
    detail,
    metric_value::double precision as metric_value,
    is_passed
from metrics
