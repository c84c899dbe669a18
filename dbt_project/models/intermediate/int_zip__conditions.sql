with properties as (

    select * from {{ ref('stg_raw__properties') }} where {{ in_run_partitions() }}

),

supply as (

    select * from {{ ref('int_zip__supply') }}

),

appreciation as (

    select * from {{ ref('int_zip__appreciation') }}

),

heat as (

    select * from {{ ref('int_zip__heat') }}

),

counties as (

    select * from {{ ref('stg_ops__counties') }}

),

-- ALL is the county: for homes without a place.
places as (

    select distinct county, month, as_of_date, is_simulated, coalesce(place, 'ALL') as zip
    from properties

),

county_appreciation as (

    select county, month, is_simulated, appreciation_pct, appreciation_sales
    from appreciation
    where zip = 'ALL'

),

county_heat as (

    select county, month, is_simulated, heat_pct, heat_sales from heat where zip = 'ALL'

),

-- A figure from outside counts where it was there before the month and is not older than what it tells of.
outside as (

    select
        places.county,
        places.month,
        places.is_simulated,
        places.zip,
        counties.as_of_month,
        counties.appreciation_rate * 100 as appreciation_pct
    from places
    inner join counties using (county)
    where
        (
            counties.as_of_month < places.month
            and to_date(counties.as_of_month, 'YYYY-MM')
            >= places.as_of_date - interval '{{ var("outside_figure_months") }} months'
        )
        or (counties.allow_later_vintage and counties.as_of_month >= places.month)

)

select
    county,
    month,
    zip as market_place,
    is_simulated,
    supply.zip_offer_count,
    supply.zip_months_of_supply,
    coalesce(
        appreciation.appreciation_pct, county_appreciation.appreciation_pct, outside.appreciation_pct
    ) as market_appreciation_pct,
    case
        when appreciation.appreciation_pct is not null and zip <> 'ALL' then 'zip'
        when county_appreciation.appreciation_pct is not null then 'county'
        when outside.as_of_month < month then 'outside'
        when outside.as_of_month >= month then 'outside_later'
    end as market_appreciation_basis,
    coalesce(appreciation.appreciation_sales, county_appreciation.appreciation_sales)
        as market_appreciation_sales,
    case
        when coalesce(appreciation.appreciation_pct, county_appreciation.appreciation_pct) is not null
            then month
        else outside.as_of_month
    end as market_appreciation_month,
    coalesce(heat.heat_pct, county_heat.heat_pct) as market_heat_pct,
    case
        when heat.heat_pct is not null and zip <> 'ALL' then 'zip'
        when county_heat.heat_pct is not null then 'county'
    end as market_heat_basis,
    coalesce(heat.heat_sales, county_heat.heat_sales) as market_heat_sales
from places
left join supply using (county, month, is_simulated, zip)
left join appreciation using (county, month, is_simulated, zip)
left join heat using (county, month, is_simulated, zip)
left join outside using (county, month, is_simulated, zip)
left join county_appreciation using (county, month, is_simulated)
left join county_heat using (county, month, is_simulated)
