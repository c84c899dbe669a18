"""What must hold for any property: bounds, monotony in the price, order of rows, repeatability."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realestate_assets.domain.counties.county import County
from realestate_assets.domain.offers.gain import GainModel
from realestate_assets.domain.offers.likely import fit_likely
from realestate_assets.domain.offers.model import OfferModel
from realestate_assets.domain.offers.params import load_offer_params
from realestate_assets.domain.offers.predict import offer_rows
from realestate_assets.domain.scoring.values import value_rows
from tests.examples import examples
from tests.unit.domain.scoring.scoring_frames import CONFIG, FLAGS, KING, arv, features, scored, values


def maybe(strategy: st.SearchStrategy) -> st.SearchStrategy:
    return st.none() | strategy


def number(low: float, high: float) -> st.SearchStrategy:
    return st.floats(low, high, allow_nan=False, allow_infinity=False)


PROPERTIES = st.fixed_dictionaries(
    {
        "list_price_usd": maybe(number(1, 1e8)),
        "living_area_sqft": number(1, 1e5),
        "condition_code": maybe(st.integers(1, 5)),
        "bedrooms": maybe(st.integers(0, 20)),
        "bathrooms": maybe(number(0, 20)),
        "effective_age_years": maybe(number(0, 400)),
        "tax_annual_usd": maybe(number(0, 20_000) | number(0, 1e6)),
        "hoa_monthly_usd": maybe(number(0, 5_000)),
        "last_sale_price_usd": maybe(number(1, 1e8)),
        "days_on_market": maybe(st.integers(0, 5_000)),
        "tenure_years": maybe(number(0, 120)),
        "tax_delinquent_usd": maybe(number(0, 1e6)),
        "tax_sale_year": maybe(st.integers(1990, 2030)),
        "zip_median_rent_usd": maybe(number(1, 20_000)),
        "bedroom_rent_usd": maybe(number(1, 20_000)),
        "zip_price_per_sqft_trend_pct": maybe(number(-90, 500)),
        "year_built": maybe(st.integers(1880, 2015)),
        "zip": st.sampled_from(["98004", "98125", "98122", None]),
        "property_type": st.sampled_from(["single_family", "land", None]),
        **{name: st.sampled_from([True, False, None]) for name in FLAGS},
    }
)
VALUES = st.tuples(number(10_000, 5e7), number(0.01, 0.6), maybe(number(5_000, 6e7)), st.integers(0, 8))


PARAMS = load_offer_params()
# The prior as if it had been learned: the chance falls with the ask as it does in the product.
GAIN = GainModel(
    basis="county",
    coefficients=(PARAMS.gain.prior.level, *PARAMS.gain.prior.slopes.values()),
    cases=1_000.0,
    gains=20,
    priced_cases=0,
    median_gain_pct=40.0,
    median_value_usd=500_000.0,
    year_spread=PARAMS.gain.year_spread,
)
NO_SALES = pd.DataFrame(
    columns=["county", "ask_usd", "value_usd", "log_width", "sale_price_usd", "months_ago"], dtype=float
)
LEARNED = OfferModel(fit_likely(NO_SALES, "king-wa", PARAMS.likely), GAIN, PARAMS)


class LogisticModel:
    """A model whose value is given; the probability falls with the price, as any calibrated one does."""

    model_id, kind = "m1", "county"

    def __init__(self, value: float, spread: float) -> None:
        self.value, self.spread = value, spread

    def predict(self, rows: pd.DataFrame) -> pd.DataFrame:
        columns = {
            "market_value_p10_usd": self.value * np.exp(-1.28 * self.spread),
            "market_value_p50_usd": self.value,
            "market_value_p90_usd": self.value * np.exp(1.28 * self.spread),
            "log_spread": self.spread,
        }
        return pd.DataFrame(columns, index=rows.index)

    def probability_above(self, log_ratio: np.ndarray, log_spread: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(np.clip(log_ratio / log_spread, -50, 50)))


def scores_of(homes: list[dict], value: tuple, county: County = KING) -> pd.DataFrame:
    """The homes side by side, all with the same value and comparables."""
    subjects = features(len(homes), **{name: [home[name] for home in homes] for name in homes[0]})
    p50, spread, arv_usd, count = value
    found = value_rows(subjects, LogisticModel(p50, spread))
    after = arv(subjects, arv_usd=np.nan if arv_usd is None else arv_usd, comparable_count=count)
    return scored(subjects, found, after, county, offer_rows=offer_rows(subjects, found, LEARNED))


@given(PROPERTIES, VALUES)
@examples(40)
def test_score_confidence_and_components_stay_in_their_bounds(home, value):
    row = scores_of([home], value).iloc[0]
    if not np.isnan(row["bird_dog_score"]):
        assert 0 <= row["bird_dog_score"] <= 100
        assert 0 <= row["confidence"] <= 1
    parts = [row[name] for name in row.index if name.startswith("component_")]
    assert all(np.isnan(part) or 0 <= part <= 1 for part in parts)
    json.loads(row["reasons"])


@given(PROPERTIES, VALUES)
@examples(40)
def test_the_points_of_the_parts_add_up_to_the_score(home, value):
    row = scores_of([home], value).iloc[0]
    if np.isnan(row["bird_dog_score"]):
        assert row["points"] is None
    else:
        assert sum(json.loads(row["points"]).values()) == pytest.approx(row["bird_dog_score"], abs=1e-4)


# From poor to excellent; no class is no praise.
RANKS = {None: 0, "poor": 1, "fair": 2, "good": 3, "excellent": 4}


def rank(score_class: object) -> int:
    return RANKS[None if pd.isna(score_class) else score_class]


@pytest.mark.parametrize("hidden", CONFIG.required)
@given(home=PROPERTIES, value=VALUES)
@examples(20)
def test_hiding_a_required_field_never_raises_score_or_class(hidden, home, value):
    known, unknown = (row for _, row in scores_of([home, {**home, hidden: None}], value).iterrows())
    if not np.isnan(unknown["bird_dog_score"]):
        assert unknown["bird_dog_score"] <= known["bird_dog_score"] + 1e-6
    assert rank(unknown["score_class"]) <= min(rank(known["score_class"]), RANKS["fair"])


def level(name: str) -> float:
    """The figure whose strength is that of an unknown one."""
    (signal,) = (s for c in CONFIG.components.values() for n, s in c.signals.items() if n == name)
    return signal.low + signal.unknown * (signal.high - signal.low)


# Field -> the range of its favourable values in a home of some market value: no worse than those of the
# unfavourable quarter of homes, or than what stands in for an unknown one.
FAVOURABLE = {
    "condition_code": lambda *_: (level("condition_code"), 5),
    "effective_age_years": lambda *_: (0, level("effective_age_years")),
    "last_sale_price_usd": lambda _, value: (1, value / (1 + level("gain_since_last_sale_pct") / 100)),
    "days_on_market": lambda *_: (0, 5_000),
    "tenure_years": lambda *_: (level("tenure_years"), 120),
    "zip_price_per_sqft_trend_pct": lambda *_: (level("zip_price_trend_pct"), 500),
    "bathrooms": lambda *_: (KING.market.min_bathrooms, 20),
    "zip_median_rent_usd": lambda *_: (1, 20_000),
    "bedroom_rent_usd": lambda home, _: (home["zip_median_rent_usd"] or 1, 20_000),
    "tax_annual_usd": lambda _, value: (0, value * KING.underwriting.property_tax_rate),
}


@pytest.mark.parametrize("hidden", FAVOURABLE)
@given(home=PROPERTIES, value=VALUES, data=st.data())
@examples(20)
def test_hiding_a_favourable_figure_never_raises_the_score(hidden, home, value, data):
    figure = data.draw(number(*FAVOURABLE[hidden](home, value[0])))
    favourable = {**home, hidden: round(figure) if hidden == "condition_code" else figure}
    known, unknown = scores_of([favourable, {**home, hidden: None}], value)["bird_dog_score"]
    assert np.isnan(unknown) or unknown <= known + 1e-6


@pytest.mark.parametrize("hidden", [*FLAGS, "zip"])
@given(home=PROPERTIES, value=VALUES, data=st.data())
@examples(20)
def test_hiding_a_yes_or_no_or_the_place_never_raises_the_score(hidden, home, value, data):
    shown = data.draw(st.sampled_from(["98004", "98125", "98122"]) if hidden == "zip" else st.booleans())
    known, unknown = scores_of([{**home, hidden: shown}, {**home, hidden: None}], value)["bird_dog_score"]
    assert np.isnan(unknown) or unknown <= known + 1e-6


@given(home=PROPERTIES, value=VALUES, factor=number(1, 20))
@examples(40)
def test_more_repair_never_raises_the_score(home, value, factor):
    usd = {code: rate * factor for code, rate in KING.underwriting.repair_usd_per_sqft.items()}
    dearer = KING.model_copy(
        update={"underwriting": KING.underwriting.model_copy(update={"repair_usd_per_sqft": usd})}
    )
    now, then = (scores_of([home], value, county)["bird_dog_score"][0] for county in (KING, dearer))
    assert np.isnan(now) or then <= now + 1e-6


PRICES = st.lists(number(1, 1e8), min_size=2, max_size=6)


@given(PROPERTIES, VALUES, PRICES)
@examples(60)
def test_a_lower_asking_price_never_lowers_the_score(home, value, prices):
    rows = scores_of([{**home, "list_price_usd": price} for price in sorted(prices)], value)
    score = rows["bird_dog_score"].to_numpy()
    assert np.isnan(score).all() or (np.diff(score) <= 0).all()
    assert rows["confidence"].nunique() <= 1


@given(PROPERTIES, VALUES, PRICES)
@settings(max_examples=10)
def test_the_asking_price_leaves_the_value_alone(home, value, prices):
    rows = scores_of([{**home, "list_price_usd": price} for price in prices], value)
    for name in ("market_value_p10_usd", "market_value_p50_usd", "market_value_p90_usd", "arv_usd"):
        assert rows[name].nunique(dropna=False) == 1


# Signal -> the range it may take, and whether it gets worse upwards (1) or downwards (-1).
WORSE = {
    "condition_code": (1, 5, -1),
    "effective_age_years": (0, 400, 1),
    "last_sale_price_usd": (1, 1e8, 1),
    "days_on_market": (0, 5_000, -1),
    "tenure_years": (0, 120, -1),
    "zip_median_rent_usd": (1, 20_000, -1),
    "zip_price_per_sqft_trend_pct": (-90, 500, -1),
    "tax_annual_usd": (0, 1e6, 1),
    "hoa_monthly_usd": (0, 5_000, 1),
}


@pytest.mark.parametrize("name", WORSE)
@given(home=PROPERTIES, value=VALUES, data=st.data())
@settings(max_examples=10)
def test_a_signal_that_worsens_never_raises_the_score(name, home, value, data):
    low, high, direction = WORSE[name]
    drawn = data.draw(st.lists(number(low, high), min_size=2, max_size=5))
    levels = sorted({round(x) for x in drawn} if name == "condition_code" else drawn, reverse=direction < 0)
    score = scores_of([{**home, name: level} for level in levels], value)["bird_dog_score"].to_numpy()
    assert np.isnan(score).all() or (np.diff(score) <= 1e-6).all()


@pytest.mark.parametrize("name", FLAGS)
@given(home=PROPERTIES, value=VALUES)
@settings(max_examples=10)
def test_a_flag_that_speaks_against_never_raises_the_score(name, home, value):
    bad = name == "is_flood_hazard_area"
    good_score, bad_score = scores_of([{**home, name: not bad}, {**home, name: bad}], value)["bird_dog_score"]
    assert np.isnan(good_score) or bad_score <= good_score


@given(home=PROPERTIES, value=VALUES, data=st.data())
@examples(40)
def test_signals_of_an_owner_that_worsen_together_never_raise_the_score(home, value, data):
    """An owner who lives nearer, owes less and is no bank: less pressure, however much changes at once."""
    owner = sorted(set(FLAGS) - {"is_flood_hazard_area"})
    known = [name for name in owner if home[name] is not None]
    worse = dict.fromkeys(data.draw(st.lists(st.sampled_from(known), unique=True)) if known else [], False)
    if home["tenure_years"] is not None:
        worse["tenure_years"] = data.draw(number(0, home["tenure_years"]))
    before, after = scores_of([home, {**home, **worse}], value)["bird_dog_score"]
    assert np.isnan(before) or after <= before + 1e-6


def mixed_rows(rows: int = 40) -> pd.DataFrame:
    random = np.random.default_rng(7)
    subjects = features(
        rows,
        list_price_usd=random.uniform(2e5, 1.2e6, rows),
        zip=random.choice(["98004", "98125", "98122"], rows),
        condition_code=random.integers(1, 6, rows).astype(float),
        days_on_market=random.integers(0, 300, rows).astype(float),
    )
    subjects.loc[::7, "list_price_usd"] = np.nan
    subjects.loc[::5, "condition_code"] = np.nan
    return subjects


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_rows_never_matters(seed):
    subjects = mixed_rows()
    straight = scored(subjects)
    random = np.random.default_rng(seed)
    shuffled = scored(
        subjects.sample(frac=1, random_state=seed),
        values(subjects).sample(frac=1, random_state=random.integers(99)),
        arv(subjects).sample(frac=1, random_state=random.integers(99)),
    )
    pd.testing.assert_frame_equal(straight, shuffled, check_exact=True)


def test_a_property_scores_the_same_alone_and_among_others():
    subjects = mixed_rows()
    together = scored(subjects).set_index("property_id")
    for position in (0, 11, 39):
        alone = scored(subjects.iloc[[position]].reset_index(drop=True)).set_index("property_id")
        pd.testing.assert_frame_equal(alone, together.loc[alone.index], check_exact=True)


def test_the_same_input_gives_the_same_bits():
    first, second = scored(mixed_rows()), scored(mixed_rows())
    pd.testing.assert_frame_equal(first, second, check_exact=True)
    assert first["reasons"].tolist() == second["reasons"].tolist()
    assert KING.slug == first["county"][0]
    assert len(CONFIG.components) == 7
