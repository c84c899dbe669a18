with scores as (

    select * from {{ ref('stg_raw__scores') }} where {{ in_run_partitions() }}

),

features as (

    select * from {{ ref('features') }} where {{ in_run_partitions() }}

),

history as (

    select * from {{ ref('int_property__offer_history') }} where {{ in_run_partitions() }}

),

memos as (

    select * from {{ ref('stg_raw__memos') }} where {{ in_run_partitions() }}

)

select
    county,
    month,
    property_id,
    -- A generated property never stands before a real one, what is gone before what is on offer, nor one in
    -- doubt before a sound one.
    row_number() over (
        partition by county, month
        order by
            scores.is_simulated,
            array_position(
                array['on_offer', 'under_contract', 'gone', 'retrospective'], features.offer_state
            ) nulls last,
            coalesce(scores.needs_review, false),
            scores.bird_dog_score desc,
            scores.discount_to_value_pct desc nulls last,
            property_id
    ) as rank_in_partition,
    features.street,
    features.city,
    features.state,
    features.zip,
    scores.neighborhood,
    features.latitude,
    features.longitude,
    features.property_type,
    features.offer_state,
    features.listing_status,
    features.days_on_market,
    features.bedrooms, features.bathrooms, features.living_area_sqft, features.year_built,
    scores.asking_price_usd,
    scores.is_asking_price_assumed,
    history.first_seen_month,
    history.first_asking_price_usd,
    (1 - scores.asking_price_usd / history.first_asking_price_usd) * 100 as asking_price_cut_pct,
    history.price_cut_count,
    features.sale_price_usd,
    features.sale_date,
    features.price_per_sqft_usd,
    scores.market_value_p10_usd, scores.market_value_p50_usd, scores.market_value_p90_usd,
    scores.value_band_low_usd,
    scores.value_band_high_usd,
    scores.value_band_sales,
    scores.value_band_median_ratio,
    scores.value_band_coverage,
    scores.discount_to_value_pct,
    scores.discount_probability,
    scores.likely_sale_p10_usd,
    scores.likely_sale_p50_usd,
    scores.likely_sale_p90_usd,
    scores.likely_sale_basis,
    scores.likely_sale_sales,
    scores.likely_sale_reason,
    scores.sale_above_ask_probability,
    scores.gain_probability,
    scores.gain_basis,
    scores.gain_median_pct,
    scores.gain_cases,
    scores.gain_reason,
    scores.offer_model_id,
    scores.arv_usd,
    scores.repair_estimate_usd,
    scores.max_allowable_offer_usd,
    scores.rent_monthly_usd, scores.rent_low_usd, scores.rent_high_usd,
    scores.rent_source, scores.rent_vintage, scores.is_rent_later_vintage, scores.rent_cases,
    features.tax_annual_usd,
    features.hoa_monthly_usd,
    scores.noi_usd,
    scores.cap_rate_pct,
    scores.cash_on_cash_pct,
    scores.dscr,
    scores.flip_profit_usd,
    scores.flip_roi_pct,
    scores.stressed_dscr,
    scores.stressed_flip_roi_pct,
    features.zip_offer_count, features.zip_months_of_supply,
    features.market_appreciation_pct, features.market_appreciation_basis,
    features.market_appreciation_sales, features.market_appreciation_month,
    features.market_heat_pct, features.market_heat_basis, features.market_heat_sales,
    scores.bird_dog_score,
    scores.score_class,
    scores.confidence,
    scores.top_positive_reason,
    scores.top_negative_reason,
    scores.needs_review,
    scores.class_limit,
    scores.open_reviews,
    scores.cleared_reviews,
    memos.memo_pdf_path,
    scores.is_simulated
from scores
inner join features using (county, month, property_id)
left join history using (county, month, property_id)
left join memos using (county, month, property_id)
where scores.bird_dog_score is not null
