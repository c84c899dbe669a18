"""Holds our values to the schema of Dagster's chart, which its release carries and this repository does not.

    helm pull dagster/dagster --version 1.13.27 --untar --untardir build
    tools/chart_values.py --schema build/dagster/values.schema.json --defaults build/dagster/values.yaml

Values are merged as Helm does: maps by key, all else replaced. Without --defaults nothing is held to be
required, for the chart's own values have what ours leave out. Parts that the schema leaves to Kubernetes by
an address are not fetched: `kubernetes-validate` looks at them (tests/integration/deploy/test_chart.py). Exit
code 1 where a value does not fit, with its place.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft7Validator  # type: ignore[import-untyped]

VALUES = Path(__file__).resolve().parent.parent / "deploy" / "helm" / "values.yaml"


def merged(base: Any, over: Any) -> Any:
    """`over` laid on `base`: maps by key, all else replaced."""
    if not (isinstance(base, dict) and isinstance(over, dict)):
        return over
    return {**base, **{key: merged(base.get(key), value) for key, value in over.items()}}


def local(schema: Any, needs_all: bool) -> Any:
    """The schema without what lies elsewhere, and, where it is not wanted, without what is required."""
    if isinstance(schema, list):
        return [local(each, needs_all) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if str(schema.get("$ref", "")).startswith("http"):
        return {}
    # A property may be called `required` as well.
    dropped = not needs_all and isinstance(schema.get("required"), list)
    kept = {key: value for key, value in schema.items() if not (dropped and key == "required")}
    return {key: local(value, needs_all) for key, value in kept.items()}


def faults(schema: dict[str, Any], values: dict[str, Any], needs_all: bool) -> list[str]:
    """What does not fit: place and reason, in the order of places."""
    found = Draft7Validator(local(schema, needs_all)).iter_errors(values)
    return sorted(f"{'.'.join(map(str, each.absolute_path)) or '(top)'}: {each.message}" for each in found)


def main(arguments: Sequence[str]) -> int:
    """Check, and say what does not fit."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--schema", type=Path, required=True, help="values.schema.json of the chart")
    parser.add_argument("--defaults", type=Path, help="values.yaml of the chart")
    parser.add_argument("values", nargs="*", type=Path, default=[VALUES], help="ours, one over the other")
    asked = parser.parse_args(arguments)
    files = [*([asked.defaults] if asked.defaults else []), *asked.values]
    values: Any = {}
    for file in files:
        values = merged(values, yaml.safe_load(file.read_text(encoding="utf-8")))
    schema = json.loads(asked.schema.read_text(encoding="utf-8"))
    found = faults(schema, values, needs_all=asked.defaults is not None)
    print("\n".join(found) or f"{', '.join(map(str, asked.values))}: fits {asked.schema}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
