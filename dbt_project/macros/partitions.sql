{#-
    The partitions of this run, as [county, month] pairs; empty means all of them (an analyst's own build).
    They come from REALESTATE_PARTITIONS, `king-wa|2014-05,king-wa|2014-06`.

    The variable is read only while executing: one read while parsing would make dbt parse its models again
    for each new list, and `--vars` the whole project.
-#}
{% macro run_partitions() -%}
    {%- set partitions = [] -%}
    {%- if execute -%}
        {%- set listed = env_var('REALESTATE_PARTITIONS', '') | trim -%}
        {%- if listed and flags.FULL_REFRESH -%}
            {{ exceptions.raise_compiler_error(
                "--full-refresh with REALESTATE_PARTITIONS would lose every other partition: unset one of them."
            ) }}
        {%- endif -%}
        {%- for key in (listed.split(',') if listed else []) -%}
            {#- The keys go into the SQL text, so nothing but slugs and months is let through. -#}
            {%- if not modules.re.fullmatch('[a-z]+(-[a-z]+)*-[a-z]{2}\\|[0-9]{4}-(0[1-9]|1[0-2])', key) -%}
                {{ exceptions.raise_compiler_error(
                    "REALESTATE_PARTITIONS holds " ~ (key | tojson) ~ ", which is not a county|YYYY-MM key."
                ) }}
            {%- endif -%}
            {%- do partitions.append(key.split('|')) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(partitions) }}
{%- endmacro %}

{#- A condition that holds for rows of this run's partitions. -#}
{% macro in_run_partitions(county='county', month='month') -%}
    {%- set partitions = run_partitions() -%}
    {%- if partitions -%}
        ({{ county }}, {{ month }}) in (
            {%- for pair in partitions -%}
                ('{{ pair[0] }}', '{{ pair[1] }}'){{ ', ' if not loop.last }}
            {%- endfor -%}
        )
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{#- Data tests look at the run's partitions: `where: __run_partitions__` is set for all of them. -#}
{% macro get_where_subquery(relation) -%}
    {%- set where = config.get('where', 'true') | replace('__run_partitions__', in_run_partitions()) -%}
    {{ return('(select * from ' ~ relation ~ ' where ' ~ where ~ ') as tested') }}
{%- endmacro %}
