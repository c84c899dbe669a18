with scores as (

    select * from {{ source('raw', 'scores') }}

),

parsed as (

    select *, reasons::jsonb as reason_lists, review_reasons::jsonb as reviews from scores

)

select
    county,
    month,
    property_id,
    value_status,
    offer_state,
    model_kind,
    model_id,
    config_version,
    market_value_p10_usd,
    market_value_p50_usd,
    market_value_p90_usd,
    value_band_low_usd,
    value_band_high_usd,
    value_band_sales,
    value_band_median_ratio,
    value_band_coverage,
    asking_price_usd,
    is_asking_price_assumed,
    discount_to_value_pct,
    discount_probability,
    likely_sale_p10_usd,
    likely_sale_p50_usd,
    likely_sale_p90_usd,
    likely_sale_basis,
    likely_sale_sales,
    likely_sale_reason,
    sale_above_ask_probability,
    gain_probability,
    gain_basis,
    gain_median_pct,
    gain_cases,
    gain_reason,
    offer_model_id,
    arv_usd,
    repair_estimate_usd,
    max_allowable_offer_usd,
    rent_monthly_usd,
    rent_low_usd,
    rent_high_usd,
    rent_source,
    rent_vintage,
    is_rent_later_vintage,
    rent_cases,
    noi_usd,
    cap_rate_pct,
    cash_on_cash_pct,
    dscr,
    flip_profit_usd,
    flip_roi_pct,
    stressed_dscr,
    stressed_flip_roi_pct,
    confidence,
    bird_dog_score,
    score_class,
    points,
    arv_low_usd,
    arv_high_usd,
    comparable_count,
    gross_rent_multiplier,
    meets_one_percent_rule,
    brrrr_cash_left_usd,
    irr_bear_pct,
    irr_base_pct,
    irr_bull_pct,
    component_undervaluation,
    component_yield,
    component_equity,
    component_motivation,
    component_market,
    component_condition,
    component_data_confidence,
    neighborhood_multiplier,
    neighborhood,
    -- Reasons are ordered by weight, so the first is the strongest.
    reason_lists -> 'positive' -> 0 ->> 'text' as top_positive_reason,
    reason_lists -> 'negative' -> 0 ->> 'text' as top_negative_reason,
    needs_review,
    class_limit,
    (
        select string_agg(review.entry ->> 'text', ' ' order by review.place)
        from jsonb_array_elements(parsed.reviews) with ordinality as review (entry, place)
        where review.entry -> 'cleared' = 'null'::jsonb
    ) as open_reviews,
    (
        select
            string_agg(
                format(
                    '%s Cleared by %s on %s: %s',
                    review.entry ->> 'text',
                    review.entry -> 'cleared' ->> 'by',
                    review.entry -> 'cleared' ->> 'when',
                    review.entry -> 'cleared' ->> 'why'
                ),
                ' ' order by review.place
            )
        from jsonb_array_elements(parsed.reviews) with ordinality as review (entry, place)
        where review.entry -> 'cleared' <> 'null'::jsonb
    ) as cleared_reviews,
    is_simulated
from parsed
