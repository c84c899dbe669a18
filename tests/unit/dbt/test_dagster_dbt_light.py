"""dagster-dbt without dbt in the process: what is imported, and that the assets are those of one with dbt."""

import subprocess
import sys

from dagster_shared.libraries import DagsterLibraryRegistry

from realestate_assets.dbt import dagster_dbt_light

WITH_DBT = """
import sys
from dagster_dbt import dbt_assets
from realestate_assets.assets import transform
from realestate_assets.dbt.project import FlatKeyTranslator, dbt_manifest, dbt_project

assert "dbt.graph.selector" not in sys.modules and "dbt.adapters.base.impl" in sys.modules

# Objects, which are told by where they lie.
OBJECTS = ("dagster_dbt/manifest", "dagster_dbt/dagster_dbt_translator")

def told(definition):
    checks = {spec.name: str(spec) for spec in definition.check_specs}
    assets = {spec.key.to_user_string(): [
        sorted(map(str, spec.deps)), spec.description, str(sorted(spec.tags.items())),
        str(spec.owners), spec.code_version,
        str(spec.automation_condition), str(spec.partitions_def), spec.group_name, str(sorted(spec.kinds)),
        str({name: value for name, value in spec.metadata.items() if name not in OBJECTS}),
    ] for spec in definition.specs}
    op = definition.op
    return assets, checks, dict(op.tags), op.name, op.pool, definition.can_subset

for ours, select in ((transform.dbt_transform, transform.TRANSFORM), (transform.dbt_marts, transform.MARTS)):
    theirs = dbt_assets(
        manifest=dbt_manifest(),
        select=select,
        project=dbt_project(),
        name=ours.op.name,
        partitions_def=ours.partitions_def,
        backfill_policy=ours.backfill_policy,
        dagster_dbt_translator=FlatKeyTranslator(),
    )(lambda context: None)
    for mine, its in zip(told(ours), told(theirs), strict=True):
        assert mine == its, (mine, its)
"""


def test_the_assets_are_those_that_dagster_dbt_makes_of_the_same_selection():
    """In a process of its own, whose dagster-dbt has dbt and reads the selection with it."""
    done = subprocess.run([sys.executable, "-c", WITH_DBT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]


def test_dbt_is_not_imported_for_dagster_dbt_and_can_be_afterwards():
    code = (
        "import sys, realestate_assets.definitions\n"
        "assert not [name for name in sys.modules if name == 'dbt' or name.startswith('dbt.')]\n"
        "from dbt.version import get_installed_version\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]


def test_the_code_location_tells_the_dbt_that_it_runs():
    told = DagsterLibraryRegistry.get()
    assert told["dbt-core"].startswith("1.")
    assert "dbt-fusion" not in told
    assert dagster_dbt_light.DbtCliResource.__module__.startswith("dagster_dbt.")
