{#- Stage tables in the order data passes through them; `received` counts rows of files, not of a table. -#}
{%- set stages = [
    ('properties', source('raw', 'properties')),
    ('property_rejects', source('raw', 'property_rejects')),
    ('enrichments', source('raw', 'enrichments')),
    ('enrichment_facts', source('raw', 'enrichment_facts')),
    ('nearby_sales', source('raw', 'nearby_sales')),
    ('features', ref('features')),
    ('comparables', source('raw', 'comparables')),
    ('scores', source('raw', 'scores')),
    ('memos', source('raw', 'memos')),
] -%}

with received as (

    select county, month, 1 as stage_order, 'received' as stage, sum(rows_received) as row_count
    from {{ source('raw', 'source_files') }}
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
