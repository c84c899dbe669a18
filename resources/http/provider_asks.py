"""Which runs asked which providers for which months: what the ledger's calls are shared out by.

Written before the first call, so that the calls of a run that is killed can be told too.
"""

import json
from collections.abc import Mapping

from resources.ops_tables import PROVIDER_ASKS
from resources.warehouse.warehouse import Warehouse

# Attempt twice in one run (chains of opposite orders, a step that is tried again): the larger number.
INSERT_SQL = f"""
insert into ops.provider_asks as asks (county, month, provider, run_id, property_count)
select $1, month, $2, $3, property_count
from jsonb_to_recordset($4::jsonb) as given({PROVIDER_ASKS.record(("month", "property_count"))})
on conflict (county, month, provider, run_id) do update
set property_count = greatest(asks.property_count, excluded.property_count)
"""  # noqa: S608


def note_asks(
    warehouse: Warehouse, run_id: str, county_slug: str, provider: str, properties: Mapping[str, int]
) -> None:
    """Note that a run is about to ask a provider.

    Args:
        warehouse: where the ledger is.
        run_id: the run, as the ledger calls it.
        county_slug: county of the properties.
        provider: who is asked.
        properties: number of properties by month.
    """
    warehouse.ensure_tables([PROVIDER_ASKS])
    given = json.dumps([{"month": month, "property_count": n} for month, n in sorted(properties.items())])
    warehouse.execute(INSERT_SQL, (county_slug, provider, run_id, given))
