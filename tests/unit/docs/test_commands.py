"""Commands, options, variables and names of what runs: the documents and the code say the same."""

import re
import shlex

import pytest
import typer

from realestate_assets.cli.app import app
from realestate_assets.config import __file__ as config_file
from realestate_assets.definitions import defs
from realestate_assets.domain.counties.provider_policies import load_policies
from realestate_assets.domain.tables.ops import OPS_TABLES
from realestate_assets.operations.metrics import metric_labels
from realestate_assets.settings import Settings
from resources.home import PROJECT_ROOT
from tests.documents import code_spans, commands, pages, section, text_of

# The changes tell of commands that are gone, too.
PAGES = [page for page in pages() if page.name != "CHANGELOG.md"]
OPERATIONS = text_of("docs/operations.md")
OBSERVABILITY = text_of("docs/observability.md")
CLI = typer.main.get_command(app)
TARGETS = set(re.findall(r"^([a-z-]+):", text_of("Makefile"), flags=re.M))


def subcommands(command) -> dict:
    """A group's commands by name; none of a command that stands alone."""
    return getattr(command, "commands", {})


def resolve(words: list[str]) -> tuple:
    """The command that these words call, and what is left of them."""
    command, rest = CLI, list(words)
    while rest and subcommands(command):
        assert rest[0] in subcommands(command), f"there is no command {' '.join(words)}"
        command = subcommands(command)[rest.pop(0)]
    return command, rest


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(PROJECT_ROOT)))
def test_every_command_and_option_that_is_named_exists(page):
    for line in commands(page.read_text(encoding="utf-8")):
        program, *words = shlex.split(line)
        if program == "make":
            named = [word for word in words if "=" not in word and not word.startswith("-")]
            assert set(named) <= TARGETS, line
            continue
        command, rest = resolve(words)
        known = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
        given = {word.partition("=")[0] for word in rest if word.startswith("--")}
        assert given <= known | {"--help"}, line


def test_every_command_is_named_somewhere():
    said = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    for name, command in subcommands(CLI).items():
        names = [f"{name} {sub}" for sub in subcommands(command)] or [name]
        assert [n for n in names if f"realestate {n}" not in said and n not in ("dev", "docs")] == []


def variables_of_the_template() -> set[str]:
    return set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", text_of(".env.example"), flags=re.M))


def test_the_settings_page_and_the_template_name_the_same_variables():
    rows = [
        line.split("|")[1] for line in section(OPERATIONS, "Settings").splitlines() if line.startswith("| `")
    ]
    told = {name for row in rows for name in re.findall(r"`([A-Z0-9_]+)`", row)}
    assert told == variables_of_the_template()


def test_every_setting_and_every_key_of_an_api_is_in_the_template():
    template = variables_of_the_template()
    assert {name.upper() for name in Settings.model_fields} <= template
    assert {policy.key.env for policy in load_policies().values() if policy.key} <= template


def first_cells(heading: str, page: str = OPERATIONS) -> set[str]:
    """Names in backticks in the first column of a section's table."""
    rows = (line for line in section(page, heading).splitlines() if line.startswith("| `"))
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row.split("|")[1])}


def test_schedules_sensors_and_jobs_are_those_of_the_code_location():
    assert first_cells("Schedules") == {schedule.name for schedule in defs.schedules}
    assert first_cells("Sensors") == {sensor.name for sensor in defs.sensors}
    assert first_cells("Jobs") == {job.name for job in defs.jobs}


def test_the_metrics_are_those_that_are_collected():
    assert first_cells("Metrics", OBSERVABILITY) == metric_labels().keys()


def test_the_tables_of_what_happened_are_told():
    told = {span for span in code_spans(OPERATIONS) if span.startswith("ops.")}
    kept = {f"ops.{name}" for name in OPS_TABLES}
    named = {f"ops.{name}" for name in re.findall(r"\bops\.([a-z_]+)", _sources())}
    assert kept <= told <= kept | named


def _sources() -> str:
    folders = (PROJECT_ROOT / "realestate_assets", PROJECT_ROOT / "resources")
    assert config_file.startswith(str(PROJECT_ROOT))
    return "\n".join(p.read_text(encoding="utf-8") for folder in folders for p in folder.rglob("*.py"))
