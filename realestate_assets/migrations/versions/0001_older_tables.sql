-- What tables lack that were made before the history began; each is a no-op where it is there.
alter table raw.properties
    add column if not exists place_code text,
    add column if not exists sale_verdict text,
    add column if not exists extra_features text;
alter table raw.source_files
    add column if not exists rows_of_other_months bigint,
    add column if not exists rows_undated bigint,
    add column if not exists file_offers bigint;
alter table raw.comparables
    alter column distance_mi drop not null,
    add column if not exists adj_waterfront_usd double precision,
    add column if not exists adj_view_usd double precision,
    add column if not exists adj_location_usd double precision,
    add column if not exists adj_other_usd double precision,
    add column if not exists adj_capped_usd double precision,
    add column if not exists mismatches text;
alter table raw.scores
    add column if not exists offer_state text,
    add column if not exists value_band_low_usd double precision,
    add column if not exists value_band_high_usd double precision,
    add column if not exists value_band_sales bigint,
    add column if not exists value_band_median_ratio double precision,
    add column if not exists value_band_coverage double precision,
    add column if not exists likely_sale_p10_usd double precision,
    add column if not exists likely_sale_p50_usd double precision,
    add column if not exists likely_sale_p90_usd double precision,
    add column if not exists likely_sale_basis text,
    add column if not exists likely_sale_sales bigint,
    add column if not exists likely_sale_reason text,
    add column if not exists sale_above_ask_probability double precision,
    add column if not exists gain_probability double precision,
    add column if not exists gain_basis text,
    add column if not exists gain_median_pct double precision,
    add column if not exists gain_cases bigint,
    add column if not exists gain_reason text,
    add column if not exists offer_model_id text,
    add column if not exists rent_source text,
    add column if not exists rent_vintage date,
    add column if not exists is_rent_later_vintage boolean,
    add column if not exists rent_cases bigint,
    add column if not exists stressed_dscr double precision,
    add column if not exists stressed_flip_roi_pct double precision,
    add column if not exists review_reasons text,
    add column if not exists needs_review boolean,
    add column if not exists class_limit text;
alter table raw.model_promotions
    add column if not exists value_bands text;
alter table ops.counties
    add column if not exists minimum_price_usd double precision;
alter table ops.check_results
    add column if not exists grain text;
