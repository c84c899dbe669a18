with source_files as (

    select * from {{ ref('stg_raw__source_files') }} where {{ in_run_partitions() }}

),

properties as (

    select * from {{ ref('stg_raw__properties') }} where {{ in_run_partitions() }}

),

rents as (

    select * from {{ ref('stg_raw__rents') }} where {{ in_run_partitions() }}

),

property_rejects as (

    select * from {{ ref('stg_raw__property_rejects') }} where {{ in_run_partitions() }}

),

received as (

    select county, month, sum(rows_received)::bigint as received_count
    from source_files
    group by county, month

),

accepted as (

    select county, month, count(*) as accepted_count
    from (
        select county, month from properties
        union all
        select county, month from rents
    ) as taken
    group by county, month

),

refused as (

    select
        county,
        month,
        count(*) filter (where is_duplicate) as duplicate_count,
        count(*) filter (where is_rejected) as rejected_count
    from property_rejects
    group by county, month

)

select
    county,
    month,
    received.received_count,
    coalesce(accepted.accepted_count, 0) as accepted_count,
    coalesce(refused.duplicate_count, 0) as duplicate_count,
    coalesce(refused.rejected_count, 0) as rejected_count
from received
full join accepted using (county, month)
full join refused using (county, month)
