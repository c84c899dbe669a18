"""Figures as people read them: rounding, sign, unit; nothing for a missing value."""

from datetime import date, datetime

import pandas as pd
import pytest

from realestate_assets.domain.core import formats


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (formats.usd(1_234_567.5), "$1,234,568"),
        (formats.usd(-5_000.4), "-$5,000"),
        (formats.usd(-0.2), "$0"),
        (formats.usd(0), "$0"),
        (formats.percent(12.345), "12.3%"),
        (formats.percent(-0.04), "0.0%"),
        (formats.share(0.0725, 2), "7.25%"),
        (formats.probability(0.994), ">99%"),
        (formats.probability(0.983), "98%"),
        (formats.probability(0.01), "1%"),
        (formats.probability(0.0), "<1%"),
        (formats.count(27_946.0), "27,946"),
        (formats.compact(2.0), "2"),
        (formats.compact(2.25), "2.25"),
        (formats.compact(100.0), "100"),
        (formats.sqft(7_242.4), "7,242 sq ft"),
        (formats.years(1.2), "1 year"),
        (formats.yes_no(False), "No"),
        (formats.day(date(2015, 3, 1)), "1 March 2015"),
        (formats.day(datetime(2015, 12, 31, 23)), "31 December 2015"),
        (formats.day(pd.Timestamp("2015-02-03")), "3 February 2015"),
        (formats.day("2015-02-03"), "3 February 2015"),
        (formats.iso_day(pd.Timestamp("2015-02-03")), "2015-02-03"),
    ],
)
def test_a_figure_is_written_as_readers_expect(written, expected):
    assert written == expected


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA, pd.NaT, ""])
@pytest.mark.parametrize(
    "write",
    [
        *(formats.usd, formats.percent, formats.share, formats.count, formats.decimal, formats.compact),
        *(formats.probability, formats.sqft, formats.years, formats.yes_no, formats.day, formats.iso_day),
    ],
)
def test_a_missing_value_has_no_text(write, missing):
    assert write(missing) is None
