import dataclasses

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.valuation import promotion
from realestate_assets.domain.valuation.champions import ModelRef, champion_of
from realestate_assets.domain.valuation.out_of_fold import VALUE_COLUMNS, record, values
from realestate_assets.domain.valuation.promotion import Comparison, compare, decide
from realestate_assets.domain.valuation.promotion_policy import BUILT_IN_FILE, load_policy
from resources.errors import PermanentError

POLICY = load_policy()
FINE = {
    "n": 900,
    "median_ratio": 1.0,
    "cod": 10.0,
    "prd": 1.0,
    "prb": 0.0,
    "interval_coverage": 0.8,
}


def comparison(rise: float, error: float = 0.001) -> Comparison:
    return Comparison(FINE, FINE, 500, rise, error, 10_000)


def test_a_candidate_in_range_and_no_worse_is_promoted():
    assert decide(POLICY, FINE, FINE, comparison(0.0)).code == "PROMOTED"
    assert decide(POLICY, FINE, FINE, None).code == "PROMOTED"
    assert decide(POLICY, FINE, None, None).code == "FIRST_MODEL"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("median_ratio", 1.3),
        ("cod", 15.1),
        ("cod", 4.9),
        ("prd", 1.04),
        ("prb", -0.06),
        ("interval_coverage", 0.6),
    ],
)
def test_each_range_alone_keeps_the_champion_and_the_reason_names_figure_and_range(name, value):
    found = decide(POLICY, {**FINE, name: value}, FINE, comparison(-0.01))
    assert (found.code, found.promoted) == ("KEPT_CANDIDATE_OUTSIDE_RANGES", False)
    (reason,) = found.reasons
    assert reason.startswith(f"{name} {value:.3f} lies outside")


def test_a_champion_that_lies_outside_by_as_much_is_no_refuge_unless_the_policy_says_so():
    better, worse = {**FINE, "prd": 1.036}, {**FINE, "prd": 1.043}
    assert decide(POLICY, better, worse, None).code == "OUTSIDE_RANGES_AS_IS_THE_MODEL_IN_USE"
    assert decide(POLICY, worse, better, None).code == "KEPT_CANDIDATE_OUTSIDE_RANGES"
    strict = POLICY.model_copy(update={"replace_champion_outside_too": False})
    assert not decide(strict, better, worse, None).promoted
    # Better in one and newly outside in another is not better.
    assert not decide(POLICY, {**better, "cod": 16.0}, worse, None).promoted


def test_a_higher_error_counts_where_it_is_both_large_and_sure():
    assert decide(POLICY, FINE, FINE, comparison(0.02)).code == "KEPT_CANDIDATE_WORSE"
    assert decide(POLICY, FINE, FINE, comparison(0.007)).promoted
    assert decide(POLICY, FINE, FINE, comparison(0.02, error=0.015)).promoted
    thin = dataclasses.replace(comparison(0.015), trained_on=400)
    assert decide(POLICY, FINE, FINE, thin).promoted


def test_a_first_model_outside_the_ranges_is_used_only_where_that_is_allowed():
    outside = {**FINE, "cod": 30.0}
    assert decide(POLICY, outside, None, None).code == "FIRST_MODEL_OUTSIDE_RANGES"
    strict = POLICY.model_copy(update={"allow_first": False})
    found = decide(strict, outside, None, None)
    assert (found.code, found.promoted) == ("NO_MODEL_CANDIDATE_OUTSIDE_RANGES", False)


def test_a_candidate_whose_sales_are_not_in_the_warehouse_cannot_be_judged():
    unknown = dict.fromkeys(FINE) | {"n": 3}
    found = decide(POLICY, unknown, FINE, None)
    assert not found.promoted
    assert "Only 3 of its sales" in found.reasons[0]


def test_without_a_candidate_the_champion_stays():
    assert decide(POLICY, None, FINE, None).code == "KEPT_NO_CANDIDATE"
    assert decide(POLICY, None, None, None).code == "NO_MODEL"


def test_the_paired_difference_is_worked_by_hand():
    price = np.array([100.0, 200.0, 300.0, 400.0, 500.0])

    def table(v):
        return pd.DataFrame({"sale_price_usd": price, **dict.fromkeys(VALUE_COLUMNS, v)})

    found = compare(table(price * np.exp(0.3)), table(price * np.exp([0.1, -0.1, 0.1, -0.1, 0.2])), 5, 400)
    assert found.n == 5
    assert found.error_rise == pytest.approx(np.mean([0.2, 0.2, 0.2, 0.2, 0.1]))
    assert found.standard_error == pytest.approx(np.std([0.2, 0.2, 0.2, 0.2, 0.1], ddof=1) / 5**0.5)
    assert compare(table(price), table(price), 6, 400) is None


def test_out_of_fold_values_come_back_from_what_is_stored():
    sales = pd.DataFrame(
        {
            "county": ["b", "a", "b"],
            "month": ["2015-02", "2015-01", "2015-01"],
            "property_id": ["p", "q", "r"],
        }
    )
    centre, spread = np.log([1e5, 2e5, 3e5]), np.array([0.1, 0.2, 0.1])
    found = values(record(sales, (centre - spread, centre, centre + 2 * spread)))
    pd.testing.assert_frame_equal(found[["county", "month", "property_id"]], sales)
    assert np.allclose(found["market_value_p50_usd"], [1e5, 2e5, 3e5], rtol=1e-5)
    assert np.allclose(
        found["market_value_p90_usd"] / found["market_value_p50_usd"], np.exp(2 * spread), rtol=1e-4
    )
    assert values({}).empty


def test_sales_the_champion_learned_from_or_of_homes_it_saw_sold_do_not_judge_it():
    @dataclasses.dataclass
    class Champion:
        train_to: str
        out_of_fold: dict

    known = pd.DataFrame({"county": ["k"], "month": ["2015-01"], "property_id": ["resold"]})
    champion = Champion("2015-01-31", record(known, (-np.ones(1), np.zeros(1), np.ones(1))))
    judged = pd.DataFrame(
        {
            "county": "k",
            "property_id": ["old", "new", "resold"],
            "sale_date": pd.to_datetime(["2015-01-31", "2015-02-01", "2015-02-03"]),
        }
    )
    assert promotion.unseen_sales(judged, champion)["property_id"].tolist() == ["new"]


def decided(month: str, used: str | None, used_month: str | None = None, **more: object) -> dict:
    row = {"month": month, "candidate_id": used, "champion_id": None, "champion_month": None}
    row |= {"used_id": used, "used_month": used_month or month, "is_simulated": False}
    return row | more


def test_the_champion_is_the_model_used_in_the_latest_earlier_month():
    rows = [decided("2014-10", "a"), decided("2014-12", "a", "2014-10"), decided("2015-02", "z")]
    assert champion_of(rows, "2015-01", "new", False, 12) == ModelRef("a", "2014-10")
    assert champion_of(rows[::-1], "2015-01", "new", False, 12) == ModelRef("a", "2014-10")
    assert champion_of(rows, "2014-10", "a", False, 12) is None


def test_a_champion_is_of_the_same_kind_of_data_and_not_too_old():
    assert champion_of([decided("2014-12", "a")], "2015-01", "new", True, 12) is None
    assert champion_of([decided("2014-12", "a", "2013-12")], "2015-01", "new", False, 12) is None
    assert champion_of([decided("2014-12", None, None)], "2015-01", "new", False, 12) is None


def test_another_candidate_of_the_same_month_meets_the_one_promoted_there():
    rows = [decided("2014-12", "a"), decided("2015-01", "b", champion_id="a", champion_month="2014-12")]
    assert champion_of(rows, "2015-01", "c", False, 12) == ModelRef("b", "2015-01")
    # The same candidate again: the rival is the one it had.
    assert champion_of(rows, "2015-01", "b", False, 12) == ModelRef("a", "2014-12")
    same = {"candidate_id": "c", "champion_id": "b", "champion_month": "2015-01"}
    refused = [rows[0], decided("2015-01", "b", **same)]
    assert champion_of(refused, "2015-01", "c", False, 12) == ModelRef("b", "2015-01")
    assert champion_of(refused, "2015-01", "b", False, 12) == ModelRef("a", "2014-12")


@given(st.dictionaries(st.sampled_from(list(FINE)), st.floats(-2, 20), max_size=6), st.floats(-0.2, 0.2))
def test_a_candidate_is_never_promoted_over_a_champion_in_range_unless_it_is_in_range_too(change, rise):
    candidate = {**FINE, **change, "n": 900}
    found = decide(POLICY, candidate, FINE, comparison(rise))
    assert found.promoted == (not POLICY.ranges.outside(candidate) and rise <= 0.0075)
    assert found.reasons


def changed(tmp_path, **ranges: object):
    content = yaml.safe_load(BUILT_IN_FILE.read_text())
    content["ranges"] |= ranges
    path = tmp_path / "promotion.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


def test_a_range_that_differs_from_the_standard_needs_a_reason(tmp_path):
    with pytest.raises(PermanentError, match="cod differs from the standard"):
        load_policy(changed(tmp_path, cod={"low": 5.0, "high": 20.0}))
    (tmp_path / "b").mkdir()
    reasoned = {"low": 5.0, "high": 20.0, "reason": "Rural homes, IAAO table 1-3."}
    assert load_policy(changed(tmp_path / "b", cod=reasoned)).ranges.cod.high == 20.0


def test_a_range_upside_down_or_an_unknown_key_is_refused(tmp_path):
    with pytest.raises(PermanentError, match="low must be below high"):
        load_policy(changed(tmp_path, interval_coverage={"low": 0.9, "high": 0.7}))
    (tmp_path / "b").mkdir()
    with pytest.raises(PermanentError, match="there is no key prices"):
        load_policy(changed(tmp_path / "b", prices={"low": 0, "high": 1}))
