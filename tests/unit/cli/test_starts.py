"""What a command imports before it works: none that runs no graph waits for the graph and its libraries."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from realestate_assets import cli

# Seconds together, and used by few commands or by runs alone.
HEAVY = frozenset(
    {
        "realestate_assets.definitions",
        "realestate_assets.groups",
        "realestate_assets.checks.registry",
        "apprise",
        "boto3",
        "dagster_dbt",
        "dbt",
        "jsonschema",
        "lightgbm",
        "matplotlib",
        "networkx",
        "onnx",
        "onnxruntime",
        "openpyxl",
        "optuna",
        "pyogrio",
        "pyproj",
        "qdrant_client",
        "scipy",
        "sklearn",
        "sqlglot",
        "weasyprint",
    }
)
# Of each module of the command line the functions that run the graph, or ask it something.
COMMANDS = {
    "alerts": (),
    "app": ("run", "docs", "tune"),
    "backfill": ("backfill", "_prepared", "_follow"),
    "backup": (),
    "demo": (),
    "doctor": ("alerts",),
    "landing": (),
    "metrics": (),
    "persons": (),
    "processes": (),
    "rejects": ("replay",),
    "request": (),
    "retention": (),
    "review": (),
    "search": (),
    "serve": (),
    "source": (),
    "trace": (),
    "users": (),
    "watch": (),
    "workers": ("worker",),
}
# What is read from or written to Dagster's own storage; nobody else waits for Dagster.
WITH_DAGSTER = frozenset({"backfill", "backup", "metrics", "processes", "retention", "watch"})
# Imports each module of the command line and then all that its functions import, as if each had been called;
# of each it tells the modules that came with it.
CALL_ALL = """
import ast, importlib, json, sys
from pathlib import Path

told = {}
for command, left_out in json.loads(sys.argv[1]).items():
    before = set(sys.modules)
    module = importlib.import_module(f"realestate_assets.cli.{command}")
    for function in ast.parse(Path(module.__file__).read_text(encoding="utf-8")).body:
        if isinstance(function, ast.FunctionDef) and function.name not in left_out:
            for node in ast.walk(function):
                if isinstance(node, ast.Import):
                    [importlib.import_module(alias.name) for alias in node.names]
                elif isinstance(node, ast.ImportFrom):
                    found = importlib.import_module(node.module)
                    for alias in node.names:
                        hasattr(found, alias.name) or importlib.import_module(f"{node.module}.{alias.name}")
    told[command] = sorted(set(sys.modules) - before)
print(json.dumps(told))
"""


def answer(code: str, argument: object = None) -> Any:
    """What a process of its own prints, as JSON."""
    done = subprocess.run(
        [sys.executable, "-c", code, json.dumps(argument)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def test_every_module_of_the_command_line_stands_in_the_table_or_is_not_a_command():
    """A new command is looked at too: whoever writes one says here what it may import."""
    others = {"errors", "observed", "options", "progress", "replay", "report", "run", "tune"}
    modules = {path.stem for path in Path(cli.__file__).parent.glob("[!_]*.py")}
    assert modules == COMMANDS.keys() | others


def test_a_command_that_runs_no_graph_imports_neither_the_graph_nor_its_libraries():
    told = answer(CALL_ALL, COMMANDS)
    assert "realestate_assets.operations.services" in told["alerts"]
    assert {command: heavy for command, found in told.items() if (heavy := HEAVY.intersection(found))} == {}


def test_dagster_is_imported_by_commands_alone_that_ask_it_something():
    """`app` calls those too, so that they are left out of it; a process that has Dagster tells no more."""
    asked = {name: left_out for name, left_out in COMMANDS.items() if name not in WITH_DAGSTER}
    told = answer(CALL_ALL, {**asked, "app": (*COMMANDS["app"], *WITH_DAGSTER)})
    assert [command for command, found in told.items() if "dagster" in found] == []
    assert "resources.warehouse.warehouse" in told["alerts"]


def test_the_graph_imports_no_library_that_only_a_step_uses():
    """dagster-dbt is what dbt's assets are declared with, and brings sqlglot."""
    found = answer("import json, sys, realestate_assets.definitions; print(json.dumps([*sys.modules]))")
    ours = {name for name in HEAVY if name.startswith("realestate_assets.")}
    assert ours <= set(found)
    assert HEAVY.intersection(found) - ours == {"dagster_dbt", "sqlglot"}
    # All tables of people, which a run looks at only where one is missing.
    assert "realestate_assets.app.tables" not in found


def test_what_a_start_has_imported_is_not_looked_at_by_the_collector_again():
    counted = answer(
        "import gc, json; from resources.imports import collection_paused\n"
        "with collection_paused():\n    import dagster\n"
        "print(json.dumps([gc.isenabled(), gc.get_freeze_count()]))"
    )
    assert counted[0] and counted[1] > 10_000
