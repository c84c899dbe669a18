
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

-- The last result of each check over the partition: a run that did not look at it says nothing new.
checked as (

    select distinct on (county, month, asset, check_name)
        county,
        month,
        asset,
        check_name,
        is_passed
    from {{ source('ops', 'check_results') }}
    where {{ in_run_partitions() }}
    order by county, month, asset, check_name, evaluated_at desc

),

records as (

    select
        county,
        month,
        avg(completeness_pct) as completeness_pct,
        avg((completeness_pct < 50)::integer) * 100 as nearly_empty_pct,
        avg((price_fault is not null)::integer) * 100 as price_faults_pct
    from {{ ref('record_quality') }}
    where {{ in_run_partitions() }}
    group by county, month

),

-- All months, not only the run's: a month is measured by those before it.
delivered as (

    select county, to_date(month, 'YYYY-MM') as month_start, sum(rows_received) as row_count
    from {{ source('raw', 'source_files') }}
    group by county, month

),

volumes as (

    select
        totals.county,
        totals.month,
        case
            when count(*) >= {{ var('minimum_volume_months') }}
                then totals.received / percentile_cont(0.5) within group (order by delivered.row_count)
        end as volume_ratio
    from totals
    inner join delivered
        on
            totals.county = delivered.county
            and delivered.month_start < to_date(totals.month, 'YYYY-MM')
            and delivered.month_start
            >= to_date(totals.month, 'YYYY-MM') - interval '{{ var("volume_window_months") }} months'
    group by totals.county, totals.month, totals.received

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
    select
        county,
        month,
        'completeness_pct',
        'all',
        completeness_pct,
        completeness_pct >= {{ var('minimum_completeness_pct') }}
    from records
    union all
    select
        county,
        month,
        'nearly_empty_pct',
        'all',
        nearly_empty_pct,
        nearly_empty_pct <= {{ var('maximum_nearly_empty_pct') }}
    from records
    union all
    select
        county,
        month,
        'price_faults_pct',
        'all',
        price_faults_pct,
        price_faults_pct <= {{ var('maximum_price_faults_pct') }}
    from records
    union all
    select
        county,
        month,
        'duplicates_pct',
        'all',
        100 * duplicates / received,
        100 * duplicates / received <= {{ var('maximum_duplicates_pct') }}
    from totals
    where received > 0
    union all
    select
        county,
        month,
        'volume_ratio',
        'all',
        volume_ratio,
        volume_ratio between {{ var('minimum_volume_ratio') }} and {{ var('maximum_volume_ratio') }}
    from volumes
    where volume_ratio is not null
    union all
    select
        county,
        month,
        'check',
        asset || '.' || check_name,
        is_passed::integer,
        is_passed
    from checked

)

select
    county,
    month,
    metric,
    detail,
    metric_value::double precision as metric_value,
    is_passed
from metrics
