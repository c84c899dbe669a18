{#- Records of the ZIPs together are no more than the county's `ALL` row; less where a ZIP is unknown. -#}
{% test zips_do_not_exceed_their_county(model) %}
select
    county,
    month,
    is_simulated,
    sum(property_count) filter (where zip <> 'ALL') as zip_records,
    sum(property_count) filter (where zip = 'ALL') as county_records
from {{ model }}
group by county, month, is_simulated
having
    coalesce(sum(property_count) filter (where zip <> 'ALL'), 0)
    > coalesce(sum(property_count) filter (where zip = 'ALL'), 0)
{% endtest %}
