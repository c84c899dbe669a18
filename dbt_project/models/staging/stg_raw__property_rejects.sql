with property_rejects as (

    select * from {{ source('raw', 'property_rejects') }}

)

select
    county,
    month,
    source,
    source_file,
    source_row,
    reason_code,
    disposition = 'duplicate' as is_duplicate,
    disposition = 'rejected' as is_rejected
from property_rejects
