"""Which sales are valid: each rule, several at once, and that nothing depends on what comes later."""

import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.sales.rules import BUILT_IN_FILE, load_sale_rules
from realestate_assets.domain.sales.validity import RECORD_COLUMNS, VALID, sale_validity
from realestate_assets.domain.tables import SALE_VALIDITY
from resources.errors import PermanentError
from resources.warehouse.conform import conform
from tests.examples import examples

RULES = load_sale_rules()
PRICE, RESOLD = "PRICE_UNDER_10000", "RESOLD_WITHIN_365_DAYS"


def record(property_id: str = "a", sold: str | None = "2015-03-10", **changes: object) -> dict:
    plain = {
        **dict.fromkeys(RECORD_COLUMNS),
        "county": "king-wa",
        "month": sold[:7] if sold else "2015-03",
        "property_id": property_id,
        "is_simulated": False,
        "sale_date": pd.Timestamp(sold).date() if sold else None,
        "sale_price_usd": 300_000.0,
    }
    return plain | changes


def judged(*records: dict) -> pd.DataFrame:
    return sale_validity(pd.DataFrame(list(records), columns=list(RECORD_COLUMNS)), RULES)


def verdicts(*records: dict) -> list[str]:
    """Verdicts in the order of month and property_id."""
    return judged(*records)["sale_validity"].tolist()


def test_a_plain_sale_is_valid_and_fits_the_table():
    rows = judged(record())
    assert conform(rows, SALE_VALIDITY).num_rows == 1
    assert rows.loc[0, ["sale_validity", "is_arms_length"]].tolist() == [VALID, True]
    assert rows.loc[0, ["sale_faults", "earlier_sale_date"]].isna().all()


@pytest.mark.parametrize("changes", [{"year_built": 2016}, {"year_renovated": 2016, "year_built": 1950}])
def test_a_home_built_or_renovated_after_its_sale_was_not_sold_as_it_is_described(changes):
    rows = judged(record(**changes, deed_type="Quit claim"))
    assert rows["sale_validity"].tolist() == ["FACTS_AFTER_SALE"]
    assert rows["sale_faults"].tolist() == ["FACTS_AFTER_SALE,NON_ARMS_LENGTH_DEED"]
    assert not rows["is_arms_length"].any()


@pytest.mark.parametrize("changes", [{"year_built": 2015}, {"year_built": 1950, "year_renovated": 2015}])
def test_the_year_of_the_sale_and_earlier_ones_contradict_nothing(changes):
    assert verdicts(record(**changes)) == [VALID]


@pytest.mark.parametrize("changes", [{"sale_date": None}, {"sale_price_usd": None}])
def test_a_record_without_a_price_or_a_date_reports_no_sale(changes):
    rows = judged(record() | changes)
    assert conform(rows, SALE_VALIDITY).num_rows == 0


def test_no_records_give_no_rows_and_still_the_table():
    assert conform(judged(), SALE_VALIDITY).num_rows == 0


@pytest.mark.parametrize(
    "deed",
    ["Quit claim", "QUIT-CLAIM DEED", "Quitclaim Deed", "Judicial Sale", "Judge's Deed", "Executor",
     "SHERIFF'S DEED", "Deed in Lieu of Foreclosure", "Trustee's Deed Upon Sale", "Tax Deed", "Gift Deed"],
)  # fmt: skip
def test_a_deed_that_is_not_at_arms_length_is_named(deed):
    rows = judged(record(deed_type=deed))
    assert rows["sale_validity"].tolist() == ["NON_ARMS_LENGTH_DEED"]
    assert not rows["is_arms_length"].any()


@pytest.mark.parametrize(
    "deed", ["Warranty", "Special Warranty Deed", "Grant Deed", "Trustee", "Trustee Deed", "Other", "", None]
)
def test_a_market_deed_or_none_is_no_fault(deed):
    assert verdicts(record(deed_type=deed)) == [VALID]


@pytest.mark.parametrize(("price", "verdict"), [(9_999.99, PRICE), (1.0, PRICE), (10_000.0, VALID)])
def test_a_price_below_the_minimum_is_nominal_and_the_minimum_is_a_price(price, verdict):
    assert verdicts(record(sale_price_usd=price)) == [verdict]


@pytest.mark.parametrize(
    ("earlier", "verdict"),
    [("2014-03-10", RESOLD), ("2015-03-09", RESOLD), ("2014-03-09", VALID), ("2015-03-10", VALID)],
)
def test_the_later_of_two_sales_within_365_days_is_marked(earlier, verdict):
    rows = judged(record(sold=earlier, month="2014-03"), record())
    assert rows["sale_validity"].tolist() == [VALID, verdict]
    # A quick resale is a sale all the same.
    assert rows["is_arms_length"].all()
    if verdict == RESOLD:
        assert rows.loc[1, "earlier_sale_date"] == pd.Timestamp(earlier)


@pytest.mark.parametrize(
    "other",
    [{"property_id": "b"}, {"county": "cook-il"}, {"is_simulated": True}, {"sale_price_usd": 10.0}],
    ids=str,
)
def test_another_property_kind_or_a_nominal_transfer_is_no_earlier_sale(other):
    rows = judged(record(sold="2015-01-10") | other, record())
    assert rows.query("county == 'king-wa' and month == '2015-03'")["sale_validity"].tolist() == [VALID]


def test_of_three_quick_sales_the_first_alone_is_valid():
    sales = [record(sold=day) for day in ("2014-06-01", "2014-12-01", "2015-05-01")]
    assert verdicts(*sales) == [VALID, RESOLD, RESOLD]


def test_an_earlier_sale_that_a_later_month_reports_first_is_not_known_yet():
    late = record(sold="2015-01-10", month="2015-04")
    assert verdicts(record(), late) == [VALID, VALID]


def test_a_sale_of_several_parcels_is_told_by_number_or_by_a_shared_document():
    assert verdicts(record(parcels_in_sale=2)) == ["MULTI_PARCEL_SALE"]
    assert verdicts(record(parcels_in_sale=1)) == [VALID]
    shared = [record(p, sale_document_id="77") for p in ("a", "b")]
    assert verdicts(*shared) == ["MULTI_PARCEL_SALE"] * 2
    assert verdicts(*[s | {"sale_document_id": None} for s in shared]) == [VALID, VALID]


def test_a_document_number_used_again_or_learned_of_later_joins_no_sales():
    again = [record("a", sale_document_id="77"), record("b", sold="2015-03-11", sale_document_id="77")]
    assert verdicts(*again) == [VALID, VALID]
    late = [record("a", sale_document_id="77"), record("b", sale_document_id="77", month="2015-04")]
    assert verdicts(*late) == [VALID, "MULTI_PARCEL_SALE"]


@pytest.mark.parametrize(
    ("seller", "buyer", "same"),
    [("SMITH JOHN", "John Smith", True), ("A & B LLC", "A and B, LLC", True),
     ("SMITH JOHN", "SMITH MARY", False),
     (None, None, False), ("", "", False), ("--", "&", False), (None, "SMITH JOHN", False)],
)  # fmt: skip
def test_buyer_and_seller_are_the_same_where_their_words_are(seller, buyer, same):
    expected = "BUYER_IS_SELLER" if same else VALID
    assert verdicts(record(seller_name=seller, buyer_name=buyer)) == [expected]


def test_the_first_fault_is_the_verdict_and_all_are_told():
    bad = record(
        deed_type="Quit claim", sale_price_usd=10.0, parcels_in_sale=3, seller_name="X", buyer_name="X"
    )
    rows = judged(record(sold="2015-01-10"), bad)
    assert rows.loc[1, "sale_validity"] == "NON_ARMS_LENGTH_DEED"
    assert rows.loc[1, "sale_faults"].split(",") == [
        "NON_ARMS_LENGTH_DEED", PRICE, "MULTI_PARCEL_SALE", "BUYER_IS_SELLER", RESOLD,
    ]  # fmt: skip


MONTHS = [f"2014-{m:02d}" for m in range(1, 13)]
SALES = st.fixed_dictionaries(
    {
        "property_id": st.sampled_from("abc"),
        "month": st.sampled_from(MONTHS),
        "sale_date": st.dates(pd.Timestamp("2013-01-01").date(), pd.Timestamp("2014-12-31").date())
        | st.none(),
        "sale_price_usd": st.sampled_from([1.0, 9_999.0, 10_000.0, 5e5]) | st.none(),
        "sale_document_id": st.sampled_from(["1", "2"]) | st.none(),
        "deed_type": st.sampled_from(["Warranty", "Quit claim"]) | st.none(),
        "seller_name": st.sampled_from(["X", "Y"]) | st.none(),
        "buyer_name": st.sampled_from(["X", "Z"]) | st.none(),
        "parcels_in_sale": st.sampled_from([1, 2]) | st.none(),
        "is_simulated": st.booleans(),
    }
)
HISTORIES = st.lists(SALES, max_size=8, unique_by=lambda s: (s["property_id"], s["month"]))


@given(HISTORIES, st.sampled_from(MONTHS), st.randoms(use_true_random=False))
@examples(60)
def test_what_later_months_bring_and_the_order_of_rows_change_no_verdict(history, month, random):
    records = [record() | sale for sale in history]
    whole = judged(*random.sample(records, len(records)))
    known = judged(*[r for r in records if r["month"] <= month])
    before = whole[whole["month"] <= month].reset_index(drop=True)
    pd.testing.assert_frame_equal(before, known, check_dtype=False)


@given(HISTORIES)
@examples(60)
def test_every_priced_sale_has_one_verdict_that_agrees_with_its_faults(history):
    rows = judged(*[record() | sale for sale in history])
    priced = [s for s in history if s["sale_date"] and s["sale_price_usd"]]
    assert len(rows) == len(priced)
    assert ((rows["sale_validity"] == VALID) == rows["sale_faults"].isna()).all()
    assert (rows["is_arms_length"] == rows["sale_validity"].isin([VALID, RESOLD])).all()
    conform(rows, SALE_VALIDITY)


def changed_rules(tmp_path, **changes: object):
    path = tmp_path / "sale_validity.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(BUILT_IN_FILE.read_text()) | changes))
    return path


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"minimum_price_usd": 0}, "minimum_price_usd"),
        ({"resale_window_days": 0}, "resale_window_days"),
        ({"resale_window_days": "a year"}, "resale_window_days"),
        ({"non_arms_length_deeds": []}, "non_arms_length_deeds"),
        ({"non_arms_length_deeds": ["Quit-Claim"]}, "non_arms_length_deeds"),
        ({"non_arms_length_deeds": ["(.*)"]}, "non_arms_length_deeds"),
        ({"minimum_prize_usd": 5}, "minimum_prize_usd"),
    ],
)
def test_rules_that_are_not_valid_are_refused_with_the_field(tmp_path, changes, field):
    with pytest.raises(PermanentError, match=field):
        load_sale_rules(changed_rules(tmp_path, **changes))


def test_a_file_that_is_no_yaml_is_refused(tmp_path):
    path = tmp_path / "sale_validity.yaml"
    path.write_text("a: [")
    with pytest.raises(PermanentError, match="not valid YAML"):
        load_sale_rules(path)


def test_the_codes_carry_the_figures_of_the_rules(tmp_path):
    rules = load_sale_rules(changed_rules(tmp_path, minimum_price_usd=500, resale_window_days=90))
    assert (rules.price_code, rules.resale_code) == ("PRICE_UNDER_500", "RESOLD_WITHIN_90_DAYS")
    frame = pd.DataFrame([record(sale_price_usd=400.0), record("b", sale_price_usd=600.0)])
    assert sale_validity(frame, rules)["sale_validity"].tolist() == ["PRICE_UNDER_500", VALID]


def test_parcels_of_one_document_are_one_sale_also_where_a_letter_marks_the_further_ones():
    bulk = {"sale_price_usd": 2_500_000.0}
    one = record("a", sale_document_id="1202334001", **bulk)
    other = record("b", sale_document_id="1202334001D", **bulk)
    assert verdicts(one, other) == ["MULTI_PARCEL_SALE"] * 2


def test_numbers_that_differ_by_a_letter_are_two_documents_at_two_prices_or_on_two_days():
    one = record("a", sale_document_id="1202334001")
    dearer = record("b", sale_document_id="1202334001D", sale_price_usd=400_000.0)
    later = record("b", "2015-03-11", sale_document_id="1202334001D")
    assert verdicts(one, dearer) == verdicts(one, later) == [VALID, VALID]
