"""What an investor opens first: the deal board of each county and month, and the index over all of them."""

import dagster as dg

from realestate_assets.assets import declare
from realestate_assets.domain.board.context import build_board
from realestate_assets.domain.board.csv import board_csv
from realestate_assets.domain.board.index import board_folder, build_index, outcomes_path, partition_of
from realestate_assets.domain.board.outcomes import build_outcomes
from realestate_assets.domain.offers.params import load_offer_params
from realestate_assets.extent import counties, get_county
from resources.documents.inline_page import render_inline
from resources.documents.templating import template_version
from resources.home import PROJECT_ROOT
from resources.lake.store import StoreResource
from resources.partition import Partition
from resources.warehouse.resource import WarehouseResource

TEMPLATES = PROJECT_ROOT / "templates"
STYLES = ("board/board.css",)
SCRIPTS = (
    "board/text.js",
    "board/picture.js",
    "board/charts.js",
    "board/table.js",
    "board/filters.js",
    "board/underwriting.js",
    "board/whatif.js",
    "board/board.js",
)
INDEX_PATH = "boards/index.html"
# Months of market trend a board shows.
TREND_MONTHS = 36
# The best of a month, as `top_share` of the dbt project counts them.
TOP_SHARE = 0.1

DEALS_SQL = """
select b.*, coalesce(nullif(concat_ws(' ', p.street, p.unit), ''), 'Parcel ' || p.apn) as property
from marts.deal_board as b
left join raw.properties as p using (county, month, property_id)
where b.county = $1 and b.month = $2
order by b.rank_in_partition
"""
TRENDS_SQL = """
select * from marts.market_trends
where county = $1 and month <= $2
and month > to_char(to_date($2, 'YYYY-MM') - make_interval(months => $3::integer), 'YYYY-MM')
"""
QUALITY_SQL = "select * from marts.data_quality where county = $1 and month = $2"
INDEX_SQL = """
select
    county,
    month,
    count(*) filter (where is_open) as offer_count,
    count(*) filter (where offer_state = 'under_contract') as contract_count,
    count(*) filter (where offer_state = 'gone') as gone_count,
    count(*) filter (where offer_state = 'retrospective') as retrospective_count,
    count(*) filter (where is_open and score_class in ('excellent', 'good')) as good_count,
    count(memo_pdf_path) as memo_count,
    max(bird_dog_score) filter (where is_open and not coalesce(needs_review, false)) as best_score,
    percentile_cont(0.5) within group (order by discount_to_value_pct) filter (where is_open)
        as median_discount_pct,
    count(*) filter (where is_simulated) as simulated_count
from (select *, coalesce(offer_state = 'on_offer', false) as is_open from marts.deal_board) as deals
group by county, month
"""


# A home that stood on a board and was sold, with its next sale; a retrospective row was sold already.
PURCHASES_SQL = """
with board as (
    select *, percent_rank() over (
        partition by month, is_simulated order by bird_dog_score desc
    ) < $2::float8 as is_top_tenth
    from marts.deal_board
    where county = $1 and asking_price_usd is not null
    and offer_state in ('on_offer', 'under_contract', 'retrospective')
),
outcomes as (
    select distinct on (property_id, offer_month, outcome)
        property_id, offer_month as month, outcome, sale_price_usd, outcome_date
    from marts.deal_outcomes
    where county = $1
    order by property_id, offer_month, outcome, outcome_date
)
select
    board.month, board.property_id, board.offer_state, board.is_top_tenth, board.is_simulated,
    coalesce(nullif(concat_ws(' ', p.street, p.unit), ''), 'Parcel ' || p.apn) as property,
    board.asking_price_usd,
    board.market_value_p10_usd, board.market_value_p50_usd, board.market_value_p90_usd,
    board.likely_sale_p10_usd, board.likely_sale_p50_usd, board.likely_sale_p90_usd, board.gain_probability,
    case when board.offer_state = 'retrospective' then board.sale_price_usd else sold.sale_price_usd end
        as sale_price_usd,
    case when board.offer_state = 'retrospective' then board.sale_date else sold.outcome_date end
        as sale_date,
    resold.sale_price_usd as resale_price_usd, resold.outcome_date as resale_date
from board
left join outcomes as sold
    on sold.property_id = board.property_id and sold.month = board.month and sold.outcome = 'sold'
left join outcomes as resold
    on resold.property_id = board.property_id and resold.month = board.month and resold.outcome = 'resold'
left join raw.properties as p
    on p.county = $1 and p.month = board.month and p.property_id = board.property_id
where (board.offer_state = 'retrospective' and board.sale_date is not null) or sold.property_id is not null
order by board.month, board.property_id
"""
LAST_DAY_SQL = "select max(observed_date)::text as last_day from marts.features where county = $1"


def write_board(
    warehouse: WarehouseResource, lake: StoreResource, partition: Partition, version: str
) -> dict[str, object]:
    """Write one partition's page and CSV file; what the UI shows of them."""
    county, month = partition
    deals = warehouse.read(DEALS_SQL, (county, month)).to_pylist()
    trends = warehouse.read(TRENDS_SQL, (county, month, TREND_MONTHS)).to_pylist()
    quality = warehouse.read(QUALITY_SQL, (county, month)).to_pylist()
    context = build_board(get_county(county), month, deals, trends, quality, version)
    page = render_inline(TEMPLATES, "board/board.html.j2", context, STYLES, SCRIPTS).encode()
    folder = board_folder(partition)
    lake.write_bytes(f"{folder}/deals.csv", board_csv(partition, deals))
    lake.write_bytes(f"{folder}/index.html", page)
    return {
        "dagster/partition_row_count": len(deals),
        "dagster/uri": lake.uri(f"{folder}/index.html"),
        "csv": lake.uri(f"{folder}/deals.csv"),
        "size_bytes": len(page),
        "memos": sum(deal["memo_pdf_path"] is not None for deal in deals),
    }


def write_outcomes(warehouse: WarehouseResource, lake: StoreResource, county_slug: str, version: str) -> int:
    """Write what became of a county's offers; how many homes were sold."""
    rows = warehouse.read(PURCHASES_SQL, (county_slug, TOP_SHARE)).to_pylist()
    last = warehouse.read(LAST_DAY_SQL, (county_slug,)).to_pylist()[0]["last_day"]
    for row in rows:
        row["link"] = f"{Partition(county_slug, row['month']).hive_path.partition('/')[2]}/index.html"
    gain = load_offer_params().gain
    context = build_outcomes(get_county(county_slug), rows, str(last or ""), gain, version)
    page = render_inline(TEMPLATES, "board/outcomes.html.j2", context, STYLES)
    lake.write_bytes(outcomes_path(county_slug), page.encode())
    return len(rows)


def write_index(warehouse: WarehouseResource, lake: StoreResource, version: str) -> int:
    """Write the index over the boards that lie in the lake; how many there are."""
    boards = [found for path in lake.list_files("boards") if (found := partition_of(path))]
    context = build_index(boards, warehouse.read(INDEX_SQL).to_pylist(), counties(), version)
    page = render_inline(TEMPLATES, "board/index.html.j2", context, STYLES)
    lake.write_bytes(INDEX_PATH, page.encode())
    return len(boards)


@declare.asset(
    declare.files(
        "boards",
        grain="One page and one CSV file a county and month, in the lake, a page of outcomes a county, and "
        "one index over all.",
        key=("county", "month"),
        source="deal_board, deal_outcomes, market_trends, data_quality; templates/board",
        caveat="each page is one file that asks no network; equal input gives equal bytes. The trend shows "
        "months up to the board's own, as they stand in the warehouse",
        on_failure="A mart that is missing is made by dbt_marts, of the same group: materialize deal_board, "
        "deal_outcomes, market_trends and data_quality of the month, then this. An error that names a "
        "template is a fault in templates/board; one that names the lake, its permissions, disk or bucket.",
        kinds=("python", "html"),
    ),
    deps=["deal_board", "deal_outcomes", "market_trends", "data_quality", "properties", "features"],
)
def boards(context: dg.AssetExecutionContext, warehouse: WarehouseResource, lake: StoreResource) -> None:
    """Write the boards of the run's partitions, the outcomes of their counties, then the index."""
    version = template_version(TEMPLATES / "board")
    for partition in Partition.parse_all(context.partition_keys):
        metadata = write_board(warehouse, lake, partition, version)
        context.add_asset_metadata(metadata, partition_key=partition.key)
    for county_slug in sorted({county for county, _ in Partition.parse_all(context.partition_keys)}):
        sold = write_outcomes(warehouse, lake, county_slug, version)
        context.log.info(f"{lake.uri(outcomes_path(county_slug))}: {sold} homes sold")
    found = write_index(warehouse, lake, version)
    context.log.info(f"{lake.uri(INDEX_PATH)} lists {found} boards")
