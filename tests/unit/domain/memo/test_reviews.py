"""What a person has cleared stands on the memo; what is open, or was scored before reviews, does not."""

import json

import pytest

from realestate_assets.domain.memo.risks import MAX_NAME, cleared_reviews
from realestate_assets.domain.memo.rows import memo_candidates
from tests.unit.domain.memo.test_rows import score_frame

CLEARED = {"by": "R. Lee", "when": "2015-04-01", "why": "Two sales\nnext door."}


def reason(cleared: dict | None) -> dict:
    return {"code": "FEW_CLOSE_COMPARABLES", "text": "Few are close.", "cleared": cleared}


def test_a_clearance_is_told_with_the_doubt_who_when_and_why():
    said = cleared_reviews(json.dumps([reason(None), reason(CLEARED)]))
    assert said == ["Few are close. Looked into by R. Lee on 2015-04-01: Two sales next door."]
    long = cleared_reviews(json.dumps([reason(CLEARED | {"by": "x" * 1000})]))
    assert "x" * (MAX_NAME + 1) not in long[0]


@pytest.mark.parametrize("stored", [None, "[]"])
def test_without_reasons_nothing_is_said(stored):
    assert cleared_reviews(stored) == []


def test_what_needs_a_review_gets_no_memo_and_the_next_best_takes_its_rank():
    frame = score_frame()
    frame["needs_review"] = (frame["property_id"] == "p0").where(frame["property_id"] != "p1", None)
    chosen = memo_candidates(frame, 50, 10)
    ranked = list(zip(chosen["property_id"], chosen["memo_rank"], strict=True))
    assert ranked == [("p1", 1), ("p2", 2), ("p5", 1)]
