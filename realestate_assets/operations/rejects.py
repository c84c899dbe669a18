"""The quarantine: which rows were refused, why, and whether their map was mended since."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from realestate_assets.domain.intake.mapping import map_versions
from realestate_assets.domain.tables import TABLES
from realestate_assets.domain.tables.ops import OPS_TABLES
from realestate_assets.extent import counties
from resources.warehouse.warehouse import Warehouse


@dataclass(frozen=True)
class RejectFilter:
    """Which rejects are meant; an empty part means all.

    Attributes:
        counties: slugs.
        months: months as YYYY-MM.
        reasons: reason codes; a row counts where any of its faults is among them.
        sources: names of sources.
    """

    counties: Sequence[str] = ()
    months: Sequence[str] = ()
    reasons: Sequence[str] = ()
    sources: Sequence[str] = ()

    def bound(self) -> str:
        """What FILTERED binds as $1."""
        return json.dumps({name: list(values) for name, values in vars(self).items()})


def _within(column: str, name: str) -> str:
    given = f"$1::jsonb -> '{name}'"
    return f"(jsonb_array_length({given}) = 0 or {column} in (select jsonb_array_elements_text({given})))"


# The maps as they are now are bound as $2, see `current_maps`.
FILTERED = f"""
select r.*, m.version as current_map, r.map_version is distinct from m.version as is_mended
from raw.property_rejects as r
left join jsonb_to_recordset($2::jsonb) as m(county text, source text, version text)
    on m.county = r.county and m.source = r.source
where r.disposition = 'rejected'
    and {_within("r.county", "counties")}
    and {_within("r.month", "months")}
    and {_within("r.source", "sources")}
    and (jsonb_array_length($1::jsonb -> 'reasons') = 0 or string_to_array(r.reason_codes, ',')
        && array(select jsonb_array_elements_text($1::jsonb -> 'reasons')))
"""  # noqa: S608 - names of this module

GROUPS_SQL = f"""
select county, month, source, reason_code, field, count(*) as rows, min(reason) as example,
    bool_or(is_mended) as is_mended
from ({FILTERED}) as chosen
group by county, month, source, reason_code, field
order by rows desc, county, month, source, reason_code, field
"""  # noqa: S608

ROWS_SQL = f"""
select county, month, source, source_file, source_row, reason_code, reason_codes, field, reason, raw_record,
    is_mended,
    (select count(*) from ops.reject_replays as t
     where (t.county, t.source, t.source_file, t.source_row)
         = (chosen.county, chosen.source, chosen.source_file, chosen.source_row)) as times_replayed
from ({FILTERED}) as chosen
order by county, month, source, source_file, source_row
limit $3::bigint
"""  # noqa: S608


def current_maps() -> str:
    """The version of every county's maps as they are now, as JSON for FILTERED."""
    return json.dumps(
        [
            {"county": slug, "source": source, "version": version}
            for slug, county in counties().items()
            for source, version in map_versions(county).items()
        ]
    )


def prepare(warehouse: Warehouse) -> None:
    """Make the tables that the queries of this module read, be they empty."""
    warehouse.ensure_tables([TABLES["property_rejects"], TABLES["rents"], *OPS_TABLES.values()])


def reject_groups(warehouse: Warehouse, chosen: RejectFilter) -> list[dict]:
    """Refused rows by county, month, source, reason and field, most first."""
    prepare(warehouse)
    return warehouse.read(GROUPS_SQL, (chosen.bound(), current_maps())).to_pylist()


def reject_rows(warehouse: Warehouse, chosen: RejectFilter, limit: int) -> list[dict]:
    """Refused rows with their record as received (`raw_record`, an object), at most `limit`."""
    prepare(warehouse)
    rows = warehouse.read(ROWS_SQL, (chosen.bound(), current_maps(), limit)).to_pylist()
    return [row | {"raw_record": json.loads(row["raw_record"])} for row in rows]
