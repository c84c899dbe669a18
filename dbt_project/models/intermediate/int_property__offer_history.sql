with properties as (

    select * from {{ ref('stg_raw__properties') }}

),

subjects as (

    select county, month, property_id, is_simulated, list_date, list_price_usd, as_of_date
    from properties
    where list_price_usd is not null and not is_list_price_assumed and {{ in_run_partitions() }}

),

-- One offer over several months: listed on the same day, or where no day is known seen within a year.
seen as (

    select
        subjects.county,
        subjects.month,
        subjects.property_id,
        earlier.month as seen_month,
        earlier.list_price_usd as seen_price_usd,
        lead(earlier.list_price_usd) over of_offer as next_price_usd,
        subjects.list_price_usd
    from subjects
    inner join properties as earlier
        on
            subjects.county = earlier.county
            and subjects.property_id = earlier.property_id
            and subjects.is_simulated = earlier.is_simulated
            and subjects.month > earlier.month
    where
        earlier.list_price_usd is not null
        and not earlier.is_list_price_assumed
        and (earlier.listing_status is null or earlier.listing_status in ('coming_soon', 'active', 'pending'))
        and (
            subjects.list_date = earlier.list_date
            or (
                (subjects.list_date is null or earlier.list_date is null)
                and earlier.as_of_date >= subjects.as_of_date - interval '1 year'
            )
        )
    window of_offer as (
        partition by subjects.county, subjects.month, subjects.property_id order by earlier.month
    )

)

select
    county,
    month,
    property_id,
    min(seen_month) as first_seen_month,
    (array_agg(seen_price_usd order by seen_month))[1] as first_asking_price_usd,
    count(*) filter (where coalesce(next_price_usd, list_price_usd) < seen_price_usd) as price_cut_count
from seen
group by county, month, property_id
