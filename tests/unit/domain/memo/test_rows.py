"""Which properties get a memo, and the rows of all tables that it is made of."""

import json

import pandas as pd

from realestate_assets.domain.memo.rows import memo_candidates, memo_records
from tests.unit.domain.memo.memo_records import comparable, fact, score_row


def score_frame() -> pd.DataFrame:
    rows = [
        ("p1", 80.0, "2015-03"),
        ("p2", 50.0, "2015-03"),
        ("p3", 49.999, "2015-03"),
        ("p4", None, "2015-03"),
        ("p0", 80.0, "2015-03"),
        ("p5", 60.0, "2015-04"),
    ]
    return pd.DataFrame([score_row(property_id=p, bird_dog_score=s, month=m) for p, s, m in rows])


def test_memos_go_to_the_best_of_each_month_down_to_the_threshold():
    chosen = memo_candidates(score_frame().sample(frac=1, random_state=3), 50, 10)
    ranked = list(zip(chosen["month"], chosen["property_id"], chosen["memo_rank"], strict=True))
    assert ranked == [("2015-03", "p0", 1), ("2015-03", "p1", 2), ("2015-03", "p2", 3), ("2015-04", "p5", 1)]


def test_memos_are_of_what_is_on_offer():
    states = ["gone", "on_offer", "retrospective", "on_offer", "under_contract", "on_offer"]
    chosen = memo_candidates(score_frame().assign(offer_state=states), 50, 10)
    assert chosen["property_id"].tolist() == ["p2", "p5"]


def test_a_month_of_sales_alone_gets_memos_that_look_back():
    states = ["retrospective", "retrospective", "retrospective", "retrospective", "gone", None]
    frame = score_frame().assign(offer_state=states)
    # What was sold is seldom a deal: the best are looked back on, however little they scored.
    assert memo_candidates(frame, 50, 10)["property_id"].tolist() == ["p1", "p2", "p3"]
    assert memo_candidates(frame, 50, 2)["property_id"].tolist() == ["p1", "p2"]


def test_the_limit_counts_per_partition():
    chosen = memo_candidates(score_frame(), 50, 1)
    assert chosen["property_id"].tolist() == ["p0", "p5"]
    assert memo_candidates(score_frame(), 50, 0).empty


def test_rows_of_all_tables_come_together_by_property_and_month():
    chosen = memo_candidates(score_frame(), 50, 10)
    key = {"county": "king-wa", "month": "2015-04", "property_id": "p5"}
    tables = {
        "features": pd.DataFrame([{**key, "bedrooms": 4.0}, {**key, "month": "2015-03", "bedrooms": 9.0}]),
        "properties": pd.DataFrame([{**key, "street": "A ST"}]),
        "enrichments": pd.DataFrame([{**key, "zoning_code": "R"}]),
        "enrichment_facts": pd.DataFrame([{**key, **fact("zip_population")}]),
        "comparables": pd.DataFrame([{**key, **comparable(1)}]),
    }
    last = memo_records(chosen, tables)[-1]
    assert (last.features["bedrooms"], last.property["street"]) == (4.0, "A ST")
    assert len(last.facts) == len(last.comparables) == 1
    assert memo_records(chosen, tables)[0].comparables == []
    json.dumps(last.score["reasons"])
