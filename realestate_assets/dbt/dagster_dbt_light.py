"""dagster-dbt without dbt in this process; whoever needs dagster-dbt imports it from here.

dbt runs in a child, so that nothing here needs its modules, and they take more than a second at each start.
Where dagster-dbt does not find dbt it uses a few types of its own, as it does beside dbt Fusion. In a process
that has dbt all is as dagster-dbt has it.
"""

import sys
from importlib.metadata import version

from dagster_shared.libraries import DagsterLibraryRegistry

# What dagster-dbt asks for to learn whether there is a dbt.
DBT = "dbt.version"
if DBT not in sys.modules and "dagster_dbt" not in sys.modules:
    sys.modules[DBT] = None  # type: ignore[assignment]
    try:
        import dagster_dbt  # noqa: F401
    finally:
        del sys.modules[DBT]
    # The page of the code location tells the versions of its libraries: this one is not Fusion's.
    DagsterLibraryRegistry._libraries.pop("dbt-fusion", None)
    DagsterLibraryRegistry.register("dbt-core", version("dbt-core"), is_dagster_package=False)

# Not before: the order is what this module is for.
from dagster_dbt import (  # noqa: E402
    DagsterDbtTranslator,
    DagsterDbtTranslatorSettings,
    DbtCliInvocation,
    DbtCliResource,
    DbtProject,
)
from dagster_dbt.asset_utils import (  # noqa: E402
    DAGSTER_DBT_SELECT_METADATA_KEY,
    get_upstream_unique_ids,
)

__all__ = [
    "DAGSTER_DBT_SELECT_METADATA_KEY",
    "DagsterDbtTranslator",
    "DagsterDbtTranslatorSettings",
    "DbtCliInvocation",
    "DbtCliResource",
    "DbtProject",
    "get_upstream_unique_ids",
]
