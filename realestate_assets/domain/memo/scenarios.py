"""Bear, base and bull: the ends of the ranges that the warehouse holds, put through the same arithmetic.

Bear takes the low end of value, rent and after-repair value, bull the high end; price, loan, costs and rates
stay as they are, so that base equals the measures of the scores. The IRR, which the scores hold for all three
cases, takes the county's rate of appreciation of the case besides.
"""

import numpy as np

from realestate_assets.domain.core import formats
from realestate_assets.domain.counties.underwriting import Underwriting
from realestate_assets.domain.memo.figures import Figures
from realestate_assets.domain.scoring import cashflow
from realestate_assets.domain.scoring.costs import Costs, rental_income

NAMES = ("Bear", "Base", "Bull")
VALUES = ("market_value_p10_usd", "market_value_p50_usd", "market_value_p90_usd")
RENTS = ("rent_low_usd", "rent_monthly_usd", "rent_high_usd")
ARVS = ("arv_low_usd", "arv_usd", "arv_high_usd")
RETURNS = ("irr_bear_pct", "irr_base_pct", "irr_bull_pct")

Row = tuple[str, np.ndarray, formats.Style, tuple[str, ...]]


def scenarios(figures: Figures, terms: Underwriting, known: Costs) -> dict | None:
    """Rows of three figures each; rows without a figure are left out, and the table without rows.

    Args:
        figures: the property's values.
        terms: the county's assumptions.
        known: costs at the asking price.
    """
    rows = []
    for label, values, write, like in _rows(figures, terms, known):
        cells = [figures.shown(label, "", write(value), like=like) for value in values]
        if any(cells):
            # Marks and footnotes are the same in a row: they stand once, beside its name.
            one = next(cell for cell in cells if cell)
            total = label in ("Cash flow a year", "Flip profit")
            rows.append({"head": one, "cells": cells, "is_total": total})
    return {"names": list(NAMES), "rows": rows} if rows else None


def _column(figures: Figures, names: tuple[str, ...]) -> np.ndarray:
    return np.array([figures.number_or_nan(name) for name in names])


def _rows(figures: Figures, terms: Underwriting, known: Costs) -> list[Row]:
    value, rent, arv = (_column(figures, names) for names in (VALUES, RENTS, ARVS))
    price = figures.number_or_nan("asking_price_usd")
    noi = rental_income(rent, known, terms)
    profit = cashflow.flip_profit(arv, known.flip_cash_usd, terms.selling_cost_share)
    debt = known.debt_service_usd
    return [
        ("Market value", value, formats.usd, ("market_value_p50_usd",)),
        ("Value less asking price", value - price, formats.usd, ("discount_to_value_pct",)),
        ("Rent a month", rent, formats.usd, ("rent_monthly_usd",)),
        ("Net operating income", noi, formats.usd, ("noi_usd",)),
        ("Cash flow a year", noi - debt, formats.usd, ("noi_usd",)),
        ("Cap rate", cashflow.cap_rate_pct(noi, price), formats.percent, ("noi_usd",)),
        (
            "Cash on cash",
            cashflow.cash_on_cash_pct(noi, debt, known.rental_cash_usd),
            formats.percent,
            ("noi_usd",),
        ),
        ("Debt service coverage", cashflow.debt_service_coverage(noi, debt), formats.decimal, ("noi_usd",)),
        (
            f"IRR, sold after {terms.hold_years} years",
            _column(figures, RETURNS),
            formats.percent,
            ("irr_base_pct",),
        ),
        ("After-repair value", arv, formats.usd, ("arv_usd",)),
        ("Flip profit", profit, formats.usd, ("flip_profit_usd",)),
        (
            "Return on cash of the flip",
            cashflow.return_on_investment_pct(profit, known.flip_cash_usd),
            formats.percent,
            ("flip_profit_usd",),
        ),
    ]
