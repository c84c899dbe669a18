"""Frames of a run: its partitions and their rows, frames by annotation, metadata for the UI."""

import dagster as dg
import pandas as pd
import pyarrow as pa

from resources.errors import PermanentError
from resources.partition import Partition
from resources.warehouse.table_spec import Column, TableSpec


def output_partitions(context: dg.OutputContext) -> list[Partition]:
    """Partitions this output is for."""
    if not context.has_asset_partitions:
        raise PermanentError(
            f"{context.asset_key.to_user_string()} is not partitioned by county and month.",
            remedy="Give it partitions_def=COUNTY_MONTH, or let it return dg.MaterializeResult.",
        )
    return Partition.parse_all(context.asset_partition_keys)


def input_partitions(context: dg.InputContext) -> list[Partition]:
    """Partitions this input asks for."""
    if not context.has_asset_partitions:
        raise PermanentError(f"{context.asset_key.to_user_string()} cannot be loaded without partitions.")
    return Partition.parse_all(context.asset_partition_keys)


def partition_rows(frame: pd.DataFrame, partition: Partition) -> pd.DataFrame:
    """Rows of one partition."""
    return frame[(frame["county"] == partition.county_slug) & (frame["month"] == partition.month)]


def to_pandas(table: pa.Table) -> pd.DataFrame:
    """Dates as datetime64 (not objects), so that arithmetic on them is vectorised."""
    return table.to_pandas(date_as_object=False)


def require_frame(value: object, asset: str) -> pa.Table | pd.DataFrame:
    """`value` where it is a frame.

    Raises:
        PermanentError: it is something else, which would be a mistake of the asset.
    """
    if isinstance(value, pa.Table | pd.DataFrame):
        return value
    raise PermanentError(
        f"{asset} returned {type(value).__name__}, not a pyarrow Table or pandas DataFrame.",
        remedy="Return a frame, or annotate the asset with dg.MaterializeResult.",
    )


def column_schema(schema: pa.Schema) -> dg.TableSchema:
    """Columns with their types, as the asset page shows them."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=field.name,
                type=str(field.type),
                constraints=dg.TableColumnConstraints(nullable=field.nullable),
            )
            for field in schema
        ]
    )


def spec_columns(spec: TableSpec) -> dg.TableSchema:
    """Columns of a table spec with type, meaning, and what values they may hold."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=column.name,
                type=str(column.arrow_type),
                description=column.description,
                constraints=dg.TableColumnConstraints(nullable=column.nullable, other=_bounds(column)),
                tags={"personal_data": ""} if column.is_personal else {},
            )
            for column in spec.columns
        ]
    )


def _bounds(column: Column) -> list[str]:
    bounds = {"at least": column.minimum, "at most": column.maximum}
    limits = [f"{words} {bound:g}" for words, bound in bounds.items() if bound is not None]
    return limits + ([f"one of {', '.join(column.allowed)}"] if column.allowed else [])


def add_partition_metadata(
    context: dg.OutputContext, partition: Partition, metadata: dict[str, dg.MetadataValue | int | str]
) -> None:
    """Metadata of one partition's materialization; a range run emits one event a partition."""
    context.step_context.add_asset_metadata(
        metadata, asset_key=context.asset_key, partition_key=partition.key
    )
