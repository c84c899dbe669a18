{#- No two rows agree in `columns`; nulls count as equal. Fails with the keys found twice. -#}
{% test is_unique_by(model, columns) %}
select {{ columns | join(', ') }}, count(*) as row_count
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}
