with sale_validity as (

    select * from {{ source('raw', 'sale_validity') }}

)

select
    county,
    month,
    property_id,
    sale_date,
    sale_price_usd,
    sale_validity,
    sale_validity = 'VALID' as is_valid_sale,
    is_arms_length
from sale_validity
