with row_counts as (

    select * from {{ ref('int_partition__row_counts') }} where {{ in_run_partitions() }}

),

record_quality as (

    select * from {{ ref('record_quality') }} where {{ in_run_partitions() }}

),

totals as (

    select
        county,
        month,
        received_count::double precision as received,
        100 * duplicate_count / nullif(received_count, 0)::double precision as duplicates_pct
    from row_counts
    where received_count is not null

),

-- The last result of each check over the partition: a run that did not look at it says nothing new.
checked as (

    select distinct on (county, month, asset, check_name)
        county, month, asset, check_name, is_passed, is_passed or grain = 'partition' as is_of_month
    from {{ ref('stg_ops__check_results') }}
    where {{ in_run_partitions() }}
    order by county, month, asset, check_name, evaluated_at desc

),

records as (

    select
        county, month,
        avg(completeness_pct) as completeness_pct,
        avg((completeness_pct < {{ var('nearly_empty_below_pct') }})::integer) * 100 as nearly_empty_pct,
        avg((price_fault is not null)::integer) * 100 as price_faults_pct
    from record_quality
    group by county, month

),

-- All months, not only the run's: a month is measured by those before it.
delivered as (

    select county, to_date(month, 'YYYY-MM') as month_start, sum(rows_received) as row_count
    from {{ ref('stg_raw__source_files') }}
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

measures as (

    select county, month, told.metric, 'all' as detail, told.metric_value, told.is_passed
    from records
    cross join
        lateral (
            values
            ('completeness_pct', completeness_pct, completeness_pct >= {{ var('minimum_completeness_pct') }}),
            ('nearly_empty_pct', nearly_empty_pct, nearly_empty_pct <= {{ var('maximum_nearly_empty_pct') }}),
            ('price_faults_pct', price_faults_pct, price_faults_pct <= {{ var('maximum_price_faults_pct') }})
        ) as told (metric, metric_value, is_passed)
    union all
    select county, month, told.metric, 'all', told.metric_value, told.is_passed
    from totals
    left join volumes using (county, month)
    cross join
        lateral (
            values
            ('duplicates_pct', duplicates_pct, duplicates_pct <= {{ var('maximum_duplicates_pct') }}),
            (
                'volume_ratio',
                volume_ratio,
                volume_ratio between {{ var('minimum_volume_ratio') }} and {{ var('maximum_volume_ratio') }}
            )
        ) as told (metric, metric_value, is_passed)
    -- Nothing was received, or there are too few months before to compare with.
    where told.metric_value is not null
    union all
    -- What failed somewhere in a run of several months is held against none of them.
    select
        county, month, case when is_of_month then 'check' else 'run_check' end, asset || '.' || check_name,
        is_passed::integer, case when is_of_month then is_passed end
    from checked

)

select
    county,
    month,
    metric,
    detail,
    metric_value::double precision as metric_value,
    is_passed
from measures
