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
    board.county, board.month, board.property_id, board.rank_in_partition, board.street, board.city,
    board.state, board.zip, board.neighborhood, board.latitude, board.longitude, board.property_type,
    board.offer_state, board.listing_status, board.days_on_market, board.bedrooms, board.bathrooms,
    board.living_area_sqft, board.year_built, board.asking_price_usd, board.is_asking_price_assumed,
    board.first_seen_month, board.first_asking_price_usd, board.asking_price_cut_pct, board.price_cut_count,
    board.sale_price_usd, board.sale_date, board.price_per_sqft_usd, board.market_value_p10_usd,
    board.market_value_p50_usd, board.market_value_p90_usd, board.value_band_low_usd,
    board.value_band_high_usd, board.value_band_sales, board.value_band_median_ratio,
    board.value_band_coverage, board.discount_to_value_pct, board.discount_probability,
    board.likely_sale_p10_usd, board.likely_sale_p50_usd, board.likely_sale_p90_usd,
    board.likely_sale_basis, board.likely_sale_sales, board.likely_sale_reason,
    board.sale_above_ask_probability, board.gain_probability, board.gain_basis, board.gain_median_pct,
    board.gain_cases, board.gain_reason, board.offer_model_id, board.arv_usd, board.repair_estimate_usd,
    board.max_allowable_offer_usd, board.rent_monthly_usd, board.rent_low_usd, board.rent_high_usd,
    board.rent_source, board.rent_vintage, board.is_rent_later_vintage, board.rent_cases,
    board.tax_annual_usd, board.hoa_monthly_usd, board.noi_usd, board.cap_rate_pct, board.cash_on_cash_pct,
    board.dscr, board.flip_profit_usd, board.flip_roi_pct, board.stressed_dscr, board.stressed_flip_roi_pct,
    board.zip_offer_count, board.zip_months_of_supply, board.market_appreciation_pct,
    board.market_appreciation_basis, board.market_appreciation_sales, board.market_appreciation_month,
    board.market_heat_pct, board.market_heat_basis, board.market_heat_sales,
    board.bird_dog_score, board.score_class, board.confidence, board.top_positive_reason,
    board.top_negative_reason, board.needs_review, board.class_limit, board.open_reviews,
    board.cleared_reviews, board.memo_pdf_path, board.is_simulated,
    (board.month || '-01')::date as month_start_date,
    scores.value_status, scores.model_kind, scores.model_id, scores.config_version, scores.arv_low_usd,
    scores.arv_high_usd, scores.comparable_count, scores.gross_rent_multiplier,
    scores.meets_one_percent_rule, scores.brrrr_cash_left_usd, scores.irr_bear_pct, scores.irr_base_pct,
    scores.irr_bull_pct, scores.component_undervaluation, scores.component_yield, scores.component_equity,
    scores.component_motivation, scores.component_market, scores.component_condition,
    scores.component_data_confidence, scores.neighborhood_multiplier,
    features.lot_area_sqft, features.stories, features.effective_age_years, features.condition_code,
    features.quality_code, features.view_code, features.is_waterfront, features.assessed_value_usd,
    features.last_sale_price_usd, features.tenure_years, features.is_absentee_owner,
    features.is_absentee_out_of_state, features.is_tax_delinquent, features.is_bank_owner,
    features.is_flood_hazard_area, features.zip_median_price_per_sqft_usd,
    features.zip_price_per_sqft_trend_pct
from board
inner join scores using (county, month, property_id)
inner join features using (county, month, property_id)
