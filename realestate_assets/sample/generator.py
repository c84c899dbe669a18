"""The bundled sample: raw listings of a county, made up, and the same every time.

A month depends on seed, county, month and rows alone: not on the process, nor on the months beside it.
"""

import hashlib
from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from realestate_assets.domain.counties.county import County
from realestate_assets.domain.counties.sample_source import SAMPLE
from realestate_assets.domain.intake.file_bytes import Place
from realestate_assets.domain.intake.raw_rows import RawRows, Split, assemble
from realestate_assets.domain.intake.reading import assign_months
from realestate_assets.sample.dirt import FAULT, FAULT_TEXT, add_dirt
from realestate_assets.sample.homes import MAX_HOMES_PER_MONTH, profile_of
from realestate_assets.sample.listings import draw_month
from realestate_assets.sample.records import as_records
from realestate_assets.sample.seeds import stream
from resources.errors import PermanentError


def generate(county: County, months: Iterable[str], seed: int, rows_per_month: int) -> Iterator[RawRows]:
    """Raw rows of a county's sample, a month as a file of its own.

    Args:
        county: a county with a `sample` profile.
        months: months as YYYY-MM.
        seed: any whole number; another one gives another sample.
        rows_per_month: rows of each month, faults and duplicates included.

    Raises:
        PermanentError: the county has no profile, or more rows are asked for than there are parcel numbers.
    """
    profile_of(county)
    if not 1 <= rows_per_month <= MAX_HOMES_PER_MONTH:
        raise PermanentError(
            f"{rows_per_month} sample rows a month are not possible.",
            county=county.slug,
            field="SAMPLE_ROWS_PER_MONTH",
            remedy=f"Ask for 1 to {MAX_HOMES_PER_MONTH}.",
        )
    place = Place(county.slug, SAMPLE.name, SAMPLE.name)
    for month in dict.fromkeys(months):
        split, digest = _month(county, month, seed, rows_per_month)
        yield assign_months(assemble(split, place, digest), SAMPLE, place, (month, month), county.timezone)


def _month(county: County, month: str, seed: int, count: int) -> tuple[Split, str]:
    """The rows of a month as a reader would give them, and the hash of the file they would be."""
    homes = draw_month(county, month, seed, count)
    record = as_records(homes, county, month, seed)
    add_dirt(record, month, stream(seed, county.slug, month, "dirt"))
    table = pa.table({name: pa.array(values, pa.string()) for name, values in record.items()})
    content = pa.BufferOutputStream()
    pacsv.write_csv(table, content)
    faults = {
        int(at) + 1: (record[FAULT][at], record[FAULT_TEXT][at])
        for at in np.flatnonzero(record[FAULT] != None)  # noqa: E711 - element by element
    }
    values = table.drop_columns([FAULT, FAULT_TEXT])
    digest = hashlib.sha256(content.getvalue()).hexdigest()
    return Split(values, np.arange(1, count + 1), faults), digest
