{%- set far = var('price_fault_ratio') -%}

with features as (

    select * from {{ ref('features') }} where {{ in_run_partitions() }}

),

counties as (

    select * from {{ ref('stg_ops__counties') }}

),

priced as (

    select
        features.*,
        counties.minimum_price_usd,
        coalesce(list_price_usd, sale_price_usd) as price_usd,
        coalesce(list_price_usd, sale_price_usd) / nullif(living_area_sqft, 0)
        / nullif(zip_median_price_per_sqft_usd, 0) as price_to_zip,
        coalesce(list_price_usd, sale_price_usd) / nullif(roll_market_value_usd, 0) as price_to_roll,
        case when not is_list_price_assumed then list_price_usd / nullif(sale_price_usd, 0) end
            as list_to_sale
    from features
    left join counties using (county)

)

select
    county,
    month,
    property_id,
    (
        (
            {%- for field in key_fields() %}
                ({{ field }} is not null)::integer{{ ' +' if not loop.last }}
            {%- endfor %}
        ) * 100.0 / {{ key_fields() | length }}
    )::double precision as completeness_pct,
    nullif(
        concat_ws(
            ', ',
            {%- for field in key_fields() %}
                case when {{ field }} is null then '{{ field }}' end{{ ',' if not loop.last }}
            {%- endfor %}
        ),
        ''
    ) as missing_fields,
    case
        when price_usd < minimum_price_usd then 'BELOW_MARKET_PRICES'
        when not price_to_zip between 1.0 / {{ far }} and {{ far }} then 'FAR_FROM_ZIP'
        when not price_to_roll between 1.0 / {{ far }} and {{ far }} then 'FAR_FROM_ROLL'
        when not list_to_sale between 1.0 / {{ far }} and {{ far }} then 'FAR_FROM_SALE'
    end as price_fault,
    is_simulated
from priced
