with value_contributions as (

    select * from {{ ref('stg_raw__value_contributions') }}

)

select
    county, month, property_id, contribution_rank, kind, feature, feature_value, contribution_usd, model_id,
    is_simulated,
    (month || '-01')::date as month_start_date
from value_contributions
