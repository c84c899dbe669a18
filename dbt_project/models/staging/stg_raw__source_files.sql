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
