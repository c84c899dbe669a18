"""A Socrata portal for tests: datasets served over SODA, $where and $order worked out by DuckDB."""

import re
import threading
from collections.abc import Mapping
from typing import Any

import duckdb
import pyarrow as pa

from tests.http_server import Plain, json_reply

WORDS = re.compile(r"'[^']*'|:?[a-z_][a-z0-9_]*", re.IGNORECASE)
SOQL = {"and", "or", "in", "not", "is", "null", "asc", "desc", "between"}


class SodaPortal:
    """A handler for LocalServer: `/resource/<dataset>.json` answers from tables of text."""

    def __init__(self, tables: Mapping[str, pa.Table | str]) -> None:
        """Args: dataset id -> an Arrow table or the path of a Parquet file; nulls become absent keys."""
        self._database = duckdb.connect()
        self._lock = threading.Lock()
        self._columns: dict[str, list[str]] = {}
        for dataset, table in tables.items():
            if isinstance(table, pa.Table):
                self._database.register("given", table)
            content = "given" if isinstance(table, pa.Table) else f"read_parquet('{table}')"
            self._database.execute(f'create table "{dataset}" as select * from {content}')
            described = self._database.execute(f'describe "{dataset}"').fetchall()
            self._columns[dataset] = [row[0] for row in described]

    def __call__(self, method: str, path: str, query: dict, body: bytes, headers: dict) -> Plain:
        dataset = path.removeprefix("/resource/").removesuffix(".json")
        if dataset not in self._columns:
            return json_reply({"code": "dataset.missing", "error": True, "message": "Not found"}, 404)
        said = {name: values[0] for name, values in query.items()}
        if unknown := self._unknown(dataset, said):
            return json_reply(no_such_column(unknown), 400)
        with self._lock:
            rows = self._rows(dataset, said)
        return json_reply(rows)

    def _unknown(self, dataset: str, said: dict[str, str]) -> str | None:
        text = " ".join(said.get(name, "") for name in ("$select", "$where", "$order"))
        names = {word for word in WORDS.findall(text) if not word.startswith("'")}
        unknown = {n for n in names if n.lower() not in SOQL and n not in (*self._columns[dataset], ":id")}
        return min(unknown, default=None)

    def _rows(self, dataset: str, said: dict[str, str]) -> list[dict[str, Any]]:
        sql = f'select {said.get("$select", "*")} from "{dataset}"'
        sql += f" where {said['$where']}" if "$where" in said else ""
        sql += f" order by {said['$order']}" if "$order" in said else ""
        sql += f" limit {said.get('$limit', 1000)} offset {said.get('$offset', 0)}"
        found = self._database.execute(sql.replace(":id", "rowid"))
        names = [column[0] for column in found.description]
        pairs = (zip(names, row, strict=True) for row in found.fetchall())
        return [{name: value for name, value in row if value is not None} for row in pairs]


def no_such_column(name: str) -> dict:
    """The error body of a query for a column the dataset does not have."""
    return {
        "message": f"Query coordinator error: query.soql.no-such-column; No such column: {name}; position: "
        f'Map(row -> 1, column -> 8, line -> "SELECT `{name}`\\n       ^")',
        "errorCode": "query.soql.no-such-column",
        "data": {"column": name, "dataset": "alpha.1", "position": {"row": 1, "column": 8}},
    }
