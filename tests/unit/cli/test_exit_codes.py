"""Every command ends with the code the documents promise, and under --json with one object on stdout."""

import json
import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from realestate_assets.cli import errors
from realestate_assets.cli.app import app
from realestate_assets.cli.errors import EXIT_CODES, readable_errors
from realestate_assets.operations.stopping import Stopped
from resources.errors import PermanentError, TransientError
from resources.home import PROJECT_ROOT


def _commands(group, path=()):
    """Every command by the words that call it, with its click command."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, (*path, name))
        else:
            yield (*path, name), command


COMMANDS = dict(_commands(typer.main.get_command(app)))
# What else a command needs before it can be wrong in one thing alone.
NEEDED = {
    ("backfill",): ["--months", "2015-01"],
    ("search",): ["a house", "--county", "king-wa"],
    ("trace",): ["p1"],
    ("tune",): ["--county", "king-wa", "--months", "2015-01"],
    ("source", "try"): ["absent.csv", "--county", "king-wa"],
    ("persons", "export"): ["--owner", "JANE DOE"],
    ("persons", "erase"): ["--owner", "JANE DOE"],
    ("review", "clear"): ["p1", "--reason", "A", "--why", "b", "--by", "c"],
}


def with_option(option):
    return [path for path, command in COMMANDS.items() if any(option in p.opts for p in command.params)]


def invoke(path, *args):
    """The command with all it needs, but for the options that are given."""
    needed = list(NEEDED.get(path, ()))
    for option in args:
        if option in needed:
            at = needed.index(option)
            del needed[at : at + 2]
    return CliRunner().invoke(app, [*path, *needed, *args])


def assert_refused(result, said=""):
    assert result.exit_code == 2, result.output
    told = " ".join(re.sub(r"[│╭╮╰╯─]", " ", result.stderr).split())
    assert said in told and "Traceback" not in told
    assert len(told) > 20, "a sentence says what is wrong"


# What these are given and do not know goes on to Dagster's own programs.
PASS_ON = [("dev",), ("webserver",), ("daemon",)]


@pytest.mark.parametrize("path", [path for path in COMMANDS if path not in PASS_ON], ids=" ".join)
def test_an_option_that_there_is_not_is_refused(path):
    assert_refused(invoke(path, "--no-such-option"), "No such option")


@pytest.mark.parametrize("path", with_option("--county"), ids=" ".join)
def test_a_county_that_there_is_not_is_refused(path, tmp_path):
    if path == ("source", "try"):
        (file := tmp_path / "a.csv").write_text("id,date\n1,2015-01-01\n")
        assert_refused(CliRunner().invoke(app, [*path, str(file), "--county", "nowhere-zz"]), "nowhere-zz")
        return
    assert_refused(invoke(path, "--county", "nowhere-zz"), "nowhere-zz is not a configured county")


@pytest.mark.parametrize("months", ["2015-13", "2015", "1899-01", "2015-03:2015-01", "x' or 1=1"])
@pytest.mark.parametrize("path", with_option("--months"), ids=" ".join)
def test_months_that_are_no_partitions_are_refused(path, months):
    assert_refused(invoke(path, "--months", months), "--months")


@pytest.mark.parametrize("month", ["2015-13", "2015-01:2015-02"])
def test_a_month_that_is_none_is_refused(month):
    assert_refused(invoke(("trace",), "--month", month), "--month")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["run", "--input", "absent.csv", "--county", "king-wa"], "no file absent.csv"),
        (["run", "--input", "/", "--county", "king-wa"], "no file /"),
        (["source", "try", "absent.csv", "--county", "king-wa"], "no file absent.csv"),
        (["run", "--input", __file__, "--county", "king-wa", "--county", "cook-il"], "exactly one --county"),
        (["run", "--input", __file__, "--county", "king-wa", "--source", "none"], "no file source 'none'"),
        (["run", "--source", "sales"], "without --input"),
        (["run", "--evaluate", "yesterday"], "--evaluate"),
        (["run", "--select", "no_such_asset"], "selects no asset"),
        (["metrics", "--serve", "9109", "--out", "a.prom"], "exclude each other"),
        (["search", "a", "--county", "king-wa", "--min-price", "2", "--max-price", "1"], "above --max-price"),
        (["search", "a"], "names no county"),
        (["search", "a", "--county", "king-wa", "--limit", "0"], "--limit"),
        (["no-such-command"], "No such command"),
    ],
)
def test_options_that_contradict_each_other_and_files_that_are_not_there_are_refused(args, said):
    assert_refused(CliRunner().invoke(app, args), said)


@pytest.mark.parametrize("path", with_option("--json"), ids=" ".join)
def test_a_wrong_command_line_is_answered_with_an_object_too(path):
    result = invoke(path, "--no-such-option", "--json")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["exit_code"], told["status"]) == (2, 2, "refused")
    assert "No such option: --no-such-option" in told["error"]


@pytest.mark.parametrize(
    ("error", "exit_code", "status", "said"),
    [
        (PermanentError("No.", field="--county"), 2, "refused", "field --county: No."),
        (PermanentError("No.", field="LAKE_URL"), 1, "failed", "field LAKE_URL: No."),
        (TransientError("The bucket is away."), 1, "failed", "The bucket is away."),
        (OSError(28, "No space left on device", "/lake"), 1, "failed", "No space left on device: /lake"),
        (ZeroDivisionError("by none"), 1, "failed", "Unexpected ZeroDivisionError: by none."),
        (KeyboardInterrupt(), 130, "canceled", "run the same command again"),
        (Stopped(15), 143, "canceled", "run the same command again"),
    ],
)
def test_whatever_stops_a_command_is_one_object_under_json_and_one_sentence_without(
    error, exit_code, status, said, capsys, monkeypatch
):
    def fail(as_json=False, verbose=False):
        raise error

    monkeypatch.setattr(errors.err, "file", None)
    for as_json in (True, False):
        with pytest.raises(typer.Exit) as caught:
            readable_errors(fail)(as_json=as_json)
        assert caught.value.exit_code == exit_code
        out, _ = capsys.readouterr()
        if as_json:
            told = json.loads(out)
            assert (told["exit_code"], told["status"]) == (exit_code, status)
            assert said in told["error"]
        else:
            assert out == ""


def test_the_exit_codes_are_told_in_the_documents():
    text = (PROJECT_ROOT / "docs" / "operations.md").read_text()
    section = text.partition("## Exit codes")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \| (.+?) \|$", section, re.MULTILINE)
    assert {int(code): meaning for code, _, meaning in rows} == EXIT_CODES
    assert {int(code): status for code, status, _ in rows} == errors.STATUS


def test_every_command_that_prints_is_wrapped():
    assert len(COMMANDS) > 10
    sources = "".join(path.read_text() for path in Path(errors.__file__).parent.glob("*.py"))
    assert sources.count("@readable_errors") == len(COMMANDS)
