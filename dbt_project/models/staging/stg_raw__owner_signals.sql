with owner_signals as (

    select * from {{ source('raw', 'owner_signals') }}

)

select
    county,
    month,
    property_id,
    owner_type,
    -- An owner of unknown kind is of no kind for certain.
    nullif(owner_type, 'unknown') as certain_owner_type,
    is_absentee_owner,
    is_absentee_out_of_state,
    owner_tenure_years
from owner_signals
