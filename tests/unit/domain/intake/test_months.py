"""The month of a row: told by its own date, on the clock of its county."""

import pytest

from tests.unit.domain.intake.landed import make_source, process


@pytest.mark.parametrize(
    ("sent", "month"),
    [
        ("2014-06-01T02:30:00Z", "2014-05"),
        ("2014-06-01T00:00:00Z", "2014-06"),
        ("2014-06-01T07:00:00Z", "2014-06"),
        ("2014-05-31T23:30:00-07:00", "2014-05"),
        ("2014-06-01", "2014-06"),
    ],
)
def test_the_clock_of_the_county_decides_the_month_and_the_day_of_a_row_alike(sent, month):
    source = make_source(columns={"apn": "id", "observed_date": "date"})
    raw, found = process({"a.csv": f"id,date\n1,{sent}\n2,2014-05-15\n".encode()}, source)
    assert raw["month"].to_pylist() == [month, "2014-05"]
    (row,) = [row for row in found.properties.to_pylist() if row["apn"].endswith("1")]
    assert str(row["observed_date"])[:7] == row["month"] == month
    assert found.rejects.num_rows == 0
