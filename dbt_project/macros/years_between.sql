{#- Years of 365.25 days from one date to a later one; below 0 where it is earlier. -#}
{% macro years_between(earlier, later) -%}
    (({{ later }} - {{ earlier }}) / 365.25)::double precision
{%- endmacro %}
