with scores as (

    select * from {{ source('raw', 'scores') }}

),

parsed as (

    select *, reasons::jsonb as reason_lists from scores

)

select
    county,
    month,
    property_id,
    value_status,
    model_kind,
    model_id,
    config_version,
    market_value_p10_usd,
    market_value_p50_usd,
    market_value_p90_usd,
    asking_price_usd,
    is_asking_price_assumed,
    discount_to_value_pct,
    discount_probability,
    arv_usd,
    max_allowable_offer_usd,
    rent_monthly_usd,
    cap_rate_pct,
    cash_on_cash_pct,
    dscr,
    flip_roi_pct,
    confidence,
    bird_dog_score,
    score_class,
    points,
    neighborhood,
    -- Reasons are ordered by weight, so the first is the strongest.
    reason_lists -> 'positive' -> 0 ->> 'text' as top_positive_reason,
    reason_lists -> 'negative' -> 0 ->> 'text' as top_negative_reason,
    is_simulated
from parsed
