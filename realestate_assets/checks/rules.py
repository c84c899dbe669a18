"""The rules of a table spec as one query: what is counted, and which rows break it.

Identifiers come from the spec alone; partitions are bound.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from resources.partition import IN_PARTITIONS, Partition, partitions_json
from resources.warehouse.resource import WarehouseResource
from resources.warehouse.table_spec import Column, TableSpec

MAX_OFFENDERS = 10


@dataclass(frozen=True)
class Rule:
    """A named claim about rows and the SQL predicate that is true where it is broken."""

    name: str
    broken: str


@dataclass(frozen=True)
class Violation:
    """A broken rule: its name, how many rows break it, and the keys of the first of them."""

    rule: str
    rows: int
    examples: list[dict]


def _literal(value: float | str) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return repr(float(value))


def column_rules(column: Column) -> list[Rule]:
    """The rules one column's spec makes: not null, finite, lower and upper bound, allowed values."""
    name = column.name
    rules = []
    if not column.nullable:
        rules.append(Rule(f"{name} is never null", f"{name} is null"))
    if column.kind == "float":
        rules.append(Rule(f"{name} is a finite number", f"{name} in ('NaN', 'Infinity', '-Infinity')"))
    if column.minimum is not None:
        rules.append(Rule(f"{name} is at least {column.minimum:g}", f"{name} < {_literal(column.minimum)}"))
    if column.maximum is not None:
        rules.append(Rule(f"{name} is at most {column.maximum:g}", f"{name} > {_literal(column.maximum)}"))
    if column.allowed:
        values = ", ".join(_literal(value) for value in column.allowed)
        rules.append(Rule(f"{name} is one of {', '.join(column.allowed)}", f"{name} not in ({values})"))
    return rules


def layout_faults(warehouse: WarehouseResource, spec: TableSpec) -> list[str]:
    """Columns that are missing or of another type than the spec says."""
    found = {
        row["column_name"]: row["data_type"]
        for row in warehouse.read(
            "select column_name::text, data_type::text from information_schema.columns "
            "where table_schema = $1 and table_name = $2",
            (spec.schema, spec.name),
        ).to_pylist()
    }
    return [
        f"{column.name} is {found.get(column.name, 'missing')}, not {column.sql_type}"
        for column in spec.columns
        if found.get(column.name) != column.sql_type
    ]


def broken_rules(
    warehouse: WarehouseResource, spec: TableSpec, partitions: Sequence[Partition]
) -> tuple[int, list[Violation]]:
    """Rows of the partitions, and the rules of the spec that some of them break.

    One pass counts every rule; only a broken rule costs a second query, for its examples.
    """
    rules = [rule for column in spec.columns for rule in column_rules(column)]
    counts = ", ".join(f"count(*) filter (where {rule.broken}) as r{i}" for i, rule in enumerate(rules))
    table = f"{spec.schema}.{spec.name}"
    bound = (partitions_json(partitions),)
    row = warehouse.read(
        f"select count(*) as n, {counts} from {table} where {IN_PARTITIONS}",
        bound,
    ).to_pylist()[0]
    key = ", ".join(spec.key)
    violations = [
        Violation(
            rule.name,
            row[f"r{i}"],
            warehouse.read(
                f"select {key} from {table} where {IN_PARTITIONS} and ({rule.broken}) "
                f"order by {key} limit {MAX_OFFENDERS}",
                bound,
            ).to_pylist(),
        )
        for i, rule in enumerate(rules)
        if row[f"r{i}"]
    ]
    repeated = warehouse.read(
        f"select {key}, count(*) as times from {table} where {IN_PARTITIONS} "
        f"group by {key} having count(*) > 1 order by {key} limit {MAX_OFFENDERS}",
        bound,
    ).to_pylist()
    if repeated:
        violations.append(Violation(f"({key}) is unique", len(repeated), repeated))
    return row["n"], violations
