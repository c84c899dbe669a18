"""What is left of a deal when it goes worse: the stress table of a memo, by the formulas of the scores."""

from realestate_assets.domain.core import formats
from realestate_assets.domain.counties.underwriting import Underwriting
from realestate_assets.domain.memo.figures import Figures
from realestate_assets.domain.scoring.costs import Home
from realestate_assets.domain.scoring.stress import Deal, Outcome, case_names, stress_table

# Heading, what it shows, how it is written; the score's column of that name has the same sources.
COLUMNS: tuple[tuple[str, str, formats.Style], ...] = (
    ("Net operating income", "noi_usd", formats.usd),
    ("Debt coverage", "dscr", formats.decimal),
    ("Cash on cash", "cash_on_cash_pct", formats.percent),
    ("Flip profit", "flip_profit_usd", formats.usd),
    ("Flip return", "flip_roi_pct", formats.percent),
    ("Maximum offer", "max_allowable_offer_usd", formats.usd),
)


def stress(figures: Figures, terms: Underwriting, home: Home) -> dict | None:
    """Heads and rows of the cases; columns without a figure are left out, and the table without columns.

    Args:
        figures: the property's values.
        terms: the county's assumptions.
        home: the property at the asking price.
    """
    number = figures.number_or_nan
    table = stress_table(Deal(home, number("rent_monthly_usd"), number("arv_usd")), terms)
    shown = [column for column in COLUMNS if _written(table["base"], column) is not None]
    if not shown:
        return None
    names = case_names(terms.stress)
    return {
        "heads": [figures.shown(head, name, head) for head, name, _ in shown],
        "rows": [
            {
                "name": names[code],
                "cells": [figures.shown(column[0], column[1], _written(row, column)) for column in shown],
                "is_total": code == "all",
            }
            for code, row in table.items()
        ],
    }


def _written(row: Outcome, column: tuple[str, str, formats.Style]) -> str | None:
    _, name, write = column
    return write(float(getattr(row, name)))
