"""A deal board as CSV that a spreadsheet opens without running anything in it."""

from collections.abc import Iterable, Mapping

from realestate_assets.domain.board.columns import COLUMNS
from resources.partition import Partition

# What a spreadsheet takes for the begin of a formula, also in the wide forms of East Asian input.
FORMULA_STARTS = tuple("=+-@＝＋－＠")
# Read as bytes of another encoding otherwise: spreadsheets take the mark, and readers of data skip it.
BYTE_ORDER_MARK = "\ufeff"


def safe_text(text: str) -> str:
    """Text that stays text: an apostrophe before what would be taken for a formula."""
    begins = text.lstrip().startswith(FORMULA_STARTS) or text.startswith(("\t", "\r", "\n"))
    return f"'{text}" if begins else text


def cell(value: object) -> str:
    """One cell. Text is always quoted: in some countries a bare semicolon would begin another cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + safe_text(value).replace('"', '""') + '"'
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def board_csv(partition: Partition, deals: Iterable[Mapping]) -> bytes:
    """All deals of a board, every column, best first; figures rounded as on the page."""
    lines = [",".join(["county", "month", *(column.name for column in COLUMNS)])]
    for deal in deals:
        values = [*partition, *(column.value(deal.get(column.name)) for column in COLUMNS)]
        lines.append(",".join(cell(value) for value in values))
    return (BYTE_ORDER_MARK + "\r\n".join(lines) + "\r\n").encode()
