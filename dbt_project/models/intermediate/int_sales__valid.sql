select
    county,
    month,
    property_id,
    is_simulated,
    zip,
    sale_date,
    sale_price_usd,
    sale_price_per_sqft_usd
from {{ ref('int_sales__reported') }}
where sale_validity = 'VALID'
