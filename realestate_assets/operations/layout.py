"""Versions of what lies outside Postgres: how files lie in the lake, and what the vector index holds of them.

They stand in `_layout.json` at the root of the lake, which readers of Parquet leave out. A lake without that
file is of version 1.
"""

from collections.abc import Callable
from importlib.metadata import version

from pydantic import BaseModel, ConfigDict, ValidationError

from resources.errors import PermanentError
from resources.lake.files import Store

LAYOUT_FILE = "_layout.json"


class NewerLakeError(PermanentError):
    """A newer version wrote the lake: its files may lie where this one does not look."""


class Layout(BaseModel):
    """Versions of the lake and of the index, and the version of the platform that wrote them.

    What a newer version adds to the file is none of this one's business.
    """

    model_config = ConfigDict(frozen=True)

    lake: int = 1
    vectors: int = 1
    written_by: str = ""


# Raised with how files lie in the lake, where `bring_layout` then has to bring older ones; and the fields
# and the distance of the index, which is made anew.
CURRENT = Layout(lake=1, vectors=1)


def layout_of(lake: Store) -> Layout:
    """What a lake says of itself.

    Raises:
        PermanentError: its file cannot be read.
    """
    if not lake.exists(LAYOUT_FILE):
        return Layout()
    try:
        return Layout.model_validate_json(lake.read_bytes(LAYOUT_FILE))
    except ValidationError as error:
        raise PermanentError(
            f"{lake.uri(LAYOUT_FILE)} cannot be read.",
            remedy="Restore it, or delete it where the lake is of now.",
        ) from error


def bring_layout(lake: Store, reindex: Callable[[], int], current: Layout = CURRENT) -> Layout:
    """Bring lake and index to this version; what was there before.

    Args:
        lake: where files lie.
        reindex: makes the index anew from the lake.
        current: what this installation knows.

    Raises:
        NewerLakeError: a newer version wrote the lake.
        RealEstateError: the lake is away, or cannot be written.
    """
    found = layout_of(lake)
    if found.lake > current.lake:
        raise NewerLakeError(
            f"The lake at {lake.uri()} has layout {found.lake}, written by version {found.written_by}; this "
            f"installation ({version('realestate-os')}) knows up to {current.lake}.",
            remedy=f"Install version {found.written_by} or newer.",
        )
    if found.vectors < current.vectors:
        reindex()
    if (found.lake, found.vectors) < (current.lake, current.vectors) or not lake.exists(LAYOUT_FILE):
        written = current.model_copy(update={"written_by": version("realestate-os")})
        lake.write_bytes(LAYOUT_FILE, written.model_dump_json().encode())
    return found
