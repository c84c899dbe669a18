"""Pictures of the asset pages: figures as text, small, the same for equal input, whatever the labels hold."""

import base64
import re
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.core.asset_pictures import completeness, image, reject_reasons, score_histogram

CLASSES = st.sampled_from(["excellent", "good", "fair", "poor"])
SVG = "{http://www.w3.org/2000/svg}"


def drawn(markdown: str) -> ElementTree.Element:
    """The picture inside a Markdown image."""
    data = re.fullmatch(r"!\[[^\[\]()]*\]\(data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)\)", markdown).group(1)
    return ElementTree.fromstring(base64.b64decode(data))


def texts(element: ElementTree.Element) -> list[str]:
    return [text.text for text in element.iter(f"{SVG}text")]


def test_reasons_stand_by_frequency_with_their_share():
    shown = texts(drawn(image(reject_reasons({"BAD_DATE": 3, "DUPLICATE": 12}, 240))))
    assert shown[1:] == ["DUPLICATE", "12 (5.0 %)", "BAD_DATE", "3 (1.2 %)"]


def test_an_empty_field_stands_in_red():
    picture = drawn(image(completeness({"zip_population": 1.0, "tax_sale_year": 0.0})))
    (empty,) = [t for t in picture.iter(f"{SVG}text") if t.text == "0 %"]
    assert empty.get("fill") == "#a3261b"


@given(st.lists(st.tuples(st.floats(0, 100), CLASSES), max_size=300))
def test_every_score_is_in_the_histogram_once(scores):
    picture = drawn(image(score_histogram(scores)))
    for kind in ("excellent", "good", "fair", "poor"):
        assert f"{kind} {sum(1 for _, found in scores if found == kind):,}" in texts(picture)


@given(st.dictionaries(st.text(st.characters(exclude_categories=["C"])), st.integers(1, 999), max_size=5))
def test_any_label_gives_a_picture(counts):
    assert drawn(image(reject_reasons(counts, 1_000))) is not None


def test_a_picture_is_small_and_the_same_each_time():
    scores = [(float(k % 101), "good") for k in range(5_000)]
    assert image(score_histogram(scores)) == image(score_histogram(scores))
    assert len(image(score_histogram(scores))) < 10_000
