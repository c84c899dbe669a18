{#-
    Views by `create or replace`. The built-in materialization swaps a new view in and drops the old one
    with cascade, which takes along whatever reads it: building stg_raw__properties alone would remove
    int_sales__valid. Dropping remains for the case where Postgres cannot replace: columns that were
    removed, renamed or given another type.
-#}
{% materialization view, adapter='postgres' -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='view') -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- if existing is not none and not (existing.is_view and keeps_columns(existing)) -%}
        {%- do drop_relation_if_exists(existing) -%}
    {%- endif -%}
    {% call statement('main') -%}
        {{ get_replace_view_sql(target, sql) }}
    {%- endcall %}

    {% do apply_grants(target, config.get('grants'), should_revoke=should_revoke(existing, True)) %}
    {% do persist_docs(target, model) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{%- endmaterialization %}

{#- True where the view's columns are the first of the contract's, so that `create or replace` works. -#}
{% macro keeps_columns(existing) -%}
    {%- set kept = adapter.get_columns_in_relation(existing) -%}
    {%- set wanted = model['columns'].values() | list -%}
    {%- set differing = [] -%}
    {%- for column in kept -%}
        {%- set other = wanted[loop.index0] if loop.index0 < wanted | length else none -%}
        {%- if other is none or other['name'] != column.name or other['data_type'] != column.data_type -%}
            {%- do differing.append(column.name) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(differing | length == 0) }}
{%- endmacro %}
