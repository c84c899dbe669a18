"""The study as a workbook for a reviewer: summary, groups of value, clusters and sales to look at."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import numpy as np
import pandas as pd

from realestate_assets.domain.valuation.equity.study import EquityStudy

if TYPE_CHECKING:
    from openpyxl import Workbook

# The same study gives the same bytes: no time of making stands in the file.
NO_TIME = datetime(1980, 1, 1)
SALE_COLUMNS = (
    "property_id", "street", "place", "property_type", "size", "living_area_sqft", "year_built", "sale_date",
    "sale_price_usd", "value_usd", "ratio", "reason",
)  # fmt: skip
NOTES = (
    (
        "What this is",
        "Values against prices of the valid sales of the twelve months to the month's end.",
    ),
    (
        "trimming",
        "all: every sale; trimmed: without ratios beyond 1.5 IQR from the quartiles.",
    ),
    (
        "met / not_proven / not_met",
        "Within the standard; outside, but its interval reaches in; outside.",
    ),
    ("vei", "Vertical equity indicator, %: below 0 the dear are undervalued; within -10 to 10 is even."),
    ("cod_within / cod_between", "Spread about the median of like homes; how far those medians lie apart."),
    (
        "near_level_share",
        "Ratios within 2 % of the median. Twice the expected: values that know prices.",
    ),
    ("is_off", "The 95 % interval of a cluster's median leaves the study's median out: look here first."),
)


def workbook(studies: Sequence[EquityStudy], title: str) -> bytes:
    """The xlsx file: one sheet of figures for all columns, and for each its groups, clusters and sales.

    Text is written as text: nothing of the data becomes a formula.
    """
    # Heavy to import: not at each start.
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    _sheet(book, "Read me", [(title, ""), *NOTES], ("", ""))
    rows = [row for study in studies for row in study.rows]
    names = [
        "value_column",
        "trimming",
        *(n for n in (rows[0] if rows else {}) if n not in ("value_column", "trimming")),
    ]
    _sheet(book, "Figures", ([row[name] for name in names] for row in rows), names)
    names = ["value_column", "group", "sales", "median_proxy_usd", "median_ratio", "low_90", "high_90"]
    _sheet(book, "Groups of value", _groups(studies), names)
    clusters = [study.clusters.assign(value_column=study.value_column) for study in studies]
    _frame(book, "Clusters", clusters, ["value_column", *studies[0].clusters] if studies else [])
    sales = [study.sales.assign(value_column=study.value_column) for study in studies]
    _frame(book, "Sales to look at", sales, ["value_column", *SALE_COLUMNS])
    return _bytes(book)


def _groups(studies: Sequence[EquityStudy]) -> Iterable[list[Any]]:
    for study in studies:
        for place, group in enumerate(study.vertical.groups if study.vertical else (), start=1):
            ends = (group.median_ratio, group.low, group.high)
            yield [study.value_column, place, group.sales, group.median_proxy, *ends]


def _frame(book: "Workbook", title: str, frames: Sequence[pd.DataFrame], names: Sequence[str]) -> None:
    rows = (
        row
        for frame in frames
        for row in frame.reindex(columns=list(names)).astype(object).itertuples(index=False, name=None)
    )
    _sheet(book, title, rows, names)


def _sheet(book: "Workbook", title: str, rows: Iterable[Sequence[Any]], names: Sequence[str]) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for place, name in enumerate(names, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = max(12, min(len(str(name)) + 2, 26))
    header = [WriteOnlyCell(sheet, value=name) for name in names]
    for cell in header:
        cell.font = Font(bold=True)
    sheet.append(header)
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])


def _cell(sheet: Any, value: Any) -> Any:
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return None
    if isinstance(value, str):
        from openpyxl.cell import WriteOnlyCell

        cell = WriteOnlyCell(sheet, value=value)
        # A text that begins like a formula stays one.
        cell.data_type = "s"
        return cell
    if isinstance(value, pd.Timestamp | np.datetime64):
        return pd.Timestamp(value).date()
    return value.item() if isinstance(value, np.generic) else value


def _bytes(book: "Workbook") -> bytes:
    """The file with the times of its parts taken out."""
    book.properties.created = book.properties.modified = NO_TIME
    made, plain = BytesIO(), BytesIO()
    book.save(made)
    with ZipFile(made) as source, ZipFile(plain, "w", ZIP_DEFLATED) as target:
        for entry in source.infolist():
            target.writestr(
                ZipInfo(entry.filename), _timeless(entry.filename, source.read(entry)), ZIP_DEFLATED
            )
    return plain.getvalue()


def _timeless(name: str, data: bytes) -> bytes:
    """The part that openpyxl stamps with the time of saving, as if made at NO_TIME."""
    if name != "docProps/core.xml":
        return data
    head, mark, rest = data.partition(b"<dcterms:modified")
    if not mark:
        return data
    opening, _, tail = rest.partition(b">")
    _, closing, end = tail.partition(b"</dcterms:modified>")
    return head + mark + opening + b">" + NO_TIME.strftime("%Y-%m-%dT%H:%M:%SZ").encode() + closing + end
