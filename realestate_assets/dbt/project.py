"""The dbt project as Dagster sees it: its manifest, the translation to assets, and the arguments of a build.

What runs dbt against a warehouse stands in `dbt_run`. Nothing here needs a database: the manifest is parsed
once per version of the project, beside it or into the data folder, and then only read.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dagster as dg

from realestate_assets.dbt import child
from realestate_assets.dbt.dagster_dbt_light import (
    DagsterDbtTranslator,
    DagsterDbtTranslatorSettings,
    DbtProject,
    get_upstream_unique_ids,
)
from realestate_assets.dbt.place import PROJECT_DIR, manifests_folder
from realestate_assets.domain.counties.county import County
from realestate_assets.domain.sales.rules import load_sale_rules
from realestate_assets.domain.tables import TABLES
from realestate_assets.domain.tables.ops import OPS_TABLES
from resources.errors import PermanentError
from resources.home import make_folder
from resources.partition import Partition
from resources.scratch import scratch_folder

PARTITIONS_VARIABLE = "REALESTATE_PARTITIONS"
# The same rule stands in macros/partitions.sql, for builds by hand.
PARTIAL_PARSE = "partial_parse.msgpack"
# Manifests of older versions of the project that are kept: a process of that version may still run.
KEPT_VERSIONS = 5

# The valuation reads it, and other models read what the valuation makes: there a run's dbt builds part.
FEATURES = "model.realestate.features"

# Sources that are configuration or a ledger, not assets: they have no place in the graph.
CONFIGURATION_TABLES = frozenset(OPS_TABLES)
PERSONAL_COLUMNS = frozenset(c.name for spec in TABLES.values() for c in spec.columns if c.is_personal)


def dbt_command() -> list[str]:
    """The dbt of this environment, never another one on PATH; it ends with the process that starts it.

    Without `-P` the folder it is started in would come before its own modules.
    """
    return [sys.executable, "-P", "-m", child.__name__, "--no-use-colors"]


def project_fingerprint(folder: Path = PROJECT_DIR) -> str:
    """Hash of everything a manifest depends on: the project's files, its place, and dbt's version."""
    digest = hashlib.sha256(f"{folder} {version('dbt-core')} {version('dbt-postgres')}".encode())
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if path.is_file() and relative.parts[0] not in ("target", "logs", ".user.yml"):
            digest.update(relative.as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


@lru_cache(maxsize=1)
def dbt_project() -> DbtProject:
    """The project with a manifest that fits its files: parsed when there is none, which takes about 3 s.

    Raises:
        PermanentError: dbt cannot parse the project, or no folder can be written.
    """
    target = prepared_target(manifests_folder())
    return DbtProject(project_dir=PROJECT_DIR, profiles_dir=PROJECT_DIR, target_path=target)


@lru_cache(maxsize=1)
def dbt_manifest() -> dict[str, Any]:
    """The manifest of `dbt_project`, read once: another version's start may remove the file later."""
    return json.loads(dbt_project().manifest_path.read_bytes())


def selections(manifest: Mapping[str, Any]) -> tuple[str, str]:
    """What the two builds of a run select, as dbt reads it: features and all that leads to it, then the rest.

    Names and not graph operators: `--exclude +features` would leave out every test that compares a mart with
    something that leads to features.
    """
    first, waiting = set(), [FEATURES]
    while waiting:
        model = waiting.pop()
        if model.startswith("model.") and model not in first:
            first.add(model)
            waiting += manifest["parent_map"][model]
    models = sorted(node for node in manifest["nodes"] if node.startswith("model."))
    before, after = ([m for m in models if (m in first) is is_first] for is_first in (True, False))
    return " ".join(map(node_name, before)), " ".join(map(node_name, after))


def models_of(schema: str) -> list[str]:
    """Names of the models that stand in a schema, in alphabetical order."""
    nodes = dbt_manifest()["nodes"].values()
    return sorted(n["name"] for n in nodes if n["resource_type"] == "model" and n["schema"] == schema)


def prepared_target(home: Path) -> Path:
    """Folder below `home` that holds the manifest of this very version of the project."""
    target = home / project_fingerprint()
    if (target / "manifest.json").exists():
        return target
    try:
        make_folder(home)
        with (home / ".lock").open("w") as lock:
            # Two processes that start together parse once.
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (target / "manifest.json").exists():
                _parse(home, target)
                _forget_old_versions(home)
    except OSError as error:
        raise PermanentError(
            f"The dbt manifest cannot be written to {home}: {error.strerror}.",
            remedy="Make the folder writable or set REALESTATE_HOME.",
        ) from error
    return target


def _parse(home: Path, target: Path) -> None:
    with scratch_folder("parse", home / ".parse") as scratch:
        done = subprocess.run(
            [*dbt_command(), "parse", "--quiet"],
            cwd=PROJECT_DIR,
            env=os.environ | path_variables(scratch),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise PermanentError(f"dbt cannot parse {PROJECT_DIR}: {(done.stdout + done.stderr).strip()}")
        # Anything left there is a broken attempt: a complete folder was looked for before.
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
        shutil.copy(scratch / PARTIAL_PARSE, target)
        # Last, and by rename: where there is a manifest, it is whole.
        (scratch / "manifest.json").rename(target / "manifest.json")


def _forget_old_versions(home: Path) -> None:
    versions = sorted(
        (path for path in home.iterdir() if path.is_dir() and not path.name.startswith(".")),
        key=lambda path: path.stat().st_mtime,
    )
    for path in versions[:-KEPT_VERSIONS]:
        shutil.rmtree(path, ignore_errors=True)


def path_variables(target: Path) -> dict[str, str]:
    """Where dbt reads and writes, whatever the caller's own DBT_* variables say."""
    return {
        "DBT_PROJECT_DIR": str(PROJECT_DIR),
        "DBT_PROFILES_DIR": str(PROJECT_DIR),
        "DBT_TARGET_PATH": str(target),
        "DBT_LOG_PATH": str(target),
        child.PARENT_VARIABLE: str(os.getpid()),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        PARTITIONS_VARIABLE: "",
    }


def build_args() -> list[str]:
    """Arguments of a build; Dagster adds the selection. Unit tests need no data and run in the test suite."""
    return [
        "build",
        "--exclude-resource-type",
        "unit_test",
        # A test runs with the models it is about, once their parents are there: eager selection would run
        # tests of the marts while only features is built.
        "--indirect-selection",
        "buildable",
    ]


def partitions_value(partitions: Iterable[Partition]) -> str:
    """The partitions of a build as dbt gets them: `king-wa|2014-05,king-wa|2014-06`.

    Raises:
        PermanentError: there is none (an empty value means all, which is an analyst's choice only), or one is
            no county and month: they go into SQL text.
    """
    checked = Partition.parse_all({partition.key for partition in partitions})
    if not checked:
        raise PermanentError("A dbt build was asked for without a partition.")
    return ",".join(partition.key for partition in checked)


def connection_variables(parts: Mapping[str, str | int]) -> dict[str, str]:
    """A connection as the variables that profiles.yml reads."""
    return {f"DBT_{name.upper()}": str(value) for name, value in parts.items()}


def county_rows(counties: Iterable[County]) -> list[dict[str, str | float | None]]:
    """Rows of ops.counties, in the order of the slugs."""
    return [
        {
            "county": county.slug,
            "name": county.name,
            "state": county.state,
            "fips": county.fips,
            "assessment_ratio": county.assessment_ratio,
            "median_price_usd": county.market.median_price_usd,
            "as_of_month": county.market.dated_month,
            "appreciation_rate": county.market.appreciation_rate,
            "allow_later_vintage": county.market.allow_later_vintage,
            "minimum_price_usd": load_sale_rules().changed_by(county.sale_validity).minimum_price_usd,
        }
        for county in sorted(counties, key=lambda county: county.slug)
    ]


class FlatKeyTranslator(DagsterDbtTranslator):
    """dbt nodes as assets under the platform's rules: flat keys, an owner, descriptions without SQL."""

    def __init__(self) -> None:
        super().__init__(
            DagsterDbtTranslatorSettings(enable_source_tests_as_checks=True, enable_code_references=True)
        )

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetSpec:
        """The built-in spec with the node's bare name as key: a source's table is the asset that wrote it."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        props = self.get_resource_props(manifest, unique_id)
        return spec.replace_attributes(
            key=dg.AssetKey(props["name"]),
            deps=[d for d in spec.deps if d.asset_key.path[-1] not in CONFIGURATION_TABLES],
            # The built-in description repeats the model's SQL, which the event log then holds.
            description=page_of(
                props, parents(manifest, unique_id) if unique_id in manifest["nodes"] else ()
            ),
            owners=["team:data"],
            tags={
                **spec.tags,
                **({"personal_data": "owners"} if PERSONAL_COLUMNS & {*props["columns"]} else {}),
            },
        )

    def get_asset_check_spec(
        self,
        asset_spec: dg.AssetSpec,
        manifest: Mapping[str, Any],
        unique_id: str,
        project: DbtProject | None,
    ) -> dg.AssetCheckSpec | None:
        """The built-in spec, with owner and severity as the checks written in Python have them.

        A test is called by its claim, which reads as a sentence.
        """
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        if spec is None:
            return None
        severity = str(manifest["nodes"][unique_id]["config"].get("severity", "error")).upper()
        metadata = {"owner": "team:data", "severity": "WARN" if severity == "WARN" else "ERROR"}
        claim = spec.description or f"{spec.name.replace('_', ' ').capitalize()}."
        return spec.with_metadata({**spec.metadata, **metadata})._replace(description=claim)


def specs_of(select: str) -> tuple[list[dg.AssetSpec], list[dg.AssetCheckSpec]]:
    """Models by their names as assets, and as checks the tests of them and of the sources they read.

    As `dagster_dbt.dbt_assets` has them, whose own reading of a selection needs dbt in this process.
    """
    manifest, project, translator = dbt_manifest(), dbt_project(), FlatKeyTranslator()
    specs: list[dg.AssetSpec] = []
    checks: dict[str, dg.AssetCheckSpec] = {}

    def add_tests(unique_id: str, spec: dg.AssetSpec) -> None:
        for test in manifest["child_map"][unique_id]:
            if test.startswith("test.") and (
                check := translator.get_asset_check_spec(spec, manifest, test, project)
            ):
                checks[check.get_python_identifier()] = check

    names = set(select.split())
    for unique_id in sorted(manifest["nodes"]):
        if not unique_id.startswith("model.") or node_name(unique_id) not in names:
            continue
        if is_inlined(manifest, unique_id):
            continue
        spec = translator.get_asset_spec(manifest, unique_id, project)
        specs.append(spec)
        add_tests(unique_id, spec)
        for source in get_upstream_unique_ids(manifest, manifest["nodes"][unique_id]):
            if source.startswith("source."):
                add_tests(source, translator.get_asset_spec(manifest, source, project))
    return specs, list(checks.values())


def node_name(unique_id: str) -> str:
    """`model.realestate.features` -> `features`; `test.realestate.<name>.<hash>` -> `<name>`."""
    return unique_id.split(".")[2]


def parents(manifest: Mapping[str, Any], unique_id: str) -> set[str]:
    """The nodes a node reads in the warehouse: for a model that is written into it, what that model reads."""
    direct = set(manifest["nodes"][unique_id]["depends_on"]["nodes"])
    inlined = {node for node in direct if is_inlined(manifest, node)}
    return (direct - inlined).union(*(parents(manifest, node) for node in inlined))


def is_inlined(manifest: Mapping[str, Any], unique_id: str) -> bool:
    """Whether a node is no relation of its own but part of the models that read it."""
    return manifest["nodes"].get(unique_id, {}).get("config", {}).get("materialized") == "ephemeral"


def page_of(props: Mapping[str, Any], read: Iterable[str]) -> str:
    """A node's description, what it is made from, and `on_failure` of its meta: as Python assets say it."""
    names = sorted({unique_id.split(".")[-1] for unique_id in read})
    on_failure = props.get("config", {}).get("meta", {}).get("on_failure", "").strip()
    paragraphs = [
        str(props.get("description") or "").strip(),
        f"**Source**: {', '.join(names)}." if names else "",
        f"**If it fails**: {on_failure}" if on_failure else "",
    ]
    return "\n\n".join(filter(None, paragraphs))


def table_of(manifest: Mapping[str, Any], unique_id: str) -> tuple[str, str] | None:
    """Schema and name of the table a model makes; None for a view, whose rows it takes a query to count."""
    node = manifest["nodes"][unique_id]
    return None if node["config"]["materialized"] == "view" else (node["schema"], node["alias"])


def unsuccessful(run_results: Mapping[str, Any]) -> Sequence[tuple[str, str, str]]:
    """(name, status, message) of each node that a build could not make or that failed, errors first."""
    found = [
        (node_name(r["unique_id"]), str(r["status"]), " ".join(str(r.get("message") or "").split()))
        for r in run_results.get("results", [])
        if r["status"] in ("error", "fail", "runtime error")
    ]
    return sorted(found, key=lambda item: (item[1] == "fail", item[0]))
