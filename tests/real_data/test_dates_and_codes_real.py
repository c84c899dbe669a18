"""Real dates and codes: what is read is what was written, and what is refused is known."""

import datetime as dt
import re
from io import BytesIO
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pytest

from realestate_assets.domain.core.convert import clean, to_code, to_date
from realestate_assets.domain.core.parcel_numbers import read_apn
from realestate_assets.domain.counties.sources import JoinedTable
from realestate_assets.domain.intake.file_bytes import Place
from realestate_assets.domain.intake.formats import excel

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not DATA.exists(), reason=f"no real data at {DATA}"),
]


def text(folder: str, pattern: str) -> pd.DataFrame:
    return pd.read_csv(next((DATA / folder).glob(pattern)), dtype=str, keep_default_na=False)


def cook(name: str) -> pd.DataFrame:
    return pd.read_parquet(next((DATA / "cook_county").glob(name))).astype("object")


def dates() -> list[tuple[pd.Series, str]]:
    """Columns of dates as they were written, and how."""
    lodi, milwaukee = text("listings_with_outcomes", "a1_*.gz"), text("sales_milwaukee", "*.gz")
    return [
        (milwaukee["Sale_date"], "%m/%d/%y"),
        (text("king_county", "kc_house_data.csv")["date"], "%Y%m%dT%H%M%S"),
        *((lodi[name], "%m/%d/%Y") for name in ("Listing Date", "Pending Date", "Selling Date")),
        (text("listings_with_outcomes", "a4_*.gz")["datesold"], ""),
        (cook("soda_wvhk*")["sale_date"], ""),
    ]


def codes() -> list[pd.Series]:
    """Columns of codes."""
    milwaukee = text("sales_milwaukee", "*.gz")
    sales = cook("soda_wvhk*")
    return [
        *(milwaukee[name] for name in ("PropType", "Style", "Extwall", "District", "Nbhd")),
        text("listings_with_outcomes", "a1_*.gz")["Pool"],
        *(sales[name] for name in ("class", "deed_type") if name in sales),
    ]


def as_text(column: pd.Series) -> pa.Array:
    return clean(pa.array(column.where(column.notna(), None).tolist(), pa.string()))


def test_there_are_as_many_dates_and_codes_as_are_asked_for():
    assert sum(len(column) for column, _ in dates()) + sum(map(len, codes())) >= 100_000


def test_a_date_that_is_read_says_the_day_that_was_written_and_none_is_refused():
    for column, form in dates():
        given = as_text(column)
        values, bad = to_date(given, (form,) if form else ())
        assert not bad.any(), (form, given.filter(pa.array(bad)).to_pylist()[:5])
        pairs = zip(given.to_pylist(), values.to_pylist(), strict=True)
        assert all(_numbers(day, form) == _numbers(said, form) for said, day in pairs if said is not None)


def _numbers(value: dt.date | str, form: str) -> list[int]:
    """The numbers of a day in the order they are written, by no reader of ours."""
    if isinstance(value, dt.date):
        value = value.strftime(form) if form else value.isoformat()
    digits = value[:8] if form.startswith("%Y%m%d") else value.split(" ")[0].split("T")[0]
    return [int(number) for number in re.findall(r"\d+", digits)]


def test_a_code_comes_out_as_itself_whatever_word_it_is():
    for column in codes():
        distinct = [code for code in column.dropna().unique().tolist() if str(code).strip()]
        table = {str(code): f"code of {str(code).strip().lower()}" for code in distinct}
        given = clean(pa.array(column.fillna("").astype(str).tolist()), codes=table)
        values, unknown = to_code(given, table)
        assert not unknown.any()
        expected = [
            f"code of {str(code).strip().lower()}" if str(code).strip() else None
            for code in column.fillna("")
        ]
        assert values.to_pylist() == expected


def test_parcel_numbers_survive_a_spreadsheet_as_text_and_as_numbers_or_are_refused():
    given = text("sales_milwaukee", "*.gz")["Taxkey"].unique().tolist()[:5_000]
    given += [pin.replace("-", "") for pin in cook("soda_55ju*")["pin"].dropna().unique().tolist()]
    book = openpyxl.Workbook()
    book.active.append(["text", "number", "longer"])
    for one in given:
        book.active.append([one, int(one), int(one + "123")])
    out = BytesIO()
    book.save(out)
    table = JoinedTable.model_validate({"name": "t", "key": {"a": "b"}, "format": "excel"})
    values = excel.read(out.getvalue(), table, Place("x-wi", "t", "f.xlsx")).values
    assert values["text"].to_pylist() == given
    assert values["number"].to_pylist() == [str(int(one)) for one in given]
    for longer, one in zip(values["longer"].to_pylist(), given, strict=True):
        whole = str(int(one + "123"))
        _, bad = read_apn(pa.array([longer]))
        assert longer == whole or bad[0]
