{# What a record is to a buyer. A recorded price that stands in for an asking price was never asked of anybody. #}
{% macro offer_state() -%}
    case
        when is_list_price_assumed then 'retrospective'
        when listing_status in ('active', 'coming_soon') then 'on_offer'
        when listing_status = 'pending' then 'under_contract'
        when listing_status is not null or sale_price_usd is not null then 'gone'
        when list_price_usd is not null then 'on_offer'
    end
{%- endmacro %}
