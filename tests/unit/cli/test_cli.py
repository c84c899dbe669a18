"""The command line's words: help, wrong commands, one clear paragraph instead of a traceback."""

import pytest
from typer.testing import CliRunner

from realestate_assets.cli.app import app


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["run", "--county", "nowhere-zz"], "not a configured county"),
        (["run", "--county", "king-wa", "--months", "2014-14"], "not a month"),
        (["run", "--county", "king-wa", "--months", "2015-03:2015-01"], "after"),
        (["run", "--county", "king-wa", "--months", "2015-01", "--input", "absent.csv"], "no file"),
        (["run", "--months", "2015-01", "--input", "absent.csv"], "exactly one --county"),
        (["run", "--select", "no_such_asset"], "selects no asset"),
        (["run", "--select", "scores and and"], "is not a selection of assets"),
        (["run", "--evaluate", "yesterday"], "not a month"),
    ],
)
def test_a_wrong_command_is_answered_with_one_clear_paragraph(args, said):
    result = CliRunner().invoke(app, args)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())
    assert "Traceback" not in result.output


def test_the_traceback_is_shown_where_it_is_asked_for():
    result = CliRunner().invoke(app, ["run", "--county", "nowhere-zz", "--verbose"])
    assert result.exit_code == 2
    assert "Traceback" in result.stderr


def test_an_option_that_there_is_not_ends_with_code_2():
    assert CliRunner().invoke(app, ["run", "--faster"]).exit_code == 2


def test_help_names_every_command():
    text = CliRunner().invoke(app, ["--help"]).output
    assert all(command in text for command in ("run", "doctor", "search", "docs", "dev"))


@pytest.mark.parametrize("command", ["run", "doctor", "search", "docs", "dev"])
def test_each_command_has_help(command):
    result = CliRunner().invoke(app, [command, "--help"])
    assert result.exit_code == 0
    assert "Usage" in result.output
