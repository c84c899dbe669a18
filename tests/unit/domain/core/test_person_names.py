"""Names of owners: two spellings of one are equal, a line of several names each."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.core.person_names import name_form, name_forms, name_pattern, plain_text

WORDS = st.lists(st.text(alphabet="ABCDEÉÜß", min_size=1, max_size=6), min_size=2, max_size=4)


@pytest.mark.parametrize("spelling", ["Doe, John", "JOHN DOE", "john  doe", "DOE JOHN ", "Dóe, John."])
def test_order_case_accents_and_marks_do_not_count(spelling):
    assert name_form(spelling) == "DOE JOHN"


@pytest.mark.parametrize(
    "line",
    ["DOE JOHN & JANE", "Doe John and Jane", "JANE DOE; JOHN DOE", "JOHN DOE & JANE DOE", "DOE JANE ET AL"],
)
def test_a_line_of_several_owners_names_each(line):
    assert name_form("Jane Doe") in name_forms(line)


@pytest.mark.parametrize("line", ["DOE JOHN", "JANE SMITH", "JANE DOESKIN", "", "DOE", "JANE"])
def test_others_are_not_named(line):
    assert name_form("Jane Doe") not in name_forms(line)


@given(words=WORDS)
def test_a_name_is_named_by_itself_and_found_in_text_in_any_order(words):
    name = " ".join(words)
    form = name_form(name)
    assert form in name_forms(name)
    for order in (words, words[::-1]):
        assert name_pattern(form).search(plain_text(f"<td>{', '.join(order)}</td>"))


@given(text=st.text(max_size=60))
def test_whatever_a_line_is_its_forms_are_forms(text):
    for form in name_forms(text):
        assert name_form(form) == form and re.fullmatch(r"[A-Z0-9]+( [A-Z0-9]+)*", form)


def test_a_longer_word_is_not_the_name():
    assert not name_pattern("DOE JANE").search("JANE DOESKIN")
    assert not name_pattern("DOE JANE").search("MARIJANE DOE")
