"""The table of speed: medians and ratios, rows that fail, and how new rows take the place of old ones."""

import contextlib
import io
import itertools
import json
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest

from benchmarks import measure
from benchmarks import table as command
from benchmarks.results import Measured, merged, table
from benchmarks.row import Row, in_turns, scaled

ABOUT = {"machine": "a box, 2 cores", "versions": "Python 3.11", "command": "make bench"}


def measured(name: str, **fields) -> Measured:
    return Measured(Row(name, f"what {name} does", **fields), "2026-11-29", 0.5, 1.25)


def test_product_and_alternative_take_turns_and_the_median_is_told():
    done = []
    clock = itertools.count()
    found = in_turns(lambda: done.append("mine"), lambda: done.append("theirs"), 3, clock=lambda: next(clock))
    assert done == ["mine", "theirs"] * 4
    assert (found.product, found.alternative) == ([1, 1, 1], [1, 1, 1])
    ticks = iter([0, 5, 0, 9, 0, 1, 0, 7, 0, 2, 0, 8])
    uneven = in_turns(lambda: "mine", lambda: "theirs", 3, warm=0, clock=lambda: next(ticks))
    assert uneven.seconds == {"product_s": 2, "alternative_s": 8, "turns": 3}
    assert uneven.results == ("mine", "theirs")
    assert scaled(uneven, 10).seconds["alternative_s"] == 80


@pytest.mark.parametrize(
    ("fields", "ratio", "is_met"),
    [
        ({"product_s": 2.0, "alternative_s": 8.0, "asked": 4, "way": "quicker"}, 4.0, True),
        ({"product_s": 2.0, "alternative_s": 7.0, "asked": 4, "way": "quicker"}, 3.5, False),
        ({"product_s": 6.0, "alternative_s": 2.0, "asked": 4, "way": "at most"}, 3.0, True),
        ({"product_s": 9.0, "alternative_s": 2.0, "asked": 4, "way": "at most"}, 4.5, False),
        ({"product_s": 0.9, "asked": 1, "way": "seconds"}, 0.9, True),
        ({"product_s": 1.1, "alternative_s": 0.1, "asked": 1, "way": "seconds"}, 1.1, False),
        ({"product_s": 2.0, "alternative_s": 8.0}, 4.0, None),
        ({"asked": 4}, None, None),
    ],
)
def test_a_ratio_is_held_against_what_is_asked_in_its_own_direction(fields, ratio, is_met):
    row = Row("a", "a", **fields)
    assert (row.ratio, row.is_met) == (ratio, is_met)


def test_a_row_goes_from_process_to_process_unchanged():
    row = Row("a", "b", "c", 1.0, 2.0, 3.0, "at most", 5, "d", 6.0, "e", "f")
    assert Row.from_dict(row.to_dict()) == row


def test_the_table_tells_numbers_and_what_is_not_met():
    line = table([measured("a", alternative="b|c", product_s=0.05, alternative_s=1.0, asked=30, turns=5)])[-1]
    assert "| b/c | 0.0500 | 1.00 | 20 | 30 or more: **not met** | 5 | 2026-11-29, load 0.5 to 1.2 |" in line


def in_this_process(name: str, turns: int) -> list[Row]:
    """What the process of a row would have printed."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        measure.main([name, "--turns", str(turns)])
    return [Row.from_dict(each) for each in json.loads(said.getvalue().splitlines()[-1])]


def test_a_row_that_fails_tells_its_reason_and_stops_no_other(monkeypatch):
    fine = SimpleNamespace(measure=lambda turns: [Row("fine", "fine", product_s=float(turns))])
    monkeypatch.setitem(sys.modules, "benchmarks.rows.fine", fine)
    said: list[str] = []
    found = command.run_all(["nothing", "fine"], 5, said.append, in_this_process)
    assert said == ["nothing", "fine"]
    assert [each.row.name for each in found] == ["nothing", "fine"]
    assert found[0].row.failure == "ModuleNotFoundError: No module named 'benchmarks.rows.nothing'"
    assert found[1].row.product_s == 5.0
    assert "failed: ModuleNotFoundError" in table(found)[2]


def test_a_row_that_ends_its_process_or_hangs_is_told_too(monkeypatch):
    def ended(arguments, **kept):
        return SimpleNamespace(returncode=-9, stdout="", stderr="Traceback\n out of memory \n\n")

    def hangs(arguments, **kept):
        raise subprocess.TimeoutExpired(arguments, kept["timeout"])

    monkeypatch.setattr(command.subprocess, "run", ended)
    assert command.run_row("a", 5)[0].failure == "out of memory"
    monkeypatch.setattr(command.subprocess, "run", hangs)
    assert command.run_row("a", 5, limit=1)[0].failure == "not done within 1 s"


def test_each_command_keeps_the_rows_of_the_other():
    first = merged("", "bench", [measured("a", product_s=1.0)], ABOUT)
    both = merged(
        first, "bench-large", [measured("z", product_s=2.0)], {**ABOUT, "command": "make bench-large"}
    )
    again = merged(both, "bench", [measured("b", product_s=3.0)], ABOUT)
    assert both.count("| a |") == both.count("| z |") == 1
    assert "| a |" not in again
    assert again.count("| b |") == again.count("| z |") == 1
    assert again.index("## make bench\n") < again.index("| b |") < again.index("## make bench-large\n")
    assert merged(again, "bench", [measured("b", product_s=3.0)], ABOUT) == again


def test_some_rows_replace_these_alone_on_the_same_machine():
    rows = [measured("a", product_s=1.0), measured("b", product_s=2.0), measured("b, more", product_s=3.0)]
    known = merged("", "bench", rows, ABOUT)
    some = merged(known, "bench", [measured("b", product_s=7.0)], ABOUT, is_whole=False)
    assert [some.count(f"| {name} |") for name in ("a", "b", "b, more")] == [1, 1, 0]
    assert "| 7.00 |" in some
    moved = {**ABOUT, "machine": "another box"}
    assert "| a |" not in merged(known, "bench", [measured("b", product_s=7.0)], moved, is_whole=False)


def test_every_row_that_is_named_has_a_module_that_measures():
    for name in (*command.ROWS, *command.LARGE_ROWS):
        source = (command.RESULTS.parent / "rows" / f"{name}.py").read_text(encoding="utf-8")
        assert re.search(r"def measure\(\s*turns: int", source), name
