{#-
    Incremental strategy: the run's partitions are replaced whole, in one transaction. Unlike delete+insert
    it also empties a partition that has no rows any more. The lock lets readers pass and makes a second
    writer wait, so that its delete sees what the first one inserted.
-#}
{% macro get_incremental_replace_partitions_sql(arg_dict) -%}
    {%- set target = arg_dict['target_relation'] -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
    lock table {{ target }} in share row exclusive mode;
    delete from {{ target }} where {{ in_run_partitions() }};
    insert into {{ target }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }}
{%- endmacro %}
