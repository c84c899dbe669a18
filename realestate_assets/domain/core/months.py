"""Arithmetic on months, which are text as YYYY-MM."""

import pandas as pd


def first_day(month: str) -> pd.Timestamp:
    """`2015-03` -> 2015-03-01."""
    return pd.Timestamp(f"{month}-01")


def add_months(month: str, count: int) -> str:
    """`2015-03` and -3 -> `2014-12`."""
    return str(pd.Period(month, freq="M") + count)
