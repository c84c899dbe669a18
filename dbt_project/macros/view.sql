{#-
    Views by `create or replace`. The built-in materialization swaps a new view in and drops the old one
    with cascade, which takes along whatever reads it: building stg_raw__properties alone would remove
    int_sales__valid. Dropping remains for the case where Postgres cannot replace: columns that were
    removed, renamed or given another type.

    A view that stands as its model says is left alone: replacing it waits for whoever reads it and makes others
    wait, so that two builds would go one after the other. What it was made from is noted on its rule.
-#}
{% materialization view, adapter='postgres' -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='view') -%}
    {%- set made_from = local_md5(sql ~ (model.description or '') ~ (model.columns | tojson)) -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {#- Of two builds that find it changed, the second finds it done. -#}
    {% call statement('turn') -%}
        select pg_advisory_xact_lock(hashtextextended('view:{{ target }}', 0))
    {%- endcall %}
    {%- if existing is not none and existing.is_view and noted(target) == made_from -%}
        {% call statement('main') -%} select 1 {%- endcall %}
    {%- else -%}
        {%- if existing is not none and not (existing.is_view and keeps_columns(existing)) -%}
            {%- do drop_relation_if_exists(existing) -%}
        {%- endif -%}
        {% call statement('main') -%}
            {{ get_replace_view_sql(target, sql) }}
        {%- endcall %}

        {% do apply_grants(target, config.get('grants'), should_revoke=should_revoke(existing, True)) %}
        {% do persist_docs(target, model) %}
        {% do run_query('comment on rule "_RETURN" on ' ~ target ~ " is '" ~ made_from ~ "'") %}
    {%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{%- endmaterialization %}

{#- What a view was made from; none where nobody noted it. -#}
{% macro noted(view) -%}
    {%- set found = run_query(
        "select obj_description(oid, 'pg_rewrite') from pg_rewrite where rulename = '_RETURN' and ev_class = '"
        ~ view.include(database=false) ~ "'::regclass"
    ) -%}
    {{ return(found.columns[0].values()[0] if found.rows else none) }}
{%- endmacro %}

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
