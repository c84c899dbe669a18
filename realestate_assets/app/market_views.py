"""The views of schema `served`: which columns of which tables the service shows.

Columns that name a person (`is_personal` of the table specs) stand in `owners` alone, whose reading wants a
permission of its own and is written down; a new personal column of a spec is left out by itself. No view
reads another one: each can be dropped and made again alone.
"""

from realestate_assets.app.served_view import View
from realestate_assets.domain.tables import (
    ENRICHMENTS,
    PROPERTIES,
    PROPERTY_REJECTS,
    SCORES,
    TABLES,
)
from resources.warehouse.table_spec import TableSpec

KEY = ("county", "month", "property_id")
# Of marts.features, which says of a home all that the model may look at, and the market around it.
FEATURE_COLUMNS = (
    "source", "is_simulated", "street", "city", "state", "zip", "place", "latitude", "longitude",
    "property_type", "is_single_family", "is_condo", "is_townhouse", "listing_status", "offer_state",
    "observed_date", "list_price_usd", "sale_price_usd", "sale_date", "sale_validity", "living_area_sqft",
    "lot_area_sqft", "bedrooms", "bathrooms", "stories",
    "garage_spaces", "basement_share", "year_built", "age_years", "effective_age_years", "condition_code",
    "quality_code", "view_code", "is_waterfront", "nearby_living_area_sqft", "nearby_lot_area_sqft",
    "hoa_monthly_usd", "price_per_sqft_usd", "assessed_value_usd", "roll_market_value_usd",
    "tax_annual_usd", "tax_rate_pct", "last_sale_price_usd", "years_since_last_sale",
    "appreciation_since_last_sale_pct", "days_on_market", "zip_population", "zip_median_income_usd",
    "zip_median_home_value_usd", "zip_median_rent_usd", "zip_owner_occupied_pct", "zip_unemployment_pct",
    "zip_median_price_per_sqft_usd", "zip_price_per_sqft_trend_pct", "zip_sale_count", "zip_offer_count",
    "zip_months_of_supply", "market_appreciation_pct", "market_appreciation_basis", "market_heat_pct",
    "market_heat_basis", "nearby_sale_count", "nearby_price_per_sqft_usd", "nearby_median_price_usd",
    "nearby_mean_distance_mi", "owner_type", "is_absentee_owner", "is_absentee_out_of_state",
    "tenure_years", "is_tax_delinquent", "distress_signal_count", "flood_zone_code", "is_flood_hazard_area",
    "extra_features",
)  # fmt: skip
RECORD_COLUMNS = (
    "source_id", "url", "apn", "unit", "list_date", "year_renovated", "basement_sqft", "description",
)  # fmt: skip
# What the scores repeat of the features.
REPEATED = (*KEY, "is_simulated", "offer_state")
SCORE_COLUMNS = tuple(name for name in SCORES.column_names if name not in REPEATED)
BOARD_COLUMNS = (
    "rank_in_partition", "first_seen_month", "first_asking_price_usd", "asking_price_cut_pct",
    "price_cut_count", "top_positive_reason", "top_negative_reason", "open_reviews",
)  # fmt: skip
PROPERTY_COLUMNS = (*KEY, *FEATURE_COLUMNS, *RECORD_COLUMNS, *SCORE_COLUMNS, *BOARD_COLUMNS, "memo_rank")
PERSONAL = {
    spec.name: tuple(column.name for column in spec.columns if column.is_personal)
    for spec in (PROPERTIES, ENRICHMENTS)
}


def _named(alias: str, names: tuple[str, ...]) -> str:
    return ", ".join(f"{alias}.{name}" for name in names)


def _of_spec(spec: TableSpec, extra: str = "") -> View:
    """All columns of a table that name no person."""
    names = tuple(column.name for column in spec.columns if not column.is_personal)
    table = f"{spec.schema}.{spec.name}"
    sql = f"select {_named('t', names)}{extra} from {table} t where t.county in {{entitled}}"  # noqa: S608
    return View(spec.name, (table,), sql)


def _of_mart(name: str) -> View:
    sql = f"select t.* from marts.{name} t where t.county in {{entitled}}"  # noqa: S608 - names of this module
    return View(name, (f"marts.{name}",), sql)


# One row a county, month and property; joined by primary keys, so that a query pays for no table whose
# columns it does not name.
PROPERTIES_VIEW = View(
    "properties",
    ("marts.features", "raw.properties", "raw.scores", "marts.deal_board", "raw.memos"),
    f"select {_named('f', (*KEY, *FEATURE_COLUMNS))}, {_named('p', RECORD_COLUMNS)}, "  # noqa: S608
    f"{_named('s', SCORE_COLUMNS)}, {_named('b', BOARD_COLUMNS)}, m.memo_rank "
    "from marts.features f "
    "left join raw.properties p on (p.county, p.month, p.property_id) = (f.county, f.month, f.property_id) "
    "left join raw.scores s on (s.county, s.month, s.property_id) = (f.county, f.month, f.property_id) "
    "left join marts.deal_board b on (b.county, b.month, b.property_id) = (f.county, f.month, f.property_id) "
    "left join raw.memos m on (m.county, m.month, m.property_id) = (f.county, f.month, f.property_id) "
    "where f.county in {entitled}",
)
# What the county's record says, then what a provider was asked for it.
OWNERS_VIEW = View(
    "owners",
    ("raw.properties", "raw.enrichments"),
    "select p.county, p.month, p.property_id, "
    "coalesce(e.owner_name, p.owner_name) as owner_name, "
    "coalesce(e.owner_mailing_address, p.owner_mailing_address) as owner_mailing_address, "
    "e.owner_since_date, p.seller_name, p.buyer_name, p.sale_date, p.is_simulated "
    "from raw.properties p "
    "left join raw.enrichments e on (e.county, e.month, e.property_id) = (p.county, p.month, p.property_id) "
    "where p.county in {entitled}",
)
# Of what a source says of its pictures the service alone takes note; no list and no export shows it.
PHOTOS_VIEW = View(
    "photos",
    ("raw.properties",),
    "select p.county, p.month, p.property_id, p.photo_urls from raw.properties p "
    "where p.county in {entitled} and p.photo_urls is not null",
)
# A value that names a person is not shown; that there is one, from whom and when, is.
FACTS_VIEW = View(
    "enrichment_facts",
    ("raw.enrichment_facts",),
    "select t.county, t.month, t.property_id, t.field, t.provider, "  # noqa: S608 - names of the specs
    f"case when t.field in ({', '.join(repr(name) for name in PERSONAL['enrichments'])}) then null "
    "else t.value end as value, "
    f"t.field in ({', '.join(repr(name) for name in PERSONAL['enrichments'])}) as is_personal, "
    "t.is_used, t.reason_code, t.source_url, t.retrieved_at, t.vintage, t.is_later_vintage, t.confidence, "
    "t.cost_usd, t.simulated as is_simulated "
    "from raw.enrichment_facts t where t.county in {entitled}",
)
# The newest month of each county by one look into the key a county, not by a walk over all months.
COUNTIES_VIEW = View(
    "counties",
    ("ops.counties", "raw.scores"),
    "select c.county, c.name, c.state, c.fips, c.median_price_usd, c.as_of_month, "
    "newest.month as newest_month, oldest.month as oldest_month "
    "from ops.counties c "
    "left join lateral (select s.month from raw.scores s where s.county = c.county "
    "order by s.month desc limit 1) newest on true "
    "left join lateral (select s.month from raw.scores s where s.county = c.county "
    "order by s.month limit 1) oldest on true "
    "where c.county in {entitled}",
)
# `row_version` changes whenever the decision is written anew, as each run of the valuation does.
PROMOTIONS_VIEW = _of_spec(TABLES["model_promotions"], ", t.xmin::text as row_version")

# What became of files that landed; a file lies below its county's folder.
LANDED_VIEW = View(
    "landed_files",
    ("ops.landed_files",),
    "select l.county, l.path, l.state, l.row_count, l.reason, l.decided_at "
    "from (select t.*, split_part(t.path, '/', 1) as county from ops.landed_files t) l "
    "where l.county in {entitled}",
)

EVENTS_VIEW = View(
    "events",
    ("ops.events", "work.event_feed"),
    "select f.position, e.event_id, e.event_type, e.event_time, e.county, e.month, e.property_id, "
    "e.correlation_id, e.payload::jsonb as payload from work.event_feed f join ops.events e using (event_id) "
    "where f.county in {entitled}",
)

VIEWS: tuple[View, ...] = (
    EVENTS_VIEW,
    PROPERTIES_VIEW,
    OWNERS_VIEW,
    FACTS_VIEW,
    PHOTOS_VIEW,
    COUNTIES_VIEW,
    PROMOTIONS_VIEW,
    LANDED_VIEW,
    _of_spec(PROPERTY_REJECTS),
    *(
        _of_spec(TABLES[name])
        for name in (
            "scores",
            "comparables",
            "value_contributions",
            "enrichments",
            "memos",
            "ratio_studies",
            "source_files",
        )
    ),
    *(
        _of_mart(name)
        for name in (
            "score_history",
            "field_provenance",
            "data_quality",
            "market_trends",
            "property_lifecycle",
            "deal_outcomes",
        )
    ),
)
