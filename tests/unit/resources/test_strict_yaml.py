"""A settings file says each thing once; what it says twice is named with file, line and key."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.core.config_file import CONFIG_DIR, read_yaml
from resources import strict_yaml
from resources.errors import PermanentError


def refusal(tmp_path, text):
    path = tmp_path / "king-wa.yaml"
    path.write_text(text)
    with pytest.raises(PermanentError) as caught:
        read_yaml(path)
    return str(caught.value)


def test_a_key_that_stands_twice_is_named_with_file_line_and_first_place(tmp_path):
    said = refusal(tmp_path, "slug: king-wa\nname: King\nslug: pierce-wa\n")
    assert "king-wa.yaml" in said and "line 3" in said
    assert "'slug' stands there a second time, first on line 1" in said


@pytest.mark.parametrize(
    "text",
    [
        "sources:\n  - name: a\n    columns: {apn: pin, street: addr, apn: parcel}\n",
        "sources:\n  - columns:\n      apn: pin\n\n      apn: parcel\n",
        "sources: []\nmarket: {}\nsources:\n- name: b\n",
    ],
)
def test_a_key_that_stands_twice_deep_inside_is_found_too(tmp_path, text):
    said = refusal(tmp_path, text)
    assert "second time" in said and "Keep one of the two." in said


def test_the_same_key_in_two_mappings_is_no_fault(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("sources:\n- {name: a}\n- {name: b}\n")
    assert read_yaml(path) == {"sources": [{"name": "a"}, {"name": "b"}]}


def test_what_a_merge_brings_in_may_be_said_again(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(
        "base: &base {kind: file, name: a}\nother:\n  <<: *base\n  name: b\nthird:\n  <<: *base\n"
    )
    found = read_yaml(path)
    assert found["other"] == {"kind": "file", "name": "b"}
    assert found["third"] == {"kind": "file", "name": "a"}


def test_a_merge_of_what_itself_says_a_merged_key_again_is_no_fault():
    text = "a: &a {x: 1}\nb:\n  deep:\n    deeper: &b {<<: *a, x: 2}\nc: {<<: *b, y: 3}\n"
    assert strict_yaml.load(text)["c"] == {"x": 2, "y": 3}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{a: b}: c\n", "a mapping"),
        ("x:\n  ? [a, b]\n  : c\n", "a list"),
        ("zips: {{{98004}}: 1}\n", "a mapping"),
    ],
)
def test_a_key_that_is_no_word_is_named_with_its_line(tmp_path, text, what):
    said = refusal(tmp_path, text)
    assert f"{what} stands where a key is expected" in said and "line" in said


def test_keys_put_on_one_line_are_told_with_the_line(tmp_path):
    said = refusal(tmp_path, "market:\n  a: 1\nbounds: south: 47\n")
    assert "line 3" in said and "lines of their own" in said


def test_a_file_nested_without_end_is_refused_by_name(tmp_path):
    assert "king-wa.yaml is not valid YAML: it is nested deeper" in refusal(tmp_path, "a: " + "[" * 5000)


def test_a_date_that_is_none_is_refused_by_name(tmp_path):
    assert "king-wa.yaml is not valid YAML: day is out of range" in refusal(tmp_path, "when: 2024-02-30\n")


def test_a_folder_in_the_place_of_a_file_is_refused_by_name(tmp_path):
    path = tmp_path / "king-wa.yaml"
    path.mkdir()
    with pytest.raises(PermanentError, match=r"king-wa\.yaml cannot be read"):
        read_yaml(path)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


@given(content=_VALUES)
def test_what_says_each_thing_once_reads_as_it_always_did(content):
    text = yaml.safe_dump(content, allow_unicode=True)
    assert strict_yaml.load(text) == yaml.safe_load(text) == content


PIECES = [
    *(
        "a",
        "b: ",
        "- ",
        ": ",
        ":",
        "\n",
        "\n  ",
        "\n    ",
        "{",
        "}",
        "[",
        "]",
        ", ",
        ",",
        "'",
        '"',
        "#",
        " # ",
    ),
    *("&x ", "*x", "<<: ", "!", "|", "> ", "|\n", "|#", "? ", "%", "@", "`", "\t", "---\n", "...\n", "1"),
    *("yes", "null", "2024-01-02", "2024-02-30", "1:30", "é", "\u2028", "\x85", "\ufeff", "\x07", "-"),
    *("!!str ", "\r\n", " # "),
]


@given(st.lists(st.sampled_from(PIECES), max_size=9).map("".join))
def test_what_is_read_quickly_is_what_is_read_thoroughly(text):
    """libyaml is ten times as quick and not always of PyYAML's mind."""
    try:
        quick = strict_yaml._load_quickly(text)
    except (strict_yaml._DoubtError, yaml.YAMLError, ValueError):
        return
    assert repr(quick) == repr(yaml.load(text, strict_yaml._StrictLoader))


def test_the_settings_that_ship_are_read_quickly():
    files = sorted(CONFIG_DIR.rglob("*.yaml"))
    assert files
    for path in files:
        strict_yaml._load_quickly(path.read_text(encoding="utf-8"))


def test_without_libyaml_the_same_is_read(monkeypatch):
    text = "slug: king-wa\nsources:\n  - name: sales\n    columns: {apn: pin}\n"
    quickly = strict_yaml.load(text)
    monkeypatch.setattr(yaml, "__with_libyaml__", False)
    assert strict_yaml.load(text) == quickly == {
        "slug": "king-wa", "sources": [{"name": "sales", "columns": {"apn": "pin"}}],
    }  # fmt: skip
