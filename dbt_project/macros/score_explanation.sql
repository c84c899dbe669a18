{#-
    A score and what it was before in a sentence. Both are cut, as memo and board show them: 69.96 is no 70;
    null where there was none before.
-#}
{% macro score_explanation(score, before, words) -%}
    case
        when {{ score }} - {{ before }} is null then null
        when {{ score }} = {{ before }}
            then 'Score unchanged at ' || to_char(trunc({{ score }}::numeric, 1), 'FM990.0')
        else
            'Score ' || to_char(trunc({{ before }}::numeric, 1), 'FM990.0')
            || ' to ' || to_char(trunc({{ score }}::numeric, 1), 'FM990.0') || ' ('
            || to_char(trunc({{ score }}::numeric, 1) - trunc({{ before }}::numeric, 1), 'FMSG990.0') || ')'
            || coalesce(': ' || {{ words }}, '')
    end
{%- endmacro %}
