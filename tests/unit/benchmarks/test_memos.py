"""The documents of the measurement of memos: somebody's folder, or memos of its own that differ."""

import pytest

from benchmarks import memos
from resources.documents.page_tree import plain_tree


def test_the_documents_are_those_of_the_folder_taken_again_where_they_are_few(tmp_path):
    for name in ("b.html", "a.html", "c.txt"):
        (tmp_path / name).write_text(name)
    assert memos.documents(3, tmp_path) == (["a.html", "b.html", "a.html"], "given")


def test_a_folder_without_documents_is_an_error(tmp_path):
    with pytest.raises(ValueError, match=r"holds no \.html file"):
        memos.documents(3, tmp_path)


def test_without_a_run_the_memos_are_made_here_and_each_has_its_own_figures(monkeypatch):
    monkeypatch.setattr(memos, "of_the_lake", lambda count: [])
    pages, whose = memos.documents(4)
    assert len(set(pages)) == 4
    assert "simulated" in whose
    assert all(plain_tree(page) is not None for page in pages)
