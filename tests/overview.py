"""The overview page of the dbt docs and the queries on it, as the tests read them."""

import re

from realestate_assets.dbt.project import dbt_manifest

OVERVIEW = dbt_manifest()["docs"]["doc.realestate.__overview__"]["block_contents"]


def overview_queries() -> list[str]:
    """The worked queries, in order."""
    return re.findall(r"^```sql\n(.+?)^```", OVERVIEW, flags=re.M | re.S)
