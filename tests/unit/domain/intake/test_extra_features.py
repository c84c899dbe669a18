"""Facts of a file's own on their way to the model: one JSON object a row, nothing guessed, no row lost."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.valuation.extra_columns import decoded
from resources.errors import PermanentError
from tests.unit.domain.intake.landed import make_source, process

COLUMNS = {"apn": "id", "observed_date": "date", "zip": {"constant": "98101"}}
FEATURES = {
    "rooms": {"from": "rooms", "null_values": "0"},
    "walls": {"from": "wall", "kind": "category", "codes": {"B": "brick", "W": "wood"}},
    "porch": {"from": "porch", "factor": 10},
    "both": {"sum": {"rooms": 1.0, "porch": 2.0}},
}


def rows(text: str, features: dict | None = None):
    source = make_source(columns=COLUMNS, features=FEATURES if features is None else features)
    return process({"f.csv": text.encode()}, source)[1]


def objects(found) -> list[dict | None]:
    texts = found.properties.sort_by("source_row")["extra_features"].to_pylist()
    return [None if text is None else json.loads(text) for text in texts]


def test_numbers_and_categories_travel_and_what_is_unknown_is_left_out():
    found = rows("id,date,rooms,wall,porch\n1,2014-05-01,6,B,2.5\n2,2014-05-01,0,,\n3,2014-05-02,,w,\n")
    assert objects(found) == [
        {"both": 11.0, "porch": 25.0, "rooms": 6.0, "walls": "brick"},
        {"both": 0.0},
        {"walls": "wood"},
    ]


@pytest.mark.parametrize(("row", "code"), [("many,B,1", "NUMBER_UNREADABLE"), ("6,stone,1", "CODE_UNKNOWN")])
def test_what_cannot_be_read_refuses_the_row_with_its_name(row, code):
    found = rows(f"id,date,rooms,wall,porch\n1,2014-05-01,{row}\n")
    (reject,) = found.rejects.to_pylist()
    assert (found.properties.num_rows, reject["reason_code"]) == (0, code)
    assert reject["field"] in ("both", "rooms", "walls")


def test_a_source_without_features_has_none():
    assert objects(rows("id,date\n1,2014-05-01\n", {})) == [None]


def test_a_required_column_that_the_file_lacks_is_named():
    with pytest.raises(PermanentError, match="lacks the required column Wall"):
        rows("id,date\n1,2014-05-01\n", {"walls": {"from": "Wall", "kind": "category", "required": True}})


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters='\r\n,"'), max_size=12),
        min_size=1,
        max_size=6,
    )
)
def test_any_text_comes_back_from_the_json_as_it_was(texts):
    lines = "".join(f"{k},2014-05-01,{text}\n" for k, text in enumerate(texts, 1))
    source = make_source(
        columns=COLUMNS,
        encoding="utf-8",
        features={"fact": {"from": "fact", "kind": "category", "usual_nulls": False}},
    )
    found = process({"f.csv": f"id,date,fact\n{lines}".encode()}, source)[1]
    table = found.properties.sort_by("source_row").to_pandas()
    kept = decoded(table["extra_features"]).reindex(columns=["extra_fact"])["extra_fact"]
    assert len(table) == len(texts)
    for row, value in zip(table["source_row"], kept, strict=True):
        assert (value if isinstance(value, str) else "") == texts[row - 1].strip()
