"""IO manager of the warehouse tables: an asset named like a table spec returns the rows of its run."""

import dagster as dg
import pandas as pd
import pyarrow as pa

from resources.errors import PermanentError
from resources.partition import Partition
from resources.retries import transient_errors_are_retried
from resources.warehouse.frames import (
    add_partition_metadata,
    input_partitions,
    output_partitions,
    require_frame,
    spec_columns,
)
from resources.warehouse.frames import to_pandas as as_pandas
from resources.warehouse.journal import Journal
from resources.warehouse.resource import WarehouseResource
from resources.warehouse.table_spec import TableSpec

NO_JOURNAL = Journal()


class WarehouseIOManager(dg.ConfigurableIOManager):
    """Writes frames into the table of the asset's name, partition by partition, all in one transaction.

    Loads give a pandas DataFrame or a pyarrow Table, by the annotation of the parameter (a Table where there
    is none), ordered by the table's key.
    """

    warehouse: dg.ResourceDependency[WarehouseResource]
    tables: dg.ResourceDependency[dict[str, TableSpec]]
    journal: dg.ResourceDependency[Journal]

    def handle_output(self, context: dg.OutputContext, obj: pa.Table | pd.DataFrame) -> None:
        """Replace the run's partitions of the table."""
        spec = self._spec(context.asset_key)
        partitions = output_partitions(context)
        frame = require_frame(obj, spec.name)
        with transient_errors_are_retried(lambda: context.step_context.previous_attempt_count):
            self._write(context, spec, frame, partitions)

    def _write(
        self,
        context: dg.OutputContext,
        spec: TableSpec,
        frame: pa.Table | pd.DataFrame,
        partitions: list[Partition],
    ) -> None:
        self.warehouse.ensure_tables([*self.tables.values(), *self.journal.tables])
        note = self.journal.note(spec.name, context.run_id)
        counts = self.warehouse.replace_partitions(spec, frame, partitions, note)
        context.add_output_metadata(
            {
                "dagster/table_name": f"{spec.schema}.{spec.name}",
                "dagster/storage_kind": "postgres",
                "dagster/column_schema": spec_columns(spec),
            }
        )
        for partition, rows in counts.items():
            add_partition_metadata(context, partition, {"dagster/partition_row_count": rows})

    def load_input(self, context: dg.InputContext) -> pa.Table | pd.DataFrame:
        """Rows of the partitions asked for."""
        spec = self._spec(context.asset_key)
        partitions = input_partitions(context)
        with transient_errors_are_retried(lambda: context.step_context.previous_attempt_count):
            self.warehouse.ensure_tables(self.tables.values())
            rows = self.warehouse.read_partitions(spec.schema, spec.name, partitions, spec.column_names)
        rows = rows.sort_by([(name, "ascending") for name in spec.key])
        return as_pandas(rows) if context.dagster_type.typing_type is pd.DataFrame else rows

    def _spec(self, key: dg.AssetKey) -> TableSpec:
        name = key.path[-1]
        if name not in self.tables:
            raise PermanentError(
                f"{key.to_user_string()} has no table spec.",
                remedy="Add one to realestate_assets/domain/tables/, or read it with read_partitions.",
            )
        return self.tables[name]
