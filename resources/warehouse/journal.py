"""What is noted in the transaction that replaces the partitions of a table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import pyarrow as pa

from resources.warehouse.table_spec import TableSpec

MakeRows = Callable[[pa.Table], pa.Table | None]


class Note(NamedTuple):
    """What is noted of one replacement.

    Attributes:
        statement: notes of the table's rows; `$1` are the partitions as JSON, `$2` is the run's id.
        run_id: the run.
        made: makes the same notes of the rows that are written, which takes less than the statement; its
            result is None where it cannot.
        from_made: takes these from `pg_temp.made`; `$1` is the run's id.
    """

    statement: str
    run_id: str
    made: MakeRows | None = None
    from_made: str = ""


@dataclass(frozen=True)
class Journal:
    """What is noted when a table's partitions were replaced, in the same transaction.

    Attributes:
        tables: where the notes go; made where they are missing.
        statements: by name of the table replaced; `$1` are the partitions as JSON, `$2` is the run's id.
        rows: by name of the table, what makes the same notes of its rows and the statement that takes them.
    """

    tables: tuple[TableSpec, ...] = ()
    statements: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, tuple[MakeRows, str]] = field(default_factory=dict)

    def note(self, table: str, run_id: str) -> Note | None:
        """What a run that replaces partitions of a table notes; None for nothing."""
        statement = self.statements.get(table)
        return Note(statement, run_id, *self.rows.get(table, ())) if statement else None
