"""Sales and owners of later than the month, in sources that only know today.

A source says who owns a parcel now and when it was last sold. Where a county lets a later vintage count, for
parcel shapes say, that must not let a sale of later than the month through, nor the owner it made.
"""

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.core.convert import clean, to_date
from realestate_assets.domain.enrichment.parcel_rows import as_dates, first_days
from realestate_assets.domain.tables import ENRICHMENT_GROUPS

TOO_LATE = "VINTAGE_TOO_LATE"
# Field with a date -> the fields that are of that date.
OF_SALE = ("last_sale_date", "last_sale_price_usd")
OF_OWNER = tuple(column.name for column in ENRICHMENT_GROUPS["owner"])
DATED = {"last_sale_date": OF_SALE, "owner_since_date": OF_OWNER}


def too_late(values: Mapping[str, pa.Array], months: pa.ChunkedArray) -> dict[str, pa.Array]:
    """By field the reason VINTAGE_TOO_LATE where its sale lies on or after the first of the month, else null.

    Args:
        values: texts by field and property; the dates may be there for this alone.
        months: month of each property, YYYY-MM.
    """
    first = as_dates(first_days(months))
    reasons: dict[str, pa.Array] = {}
    for dated, fields in DATED.items():
        if dated not in values:
            continue
        day = to_date(clean(values[dated]))[0]
        late = pc.fill_null(pc.greater_equal(day, first), False)
        reason = pc.if_else(late, pa.scalar(TOO_LATE), pa.scalar(None, pa.string()))
        reasons |= dict.fromkeys(fields, reason)
    return reasons
