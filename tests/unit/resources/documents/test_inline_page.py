"""Pages of one file: data that cannot become markup, and a policy that fits what the page holds."""

import base64
import hashlib
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.documents.inline_page import joined, policy, render_inline, script_json
from resources.home import PROJECT_ROOT

BOARD = PROJECT_ROOT / "templates" / "board"


@given(st.recursive(st.text() | st.integers() | st.none(), st.lists, max_leaves=5))
def test_any_data_come_back_and_hold_no_markup(value):
    text = str(script_json(value))
    assert json.loads(text) == value
    assert text.isascii()
    assert not set("<>&") & set(text)


def test_a_number_that_is_not_finite_is_refused():
    with pytest.raises(ValueError, match="JSON"):
        script_json(float("nan"))


@pytest.fixture
def templates(tmp_path):
    (tmp_path / "page.html.j2").write_text(
        '<meta content="{{ policy }}"><style>{{ style }}</style>'
        "<p>{{ name }}</p><script>{{ script }}</script>"
    )
    (tmp_path / "a.css").write_text("p > b { color: red }")
    (tmp_path / "a.js").write_text("const a = 1 && 2;")
    (tmp_path / "b.js").write_text("const b = a < 2;")
    return tmp_path


def test_the_policy_names_the_script_and_style_that_stand_in_the_page(templates):
    page = render_inline(templates, "page.html.j2", {"name": "<b>"}, ["a.css"], ["a.js", "b.js"])
    assert "<p>&lt;b&gt;</p>" in page
    for tag in ("script", "style"):
        inside = re.search(f"<{tag}>(.*)</{tag}>", page, re.DOTALL).group(1)
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{tag}-src &#39;sha256-{digest}&#39;" in page


def test_a_page_without_a_script_allows_none():
    assert "script-src" not in policy("p {}", "")
    assert policy("p {}", "").startswith("default-src 'none'")


def test_our_own_sources_hold_nothing_that_ends_their_block_or_asks_a_network():
    for path in [*BOARD.glob("*.js"), *BOARD.glob("*.css"), *BOARD.glob("*.j2")]:
        text = joined(path.parent, [path.name])
        if path.suffix != ".j2":
            assert not re.search(r"</(script|style)|<!--", text, re.IGNORECASE), path.name
        found = set(re.findall(r"https?://[^\s\"'`]+", text))
        assert found <= {"http://www.w3.org/2000/svg"}, path.name
        assert "innerHTML" not in text, path.name
