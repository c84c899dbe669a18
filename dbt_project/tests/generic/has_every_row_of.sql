{#- The key stands in this model exactly where it stands in `other`, for the run's partitions. -#}
{% test has_every_row_of(model, other, key=['county', 'month', 'property_id']) %}
with mine as (
    select {{ key | join(', ') }} from {{ model }}
),

others as (
    select {{ key | join(', ') }} from {{ other }} where {{ in_run_partitions() }}
),

missing as (
    select * from others except select * from mine
),

surplus as (
    select * from mine except select * from others
)

select 'missing' as fault, missing.* from missing
union all
select 'surplus' as fault, surplus.* from surplus
{% endtest %}
