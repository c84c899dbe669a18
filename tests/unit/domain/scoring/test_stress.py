"""A deal under stress: each case worked by hand, none better than without, and the scores hold the worst."""

from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.counties.underwriting import Stress, Underwriting
from realestate_assets.domain.scoring.costs import Home
from realestate_assets.domain.scoring.measures import investment_measures
from realestate_assets.domain.scoring.stress import Deal, case_names, cases, outcome, stress_table, worst
from tests.examples import examples
from tests.unit.domain.scoring.test_cashflow import one_property
from tests.unit.domain.scoring.test_measures_follow_costs import RULES
from tests.unit.domain.scoring.test_properties import maybe, number

TERMS = Underwriting()
HOME = Home(
    price_usd=400_000.0,
    value_usd=450_000.0,
    living_area_sqft=2_000.0,
    repairs_usd=30_000.0,
    tax_annual_usd=None,
    hoa_monthly_usd=None,
)
DEAL = Deal(HOME, rent_monthly_usd=2_000.0, arv_usd=500_000.0)


def test_every_case_adds_up_by_hand():
    table = stress_table(DEAL, TERMS)
    assert list(table) == ["base", "price", "vacancy", "repairs", "rate", "all"]
    base = table["base"]
    assert base.noi_usd == pytest.approx(10_239.33, abs=0.01)
    assert base.flip_profit_usd == pytest.approx(13_325)
    # A tenth off the resale of 500,000, of which 8 % would have gone to selling: 50,000 x 0.92.
    assert table["price"].flip_profit_usd == pytest.approx(13_325 - 46_000)
    assert table["price"].max_allowable_offer_usd == pytest.approx(450_000 * 0.7 - 30_000)
    assert table["price"].noi_usd == base.noi_usd
    # 5 % of 24,000 stay out, 8 % of which the manager would have had.
    assert base.noi_usd - table["vacancy"].noi_usd == pytest.approx(1_200 * 0.92)
    # A quarter of 30,000.
    assert base.flip_profit_usd - table["repairs"].flip_profit_usd == pytest.approx(7_500)
    assert base.max_allowable_offer_usd - table["repairs"].max_allowable_offer_usd == pytest.approx(7_500)
    # 300,000 at 7 % is 1,995.91 a month, at 8 % 2,201.29, as in every mortgage table.
    assert base.noi_usd / base.dscr == pytest.approx(12 * 1_995.91, abs=0.1)
    assert base.noi_usd / table["rate"].dscr == pytest.approx(12 * 2_201.29, abs=0.1)
    assert table["rate"].flip_profit_usd == base.flip_profit_usd
    together = table["all"]
    assert together.flip_profit_usd == pytest.approx(13_325 - 46_000 - 7_500)
    assert together.noi_usd == table["vacancy"].noi_usd


def test_no_home_stands_empty_for_more_than_the_year():
    terms = Underwriting(vacancy_rate=0.9, stress=Stress(vacancy_points=0.5))
    # Nothing is collected: the fixed costs, the upkeep and the re-letting are left.
    assert stress_table(DEAL, terms)["vacancy"].noi_usd == pytest.approx(
        -6_950 - 24_000 * 0.13 - 666.67, abs=0.1
    )


def test_without_stress_every_case_is_the_deal_itself():
    calm = Stress(price_drop_share=0, vacancy_points=0, repairs_rise_share=0, interest_points=0)
    table = stress_table(DEAL, Underwriting(stress=calm))
    assert all(asdict(row) == asdict(table["base"]) for row in table.values())


def test_the_cases_say_what_they_move():
    assert case_names(Stress()) == {
        "base": "As assumed",
        "price": "Resale 10% lower",
        "vacancy": "Vacancy +5 points",
        "repairs": "Repairs 25% dearer",
        "rate": "Interest +1 point",
        "all": "All of it together",
    }
    assert case_names(Stress(interest_points=0.0125))["rate"] == "Interest +1.25 points"
    assert list(case_names(Stress())) == [case.code for case in cases(Stress())]


DEALS = st.builds(
    Deal,
    st.builds(
        Home,
        price_usd=number(1_000, 1e8),
        value_usd=number(1_000, 1e8),
        living_area_sqft=maybe(number(50, 1e5)),
        repairs_usd=maybe(number(0, 1e6)),
        tax_annual_usd=maybe(number(0, 1e6)),
        hoa_monthly_usd=maybe(number(0, 5_000)),
    ),
    maybe(number(1, 50_000)),
    maybe(number(1_000, 1e8)),
)


@given(DEALS, RULES, st.floats(0, 0.99), st.floats(0, 0.99), st.floats(0, 5), st.floats(0, 0.99))
@examples(60)
def test_no_stress_improves_a_deal_and_all_together_are_the_worst(deal, rule, drop, empty, dearer, points):
    moves = Stress(
        price_drop_share=drop, vacancy_points=empty, repairs_rise_share=dearer, interest_points=points
    )
    table = stress_table(deal, Underwriting(tax_after_sale=rule, stress=moves))
    for name in ("noi_usd", "cap_rate_pct", "flip_profit_usd", "flip_roi_pct", "max_allowable_offer_usd"):
        figures = [float(getattr(row, name)) for row in table.values()]
        room = 1e-9 * max(map(abs, figures))
        if not np.isnan(figures).any():
            assert max(figures) <= figures[0] + room, name
            assert min(figures) >= figures[-1] - room, name
        else:
            assert np.isnan(figures).all(), name
    # Below 0 a larger debt makes a loss a smaller part of it.
    for name in ("dscr", "cash_on_cash_pct"):
        figures = [max(0.0, float(getattr(row, name))) for row in table.values()]
        room = 1e-9 * max(figures)
        assert max(figures) <= figures[0] + room and min(figures) >= figures[-1] - room, name


@given(st.lists(DEALS, min_size=1, max_size=6), RULES)
@examples(20)
def test_many_deals_at_once_are_each_as_alone(deals, rule):
    terms = Underwriting(tax_after_sale=rule)

    def column(values: list) -> pd.Series:
        return pd.Series(values, dtype="float64")

    homes = [vars(deal.home) for deal in deals]
    together = Deal(
        Home(**{name: column([home[name] for home in homes]) for name in homes[0]}),
        column([deal.rent_monthly_usd for deal in deals]),
        column([deal.arv_usd for deal in deals]),
    )
    for code, row in stress_table(together, terms).items():
        for name, found in asdict(row).items():
            alone = [float(getattr(stress_table(deal, terms)[code], name)) for deal in deals]
            np.testing.assert_array_equal(found, alone, err_msg=f"{code} {name}")


def test_the_scores_hold_the_deal_as_it_is_and_at_its_worst():
    row = investment_measures(one_property(), [450_000.0], [500_000.0], TERMS).iloc[0]
    for name, value in asdict(outcome(DEAL, TERMS)).items():
        assert row[name] == pytest.approx(float(value)), name
    last = worst(DEAL, TERMS)
    assert row["stressed_dscr"] == pytest.approx(float(last.dscr))
    assert row["stressed_flip_roi_pct"] == pytest.approx(float(last.flip_roi_pct))
    assert row["stressed_flip_roi_pct"] < row["flip_roi_pct"]


def test_what_is_not_known_stays_so_in_every_case():
    unknown = Deal(replace(HOME, repairs_usd=np.nan), 2_000.0, 500_000.0)
    for row in stress_table(unknown, TERMS).values():
        assert np.isnan(row.flip_profit_usd) and np.isnan(row.cash_on_cash_pct)
        assert np.isfinite(row.noi_usd) and np.isfinite(row.dscr)
