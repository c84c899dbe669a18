"""The layout of the tables of schema `ops`: what happened, which files landed, which counties there are.

They are written beside the assets; no run replaces a partition of them.
"""

from realestate_assets.domain.tables.columns import BY_PROPERTY, COUNTY, MONTH
from resources.ops_tables import CLIENT_TABLES
from resources.warehouse.table_spec import Column, Index, TableSpec

EVENT_TYPES = (
    "property.discovered",
    "property.enriched",
    "property.scored",
    "memo.generated",
    "row.rejected",
    "row.replayed",
)
REPLAY_OUTCOMES = ("accepted", "duplicate", "rejected", "gone", "failed")

EVENTS = TableSpec(
    schema="ops",
    name="events",
    grain="One row a fact about a property or a received row.",
    description="What happened, append-only; the same fact is written once however often it is found again.",
    key=("event_id",),
    is_partitioned=False,
    columns=(
        COUNTY,
        MONTH,
        Column(
            "event_id",
            "text",
            "UUID (version 8, from SHA-256) of type, county, month, property and payload.",
            nullable=False,
        ),
        Column("event_type", "text", "What happened.", nullable=False, allowed=EVENT_TYPES),
        Column("event_time", "timestamp", "When it was written, with the rows it tells of.", nullable=False),
        Column("property_id", "text", "The property; null where a row has become none."),
        Column("correlation_id", "text", "Dagster run that first did it.", nullable=False),
        Column("source", "text", "Asset or command that did it.", nullable=False),
        Column("payload", "json", "The figures that tell one such event from the next.", nullable=False),
    ),
    indexes=(BY_PROPERTY, Index("event_time", ("event_time",))),
)

REJECT_REPLAYS = TableSpec(
    schema="ops",
    name="reject_replays",
    grain="One row a refused row and attempt to bring it in again.",
    description="What became of the row.",
    key=("replay_id", "county", "month", "source", "source_file", "source_row"),
    is_partitioned=False,
    columns=(
        COUNTY,
        MONTH,
        Column("replay_id", "text", "The command that asked; a UUID.", nullable=False),
        Column("source", "text", "Name of the source.", nullable=False),
        Column("source_file", "text", "File the row came from.", nullable=False),
        Column("file_sha256", "text", "SHA-256 of that file.", nullable=False),
        Column("source_row", "integer", "Row number in the file.", nullable=False, minimum=1),
        Column("reason_code", "text", "Why it had been refused.", nullable=False),
        Column("map_version", "text", "Map it had been refused by; null where that was not kept."),
        Column("replayed_with", "text", "Map it was tried with.", nullable=False),
        Column("requested_at", "timestamp", "When the replay began.", nullable=False),
        Column("settled_at", "timestamp", "When its outcome was written; null while it is under way."),
        Column("outcome", "text", "What became of the row.", allowed=REPLAY_OUTCOMES),
        Column("new_month", "text", "Month the row lies in now, as YYYY-MM."),
        Column("property_id", "text", "Property it became, or was merged into."),
        Column("new_reason_code", "text", "Why it is refused now."),
    ),
    indexes=(BY_PROPERTY,),
)

CHECK_RESULTS = TableSpec(
    schema="ops",
    name="check_results",
    grain="One row a check, run and partition.",
    description="Results of asset checks, which look at all partitions of their run together.",
    key=("run_id", "county", "month", "asset", "check_name"),
    is_partitioned=False,
    columns=(
        COUNTY,
        MONTH,
        Column("run_id", "text", "Dagster run it ran in.", nullable=False),
        Column("asset", "text", "Asset it looked at.", nullable=False),
        Column("check_name", "text", "Its name.", nullable=False),
        Column("is_passed", "boolean", "Whether it held.", nullable=False),
        # Null in rows that were written before it was kept.
        Column(
            "grain",
            "text",
            "partition: it held or failed for this partition; run: it failed somewhere in its run.",
            allowed=("partition", "run"),
        ),
        Column("severity", "text", "What a failure means.", nullable=False, allowed=("ERROR", "WARN")),
        Column("owner", "text", "Who answers for it; null where that is not said."),
        Column("evaluated_at", "timestamp", "When it ran.", nullable=False),
    ),
)

# Files that a look at the landing area may have something to do with, beside those it lists.
OPEN_FILES = (
    "batch is null and (state in ('waiting', 'inspecting') or "
    "(state in ('admitted', 'duplicate') and affected_months <> '[]'::jsonb))"
)
LANDED_FILES = TableSpec(
    schema="ops",
    name="landed_files",
    grain="One row a file of the landing area.",
    description="Its version, what became of it, and the months of its rows.",
    key=("path",),
    is_partitioned=False,
    columns=(
        Column("path", "text", "<county>/<source>/<file> below the landing root.", nullable=False),
        Column("version", "text", "ETag on S3; size and modification time in a folder.", nullable=False),
        Column("size_bytes", "integer", "Its size.", nullable=False, minimum=0),
        Column(
            "state",
            "text",
            "waiting: may still be written; inspecting: read by a run of its own; admitted: its rows are "
            "used; duplicate: the same bytes as another; quarantined: unusable, moved to _quarantine; "
            "refused: unusable, and could not be moved.",
            nullable=False,
            allowed=("waiting", "inspecting", "admitted", "duplicate", "quarantined", "refused"),
        ),
        Column("seen_at", "timestamp", "When this version was first seen.", nullable=False),
        Column("sha256", "text", "Hash of the bytes read; null before."),
        Column("months", "jsonb", "Months of its rows, of the version last read.", nullable=False),
        Column("affected_months", "jsonb", "Months to be made again for this version.", nullable=False),
        Column("row_count", "integer", "Rows read; null before.", minimum=0),
        Column("reason", "text", "Why its rows are not used; empty otherwise.", nullable=False),
        Column("attempts", "int32", "Inspections begun by runs of their own.", nullable=False, minimum=0),
        Column("batch", "integer", "Batch its runs were asked for in; null before."),
        Column("decided_at", "timestamp", "When it was read or refused; null while waiting."),
    ),
    indexes=(
        Index("batch", ("batch",)),
        Index("sha256", ("sha256",), where="state = 'admitted'"),
        # Of files that were asked for there may be very many.
        Index("open", ("path",), where=OPEN_FILES),
    ),
    sequences=("landed_batches",),
)

COUNTIES = TableSpec(
    schema="ops",
    name="counties",
    grain="One row a county.",
    description="The county YAMLs as a table, written before each dbt build.",
    key=("county",),
    is_partitioned=False,
    columns=(
        Column("county", "text", "County slug.", nullable=False),
        Column("name", "text", "Name of the county."),
        Column("state", "text", "Two-letter state code."),
        Column("fips", "text", "Five-digit FIPS code."),
        Column("assessment_ratio", "float", "Assessed value / market value by law.", minimum=0),
        Column("median_price_usd", "float", "Median price the county's YAML starts from, USD.", minimum=0),
        Column("as_of_month", "text", "Month of its figures, YYYY-MM; null where the YAML names none."),
        Column("appreciation_rate", "float", "Yearly appreciation the YAML assumes, as a share."),
        Column("allow_later_vintage", "boolean", "Whether that rate may count for months before its own."),
        Column("minimum_price_usd", "float", "Below this a price is nominal in the county, USD.", minimum=0),
    ),
)

OPS_TABLES: dict[str, TableSpec] = {
    spec.name: spec
    for spec in (COUNTIES, LANDED_FILES, *CLIENT_TABLES, EVENTS, REJECT_REPLAYS, CHECK_RESULTS)
}
