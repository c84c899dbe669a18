"""One landed file to raw rows: the way in, whatever its format.

What is wrong with the file as a whole is a permanent error that names it; what is wrong with a row is kept
with the row, in `_fault`, and refused later with its reason, so that no row is lost here.
"""

import hashlib
from typing import BinaryIO

import pyarrow as pa

from realestate_assets.domain.counties.sources import LandedSource
from realestate_assets.domain.intake.csv_reader import read_csv
from realestate_assets.domain.intake.file_format import Place, check_size, check_text, unpack_gzip
from realestate_assets.domain.intake.raw_rows import assemble
from realestate_assets.domain.intake.table_readers import read_jsonl, read_parquet

TEXT_READERS = {"csv": read_csv, "jsonl": read_jsonl}


def read_landed(county: str, source: LandedSource, name: str, stream: BinaryIO, size: int) -> pa.Table:
    """Read a landed file.

    Args:
        county: slug of the county, for messages.
        source: the file source it was landed under.
        name: its path below the source's landing folder.
        stream: its bytes.
        size: how many there are; checked before the first is read.

    Returns:
        Every row in the order of the file: source columns as text, and META_COLUMNS of `raw_rows`.

    Raises:
        PermanentError: the file is not what its source says; it is left where it was.
    """
    place = Place(county, source.name, name)
    check_size(size, source, place)
    data = stream.read()
    digest = hashlib.sha256(data).hexdigest()
    if source.format == "parquet":
        values, rows, faults = read_parquet(data, source, place)
    else:
        text = unpack_gzip(data, source, place) if name.lower().endswith(".gz") else data
        values, rows, faults = TEXT_READERS[source.format](check_text(text, source, place), source, place)
    return assemble(values, rows, faults, place, digest)
