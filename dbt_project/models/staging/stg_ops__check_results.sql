with check_results as (

    select * from {{ source('ops', 'check_results') }}

)

select
    county,
    month,
    run_id,
    asset,
    check_name,
    is_passed,
    grain,
    evaluated_at
from check_results
