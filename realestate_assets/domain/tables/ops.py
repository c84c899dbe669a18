"""The layout of the tables of schema `ops` that keep what happened: events, and the replays of rejects.

They are written beside the assets and only ever grow; no run replaces a partition of them.
"""

from realestate_assets.domain.tables import COUNTY, MONTH
from resources.warehouse.table_spec import Column, TableSpec

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
    description="What happened to each property, append-only; the same fact is written once however often "
    "it is found again.",
    key=("event_id",),
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
)

REJECT_REPLAYS = TableSpec(
    schema="ops",
    name="reject_replays",
    description="Every attempt to bring a refused row in again, and what became of the row.",
    key=("replay_id", "county", "month", "source", "source_file", "source_row"),
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
)

CHECK_RESULTS = TableSpec(
    schema="ops",
    name="check_results",
    description="Results of asset checks by run and partition; a check looks at all partitions of its run "
    "together.",
    key=("run_id", "county", "month", "asset", "check_name"),
    columns=(
        COUNTY,
        MONTH,
        Column("run_id", "text", "Dagster run it ran in.", nullable=False),
        Column("asset", "text", "Asset it looked at.", nullable=False),
        Column("check_name", "text", "Its name.", nullable=False),
        Column("is_passed", "boolean", "Whether it held.", nullable=False),
        Column("severity", "text", "What a failure means.", nullable=False, allowed=("ERROR", "WARN")),
        Column("owner", "text", "Who answers for it; null where that is not said."),
        Column("evaluated_at", "timestamp", "When it ran.", nullable=False),
    ),
)

OPS_TABLES: dict[str, TableSpec] = {spec.name: spec for spec in (EVENTS, REJECT_REPLAYS, CHECK_RESULTS)}
