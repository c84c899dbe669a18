"""Discovery: landed files or the sample to raw_listings, and those to properties and their rejects.

Reading, mapping and merging are plain functions of `domain`; here they are given files, counties and months.
"""

from collections.abc import Collection, Iterator

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.assets.fetching import fetch_sources
from realestate_assets.assets.landed import SAMPLE, layouts
from realestate_assets.domain.core.asset_pictures import image, reject_reasons
from realestate_assets.domain.core.run_tags import AUTOMATIC_TAG
from realestate_assets.domain.counties.county import County
from realestate_assets.domain.counties.sources import LandedSource, SampleSource
from realestate_assets.domain.intake.canonical import canonicalise, counts_by_partition, reasons_by_partition
from realestate_assets.domain.intake.raw_rows import PLATFORM_COLUMNS, absent_optional
from realestate_assets.domain.tables import PROPERTIES, PROPERTY_REJECTS, SOURCE_FILES
from realestate_assets.fetch.snapshots import is_of_other_month
from realestate_assets.landing.area import files_left_out
from realestate_assets.landing.reading import read_file
from realestate_assets.partitions import BACKFILL, COUNTY_MONTH, get_county, platform_months, split_keys
from realestate_assets.sample.generator import generate_raw
from realestate_assets.settings import get_settings
from resources.http.client import HttpClientResource
from resources.lake.store import StoreResource
from resources.retries import retried
from resources.warehouse.resource import WarehouseResource

OWNERS = ["team:data"]
ROW_ORDER = ("county", "month", "_source", "_file", "_row")
EMPTY_RAW = pa.schema(
    [(name, pa.int64() if name == "_row" else pa.string()) for name in PLATFORM_COLUMNS]
).empty_table()

Partition = tuple[str, str]


@dg.multi_asset(
    name="listings",
    outs={
        "raw_listings": dg.AssetOut(
            io_manager_key="lake_io",
            kinds={"python", "parquet"},
            owners=OWNERS,
            description=(
                "**Grain:** one row a received row, text as delivered, never edited. **Key:** county,"
                " month, _source, _file, _row. **Source:** the files in the landing folder, put there"
                " or fetched from an API for the run's months, or the generated sample where a county"
                " has neither. **Caveat:** a row whose date is unreadable or outside the platform's "
                "months lies in the latest month of its file."
            ),
        ),
        "source_files": dg.AssetOut(
            io_manager_key="warehouse_io",
            kinds={"python", "postgres"},
            owners=OWNERS,
            description=(
                "**Grain:** one row a file and partition. **Key:** county, month, source, "
                "source_file. **Source:** the files read, with rows and SHA-256. **Caveat:** a file "
                "landed twice stands here twice."
            ),
        ),
    },
    partitions_def=COUNTY_MONTH,
    backfill_policy=BACKFILL,
)
@retried
def listings(
    context: dg.AssetExecutionContext,
    landing: StoreResource,
    http: HttpClientResource,
    warehouse: WarehouseResource,
) -> tuple[pa.Table, pa.Table]:
    """Fetch what is fetched, read each county's landed files once, and keep the rows of the run's months.

    A run that nobody asked for leaves out files that are still written or were found unfit.
    """
    partitions = split_keys(context.partition_keys)
    automatic = AUTOMATIC_TAG in context.run.tags
    rows, files = [EMPTY_RAW], [SOURCE_FILES.empty()]
    for slug in sorted({county for county, _ in partitions}):
        months = [month for county, month in partitions if county == slug]
        fetched = fetch_sources(context, get_county(slug), months, landing, http)
        left_out = files_left_out(landing, warehouse, slug) if automatic else {}
        for path, reason in left_out.items():
            context.log.warning(f"{path} is left out: {reason}")
        for table in received_rows(context, get_county(slug), months, landing, fetched, left_out):
            kept = table.filter(pc.is_in(table["month"], value_set=pa.array(months)))
            rows.append(kept)
            files.append(_manifest(kept, table.num_rows))
            context.log.info(f"{slug}: {kept.num_rows:,} of {table.num_rows:,} rows are of this run's months")
    raw = pa.concat_tables(rows, promote_options="default")
    raw = raw.sort_by([(name, "ascending") for name in ROW_ORDER])
    return raw, pa.concat_tables(files)


def received_rows(
    context: dg.AssetExecutionContext,
    county: County,
    months: list[str],
    landing: StoreResource,
    fetched: bool,
    left_out: Collection[str] = (),
) -> Iterator[pa.Table]:
    """All rows of each landed file; the sample's rows of `months` where nothing has landed.

    Of a source that is fetched the files of other months are left alone. `fetched` says that an API was
    asked: then no records means no records. Files `left_out` are there, but not read.
    """
    found = [(source, path) for source in county.landed_sources for path in _landed(landing, county, source)]
    for source, path in found:
        if path in left_out:
            continue
        name = path.removeprefix(f"{county.slug}/{source.name}/")
        if not (source in county.api_sources and is_of_other_month(name, months)):
            yield _read(context, county, source, path, landing)
    if found or fetched:
        return
    if not any(isinstance(source, SampleSource) for source in county.sources):
        context.log.warning(f"{county.slug}: no file has landed and there is no sample source: no rows")
        return
    settings = get_settings()
    table = _complete(generate_raw(county, months, settings.sample_seed, settings.sample_rows_per_month))
    context.log.info(f"{county.slug}: no file has landed, {table.num_rows:,} sample rows were generated")
    yield table


@dg.multi_asset(
    name="canonical_properties",
    outs={
        "properties": dg.AssetOut(
            io_manager_key="warehouse_io",
            kinds={"python", "postgres"},
            owners=OWNERS,
            description=(
                "**Grain:** one row a property and month. **Key:** county, month, property_id. "
                "**Source:** raw_listings, mapped by the county's column maps, typed, normalised, "
                "merged over sources. **Caveat:** the newest record wins a field."
            ),
        ),
        "property_rejects": dg.AssetOut(
            io_manager_key="warehouse_io",
            kinds={"python", "postgres"},
            owners=OWNERS,
            description=(
                "**Grain:** one row a received row that became no property. **Key:** county, month, "
                "source, source_file, source_row. **Source:** raw_listings: rows refused, with field,"
                " reason and raw record. **Caveat:** duplicates of a kept record stand here too "
                "(`disposition`)."
            ),
        ),
    },
    partitions_def=COUNTY_MONTH,
    backfill_policy=BACKFILL,
)
def canonical_properties(
    context: dg.AssetExecutionContext, raw_listings: pa.Table
) -> tuple[pa.Table, pa.Table]:
    """Turn every received row into a property, a duplicate or a reject with its reason."""
    properties, rejects = [PROPERTIES.empty()], [PROPERTY_REJECTS.empty()]
    for slug in sorted(pc.unique(raw_listings["county"]).to_pylist()):
        county = get_county(slug)
        rows = raw_listings.filter(pc.equal(raw_listings["county"], slug))
        result = canonicalise(rows, county, layouts(county))
        properties.append(result.properties)
        rejects.append(result.rejects)
    tables = pa.concat_tables(properties), pa.concat_tables(rejects)
    counts, reasons = counts_by_partition(*tables), reasons_by_partition(tables[1])
    for partition in split_keys(context.partition_keys):
        none = {"accepted": 0, "duplicates": 0, "rejected": 0}
        _report(context, partition, counts.get(partition, none), reasons.get(partition, {}))
    return tables


def _landed(landing: StoreResource, county: County, source: LandedSource) -> list[str]:
    """Files of a source below the landing root; names with a leading underscore are markers, not data."""
    folder = f"{county.slug}/{source.name}"
    return [path for path in landing.list_files(folder) if not path.rsplit("/", 1)[-1].startswith("_")]


def _read(
    context: dg.AssetExecutionContext, county: County, source: LandedSource, path: str, landing: StoreResource
) -> pa.Table:
    name = path.removeprefix(f"{county.slug}/{source.name}/")
    table = read_file(landing, county.slug, source, path, platform_months())
    span = pc.min_max(table["month"]).as_py()
    broken = table.num_rows - table["_fault"].null_count
    context.log.info(
        f"{county.slug}/{source.name}: {name}: {table.num_rows:,} rows, {span['min']} to {span['max']}, "
        f"{broken:,} broken"
    )
    if absent := absent_optional(source, table.column_names):
        missing = ", ".join(absent)
        context.log.warning(f"{county.slug}/{source.name}: {name} has no column {missing}: left null")
    return table


def _complete(table: pa.Table) -> pa.Table:
    """Columns a generated table may leave out, as nulls."""
    for field in EMPTY_RAW.schema:
        if field.name not in table.column_names:
            table = table.append_column(field.name, pa.nulls(table.num_rows, field.type))
    return table


def _manifest(kept: pa.Table, file_rows: int) -> pa.Table:
    """Rows of source_files for the kept rows of a file; a month of the sample counts as a file of its own."""
    keys = ["county", "month", "_source", "_file", "_file_sha256"]
    grouped = kept.group_by(keys, use_threads=False).aggregate([([], "count_all")])
    is_sample = pc.equal(grouped["_source"], SAMPLE)
    columns = {
        "county": grouped["county"],
        "month": grouped["month"],
        "source": grouped["_source"],
        "source_file": grouped["_file"],
        "file_sha256": grouped["_file_sha256"],
        "rows_received": grouped["count_all"],
        "file_rows": pc.if_else(is_sample, grouped["count_all"], file_rows),
        "is_simulated": is_sample,
    }
    return pa.table(columns).select(SOURCE_FILES.column_names)


def _report(
    context: dg.AssetExecutionContext, partition: Partition, counts: dict[str, int], reasons: dict[str, int]
) -> None:
    county, month = partition
    received = sum(counts.values())
    parts = ", ".join(f"{number:,} {kind}" for kind, number in counts.items())
    context.log.info(f"{county} {month}: {received:,} rows, {parts}")
    for asset in ("properties", "property_rejects"):
        context.add_asset_metadata(
            {"received": received, **counts}, asset_key=asset, partition_key=f"{county}|{month}"
        )
    if reasons:
        shown = {"reasons": dg.MetadataValue.md(image(reject_reasons(reasons, received)))}
        context.add_asset_metadata(shown, asset_key="property_rejects", partition_key=f"{county}|{month}")
