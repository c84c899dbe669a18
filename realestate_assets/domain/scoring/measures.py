"""The investment measures of a partition: which columns and which county assumptions feed which formula.

The formulas are in `cashflow`; the score built on them is in `scoring`.
"""

import numpy as np
import pandas as pd

from realestate_assets.domain.counties.underwriting import Underwriting
from realestate_assets.domain.rents.published import published_rents
from realestate_assets.domain.scoring import cashflow, holding
from realestate_assets.domain.scoring.cashflow import Floats, Values, as_floats
from realestate_assets.domain.scoring.costs import Costs, Home, costs, rental_income
from realestate_assets.domain.scoring.stress import Deal, outcome, worst
from realestate_assets.domain.tables import RENT_AMOUNTS


def holding_return_pct(
    noi_usd: Values, value_usd: Values, appreciation_rate: float, cost: Costs, terms: Underwriting
) -> Floats:
    """Internal rate of return of the years a rental is held, bought with the county's loan, %."""
    flows = holding.holding_cash_flows(
        cost.rental_cash_usd,
        noi_usd,
        cost.loan_usd,
        value_usd,
        years=terms.hold_years,
        interest_rate=terms.interest_rate,
        loan_term_years=terms.loan_term_years,
        appreciation_rate=appreciation_rate,
        noi_growth_rate=terms.noi_growth_rate,
        selling_cost_share=terms.selling_cost_share,
    )
    return holding.internal_rate_of_return_pct(flows)


def homes(features: pd.DataFrame, value_usd: Values, terms: Underwriting) -> Home:
    """Rows of marts.features with their market values, bought at the ask and repaired as estimated."""
    area = features["living_area_sqft"]
    return Home(
        price_usd=features["list_price_usd"],
        value_usd=value_usd,
        living_area_sqft=area,
        repairs_usd=cashflow.repair_estimate(area, features["condition_code"], terms.repair_usd_per_sqft),
        tax_annual_usd=features["tax_annual_usd"],
        hoa_monthly_usd=features["hoa_monthly_usd"],
    )


def investment_measures(
    features: pd.DataFrame,
    value_usd: Values,
    arv_usd: Values,
    terms: Underwriting,
    value_range_usd: tuple[Values, Values] | None = None,
    rents: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The measures of `scores`, one row a feature row, in the same order.

    Args:
        features: rows of marts.features; the asking price is `list_price_usd`.
        value_usd: market value P50 per row.
        arv_usd: after-repair value per row.
        terms: the county's underwriting assumptions.
        value_range_usd: P10 and P90 per row, for the bear and bull case; P50 in all cases by default.
        rents: RENT_AMOUNTS per row; without them rents as published.
    """
    price = as_floats(features["list_price_usd"])
    home = homes(features, value_usd, terms)
    cost = costs(home, terms)
    known = published_rents(features, terms) if rents is None else rents
    rent, rent_low, rent_high = (as_floats(known[name]) for name in RENT_AMOUNTS)
    low_noi, high_noi = (rental_income(each, cost, terms) for each in (rent_low, rent_high))
    low_value, high_value = value_range_usd or (value_usd, value_usd)
    rates = terms.appreciation_rates
    deal = Deal(home, rent, arv_usd)
    base, stressed = outcome(deal, terms), worst(deal, terms)
    one_percent = holding.meets_one_percent_rule(rent, price)
    # No source of loans exists yet; the columns are there so that one only has to be filled in.
    known_loan = np.full(len(features), np.nan)
    return pd.DataFrame(
        {
            "discount_to_value_pct": cashflow.discount_to_value_pct(value_usd, price),
            "repair_estimate_usd": cost.repairs_usd,
            "max_allowable_offer_usd": base.max_allowable_offer_usd,
            "rent_monthly_usd": rent,
            "rent_low_usd": rent_low,
            "rent_high_usd": rent_high,
            "noi_usd": base.noi_usd,
            "cap_rate_pct": base.cap_rate_pct,
            "cash_on_cash_pct": base.cash_on_cash_pct,
            "dscr": base.dscr,
            "gross_rent_multiplier": cashflow.gross_rent_multiplier(price, rent),
            "meets_one_percent_rule": pd.array(one_percent, dtype="Float64").astype("boolean"),
            "brrrr_cash_left_usd": holding.cash_left_after_refinance(
                cost.flip_cash_usd, arv_usd, terms.refinance_ltv, terms.refinance_cost_share
            ),
            "irr_bear_pct": holding_return_pct(low_noi, low_value, rates.bear, cost, terms),
            "irr_base_pct": holding_return_pct(base.noi_usd, value_usd, rates.base, cost, terms),
            "irr_bull_pct": holding_return_pct(high_noi, high_value, rates.bull, cost, terms),
            "flip_profit_usd": base.flip_profit_usd,
            "flip_roi_pct": base.flip_roi_pct,
            "stressed_dscr": stressed.dscr,
            "stressed_flip_roi_pct": stressed.flip_roi_pct,
            "equity_usd": cashflow.equity(value_usd, known_loan),
            "ltv_pct": cashflow.loan_to_value_pct(known_loan, value_usd),
        },
        index=features.index,
    )
