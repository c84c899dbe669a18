{#-
    Statistics of the columns that joins use, as a post-hook: later models of the same build read a table
    that autovacuum has not seen yet. Without them Postgres takes 21,613 rows for one and joins by nested
    loops: score_history took 60 s instead of 0.3 s.
-#}
{% macro analyze_keys() -%}
    {%- set keys = ['county', 'month', 'property_id', 'zip', 'is_simulated', 'model_id', 'config_version'] -%}
    {%- if model.config.materialized != "view" -%}
    analyze {{ this }} ({{ model['columns'].keys() | select('in', keys) | join(', ') }})
    {%- endif -%}
{%- endmacro %}
