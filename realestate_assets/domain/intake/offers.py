"""A row that tells of a listing and of its sale: two records, the offer in the month it was made in.

The sale is the row as it is. The offer is the same row as it stood on the day of its listing: on offer at its
asking price, and without what only came to be known by the sale.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.counties.sample_source import RawSource
from realestate_assets.domain.counties.sources import LISTINGS_AND_SALES, LandedSource
from realestate_assets.domain.intake.origins import read_dates
from realestate_assets.domain.intake.raw_rows import OFFER, RECORD
from realestate_assets.domain.tables.columns import SALE_COLUMNS


def offer_months(
    rows: pa.Table, source: RawSource, own: pa.Array, months: tuple[str, str], timezone: str
) -> pa.Array | None:
    """The month of each row's offer; null where it is the row's own, a later one or none of the platform.

    A home that was listed and sold within one month has no offer beside its sale: at the end of that month it
    was gone.

    Args:
        rows: rows of one file.
        source: its source.
        own: the month of each row by its own date.
        months: the platform's first and latest month, YYYY-MM.
        timezone: the county's clock.

    Returns:
        Months as YYYY-MM; None where the source's rows tell of one thing alone.
    """
    if not (isinstance(source, LandedSource) and source.holds == LISTINGS_AND_SALES):
        return None
    listed = pc.strftime(read_dates(rows, source.rules["list_date"], timezone), "%Y-%m")
    is_offer = pc.and_(pc.greater_equal(listed, months[0]), pc.less(listed, own))
    return pc.if_else(pc.fill_null(is_offer, False), listed, pa.scalar(None, pa.string()))


def with_offers(table: pa.Table, listed: pa.Array) -> pa.Table:
    """Rows in their months, followed by the offers among them in theirs, which RECORD tells apart.

    Args:
        table: rows with their month.
        listed: as `offer_months` gives it.
    """
    rows = table.append_column(RECORD, pa.nulls(table.num_rows, pa.string()))
    is_offer = pc.is_valid(listed)
    offers = rows.filter(is_offer)
    count = offers.num_rows
    offers = _set(offers, "month", listed.filter(is_offer))
    return pa.concat_tables([rows, _set(offers, RECORD, pa.repeat(pa.scalar(OFFER), count))])


def is_offer_record(raw: pa.Table) -> np.ndarray:
    """Mask of the raw rows that stand for an offer."""
    if RECORD not in raw.column_names:
        return np.zeros(raw.num_rows, dtype=bool)
    return np.asarray(pc.fill_null(pc.equal(raw[RECORD], OFFER), False)).astype(bool)


def as_offered(table: pa.Table, is_offer: np.ndarray) -> pa.Table:
    """Canonical rows, those of the mask as they stood on the day of their listing.

    A last sale that was not before the listing is the sale itself: it goes too.
    """
    if not is_offer.any():
        return table
    mask = pa.array(is_offer)
    later = pc.and_(mask, pc.fill_null(pc.greater_equal(table["last_sale_date"], table["list_date"]), True))
    for name in SALE_COLUMNS:
        table = _put(table, name, mask, None)
    for name in ("last_sale_price_usd", "last_sale_date"):
        table = _put(table, name, later, None)
    table = _put(table, "listing_status", mask, "active")
    table = _put(table, "days_on_market", mask, 0)
    return _set(table, "observed_date", pc.if_else(mask, table["list_date"], table["observed_date"]))


def _put(table: pa.Table, name: str, mask: pa.Array, value: object) -> pa.Table:
    scalar = pa.scalar(value, table.schema.field(name).type)
    return _set(table, name, pc.if_else(mask, scalar, table[name]))


def _set(table: pa.Table, name: str, values: pa.Array | pa.ChunkedArray) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, values)
