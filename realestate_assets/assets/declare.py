"""How an asset is declared: what is the same for all is derived here, what is its own is given.

From a table spec come IO manager, kinds, grain, key and columns; every asset gets the platform's partitions
and backfill policy, its owner, a link to its code, and the retry of errors that may pass by themselves.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg
import pyarrow as pa

from realestate_assets.dbt.dagster_dbt_light import DAGSTER_DBT_SELECT_METADATA_KEY
from realestate_assets.dbt.project import specs_of
from realestate_assets.partitions import BACKFILL, COUNTY_MONTH
from resources.retries import retried
from resources.warehouse.frames import column_schema, spec_columns
from resources.warehouse.table_spec import TableSpec

OWNERS = ["team:data"]
CODE = "dagster/code_references"

Function = Callable[..., Any]


@dataclass(frozen=True)
class Declared:
    """One asset of a step, as `table`, `parquet` and `files` declare it.

    Args:
        name: asset key; also the table's or the folder's name.
        description: for its page, in Markdown.
        kinds: what it is made with and kept in, three at most.
        io_manager_key: who stores what the step returns; None where the step writes by itself.
        columns: its columns, where they are known before it is made.
        holds_personal_data: whether names or addresses of owners stand in it.
    """

    name: str
    description: str
    kinds: frozenset[str]
    io_manager_key: str | None = None
    columns: dg.TableSchema | None = None
    holds_personal_data: bool = False

    def options(self, function: Function) -> dict[str, Any]:
        """Arguments that `dg.asset` and `dg.AssetOut` have in common."""
        return {
            "description": self.description,
            "kinds": set(self.kinds),
            "owners": OWNERS,
            "tags": {"personal_data": "owners"} if self.holds_personal_data else {},
            "io_manager_key": self.io_manager_key,
            "metadata": {CODE: _code_of(function)}
            | ({"dagster/column_schema": self.columns} if self.columns else {}),
        }


def table(
    spec: TableSpec, *, source: str, caveat: str, on_failure: str, kinds: Sequence[str] = ()
) -> Declared:
    """A warehouse table: the step returns a frame of its columns.

    Args:
        spec: the table.
        source: what it is made from, and by which settings.
        caveat: what a reader has to know before using it.
        on_failure: what to do when it fails, in one to three sentences.
        kinds: more than `python` and `postgres`.
    """
    return Declared(
        spec.name,
        _page(spec.comment, spec.key, source, caveat, on_failure),
        frozenset({"python", "postgres", *kinds}),
        "warehouse_io",
        spec_columns(spec),
        spec.holds_personal_data,
    )


def parquet(
    name: str,
    *,
    grain: str,
    key: Sequence[str],
    source: str,
    caveat: str,
    on_failure: str,
    schema: pa.Schema | None = None,
    kinds: Sequence[str] = (),
    holds_personal_data: bool = False,
) -> Declared:
    """A folder of Parquet in the lake: the step returns a frame with `county` and `month`.

    Args:
        name: asset key and folder.
        grain: what one row is, as a sentence.
        key: columns that are unique together.
        source: as for `table`.
        caveat: as for `table`.
        on_failure: as for `table`.
        schema: its columns; None where a source decides them.
        kinds: more than `python` and `parquet`.
        holds_personal_data: whether names or addresses of owners stand in it.
    """
    return Declared(
        name,
        _page(grain, key, source, caveat, on_failure),
        frozenset({"python", "parquet", *kinds}),
        "lake_io",
        column_schema(schema) if schema else None,
        holds_personal_data,
    )


def files(
    name: str,
    *,
    grain: str,
    key: Sequence[str],
    source: str,
    caveat: str,
    on_failure: str,
    kinds: Sequence[str],
) -> Declared:
    """What the step writes by itself: pages, or a study. The arguments are those of `parquet`."""
    return Declared(name, _page(grain, key, source, caveat, on_failure), frozenset(kinds))


def asset(
    *made: Declared,
    deps: Sequence[str] = (),
    pool: str | None = None,
    code_version: str | None = None,
    is_partitioned: bool = True,
) -> Callable[[Function], dg.AssetsDefinition]:
    """Decorates the function of a step: the assets it makes, in the order it returns them.

    Args:
        made: the assets; several are made together or not at all.
        deps: assets that it reads by itself, beside those that are its parameters.
        pool: what it takes a place of while it runs.
        code_version: of what is not seen in its inputs; None for nothing.
        is_partitioned: by county and month, with the backfill policy of all.
    """
    shared: dict[str, Any] = {"deps": list(deps), "pool": pool}
    if is_partitioned:
        shared |= {"partitions_def": COUNTY_MONTH, "backfill_policy": BACKFILL}

    def declared(function: Function) -> dg.AssetsDefinition:
        if len(made) == 1:
            own = made[0].options(function)
            return dg.asset(name=made[0].name, code_version=code_version, **own, **shared)(retried(function))
        outs = {each.name: dg.AssetOut(code_version=code_version, **each.options(function)) for each in made}
        return dg.multi_asset(name=function.__name__, outs=outs, **shared)(retried(function))

    return declared


def dbt_models(*, select: str) -> Callable[[Function], dg.AssetsDefinition]:
    """Decorates a function that builds the selected dbt models, each of which is an asset.

    What the model's YAML says of it, `on_failure` of its meta included, stands on its page.

    Args:
        select: names of models, with a blank between.
    """
    specs, check_specs = specs_of(select)

    def declared(function: Function) -> dg.AssetsDefinition:
        return dg.multi_asset(
            name=function.__name__,
            specs=specs,
            check_specs=check_specs,
            can_subset=True,
            partitions_def=COUNTY_MONTH,
            backfill_policy=BACKFILL,
            op_tags={DAGSTER_DBT_SELECT_METADATA_KEY: select},
            # Tests of sources are checks of assets that other steps make.
            allow_arbitrary_check_specs=True,
        )(retried(function))

    return declared


def _page(grain: str, key: Sequence[str], source: str, caveat: str, on_failure: str) -> str:
    """The grain first, as the catalog shows the first words of a description, Markdown and all."""
    points = {
        "Key": ", ".join(key) or "none",
        "Source": source,
        "Caveat": caveat,
        "If it fails": on_failure,
    }
    lines = [f"- **{name}:** {text.rstrip('.')}." for name, text in points.items()]
    return f"{grain}\n\n" + "\n".join(lines)


def _code_of(function: Function) -> dg.CodeReferencesMetadataValue:
    """Where the function itself stands: Dagster would take the file of the retry around it."""
    _, line = inspect.getsourcelines(function)
    file = inspect.getsourcefile(function)
    found = dg.LocalFileCodeReference(file_path=str(file), line_number=line)
    return dg.CodeReferencesMetadataValue(code_references=[found])
