"""How the models are written: sources through staging, figures in variables, tests of what they compute."""

import re

import pytest
import yaml
from sqlglot import exp, parse_one

from realestate_assets.dbt.project import PROJECT_DIR, dbt_manifest, is_inlined, parents, selections

MODELS = {n["name"]: n for n in dbt_manifest()["nodes"].values() if n["resource_type"] == "model"}
STAGING = sorted(name for name, node in MODELS.items() if node["schema"] == "staging")
# Figures that are arithmetic and not chosen: halves, hundredths, months of a year, millionths, ranks.
ARITHMETIC = {"0", "1", "2", "3", "12", "100", "1000000", "0.5", "1.0", "100.0"}


def sql_without_jinja(name):
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|^--.*?$", "", MODELS[name]["raw_code"], flags=re.S | re.M)
    text = re.sub(r"\{\{ (?:source|ref)\('(?:\w+', ')?(\w+)'\) \}\}", r"\1", text)
    return re.sub(r"\{\{.*?\}\}", "true", text, flags=re.S)


def computes(name):
    """Whether a model does more than name the columns of a table, as some of staging do not."""
    if name not in STAGING:
        return True
    query = parse_one(sql_without_jinja(name), dialect="postgres")
    columns = [c.this if isinstance(c, exp.Alias) else c for c in query.selects]
    return not all(isinstance(column, exp.Column) for column in columns)


@pytest.mark.parametrize("name", sorted(MODELS.keys() - set(STAGING)))
def test_only_staging_reads_what_python_writes(name):
    read = MODELS[name]["depends_on"]["nodes"]
    assert [node for node in read if node.startswith("source.")] == []


def test_no_data_test_reads_a_source_past_staging():
    tests = [n for n in dbt_manifest()["nodes"].values() if n["resource_type"] == "test"]
    past = {t["name"]: t["depends_on"]["nodes"] for t in tests}
    assert {name for name, read in past.items() if any(node.startswith("source.") for node in read)} == set()


@pytest.mark.parametrize("name", STAGING)
def test_a_staging_model_takes_one_table_and_is_called_by_it(name):
    taken = re.findall(r"(?<!depends_on: )\{\{ source\('(\w+)', '(\w+)'\) \}\}", MODELS[name]["raw_code"])
    assert [f"stg_{source}__{table}" for source, table in taken] == [name]


def test_every_staging_model_is_read():
    read = {node for model in MODELS.values() for node in model["depends_on"]["nodes"]}
    assert [name for name in STAGING if f"model.realestate.{name}" not in read] == []


@pytest.mark.parametrize("name", sorted(name for name in MODELS if computes(name)))
def test_a_model_that_computes_has_a_unit_test(name):
    assert name in {test["model"] for test in dbt_manifest()["unit_tests"].values()}


def test_a_model_of_bare_columns_computes_nothing_and_one_with_an_expression_does():
    assert computes("features") and computes("stg_raw__sale_validity")
    assert not computes("stg_raw__comparables") and not computes("stg_raw__memos")


@pytest.mark.parametrize("name", sorted(MODELS))
def test_a_figure_that_could_be_another_is_a_variable(name):
    text = re.sub(r"'(?:[^']|'')*'", "", sql_without_jinja(name))
    assert set(re.findall(r"(?<![\w.])\d+(?:\.\d+)?", re.sub(r"--.*", "", text))) <= ARITHMETIC


def test_every_variable_is_used_and_every_used_one_is_there():
    variables = yaml.safe_load((PROJECT_DIR / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    folders = [PROJECT_DIR / folder for folder in ("models", "macros", "tests")]
    texts = "".join(p.read_text(encoding="utf-8") for f in folders for p in f.rglob("*") if p.is_file())
    assert set(re.findall(r"var\([\"'](\w+)[\"']\)", texts)) == variables.keys()


def test_a_node_reads_what_the_models_written_into_it_read():
    assert is_inlined(dbt_manifest(), "model.realestate.stg_raw__memos")
    assert not is_inlined(dbt_manifest(), "model.realestate.stg_raw__scores")
    read = parents(dbt_manifest(), "model.realestate.deal_board")
    assert read == {
        "model.realestate.features",
        "model.realestate.int_property__offer_history",
        "model.realestate.stg_raw__scores",
        "source.realestate.raw.memos",
    }


def test_the_two_builds_part_at_features_and_leave_no_model_out():
    before, after = (set(names.split()) for names in selections(dbt_manifest()))
    assert before | after == MODELS.keys() and not before & after
    assert {"features", "stg_raw__properties", "int_zip__market_stats"} <= before
    assert {"deal_board", "stg_raw__scores", "int_partition__row_counts"} <= after
