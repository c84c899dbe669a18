with corrections as (

    select * from {{ source('app', 'property_corrections') }}

)

select
    county,
    month,
    correction_id,
    tenant_id,
    property_id,
    field,
    value #>> '{}' as corrected_value,
    source_value #>> '{}' as source_value,
    state,
    proposed_at,
    decided_at
from corrections
