"""The bundled sample: the same every time, like its county, and dirty on purpose."""

import hashlib
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realestate_assets.domain.counties.county import County, load_counties
from realestate_assets.domain.enrichment.owner_types import classify_owners
from realestate_assets.domain.intake.canonical import canonicalise
from realestate_assets.domain.intake.raw_rows import raw_table
from realestate_assets.sample.generator import generate
from realestate_assets.sample.listings import RESALE_MONTHS
from resources.errors import PermanentError

COUNTIES = load_counties()
KING = COUNTIES["king-wa"]
SEED = 20240101
HALF_YEAR = [f"2023-{month:02d}" for month in range(7, 13)]
YEAR = [f"2023-{month:02d}" for month in range(1, 13)]


def generate_raw(county: County, months: list[str], seed: int, rows: int) -> pa.Table:
    return raw_table(generate(county, months, seed, rows))


def cleaned(county: County, raw: pa.Table) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Properties and rejects of a sample."""
    result = canonicalise(raw, county)
    return result.properties.to_pandas(), result.rejects.to_pandas()


@pytest.fixture(scope="module")
def king_year() -> tuple[pd.DataFrame, pd.DataFrame]:
    return cleaned(KING, generate_raw(KING, YEAR, SEED, 240))


def test_another_process_generates_the_same_rows():
    code = (
        "import hashlib; from realestate_assets.domain.counties.county import load_counties;"
        "from realestate_assets.domain.intake.raw_rows import raw_table;"
        "from realestate_assets.sample.generator import generate;"
        f"t = raw_table(generate(load_counties()['king-wa'], ['2015-03'], {SEED}, 60));"
        "print(hashlib.sha256(repr(t.to_pylist()).encode()).hexdigest())"
    )
    here = generate_raw(KING, ["2015-03"], SEED, 60)
    expected = hashlib.sha256(repr(here.to_pylist()).encode()).hexdigest()
    for hash_seed in ("1", "777"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == expected


@settings(max_examples=15)
@given(
    months=st.lists(st.sampled_from(["2014-12", "2015-01", "2015-02", "2020-06"]), min_size=1, max_size=4),
    rows=st.integers(1, 60),
    slug=st.sampled_from(sorted(COUNTIES)),
)
def test_a_month_alone_equals_the_month_in_company(months, rows, slug):
    county = COUNTIES[slug]
    together = generate_raw(county, months, SEED, rows)
    assert together.num_rows == rows * len(set(months))
    for month in months:
        alone = generate_raw(county, [month], SEED, rows)
        assert (
            together.filter(pc.equal(together["month"], month))
            .combine_chunks()
            .equals(alone.combine_chunks())
        )


def test_another_seed_month_or_county_gives_another_sample():
    def content(county: str, month: str, seed: int) -> str:
        return generate_raw(COUNTIES[county], [month], seed, 20)["_file_sha256"][0].as_py()

    hashes = [content(*case) for case in (("king-wa", "2015-03", 1), ("king-wa", "2015-03", 2))]
    hashes += [content(*case) for case in (("king-wa", "2015-04", 1), ("cook-il", "2015-03", 1))]
    assert len(set(hashes)) == 4


def test_prices_rise_with_the_market():
    early = generate_raw(KING, ["2015-01"], SEED, 2_000)
    late = generate_raw(KING, ["2020-01"], SEED, 2_000)
    medians = [cleaned(KING, raw)[0]["sale_price_usd"].median() for raw in (early, late)]
    assert medians[1] / medians[0] == pytest.approx(1.08**5, rel=0.08)


def test_every_kind_of_reject_and_duplicate_occurs_in_a_year(king_year):
    properties, rejects = king_year
    assert 0.02 < len(rejects) / (len(properties) + len(rejects)) < 0.08
    assert set(rejects["reason_code"]) == {
        "REQUIRED_MISSING",
        "NUMBER_UNREADABLE",
        "DATE_UNREADABLE",
        "PRICE_OUT_OF_RANGE",
        "LIVING_AREA_OUT_OF_RANGE",
        "YEAR_OUT_OF_RANGE",
        "COORDINATES_OUTSIDE_COUNTY",
        "BEDROOMS_OUT_OF_RANGE",
        "CODE_UNKNOWN",
        "ENCODING_BROKEN",
        "ROW_TOO_SHORT",
        "ROW_TOO_LONG",
        "EXACT_COPY",
        "DUPLICATE_APN",
        "DUPLICATE_ADDRESS",
    }


def test_about_three_fifths_are_sold_and_open_listings_hold_bargains(king_year):
    properties = king_year[0]
    sold = properties["listing_status"] == "sold"
    assert sold.mean() == pytest.approx(0.62, abs=0.05)
    assert properties.loc[sold, "sale_date"].notna().all()
    assert properties.loc[~sold, "sale_price_usd"].isna().all()
    open_ratio = properties.loc[~sold, "list_price_usd"] / properties.loc[~sold, "assessed_value_usd"]
    spread = np.log(open_ratio / open_ratio.median())
    assert (spread < -0.2).mean() > 0.04
    assert (spread > 0.2).mean() > 0.04


def test_dates_and_owners_make_sense(king_year):
    properties = king_year[0]
    observed = pd.to_datetime(properties["observed_date"])
    assert (observed.dt.strftime("%Y-%m") == properties["month"]).all()
    assert (pd.to_datetime(properties["list_date"]) <= observed).all()
    earlier = properties.dropna(subset="last_sale_date")
    assert (earlier["last_sale_date"] < earlier["list_date"]).all()
    assert earlier["last_sale_price_usd"].gt(0).all()
    assert (~properties["owner_occupied"].dropna().astype(bool)).mean() == pytest.approx(0.25, abs=0.04)
    elsewhere = ~properties["owner_mailing_address"].str.contains(" WA ")
    assert elsewhere.mean() == pytest.approx(0.10, abs=0.03)
    assert properties["owner_name"].str.startswith("Sample ").all()
    kinds = classify_owners(properties["owner_name"]).value_counts(normalize=True)
    assert set(kinds.index) == {"person", "company", "trust", "bank"}
    assert kinds["person"] > 0.7 and kinds["bank"] < 0.03
    condos = properties[properties["property_type"] == "condo"]
    assert condos["hoa_monthly_usd"].notna().all() and condos["unit"].notna().all()
    assert properties["apn"].dropna().str.startswith("0").any()


def test_some_listings_come_back_sold_in_the_next_month(king_year):
    properties = king_year[0]
    seen = properties[properties["property_id"].duplicated(keep=False)].sort_values(["property_id", "month"])
    homes = seen.groupby("property_id").agg(states=("listing_status", list), first=("month", "min"))
    assert len(homes) > 50
    assert homes["states"].map(lambda states: states[-1] == "sold").all()
    # Homes on offer in the year before come back in the first months; few listings are rejected as faulty.
    later = homes[homes["first"] > f"2023-{1 + RESALE_MONTHS:02d}"]
    assert later["states"].map(lambda states: states[0] in ("active", "pending")).mean() > 0.95
    # A home that is done up is another ask and another condition.
    once = seen.groupby(["property_id", "list_price_usd"])[["street", "year_built"]].nunique()
    assert once.max().max() == 1


def test_bargains_sell_at_about_their_ask_and_some_are_sold_again_for_far_more(king_year):
    sold = king_year[0][king_year[0]["listing_status"] == "sold"].sort_values(["property_id", "month"])
    again = sold[sold["property_id"].duplicated(keep=False)]
    prices = again.groupby("property_id")["sale_price_usd"].agg(["first", "last"])
    gained = (prices["last"] / prices["first"] >= 1.25).sum()
    bought = sold.drop_duplicates("property_id")
    assert len(prices) >= 10 and 0.3 < gained / len(prices) < 0.95
    assert 0.005 < gained / len(bought) < 0.03
    ratio = bought["sale_price_usd"] / bought["list_price_usd"]
    assert 0.97 < ratio.median() < 1.01


def test_row_numbers_and_hashes_are_those_of_a_file_a_month():
    raw = generate_raw(KING, ["2015-01", "2015-02"], SEED, 30)
    assert raw["_row"].to_pylist() == [*range(1, 31), *range(1, 31)]
    assert len(pc.unique(raw["_file_sha256"])) == 2
    assert pc.unique(raw["_source"]).to_pylist() == ["sample"]


def test_a_county_without_profile_or_a_senseless_size_is_a_permanent_error():
    with pytest.raises(PermanentError, match=r"king-wa.*profile"):
        generate_raw(KING.model_copy(update={"sample": None}), ["2015-01"], SEED, 10)
    with pytest.raises(PermanentError, match="SAMPLE_ROWS_PER_MONTH"):
        generate_raw(KING, ["2015-01"], SEED, 100_001)
