{#- Stages of one row a property have no more rows than there are properties; a stale stage does. -#}
{% test no_stage_outgrows_its_properties(model) %}
with counted as (
    select county, month, stage, row_count from {{ model }}
),

properties as (
    select county, month, row_count as property_count from counted where stage = 'properties'
)

select counted.*, coalesce(properties.property_count, 0) as property_count
from counted
left join properties using (county, month)
where
    counted.stage in ('enrichments', 'nearby_sales', 'features', 'scores', 'memos')
    and counted.row_count > coalesce(properties.property_count, 0)
{% endtest %}
