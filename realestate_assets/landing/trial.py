"""A file tried before it is landed: what its columns seem to be, and what would become of its rows."""

from collections import Counter
from collections.abc import Mapping, Set
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa

from realestate_assets.domain.counties.county import County
from realestate_assets.domain.counties.extra_features import may_be_features
from realestate_assets.domain.counties.sources import LISTINGS_AND_SALES, OF_BOTH, FileSource, JoinedTable
from realestate_assets.domain.intake.canonical import Canonical, canonicalise
from realestate_assets.domain.intake.file_bytes import Place, unpack_gzip
from realestate_assets.domain.intake.joining import read_table
from realestate_assets.domain.intake.proposals import Proposal, propose
from realestate_assets.domain.intake.reading import read_rows
from realestate_assets.extent import platform_months
from resources.errors import PermanentError

FORMATS_BY_ENDING = {
    ".xlsx": "excel", ".xls": "excel", ".xlsb": "excel", ".ods": "excel", ".parquet": "parquet",
    ".geojson": "geojson", ".json": "geojson", ".jsonl": "jsonl", ".ndjson": "jsonl", ".gpkg": "geopackage",
}  # fmt: skip
# What month a row is of is told, not judged, while a file is tried.
ALL_MONTHS = ("1600-01", "2999-12")
DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class Trial:
    """What a file would become under a proposed source.

    Args:
        source: the source, as it would stand in the county's YAML.
        proposals: the rules of its columns, with how sure each is.
        unused: columns of the file that nothing is made of.
        received: the file's rows as text.
        found: what became of them.
        warnings: what a run would warn of.
        first_month: the first month of the file where the platform's begin later.
        offers: records beside the rows, where these tell of listings and of their sales.
    """

    source: dict[str, Any]
    proposals: list[Proposal]
    unused: list[str]
    received: pa.Table
    found: Canonical
    warnings: list[str]
    first_month: str | None = None
    offers: int = 0

    @property
    def nulls(self) -> dict[str, int]:
        """Rows without a value by proposed column, of those accepted."""
        table = self.found.properties
        return {each.field: table[each.field].null_count for each in self.proposals}

    @property
    def may_be_features(self) -> list[str]:
        """Of the unused columns those that may be extra features of the value model."""
        return may_be_features(self.unused, FileSource.model_validate(self.source).columns)

    @property
    def months(self) -> dict[str, int]:
        """Accepted rows by month, the earliest first."""
        return dict(sorted(Counter(self.found.properties["month"].to_pylist()).items()))

    @property
    def rejects(self) -> dict[tuple[str, str], tuple[int, str]]:
        """(reason code, field) -> rows, and the reason of the first of them."""
        found: dict[tuple[str, str], tuple[int, str]] = {}
        rows = self.found.rejects.select(["reason_code", "field", "reason"]).to_pylist()
        for row in rows:
            key = (row["reason_code"], row["field"] or "")
            found[key] = (found.get(key, (0, row["reason"]))[0] + 1, found.get(key, (0, row["reason"]))[1])
        return dict(sorted(found.items(), key=lambda item: -item[1][0]))


def try_file(path: Path, county: County, name: str, wishes: Mapping[str, str | None] | None = None) -> Trial:
    """Read a file, propose a source for it, and make properties of its rows by that.

    Args:
        path: the file.
        county: whose file it is.
        name: what the source is to be called.
        wishes: canonical column -> the file's column that a person wants, or None to leave it out.

    Raises:
        PermanentError: the file cannot be read, or no date or nothing that identifies a home is found in it.
    """
    data, place = path.read_bytes(), Place(county.slug, name, path.name)
    options = _options(data, path.name, place)
    table = JoinedTable.model_validate({"name": name, "key": {"-": "-"}, **options})
    received = read_table(data, table, place)
    proposals = _wished(propose(received, county.state), wishes or {}, received, place)
    source = _source(name, options, proposals)
    model = FileSource.model_validate(source)
    rows = read_rows(BytesIO(data), model, place, ALL_MONTHS, county.timezone)
    found = canonicalise(rows.table, county.model_copy(update={"sources": (model,)}))
    used = {column for each in proposals for column in each.columns}
    unused = [column for column in received.column_names if column not in used]
    first, last = platform_months()
    outside = sum(count for month, count in rows.by_month.items() if not first <= month <= last)
    earlier = [month for month in rows.by_month if month < first]
    warnings = [*rows.warnings, *found.warnings]
    if outside:
        warnings.append(f"{outside:,} records lie outside the platform's months, {first} to {last}")
    first_month = min(earlier, default=None)
    return Trial(source, proposals, unused, received, found, warnings, first_month, rows.offers)


def _options(data: bytes, file_name: str, place: Place) -> dict[str, Any]:
    """Format and delimiter, told by the file's name and its first line."""
    ending = Path(file_name.lower().removesuffix(".gz")).suffix
    if ending in FORMATS_BY_ENDING:
        return {"format": FORMATS_BY_ENDING[ending]}
    if ending == ".zip":
        return {"format": "shapefile"} if b".shp" in data else {}
    table = JoinedTable.model_validate({"name": place.source, "key": {"-": "-"}})
    head = unpack_gzip(data, table, place) if file_name.lower().endswith(".gz") else data
    line = head[:65_536].lstrip().split(b"\n")[0].decode("utf-8", "replace")
    best = max(DELIMITERS, key=line.count)
    return {"delimiter": best} if best != "," and line.count(best) else {}


def _wished(
    proposals: list[Proposal], wishes: Mapping[str, str | None], received: pa.Table, place: Place
) -> list[Proposal]:
    """The proposals with what a person wants instead."""
    kept = {each.field: each for each in proposals}
    for field, column in wishes.items():
        kept.pop(field, None)
        if column is None:
            continue
        if column not in received.column_names:
            raise place.error(f"has no column {column}.", "Take one of those that it has.", column)
        renamed = pa.table({field: received[column]})
        own = [each for each in propose(renamed, "") if each.field == field]
        rule = {**own[0].rule, "from": column} if own else {"from": column}
        kept[field] = Proposal(field, rule, 1.0, (column,))
    missing = "date" if "observed_date" not in kept else "parcel number or address"
    if "observed_date" not in kept or not kept.keys() & {"apn", "street"}:
        raise PermanentError(
            f"In {place.file} no {missing} is found.",
            county=place.county_slug, field="--map",
            remedy="Name the column: --map observed_date=COLUMN, --map apn=COLUMN or --map street=COLUMN. "
            f"There are: {', '.join(received.column_names)}.",
        )  # fmt: skip
    return list(kept.values())


def _source(name: str, options: dict[str, Any], proposals: list[Proposal]) -> dict[str, Any]:
    columns = {each.field: _short(each.rule) for each in proposals}
    return {
        "kind": "file",
        "name": name,
        **options,
        **_holding(columns.keys()),
        "columns": columns,
    }


def _holding(fields: Set[str]) -> dict[str, str]:
    """What the rows tell of, by the columns they have; a listing needs no word."""
    if fields >= set(OF_BOTH):
        return {"holds": LISTINGS_AND_SALES}
    return {"holds": "sales"} if "sale_price_usd" in fields and "list_price_usd" not in fields else {}


def _short(rule: Mapping[str, object]) -> object:
    return rule["from"] if rule.keys() == {"from"} else dict(rule)
