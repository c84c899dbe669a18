with properties as (

    select * from {{ ref('stg_raw__properties') }}

),

owners as (

    select * from {{ ref('stg_raw__owner_signals') }}

),

enrichments as (

    select * from {{ ref('stg_raw__enrichments') }}

),

sales as (

    select * from {{ ref('int_property__sale_history') }}

),

-- One row a property on every side.
known as (

    select
        county,
        month,
        property_id,
        owners.owner_type,
        owners.certain_owner_type,
        owners.is_absentee_owner,
        owners.is_absentee_out_of_state,
        enrichments.is_tax_delinquent,
        -- The roll may still show the owner before the last sale, and a sale may be older than the last
        -- transfer: the later beginning of the two is certain.
        least(
            owners.owner_tenure_years,
            {{ years_between('sales.last_sale_date', 'properties.as_of_date') }}
        ) as tenure_years
    from properties
    left join owners using (county, month, property_id)
    left join enrichments using (county, month, property_id)
    left join sales using (county, month, property_id)

),

told as (

    select
        *,
        tenure_years >= {{ var('long_tenure_years') }} as is_long_tenure,
        certain_owner_type = 'company' as is_corporate_owner,
        certain_owner_type = 'trust' as is_trust_owner,
        certain_owner_type = 'bank' as is_bank_owner
    from known

),

-- What speaks for an owner who would rather sell, each counted once.
distress as (

    select
        *,
        array[
            is_tax_delinquent,
            is_bank_owner,
            is_absentee_out_of_state,
            is_absentee_owner and is_long_tenure
        ] as signals
    from told

)

select
    county,
    month,
    property_id,
    owner_type,
    is_absentee_owner,
    is_absentee_out_of_state,
    tenure_years,
    is_long_tenure,
    is_corporate_owner,
    is_trust_owner,
    is_bank_owner,
    case
        when num_nonnulls(variadic signals) > 0 then cardinality(array_positions(signals, true))::bigint
    end as distress_signal_count
from distress
