with memos as (

    select * from {{ source('raw', 'memos') }}

)

select
    county,
    month,
    property_id,
    memo_rank,
    pdf_path as memo_pdf_path
from memos
