"""The bundled sample: raw listings of a county, made up, and the same every time.

A month depends on seed, county, month and rows alone: not on the process, nor on the months beside it.
"""

import hashlib

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from realestate_assets.domain.counties.county import County
from realestate_assets.sample.columns import SAMPLE_COLUMNS
from realestate_assets.sample.dirt import add_dirt
from realestate_assets.sample.homes import MAX_HOMES_PER_MONTH
from realestate_assets.sample.listings import draw_month
from realestate_assets.sample.records import as_records
from realestate_assets.sample.seeds import stream
from resources.errors import PermanentError

__all__ = ["SAMPLE_COLUMNS", "generate_raw"]


def generate_raw(county: County, months: list[str], seed: int, rows_per_month: int) -> pa.Table:
    """Raw rows of a county's sample, in the layout of a file that was read.

    Args:
        county: a county with a `sample` profile.
        months: months as YYYY-MM.
        seed: any whole number; another one gives another sample.
        rows_per_month: rows of each month, faults and duplicates included.

    Raises:
        PermanentError: the county has no profile, or more rows are asked for than there are parcel numbers.
    """
    if county.sample is None:
        raise PermanentError("there is no `sample` profile.", county=county.slug, field="sample")
    if not 1 <= rows_per_month <= MAX_HOMES_PER_MONTH:
        raise PermanentError(
            f"{rows_per_month} sample rows a month are not possible.",
            county=county.slug,
            field="SAMPLE_ROWS_PER_MONTH",
            remedy=f"Ask for 1 to {MAX_HOMES_PER_MONTH}.",
        )
    return pa.concat_tables([_month(county, month, seed, rows_per_month) for month in dict.fromkeys(months)])


def _month(county: County, month: str, seed: int, count: int) -> pa.Table:
    homes = draw_month(county, month, seed, count)
    record = as_records(homes, county, month, seed)
    add_dirt(record, month, stream(seed, county.slug, month, "dirt"))
    table = pa.table({name: pa.array(values, pa.string()) for name, values in record.items()})
    content = pa.BufferOutputStream()
    pacsv.write_csv(table, content)
    digest = hashlib.sha256(content.getvalue()).hexdigest()
    same = {
        "_source": "sample",
        "_file": "sample",
        "_file_sha256": digest,
        "county": county.slug,
        "month": month,
    }
    for name, value in same.items():
        table = table.append_column(name, pa.array(np.full(count, value, dtype=object), pa.string()))
    return table.append_column("_row", pa.array(np.arange(1, count + 1), pa.int64()))
