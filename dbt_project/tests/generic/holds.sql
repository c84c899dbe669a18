{#- `claim` is true or unknown for each row. Fails with the rows that break it. -#}
{% test holds(model, claim) %}
select *
from {{ model }}
where not ({{ claim }})
{% endtest %}
