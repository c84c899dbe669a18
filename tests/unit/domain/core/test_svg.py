"""SVG text: escaped, round, the same for equal input."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.core import svg


def picture(**parts: object) -> svg.Picture:
    return svg.Picture(**{"width": 100, "height": 40, "alt": "A picture", "name": "test", **parts})


@given(st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), max_size=60))
def test_any_text_stays_text(text):
    drawn = picture(alt=text)
    drawn.text(1, 2, text, raised=text)
    root = ET.fromstring(str(drawn.markup()))
    assert [child.tag.rpartition("}")[2] for child in root] == ["title", "text"]
    assert (root[0].text or "") == text
    assert (root[1].text or "") == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0"), (-0.04, "0"), (1.25, "1.2"), (12.0, "12"), (-3.46, "-3.5")]
)
def test_coordinates_have_one_decimal_at_most(value, text):
    assert svg.number(value) == text


@given(st.floats(-1e8, 1e8), st.floats(1e-3, 1e8), st.integers(1, 8))
def test_ticks_lie_between_the_ends_and_are_few(low, span, count):
    found = svg.ticks(low, low + span, count)
    assert len(found) <= count + 1
    assert found == sorted(set(found))
    slack = span * 1e-3 + 1e-6
    assert all(low - slack <= tick <= low + span + slack for tick in found)


def test_ticks_of_nothing_are_the_value_itself():
    assert svg.ticks(5.0, 5.0, 4) == [5.0]


def test_a_picture_says_what_it_shows():
    root = ET.fromstring(str(picture().markup()))
    assert root.attrib["role"] == "img"
    assert root[0].text == "A picture"
