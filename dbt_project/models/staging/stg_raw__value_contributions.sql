with value_contributions as (

    select * from {{ source('raw', 'value_contributions') }}

)

select
    county,
    month,
    property_id,
    contribution_rank,
    kind,
    feature,
    feature_value,
    contribution_usd,
    model_id,
    is_simulated
from value_contributions
