with board as (

    select * from {{ ref('deal_board') }}

),

scores as (

    select * from {{ ref('stg_raw__scores') }}

),

features as (

    select * from {{ ref('features') }}

)

select
    board.*,
    (board.month || '-01')::date as month_start_date,
    scores.value_status,
    scores.model_kind,
    scores.model_id,
    scores.config_version,
    scores.arv_low_usd,
    scores.arv_high_usd,
    scores.comparable_count,
    scores.rent_low_usd,
    scores.rent_high_usd,
    scores.gross_rent_multiplier,
    scores.meets_one_percent_rule,
    scores.brrrr_cash_left_usd,
    scores.irr_bear_pct,
    scores.irr_base_pct,
    scores.irr_bull_pct,
    scores.component_undervaluation,
    scores.component_yield,
    scores.component_equity,
    scores.component_motivation,
    scores.component_market,
    scores.component_condition,
    scores.component_data_confidence,
    scores.neighborhood_multiplier,
    features.lot_area_sqft,
    features.stories,
    features.effective_age_years,
    features.condition_code,
    features.quality_code,
    features.view_code,
    features.is_waterfront,
    features.assessed_value_usd,
    features.last_sale_price_usd,
    features.tenure_years,
    features.is_absentee_owner,
    features.is_absentee_out_of_state,
    features.is_tax_delinquent,
    features.is_bank_owner,
    features.is_flood_hazard_area,
    features.zip_median_price_per_sqft_usd,
    features.zip_price_per_sqft_trend_pct
from board
inner join scores using (county, month, property_id)
inner join features using (county, month, property_id)
