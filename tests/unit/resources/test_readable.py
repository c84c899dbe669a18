"""What a check found as a table: any shape, any text, and nothing where nothing was found."""

import re

from hypothesis import given
from hypothesis import strategies as st

from resources.readable import MAX_ROWS, as_rows, markdown_table, shown


def lines(text: str) -> list[str]:
    return text.splitlines()


def test_nothing_found_is_json_alone():
    assert shown("offenders", []).keys() == shown("offenders", {}).keys() == {"offenders"}


def test_rows_become_a_table_with_a_column_for_each_name():
    found = shown("offenders", [{"county": "king-wa", "share": 0.25}, {"county": "cook-il", "month": None}])
    assert found["offenders"].value == [
        {"county": "king-wa", "share": 0.25},
        {"county": "cook-il", "month": None},
    ]
    assert lines(found["offenders_table"].value) == [
        "| county | share | month |",
        "| --- | --- | --- |",
        "| king-wa | 0.25 | – |",
        "| cook-il | – | – |",
    ]


def test_what_a_mapping_names_is_the_first_column():
    assert as_rows({"cod": 16.2}) == [{"": "cod", "value": 16.2}]
    found = shown("broken_rules", {"zip is never null": {"rows": 1200, "examples": [{"month": "2015-03"}]}})
    assert "| zip is never null | 1,200 | month 2015-03 |" in found["broken_rules_table"].value


def test_sentences_are_a_table_of_one_column():
    assert lines(markdown_table(as_rows(["zip is missing"])))[-1] == "| zip is missing |"


def test_a_long_list_is_cut_and_says_so():
    text = markdown_table([{"n": k} for k in range(MAX_ROWS + 5)])
    assert len(lines(text)) == 2 + MAX_ROWS + 2
    assert text.endswith("… and 5 more.")


@given(st.dictionaries(st.text(max_size=8), st.text(), min_size=1, max_size=3))
def test_no_text_breaks_a_row_or_becomes_html(row):
    header, rule, body = markdown_table([row]).split("\n")
    columns = [len(re.findall(r"(?<!\\)\|", line)) for line in (header, rule, body)]
    assert len(set(columns)) == 1
    assert "<" not in header + body
