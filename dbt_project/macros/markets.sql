{#- One row a county and month of the run, the observed and the generated apart, with the day it is as of. -#}
{% macro run_markets() -%}
    select distinct county, month, as_of_date, is_simulated
    from {{ ref('stg_raw__properties') }}
    where {{ in_run_partitions() }}
{%- endmacro %}

{#- Joins sales to `markets`: those of the months before, so many back. Nothing of the month itself, or later. -#}
{% macro sold_before(sales, window) -%}
    markets.county = {{ sales }}.county
    and markets.is_simulated = {{ sales }}.is_simulated
    and {{ sales }}.month < markets.month
    and {{ sales }}.sale_date < markets.as_of_date
    and {{ sales }}.sale_date >= markets.as_of_date - interval '{{ var(window) }} months'
{%- endmacro %}
