"""What the page of the dbt docs follows from: the same is not made again, for dbt takes long to start."""

import hashlib
import json

from realestate_assets.dbt.project import dbt_manifest, project_fingerprint
from resources.warehouse.warehouse import Warehouse

# As dbt's catalog has them: relations and columns with types, owners and comments, beside whose they are.
RELATIONS_SQL = """
select
    current_database()::text as database, n.nspname::text as schema, c.relname::text as relation,
    c.relkind::text as kind, pg_get_userbyid(c.relowner)::text as owner,
    obj_description(c.oid, 'pg_class') as comment, a.attnum::int as place, a.attname::text as name,
    format_type(a.atttypid, a.atttypmod) as type, col_description(c.oid, a.attnum) as about
from pg_class as c
inner join pg_namespace as n on n.oid = c.relnamespace
left join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relkind in ('r', 'p', 'v', 'm') and n.nspname in (select jsonb_array_elements_text($1::jsonb))
order by n.nspname, c.relname, a.attnum
"""


def docs_key(warehouse: Warehouse) -> str:
    """SHA-256 of the project's files, dbt's version, and the relations and columns that it describes."""
    manifest = dbt_manifest()
    described = [*manifest["nodes"].values(), *manifest["sources"].values()]
    schemas = json.dumps(sorted({node["schema"] for node in described}))
    relations = warehouse.read(RELATIONS_SQL, (schemas,)).to_pylist()
    told = [project_fingerprint(), *(json.dumps(row, sort_keys=True) for row in relations)]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()
