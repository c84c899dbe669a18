"""A version of code changes with what the code does, and with nothing else."""

from pathlib import Path

from resources.code_version import code_version, tree_version

CODE = "def area(a, b):\n    return a * b\n"


def version(folder: Path, name: str, *texts: str) -> str:
    files = []
    for number, text in enumerate(texts):
        file = folder / f"{name}{number}.py"
        file.write_text(text)
        files.append(str(file))
    return code_version(*files)


def test_comments_and_layout_do_not_change_it(tmp_path):
    other = "# how large\ndef area(\n    a,\n    b,\n):\n    return (a * b)  # product\n"
    assert version(tmp_path, "one", CODE) == version(tmp_path, "two", other)


def test_a_statement_changes_it(tmp_path):
    assert version(tmp_path, "one", CODE) != version(tmp_path, "two", CODE.replace("*", "+"))


def test_every_file_counts(tmp_path):
    assert version(tmp_path, "one", CODE) != version(tmp_path, "two", CODE, "x = 1\n")


def test_the_version_of_a_tree_changes_with_each_of_its_files_and_names_and_with_nothing_else(tmp_path):
    (tmp_path / "a" / "deep").mkdir(parents=True)
    (tmp_path / "a" / "one.py").write_text("x = 1\n")
    (tmp_path / "a" / "deep" / "two.sql").write_text("select 1\n")
    first = tree_version(tmp_path, ["a"])
    (tmp_path / "a" / "__pycache__").mkdir()
    (tmp_path / "a" / "__pycache__" / "one.pyc").write_bytes(b"made beside it")
    (tmp_path / "a" / "target").mkdir()
    (tmp_path / "a" / "target" / "manifest.json").write_text("{}")
    (tmp_path / "a" / ".user.yml").write_text("id: 1\n")
    (tmp_path / "b").mkdir()
    assert tree_version(tmp_path, ["a"]) == first
    (tmp_path / "a" / "deep" / "two.sql").write_text("select 2\n")
    second = tree_version(tmp_path, ["a"])
    (tmp_path / "a" / "page.html.j2").write_text("{{ x }}")
    third = tree_version(tmp_path, ["a"])
    (tmp_path / "a" / "one.py").rename(tmp_path / "a" / "three.py")
    assert len({first, second, third, tree_version(tmp_path, ["a"])}) == 4
