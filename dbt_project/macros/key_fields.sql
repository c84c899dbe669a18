{#- Fields of features whose absence costs a property its value or its score. -#}
{% macro key_fields() -%}
    {{ return([
    'street', 'zip', 'latitude', 'property_type', 'list_price_usd', 'sale_price_usd',
    'living_area_sqft', 'lot_area_sqft', 'bedrooms', 'bathrooms', 'year_built',
    'condition_code', 'days_on_market', 'last_sale_price_usd',
    'assessed_value_usd', 'zip_median_income_usd', 'zip_median_rent_usd', 'flood_zone_code'
    ]) }}
{%- endmacro %}
