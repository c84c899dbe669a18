"""IO manager of the lake: Parquet in Hive layout, `<asset>/county=<c>/month=<m>/data.parquet`.

County and month stand in the path alone, so that DuckDB, Spark or Athena read the folder without conflict.
"""

from concurrent.futures import ThreadPoolExecutor

import dagster as dg
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as pads
import pyarrow.parquet as pq
from pyarrow import fs as pafs

from resources.errors import PermanentError
from resources.lake.files import partition_file
from resources.lake.store import StoreResource
from resources.partition import Partition
from resources.retries import transient_errors_are_retried
from resources.telemetry import spans
from resources.warehouse.conform import partition_counts
from resources.warehouse.frames import (
    add_partition_metadata,
    column_schema,
    input_partitions,
    output_partitions,
    require_frame,
)
from resources.warehouse.frames import to_pandas as as_pandas

PARTITION_FIELDS = [pa.field("county", pa.string()), pa.field("month", pa.string())]
FOOTER_READERS = 8


class LakeIOManager(dg.ConfigurableIOManager):
    """Writes one file a partition, each replaced atomically; a partition without rows is a valid file.

    Loads give a pyarrow Table, a pandas DataFrame or a lazy pyarrow Dataset, by the annotation of the
    parameter (a Table where there is none). Partitions written with different columns load as their union.
    """

    store: dg.ResourceDependency[StoreResource]

    def handle_output(self, context: dg.OutputContext, obj: pa.Table | pd.DataFrame) -> None:
        """Write every partition of the run."""
        asset = "/".join(context.asset_key.path)
        partitions = output_partitions(context)
        table = _storable(require_frame(obj, asset), asset)
        told = {"realestate.rows": table.num_rows, "realestate.partitions": len(partitions)}
        with (
            transient_errors_are_retried(lambda: context.step_context.previous_attempt_count),
            spans.span(f"write {asset}", spans.CLIENT, told),
        ):
            self._write(context, asset, table, partitions)

    def _write(
        self, context: dg.OutputContext, asset: str, table: pa.Table, partitions: list[Partition]
    ) -> None:
        counts = partition_counts(table, partitions, asset)
        for partition in partitions:
            relative = partition_file(asset, partition)
            data = _parquet(_rows_of(table, partition))
            self.store.write_bytes(relative, data)
            metadata: dict[str, dg.MetadataValue | int | str] = {
                "dagster/partition_row_count": counts[partition],
                "dagster/uri": self.store.uri(relative),
                "size_bytes": len(data),
            }
            add_partition_metadata(context, partition, metadata)
        context.add_output_metadata(
            {
                "dagster/column_schema": column_schema(table.schema),
                "dagster/storage_kind": "s3" if self.store.is_s3 else "parquet",
            }
        )

    def load_input(self, context: dg.InputContext) -> pa.Table | pd.DataFrame | pads.Dataset:
        """Rows of the partitions asked for, county and month first."""
        asset = "/".join(context.asset_key.path)
        wanted = context.dagster_type.typing_type
        with transient_errors_are_retried(lambda: context.step_context.previous_attempt_count):
            partitions = input_partitions(context)
            if wanted is pads.Dataset:
                return self.store.tried_again(lambda: self.dataset(asset, partitions))
            table = self.store.tried_again(lambda: self._read(self.dataset(asset, partitions), asset))
        return as_pandas(table) if wanted is pd.DataFrame else table

    def _read(self, dataset: pads.Dataset, asset: str) -> pa.Table:
        try:
            with self.store.errors(asset):
                return dataset.to_table()
        except pa.ArrowException as error:
            raise PermanentError(f"{asset} cannot be read from the lake: {error}") from error

    def dataset(self, asset: str, partitions: list[Partition]) -> pads.Dataset:
        """A lazy dataset over some partitions of an asset.

        Raises:
            PermanentError: a partition is not there, or two partitions hold a column in different types.
            TransientError: the bucket does not answer.
        """
        filesystem = self.store.filesystem
        self._check_existence(asset, partitions)
        format_ = pads.ParquetFileFormat()

        def fragment(partition: Partition) -> pads.ParquetFileFragment:
            county_slug, month = partition
            found = format_.make_fragment(
                self.store.path(partition_file(asset, partition)),
                filesystem,
                (pads.field("county") == county_slug) & (pads.field("month") == month),
            )
            found.ensure_complete_metadata()
            return found

        with self.store.errors(asset), ThreadPoolExecutor(FOOTER_READERS) as pool:
            fragments = list(pool.map(fragment, partitions))
        # A partition without rows may not know its types: it is left out, but its columns count.
        filled = [f for f in fragments if f.metadata.num_rows]
        empty = [f for f in fragments if not f.metadata.num_rows]
        schema = _union([f.physical_schema for f in filled], asset)
        schema = _with_missing(schema, [f.physical_schema for f in empty])
        schema = pa.schema([*PARTITION_FIELDS, *schema])
        return pads.FileSystemDataset(filled, schema, format_, filesystem)

    def _check_existence(self, asset: str, partitions: list[Partition]) -> None:
        paths = [self.store.path(partition_file(asset, partition)) for partition in partitions]
        with self.store.errors(asset):
            infos = self.store.filesystem.get_file_info(paths)
        missing = [p for p, info in zip(partitions, infos, strict=True) if info.type != pafs.FileType.File]
        if missing:
            first = missing[0].key
            more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
            raise PermanentError(
                f"{asset} has no partition {first}{more}: "
                f"{self.store.uri(partition_file(asset, missing[0]))} does not exist.",
                county=missing[0].county_slug,
                remedy=f"Materialize {asset} for {first} first.",
            )


def _storable(frame: pa.Table | pd.DataFrame, asset: str) -> pa.Table:
    """The frame as Arrow without pandas' own metadata, in types every reader of Parquet knows."""
    if isinstance(frame, pd.DataFrame):
        try:
            frame = pa.Table.from_pandas(frame, preserve_index=False)
        except (pa.ArrowException, UnicodeError) as error:
            raise PermanentError(f"{asset} cannot be stored as Parquet: {error}") from error
    if missing := [name for name in ("county", "month") if name not in frame.column_names]:
        raise PermanentError(f"{asset} returned a frame without {' and '.join(missing)}.", field=missing[0])
    fields = [pa.field(f.name, _plain(f.type), f.nullable) for f in frame.schema]
    return frame.cast(pa.schema(fields)).combine_chunks()


def _plain(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        return _plain(kind.value_type)
    # Untyped columns hold nulls only; Spark knows no type `null`.
    if pa.types.is_null(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return pa.string()
    return kind


def _rows_of(table: pa.Table, partition: Partition) -> pa.Table:
    county_slug, month = partition
    chosen = pc.and_(pc.equal(table["county"], county_slug), pc.equal(table["month"], month))
    return table.filter(chosen).drop_columns(["county", "month"]).combine_chunks()


def _parquet(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue().to_pybytes()


def _union(schemas: list[pa.Schema], asset: str) -> pa.Schema:
    """All columns of all partitions; text gives way to another type, for text may be an all-null column."""
    fields: dict[str, pa.Field] = {}
    for schema in schemas:
        for field in schema:
            known = fields.get(field.name, field)
            fields[field.name] = _merged(known, field, asset)
    return pa.schema(list(fields.values()))


def _merged(known: pa.Field, field: pa.Field, asset: str) -> pa.Field:
    if known.type == field.type:
        return known
    if pa.types.is_string(field.type):
        return known
    if pa.types.is_string(known.type):
        return field
    try:
        return pa.unify_schemas([pa.schema([known]), pa.schema([field])], promote_options="permissive").field(
            0
        )
    except pa.ArrowException as error:
        raise PermanentError(
            f"partitions hold it as {known.type} and as {field.type}.",
            source=asset,
            field=field.name,
            remedy=f"Materialize the older partitions of {asset} again.",
        ) from error


def _with_missing(schema: pa.Schema, others: list[pa.Schema]) -> pa.Schema:
    for other in others:
        for field in other:
            if field.name not in schema.names:
                schema = schema.append(field)
    return schema
