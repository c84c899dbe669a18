"""Discovery: landed files or the sample to raw_listings, and those to properties and their rejects.

Landing gives the rows of files, `domain.intake` makes properties of them; here they are given counties and
months, and told to the log.
"""

from collections.abc import Sequence
from dataclasses import replace

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.app.suppression import Suppression
from realestate_assets.assets import declare
from realestate_assets.assets.suppressed import suppressed_owners
from realestate_assets.domain.core.asset_pictures import image, reject_reasons
from realestate_assets.domain.core.run_tags import AUTOMATIC_TAG
from realestate_assets.domain.counties.county import County
from realestate_assets.domain.intake.canonical import canonicalise, together
from realestate_assets.domain.intake.raw_rows import RawRows, raw_table, source_files
from realestate_assets.domain.intake.withheld import withheld
from realestate_assets.domain.tables import PROPERTIES, PROPERTY_REJECTS, RENTS, SOURCE_FILES
from realestate_assets.extent import get_county, platform_months
from realestate_assets.fetch.sources import fetch_sources
from realestate_assets.landing.area import files_left_out, received_rows
from realestate_assets.landing.fetched import MONTHS_TO_RUN, Moved, land_records
from realestate_assets.landing.reading import landed_and_unusable
from resources.http.client import HttpClientResource
from resources.lake.store import StoreResource
from resources.partition import Partition
from resources.warehouse.resource import WarehouseResource


@declare.asset(
    declare.parquet(
        "raw_listings",
        grain="One row a received row, text as delivered, never edited but for names of owners who asked to "
        "be forgotten.",
        key=("county", "month", "_source", "_file", "_row"),
        source="the files in the landing folder, put there or fetched from an API for the run's months, or "
        "the generated sample where a county has neither",
        caveat="a row whose date is unreadable or outside the platform's months lies in the latest month of "
        "its file, and where it was fetched in the month it was asked for",
        on_failure="The message names county, source, file and column: land the complete file again, or "
        "correct the source's format and columns in the county's YAML. An API that refuses wants its key or "
        "a larger budget (`realestate doctor` tells both), or its layer, dataset or filter corrected. What "
        "had landed before stays.",
        holds_personal_data=True,
    ),
    declare.table(
        SOURCE_FILES,
        source="the files read, with rows and SHA-256",
        caveat="a file landed twice stands here twice",
        on_failure="It is made in one step with raw_listings: what stops that one stops this, and is mended "
        "there. A file that counts twice has landed under two names: remove one of them and run the months "
        "again.",
    ),
)
def listings(
    context: dg.AssetExecutionContext,
    landing: StoreResource,
    http: HttpClientResource,
    warehouse: WarehouseResource,
) -> tuple[pa.Table, pa.Table]:
    """Fetch what is fetched, read each county's landed files once, and keep the rows of the run's months.

    A run that nobody asked for leaves out files that are still written or were found unfit.
    """
    partitions = Partition.parse_all(context.partition_keys)
    automatic = AUTOMATIC_TAG in context.run.tags
    received: list[RawRows] = []
    warnings: list[str] = []
    listed = suppressed_owners(warehouse)
    for slug in sorted({county for county, _ in partitions}):
        months = [month for county, month in partitions if county == slug]
        county = get_county(slug)
        fetched = _fetch(context, county, months, landing, http)
        files, unusable = landed_and_unusable(landing, county)
        warnings += [f"{path} is not read: it {reason}" for path, reason in unusable.items()]
        left_out = files_left_out(warehouse, files) if automatic else {}
        for path, reason in left_out.items():
            context.log.warning(f"{path} is left out: {reason}")
        found = received_rows(landing, county, months, files=files, left_out=left_out, fetched=fetched)
        kept = [_without_listed(context, rows, county, listed) for rows in found]
        for rows in kept:
            _tell_file(context, rows)
            place = f"{slug}/{rows.place.source}: {rows.place.file}"
            warnings += [f"{place}: {warning}" for warning in rows.warnings]
        if not (kept or fetched or left_out):
            context.log.warning(f"{slug}: no rows: no file of these months has landed, and no sample serves")
        received += kept
    _warn(context, warnings, "raw_listings")
    _tell_counts(context, partitions, files := source_files(received))
    return raw_table(received), files


@declare.asset(
    declare.table(
        PROPERTIES,
        source="raw_listings, mapped by the county's column maps, typed, normalised, merged over sources",
        caveat="the newest record wins a field",
        on_failure="Too few rows or none: read what was refused by `realestate rejects list`, mend the "
        "county's YAML, run again. A source that the YAML no longer has is put back, or raw_listings "
        "materialized again; the same mends received_rows_add_up, which counts rows that were lost in "
        "between.",
    ),
    declare.table(
        PROPERTY_REJECTS,
        source="raw_listings: rows refused, with field, reason and raw record",
        caveat="duplicates of a kept record stand here too (`disposition`)",
        on_failure="It is made in one step with properties and mended with it. A source that loses more than "
        "a tenth of its rows is warned of: `realestate rejects show` prints them as received; mend the map "
        "in the county's YAML and bring them in by `realestate rejects replay`.",
    ),
    declare.table(
        RENTS,
        source="raw_listings of sources that hold rents, mapped by the county's column maps",
        caveat="what is asked, not what is paid; reposts within a month are one rent, the earlier ones stand "
        "in property_rejects as duplicates",
        on_failure="It is made in one step with properties and mended with it. No rows where advertisements "
        "have landed: `realestate rejects list` says why they were refused.",
    ),
)
def canonical_properties(
    context: dg.AssetExecutionContext, raw_listings: pa.Table
) -> tuple[pa.Table, pa.Table, pa.Table]:
    """Turn every received row into a property, a rent, a duplicate or a reject with its reason."""
    slugs = sorted(pc.unique(raw_listings["county"]).to_pylist())
    found = together(
        canonicalise(
            # No copy of what is one county's.
            raw_listings if len(slugs) == 1 else raw_listings.filter(pc.equal(raw_listings["county"], slug)),
            get_county(slug),
        )
        for slug in slugs
    )
    _warn(context, found.warnings, "properties")
    counts, reasons = found.counts(), found.reasons()
    for partition in Partition.parse_all(context.partition_keys):
        none = {"accepted": 0, "duplicates": 0, "rejected": 0}
        _report(context, partition, counts.get(partition, none), reasons.get(partition, {}))
    return found.properties, found.rejects, found.rents


def _without_listed(
    context: dg.AssetExecutionContext, rows: RawRows, county: County, listed: Suppression
) -> RawRows:
    """The rows without the names of those who asked to be forgotten."""
    if not listed.hashes:
        return rows
    table, count = withheld(rows.table, county, lambda names: listed.mask(names, county.slug))
    if count:
        context.log.info(f"{county.slug}: names are taken out of {count:,} rows: their owners asked for it")
    return replace(rows, table=table)


def _fetch(
    context: dg.AssetExecutionContext,
    county: County,
    months: list[str],
    landing: StoreResource,
    http: HttpClientResource,
) -> bool:
    """Land the records of these months from every API source that may be asked; whether there is one.

    A county that is fetched has no sample, even in a month without records. What one source gave stays where
    the next one fails.
    """
    fetched = False
    for source, found in fetch_sources(http, county, months, context.run.run_id):
        moved = land_records(landing, county, source, found, platform_months())
        fetched, name = True, f"{county.slug}/{source.name}"
        records = sum(map(len, found.values()))
        context.log.info(f"{name}: {records:,} records fetched, {min(months)} to {max(months)}")
        _tell_moved(context, county, name, [each for each in moved if each.month not in months])
        if full := [m for m, records in found.items() if len(records) == county.max_rows_per_month]:
            context.log.warning(f"{name}: max_rows_per_month cut {', '.join(full)}")
    return fetched


def _tell_moved(context: dg.AssetExecutionContext, county: County, name: str, moved: list[Moved]) -> None:
    """Say which months outside the run got records, and the command that takes them in."""
    for each in moved:
        told = f"{name}: {each.records:,} records that came with {each.asked} belong to {each.month}"
        if each.is_new:
            command = f"realestate run --county {county.slug} --months {each.month}"
            context.log.warning(f"{told}, and lie there: {command} takes them in")
        else:
            context.log.info(f"{told}, and lie there as before")
    for asked in {each.asked for each in moved}:
        new = [
            {"county": county.slug, "source": name.partition("/")[2], "month": m.month, "records": m.records}
            for m in moved
            if m.asked == asked and m.is_new
        ]
        if new:
            key = Partition(county.slug, asked).key
            context.add_asset_metadata({MONTHS_TO_RUN: new}, asset_key="raw_listings", partition_key=key)


def _tell_file(context: dg.AssetExecutionContext, rows: RawRows) -> None:
    """What the file is goes to the log."""
    place = rows.place
    undated = sum(rows.undated.values())
    context.log.info(
        f"{place.county_slug}/{place.source}: {place.file}: {rows.sent:,} rows, {min(rows.by_month)} to "
        f"{max(rows.by_month)}, {rows.broken:,} broken, {undated:,} undated, {rows.table.num_rows:,} of this "
        "run's months"
    )


def _tell_counts(context: dg.AssetExecutionContext, partitions: list[Partition], files: pa.Table) -> None:
    """Beside the rows of each partition: what its files sent, and how much of that lies elsewhere."""
    names = {
        "sent": "file_rows",
        "offers": "file_offers",
        "received": "rows_received",
        "of_other_months": "rows_of_other_months",
        "undated": "rows_undated",
    }
    grouped = files.group_by(["county", "month"]).aggregate([(name, "sum") for name in names.values()])
    found = {Partition.of(row): row for row in grouped.to_pylist()}
    for partition in partitions:
        row = found.get(partition, {})
        told = {name: row.get(f"{column}_sum") or 0 for name, column in names.items()}
        for asset in ("raw_listings", "source_files"):
            context.add_asset_metadata(told, asset_key=asset, partition_key=partition.key)


def _warn(context: dg.AssetExecutionContext, warnings: Sequence[str], asset: str) -> None:
    """Say in the log, and beside the asset, what was read otherwise than its map lets expect."""
    told = list(dict.fromkeys(warnings))
    for warning in told:
        context.log.warning(warning)
    if told:
        context.add_asset_metadata({"warnings": told}, asset_key=asset)


def _report(
    context: dg.AssetExecutionContext, partition: Partition, counts: dict[str, int], reasons: dict[str, int]
) -> None:
    received = sum(counts.values())
    parts = ", ".join(f"{number:,} {kind}" for kind, number in counts.items())
    context.log.info(f"{partition}: {received:,} rows, {parts}")
    for asset in ("properties", "property_rejects", "rents"):
        context.add_asset_metadata(
            {"received": received, **counts}, asset_key=asset, partition_key=partition.key
        )
    if reasons:
        shown = {"reasons": dg.MetadataValue.md(image(reject_reasons(reasons, received)))}
        context.add_asset_metadata(shown, asset_key="property_rejects", partition_key=partition.key)
