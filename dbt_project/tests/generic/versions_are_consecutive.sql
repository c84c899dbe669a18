{#- Versions of a property and month are 1, 2, 3 … -#}
{% test versions_are_consecutive(model) %}
select county, month, property_id, max(version_number) as newest, count(*) as version_count
from {{ model }}
group by county, month, property_id
having max(version_number) <> count(*) or min(version_number) <> 1
{% endtest %}
