{#-
    Before a build of a history: whoever comes second waits, and reads what the first one added. Else both give
    the next version the same number. Readers pass; the end of the transaction lets go.
-#}
{% macro one_writer() -%}
    {%- if is_incremental() -%}
        lock table {{ this }} in share row exclusive mode
    {%- endif -%}
{%- endmacro %}
