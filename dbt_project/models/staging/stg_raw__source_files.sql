with source_files as (

    select * from {{ source('raw', 'source_files') }}

)

select
    county,
    month,
    source,
    source_file,
    rows_received
from source_files
-- A file is counted for the months it was read for, whether or not it has rows of them.
where rows_received > 0
