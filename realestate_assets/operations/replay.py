"""Bringing refused rows in again after their map was mended, with a trail of what became of each.

A replay materializes the partitions that its rows lie in, and those they move to because their date is now
readable: whole partitions, so that the counts add up as after any other run. A row is tried once a map: what
is refused again carries the map it was refused by, and is not chosen until that changes.
"""

import json
import uuid
from collections.abc import Iterable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.calendar.ranges import Range, neighbours
from realestate_assets.domain.counties.sample_source import SAMPLE
from realestate_assets.domain.intake.file_bytes import Place
from realestate_assets.domain.tables.events import insert_sql
from realestate_assets.extent import get_county
from realestate_assets.landing.reading import is_as_received, landed_files, read
from realestate_assets.operations.rejects import FILTERED, RejectFilter, current_maps, prepare
from resources.lake.files import Store
from resources.partition import IN_PARTITIONS, Partition, partitions_json
from resources.warehouse import connections as postgres
from resources.warehouse.warehouse import Warehouse

BEGIN_SQL = f"""
insert into ops.reject_replays
    (county, month, replay_id, source, source_file, file_sha256, source_row, reason_code, map_version,
     replayed_with, requested_at)
select county, month, $3::text, source, source_file, file_sha256, source_row, reason_code, map_version,
    current_map, now()
from ({FILTERED}) as chosen
where current_map is not null and (is_mended or $4::boolean)
"""  # noqa: S608 - constants of rejects

FILES_SQL = """
select county, source, source_file, file_sha256, json_agg(distinct month)::text as months,
    json_agg(source_row)::text as source_rows
from ops.reject_replays where replay_id = $1
group by county, source, source_file, file_sha256
order by county, source, source_file
"""

RECEIVED_SQL = f"""
select distinct county, source, source_file, file_sha256 from raw.source_files
where {IN_PARTITIONS} and rows_received > 0
"""  # noqa: S608

# Open replays of a process that was killed are settled by the same statement, from what is there now.
SETTLE_SQL = """
update ops.reject_replays as r
set settled_at = now(),
    outcome = case
        when f.accepted_month is not null then 'accepted'
        when f.disposition = 'duplicate' then 'duplicate'
        when f.disposition is null then 'gone'
        when f.judged_by is distinct from r.replayed_with then 'failed'
        else 'rejected'
    end,
    new_month = coalesce(f.accepted_month, f.refused_month),
    property_id = coalesce(f.property_id, f.duplicate_of),
    new_reason_code = case when f.accepted_month is null then f.reason_code end
from (
    select o.replay_id, o.county, o.month, o.source, o.source_file, o.source_row,
        coalesce(p.month, a.month) as accepted_month, p.property_id, d.month as refused_month,
        d.disposition, d.duplicate_of, d.reason_code, d.map_version as judged_by
    from ops.reject_replays as o
    left join raw.properties as p using (county, source, source_file, source_row)
    left join raw.rents as a using (county, source, source_file, source_row)
    left join raw.property_rejects as d
        using (county, source, source_file, source_row, file_sha256)
    where o.settled_at is null
) as f
where (r.replay_id, r.county, r.month, r.source, r.source_file, r.source_row)
    = (f.replay_id, f.county, f.month, f.source, f.source_file, f.source_row)
"""

EVENTS_SQL = insert_sql(
    "row.replayed",
    "rejects replay",
    "select county, coalesce(new_month, month) as month, property_id, jsonb_strip_nulls(jsonb_build_object("
    "'replay_id', replay_id, 'source', source, 'source_file', source_file, 'source_row', source_row, "
    "'was', reason_code, 'outcome', outcome, 'now', new_reason_code, 'map', replayed_with)) as payload "
    "from ops.reject_replays where replay_id = $1",
)

OUTCOMES_SQL = """
select outcome, count(*) as rows from ops.reject_replays where replay_id = $1
group by outcome order by outcome
"""


def begin(warehouse: Warehouse, chosen: RejectFilter, again: bool = False) -> tuple[str, int]:
    """Note the rows that are to be replayed; gives the replay's id and their number.

    Args:
        warehouse: holds the rejects.
        chosen: which of them.
        again: also those whose map is the one they were refused by.
    """
    prepare(warehouse)
    replay_id = str(uuid.uuid4())
    bound = (chosen.bound(), current_maps(), replay_id, "true" if again else "false")
    warehouse.execute(BEGIN_SQL, bound)
    count = "select count(*) as n from ops.reject_replays where replay_id = $1"
    return replay_id, warehouse.read(count, (replay_id,)).to_pylist()[0]["n"]


def plan(warehouse: Warehouse, landing: Store, replay_id: str) -> dict[str, tuple[list[str], bool]]:
    """What a replay has to materialize: by county its months, and whether its files are read again.

    Files are read again where all those of the months are still in landing as received: then a row whose
    date has become readable goes to its own month. Otherwise the rows come from raw_listings as kept.
    """
    files = warehouse.read(FILES_SQL, (replay_id,)).to_pylist()
    found = {}
    for slug in sorted({file["county"] for file in files}):
        own = [file for file in files if file["county"] == slug]
        months = {month for file in own for month in json.loads(file["months"])}
        wider = months | _moved_months(landing, own)
        reread = _are_landed(warehouse, landing, [Partition(slug, month) for month in sorted(wider)])
        found[slug] = sorted(wider if reread else months), reread
    return found


def settle(warehouse: Warehouse, replay_id: str | None = None, run_id: str = "") -> dict[str, int]:
    """Write what became of the rows of open replays, and the events; rows by outcome of this replay.

    Args:
        warehouse: holds the rejects.
        replay_id: the replay; without one only what killed processes left open is settled.
        run_id: Dagster run that did it.
    """
    prepare(warehouse)
    open_ones = "select distinct replay_id from ops.reject_replays where settled_at is null"
    ids = {row["replay_id"] for row in warehouse.read(open_ones).to_pylist()}
    with warehouse.connect() as connection:
        postgres.run(connection, SETTLE_SQL)
        for each in sorted(ids):
            postgres.run(connection, EVENTS_SQL, (each, run_id or each))
    if replay_id is None:
        return {}
    rows = warehouse.read(OUTCOMES_SQL, (replay_id,)).to_pylist()
    return {row["outcome"]: row["rows"] for row in rows}


def stretches(county_slug: str, months: Iterable[str], known: Sequence[str]) -> list[Range]:
    """First and last partition of each unbroken stretch of the months, in the order of `known`."""
    groups = neighbours(list(months), known)
    return [(Partition(county_slug, group[0]), Partition(county_slug, group[-1])) for group in groups]


def _moved_months(landing: Store, files: list[dict]) -> set[str]:
    """Months in which the rows to be replayed lie by the map as it is now, of files still as received."""
    months: set[str] = set()
    for file in files:
        place = _place(file)
        if file["source"] == SAMPLE.name or not is_as_received(landing, place, file["file_sha256"]):
            continue
        rows = read(landing, get_county(place.county_slug), place).table
        own = pc.is_in(rows["_row"], value_set=pa.array(json.loads(file["source_rows"]), pa.int64()))
        months |= set(pc.unique(rows.filter(own)["month"]).to_pylist())
    return months


def _are_landed(warehouse: Warehouse, landing: Store, partitions: list[Partition]) -> bool:
    """True where reading landing again gives every row of the partitions that is there now."""
    received = warehouse.read(RECEIVED_SQL, (partitions_json(partitions),)).to_pylist()
    county = get_county(partitions[0].county_slug)
    sampled = [file["source"] == SAMPLE.name for file in received]
    if any(sampled):
        # The sample is there only as long as nothing has landed.
        return all(sampled) and not landed_files(landing, county)
    fetched = {source.name for source in county.api_sources}
    return not any(file["source"] in fetched for file in received) and all(
        is_as_received(landing, _place(file), file["file_sha256"]) for file in received
    )


def _place(file: dict) -> Place:
    return Place(file["county"], file["source"], file["source_file"])
