"""What is asked of Dagster, held to the schema of the version that is installed."""

import pytest
from dagster_graphql.schema import create_schema
from graphql import parse, validate

from realestate_assets.operations.pipelines import queries

ASKED = {
    name: text
    for name, text in vars(queries).items()
    if name.isupper() and isinstance(text, str) and text.startswith(("query", "mutation"))
}


@pytest.fixture(scope="module")
def schema():
    return create_schema().graphql_schema


@pytest.mark.parametrize("name", sorted(ASKED))
def test_dagster_understands_what_is_asked(schema, name):
    assert [error.message for error in validate(schema, parse(ASKED[name]))] == []


@pytest.mark.parametrize("name", sorted(ASKED))
def test_every_refusal_that_dagster_may_give_comes_with_its_words(schema, name):
    operation = parse(ASKED[name]).definitions[0]
    root = schema.query_type if operation.operation.value == "query" else schema.mutation_type
    for field in operation.selection_set.selections:
        kind = root.fields[field.name.value].type
        kind = getattr(kind, "of_type", kind)
        if not hasattr(kind, "types"):
            continue
        told = {part.type_condition.name.value for part in field.selection_set.selections
                if part.kind == "inline_fragment"}  # fmt: skip
        assert any(each.name in told for each in kind.types)
        assert "PythonError" in told or name in ("ASSET",)
