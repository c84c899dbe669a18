with corrections as (

    select * from {{ ref('stg_app__property_corrections') }} where {{ in_run_partitions() }}

),

properties as (

    select county, month, property_id, source, is_simulated
    from {{ ref('stg_raw__properties') }}
    where {{ in_run_partitions() }}

)

-- A record that is gone since leaves what was said of it.
select
    corrections.county,
    corrections.month,
    corrections.correction_id,
    corrections.tenant_id,
    corrections.property_id,
    properties.source,
    properties.is_simulated,
    corrections.field,
    corrections.corrected_value,
    corrections.source_value,
    corrections.state,
    corrections.state = 'accepted' as is_accepted,
    corrections.proposed_at,
    corrections.decided_at
from corrections
left join properties using (county, month, property_id)
