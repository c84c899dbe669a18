-- The tables as versions before the common table spec made them, statement by statement, without comments.
create schema if not exists raw;
create schema if not exists staging;
create schema if not exists intermediate;
create schema if not exists marts;
create schema if not exists ops;
create table if not exists raw.properties (
  county text not null,
  month text not null,
  property_id text not null,
  source text not null,
  source_id text,
  source_file text,
  source_row bigint,
  is_simulated boolean not null,
  url text,
  apn text,
  street text,
  unit text,
  city text,
  state text,
  zip text,
  latitude double precision,
  longitude double precision,
  property_type text,
  listing_status text,
  list_price_usd double precision,
  is_list_price_assumed boolean not null,
  sale_price_usd double precision,
  sale_date date,
  sale_document_id text,
  deed_type text,
  seller_name text,
  buyer_name text,
  parcels_in_sale bigint,
  observed_date date not null,
  list_date date,
  bedrooms double precision,
  bathrooms double precision,
  living_area_sqft double precision,
  lot_area_sqft double precision,
  basement_sqft double precision,
  year_built bigint,
  year_renovated bigint,
  stories double precision,
  garage_spaces double precision,
  condition_code bigint,
  quality_code bigint,
  view_code bigint,
  is_waterfront boolean,
  nearby_living_area_sqft double precision,
  nearby_lot_area_sqft double precision,
  hoa_monthly_usd double precision,
  days_on_market bigint,
  owner_name text,
  owner_mailing_address text,
  owner_occupied boolean,
  last_sale_price_usd double precision,
  last_sale_date date,
  assessed_value_usd double precision,
  tax_annual_usd double precision,
  description text,
  primary key (county, month, property_id)
);
create index if not exists properties_property_id on raw.properties (property_id);
create table if not exists raw.property_rejects (
  county text not null,
  month text not null,
  source text not null,
  source_file text not null,
  file_sha256 text not null,
  source_row bigint not null,
  disposition text not null,
  reason_code text not null,
  reason_codes text not null,
  field text,
  reason text not null,
  duplicate_of text,
  raw_record text not null,
  map_version text,
  primary key (county, month, source, source_file, source_row)
);
create table if not exists raw.source_files (
  county text not null,
  month text not null,
  source text not null,
  source_file text not null,
  file_sha256 text not null,
  rows_received bigint not null,
  file_rows bigint not null,
  is_simulated boolean not null,
  primary key (county, month, source, source_file)
);
create table if not exists raw.enrichments (
  county text not null,
  month text not null,
  property_id text not null,
  zip_population double precision,
  zip_median_income_usd double precision,
  zip_median_home_value_usd double precision,
  zip_median_age_years double precision,
  zip_owner_occupied_pct double precision,
  zip_unemployment_pct double precision,
  zip_median_rent_usd double precision,
  bedroom_rent_usd double precision,
  assessed_value_usd double precision,
  roll_market_value_usd double precision,
  tax_annual_usd double precision,
  last_sale_price_usd double precision,
  last_sale_date date,
  roll_living_area_sqft double precision,
  roll_year_built bigint,
  roll_bedrooms double precision,
  roll_bathrooms double precision,
  roll_use_code text,
  owner_name text,
  owner_mailing_address text,
  owner_mailing_state text,
  owner_since_date date,
  owner_occupied boolean,
  is_tax_delinquent boolean,
  tax_delinquent_usd double precision,
  tax_sale_year bigint,
  flood_zone_code text,
  is_flood_hazard_area boolean,
  base_flood_elevation_ft double precision,
  parcel_area_sqft double precision,
  zoning_code text,
  geocoded_latitude double precision,
  geocoded_longitude double precision,
  census_tract text,
  filled_count bigint not null,
  simulated_count bigint not null,
  primary key (county, month, property_id)
);
create index if not exists enrichments_property_id on raw.enrichments (property_id);
create table if not exists raw.enrichment_facts (
  county text not null,
  month text not null,
  property_id text not null,
  field text not null,
  provider text not null,
  value text,
  is_used boolean not null,
  reason_code text,
  source_url text,
  retrieved_at timestamp with time zone,
  vintage date,
  is_later_vintage boolean not null,
  confidence double precision,
  cost_usd double precision not null,
  simulated boolean not null,
  primary key (county, month, property_id, field, provider)
);
create index if not exists enrichment_facts_property_id on raw.enrichment_facts (property_id);
create table if not exists raw.nearby_sales (
  county text not null,
  month text not null,
  property_id text not null,
  nearby_sale_count bigint not null,
  nearby_price_per_sqft_usd double precision,
  nearby_median_price_usd double precision,
  nearby_mean_distance_mi double precision,
  primary key (county, month, property_id)
);
create index if not exists nearby_sales_property_id on raw.nearby_sales (property_id);
create table if not exists raw.comparables (
  county text not null,
  month text not null,
  property_id text not null,
  comp_rank bigint not null,
  comp_property_id text not null,
  comp_street text,
  comp_zip text,
  comp_latitude double precision,
  comp_longitude double precision,
  comp_sale_date date not null,
  comp_sale_price_usd double precision not null,
  comp_living_area_sqft double precision,
  comp_bedrooms double precision,
  comp_bathrooms double precision,
  comp_year_built bigint,
  distance_mi double precision not null,
  months_ago double precision not null,
  similarity double precision not null,
  adj_time_usd double precision not null,
  adj_living_area_usd double precision not null,
  adj_lot_area_usd double precision not null,
  adj_bedrooms_usd double precision not null,
  adj_bathrooms_usd double precision not null,
  adj_age_usd double precision not null,
  adj_quality_usd double precision not null,
  adj_condition_usd double precision not null,
  adj_repair_usd double precision not null,
  adj_gross_pct double precision not null,
  adj_net_pct double precision,
  adjusted_price_usd double precision not null,
  weight double precision not null,
  is_simulated boolean not null,
  primary key (county, month, property_id, comp_rank)
);
create index if not exists comparables_property_id on raw.comparables (property_id);
create table if not exists raw.scores (
  county text not null,
  month text not null,
  property_id text not null,
  value_status text not null,
  model_kind text,
  model_id text,
  market_value_p10_usd double precision,
  market_value_p50_usd double precision,
  market_value_p90_usd double precision,
  asking_price_usd double precision,
  is_asking_price_assumed boolean not null,
  discount_to_value_pct double precision,
  discount_probability double precision,
  arv_usd double precision,
  arv_low_usd double precision,
  arv_high_usd double precision,
  comparable_count bigint not null,
  repair_estimate_usd double precision,
  max_allowable_offer_usd double precision,
  rent_monthly_usd double precision,
  rent_low_usd double precision,
  rent_high_usd double precision,
  noi_usd double precision,
  cap_rate_pct double precision,
  cash_on_cash_pct double precision,
  dscr double precision,
  gross_rent_multiplier double precision,
  meets_one_percent_rule boolean,
  brrrr_cash_left_usd double precision,
  irr_bear_pct double precision,
  irr_base_pct double precision,
  irr_bull_pct double precision,
  flip_profit_usd double precision,
  flip_roi_pct double precision,
  equity_usd double precision,
  ltv_pct double precision,
  component_undervaluation double precision,
  component_yield double precision,
  component_equity double precision,
  component_motivation double precision,
  component_market double precision,
  component_condition double precision,
  component_data_confidence double precision,
  confidence double precision,
  bird_dog_score double precision,
  score_class text,
  points text,
  reasons text not null,
  neighborhood text,
  neighborhood_multiplier double precision not null,
  config_version text not null,
  is_simulated boolean not null,
  primary key (county, month, property_id)
);
create index if not exists scores_property_id on raw.scores (property_id);
create table if not exists raw.value_contributions (
  county text not null,
  month text not null,
  property_id text not null,
  contribution_rank bigint not null,
  kind text not null,
  feature text not null,
  feature_value text,
  contribution_usd double precision not null,
  model_id text not null,
  is_simulated boolean not null,
  primary key (county, month, property_id, contribution_rank)
);
create index if not exists value_contributions_property_id on raw.value_contributions (property_id);
create table if not exists raw.memos (
  county text not null,
  month text not null,
  property_id text not null,
  memo_rank bigint not null,
  bird_dog_score double precision not null,
  pdf_path text not null,
  html_path text not null,
  pdf_sha256 text not null,
  html_sha256 text not null,
  template_version text not null,
  render_key text,
  model_id text,
  is_simulated boolean not null,
  primary key (county, month, property_id)
);
create index if not exists memos_property_id on raw.memos (property_id);
create table if not exists raw.sale_validity (
  county text not null,
  month text not null,
  property_id text not null,
  is_simulated boolean not null,
  sale_date date not null,
  sale_price_usd double precision not null,
  sale_validity text not null,
  sale_faults text,
  is_arms_length boolean not null,
  earlier_sale_date date,
  primary key (county, month, property_id)
);
create index if not exists sale_validity_property_id on raw.sale_validity (property_id);
create table if not exists raw.owner_signals (
  county text not null,
  month text not null,
  property_id text not null,
  owner_type text not null,
  occupancy text not null,
  is_absentee_owner boolean,
  is_absentee_out_of_state boolean,
  owner_tenure_years double precision,
  primary key (county, month, property_id)
);
create index if not exists owner_signals_property_id on raw.owner_signals (property_id);
create table if not exists raw.model_promotions (
  county text not null,
  month text not null,
  candidate_id text,
  candidate_kind text,
  champion_id text,
  champion_month text,
  used_id text,
  used_month text,
  promoted boolean not null,
  decision text not null,
  reasons text not null,
  judged_sales bigint not null,
  compared_sales bigint not null,
  candidate_metrics text not null,
  champion_metrics text not null,
  is_simulated boolean not null,
  primary key (county, month)
);
create table if not exists raw.ratio_studies (
  county text not null,
  month text not null,
  grouping text not null,
  group_value text not null,
  n bigint not null,
  median_ratio double precision,
  median_ratio_low double precision,
  median_ratio_high double precision,
  cod double precision,
  cod_low double precision,
  cod_high double precision,
  prd double precision,
  prd_low double precision,
  prd_high double precision,
  prb double precision,
  prb_low double precision,
  prb_high double precision,
  ki double precision,
  mki double precision,
  mki_low double precision,
  mki_high double precision,
  log_r2 double precision,
  mdape_pct double precision,
  interval_coverage double precision,
  is_simulated boolean not null,
  primary key (county, month, grouping, group_value)
);
create table if not exists ops.provider_asks (
  county text not null,
  month text not null,
  provider text not null,
  run_id text not null,
  property_count bigint not null,
  primary key (county, month, provider, run_id)
);
create table if not exists ops.events (
  county text not null,
  month text not null,
  event_id text not null,
  event_type text not null,
  event_time timestamp with time zone not null,
  property_id text,
  correlation_id text not null,
  source text not null,
  payload text not null,
  primary key (event_id)
);
create index if not exists events_property_id on ops.events (property_id);
create table if not exists ops.reject_replays (
  county text not null,
  month text not null,
  replay_id text not null,
  source text not null,
  source_file text not null,
  file_sha256 text not null,
  source_row bigint not null,
  reason_code text not null,
  map_version text,
  replayed_with text not null,
  requested_at timestamp with time zone not null,
  settled_at timestamp with time zone,
  outcome text,
  new_month text,
  property_id text,
  new_reason_code text,
  primary key (replay_id, county, month, source, source_file, source_row)
);
create index if not exists reject_replays_property_id on ops.reject_replays (property_id);
create table if not exists ops.check_results (
  county text not null,
  month text not null,
  run_id text not null,
  asset text not null,
  check_name text not null,
  is_passed boolean not null,
  severity text not null,
  owner text,
  evaluated_at timestamp with time zone not null,
  primary key (run_id, county, month, asset, check_name)
);
create table if not exists ops.provider_calls (
  call_id text primary key,
  called_at timestamp with time zone not null,
  settled_at timestamp with time zone,
  api text not null,
  provider text not null,
  county text not null,
  run_id text not null,
  endpoint text not null,
  request_key text not null,
  attempt integer not null,
  state text not null,
  outcome text,
  status integer,
  latency_ms double precision,
  cost_micro_usd bigint not null,
  cost_usd double precision generated always as (cost_micro_usd / 1000000.0::float8) stored,
  cached boolean not null,
  sent boolean not null,
  owner text not null
);
create index if not exists provider_calls_api_time on ops.provider_calls (api, called_at) where not cached;
create index if not exists provider_calls_run on ops.provider_calls (run_id);
create index if not exists provider_calls_open on ops.provider_calls (request_key) where state in ('reserved', 'lost') and cost_micro_usd > 0;
create table if not exists ops.provider_responses (
  request_key text primary key,
  api text not null,
  provider text not null,
  status integer not null,
  content_type text not null,
  url text not null,
  body bytea not null,
  body_bytes bigint not null,
  retrieved_at timestamp with time zone not null,
  expires_at timestamp with time zone not null
);
create index if not exists provider_responses_expiry on ops.provider_responses (api, expires_at);
create table if not exists ops.alerts (
  key text primary key,
  title text not null,
  first_at timestamp with time zone not null,
  sent_at timestamp with time zone not null,
  held_back bigint not null,
  closed_at timestamp with time zone
);
create table if not exists ops.heartbeats (
  checked_at timestamp with time zone not null,
  component text not null,
  is_up boolean not null,
  latency_ms double precision,
  detail text not null
);
create index if not exists heartbeats_component on ops.heartbeats (component, checked_at desc);
create table if not exists ops.landed_files (
  path text primary key,
  version text not null,
  size_bytes bigint not null,
  state text not null,
  seen_at timestamp with time zone not null,
  sha256 text,
  months jsonb not null,
  affected_months jsonb not null,
  row_count bigint,
  reason text not null,
  attempts integer not null,
  batch bigint,
  decided_at timestamp with time zone
);
create sequence if not exists ops.landed_batches;
create index if not exists landed_files_batch on ops.landed_files (batch);
create index if not exists landed_files_sha256 on ops.landed_files (sha256) where state = 'admitted';
create index if not exists landed_files_open on ops.landed_files (path) where batch is null and (state in ('waiting', 'inspecting') or (state in ('admitted', 'duplicate') and affected_months <> '[]'::jsonb));
create table if not exists ops.counties (
  county text,
  name text,
  state text,
  fips text,
  assessment_ratio double precision,
  median_price_usd double precision,
  heat double precision,
  appreciation_rate double precision,
  primary key (county)
);
