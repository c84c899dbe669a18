{#- Stage tables in the order data passes through them; `received` counts rows of files, not of a table. -#}
{%- set stages = [
    ('properties', ref('stg_raw__properties')),
    ('property_rejects', ref('stg_raw__property_rejects')),
    ('enrichments', ref('stg_raw__enrichments')),
    ('enrichment_facts', ref('stg_raw__enrichment_facts')),
    ('nearby_sales', ref('stg_raw__nearby_sales')),
    ('features', ref('features')),
    ('comparables', ref('stg_raw__comparables')),
    ('scores', ref('stg_raw__scores')),
    ('memos', ref('stg_raw__memos')),
] -%}

with received as (

    select county, month, 1 as stage_order, 'received' as stage, sum(rows_received) as row_count
    from {{ ref('stg_raw__source_files') }}
    where {{ in_run_partitions() }}
    group by county, month

),

counted as (

    select * from received
    {%- for stage, relation in stages %}

        union all

        select county, month, {{ loop.index + 1 }}, '{{ stage }}', count(*)
        from {{ relation }}
        where {{ in_run_partitions() }}
        group by county, month
    {%- endfor %}

)

select
    county,
    month,
    stage,
    stage_order,
    row_count::bigint as row_count
from counted
