"""Reading one landed file: the same way for a run, and for the look that decides whether a run gets it."""

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.counties.sources import LandedSource
from realestate_assets.domain.intake.file_format import Place
from realestate_assets.domain.intake.months import assign_months
from realestate_assets.domain.intake.reading import read_landed
from resources.lake.store import StoreResource


def read_file(
    landing: StoreResource, county: str, source: LandedSource, path: str, months: tuple[str, str]
) -> pa.Table:
    """All rows of a landed file with their partitions.

    Args:
        landing: the landing area.
        county: slug of the county.
        source: the source it was landed under.
        path: where it lies below the landing root.
        months: the platform's first and latest month.

    Raises:
        PermanentError: the file is not what its source says.
    """
    name = path.removeprefix(f"{county}/{source.name}/")
    with landing.open_input(path) as stream:
        table = read_landed(county, source, name, stream, landing.size(path))
    return assign_months(table, source, *months, Place(county, source.name, name))


@dataclass(frozen=True)
class Contents:
    """What a file holds: the months of its rows, how many there are, the hash of its bytes."""

    months: tuple[str, ...]
    rows: int
    sha256: str


def contents_of(table: pa.Table) -> Contents:
    """What was read, in short; a file that can be read has at least one row."""
    months = sorted(pc.unique(table["month"]).to_pylist())
    return Contents(tuple(months), table.num_rows, table["_file_sha256"][0].as_py())
