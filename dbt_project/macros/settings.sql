{#-
    Settings that Python and dbt share. Made by tools/dbt_settings.py from realestate_assets/config, and
    compared with it by a test: change them there.
-#}

{#- scoring.yaml: whose presence a score's confidence counts. -#}
{% macro key_fields() -%}
    {{ return([
        'list_price_usd',
        'living_area_sqft',
        'lot_area_sqft',
        'bedrooms',
        'bathrooms',
        'year_built',
        'condition_code',
        'quality_code',
        'latitude',
        'zip',
        'assessed_value_usd',
        'last_sale_price_usd',
        'days_on_market',
        'zip_median_income_usd',
        'zip_median_rent_usd',
        'is_absentee_owner'
    ]) }}
{%- endmacro %}
