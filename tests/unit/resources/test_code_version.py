"""A version of code changes with what the code does, and with nothing else."""

from pathlib import Path

from resources.code_version import code_version

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
