"""What a backup holds, as it is written beside its pieces."""

from collections.abc import Iterator

from pydantic import Field

from realestate_assets.domain.core.strict_model import StrictModel


class Entry(StrictModel):
    """One file or dump: its size in bytes and its pieces in order.

    `modified_ns` is when a file of a folder was written last, by which the landing area tells whether it has
    read it; None of what has no such time.
    """

    size: int = Field(ge=0)
    pieces: tuple[str, ...]
    modified_ns: int | None = None


class TableState(StrictModel):
    """A table's rows and a sum over the hashes of all its rows, which does not hang on their order."""

    rows: int = Field(ge=0)
    checksum: str


class Database(StrictModel):
    """A dump of pg_dump's custom format, and what its tables held in the same moment."""

    dump: Entry
    tables: dict[str, TableState]


class Snapshot(StrictModel):
    """A backup: files by area and path, databases by name."""

    name: str
    version: str
    files: dict[str, dict[str, Entry]]
    databases: dict[str, Database]
    # Runs that went on meanwhile, and files of the lake that are newer than the tables because of them.
    runs_in_flight: tuple[str, ...] = ()
    newer_than_tables: tuple[str, ...] = ()

    def entries(self) -> Iterator[Entry]:
        """All that was stored."""
        for files in self.files.values():
            yield from files.values()
        yield from (database.dump for database in self.databases.values())
