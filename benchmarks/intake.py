"""What a county's file costs on its way in, beside the floor and beside a row loop, in turns on one machine.

    .venv/bin/python -m benchmarks.intake --rows 100000 [1000000 …] [--turns 3] [--loop 2000]

The file is simulated: sales of one county over twelve months, with addresses, names, duplicates and rows that
are refused. The product reads it as landed, by its own assets `listings` and `canonical_properties` and their
IO managers: raw rows to the lake, properties, rejects and their events to Postgres. The floor is what nobody
can go below without leaving out the data: pyarrow reads the same file, ADBC puts it into a table, no checks.
The row loop is pandas as it is often written, on the first rows alone: a dictionary a row, and `to_sql`.

Each trial is a process of its own and begins with empty tables; CPU is its own and that of the Postgres
server, memory the most that the process held. Imports and the making of tables are before the clock starts.
"""

import argparse
import contextlib
import json
import os
import resource
import statistics
import subprocess  # nosec B404 - starts this module
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.csv as pacsv

SLUG, SOURCE, MONTHS = "simulated-wa", "sales", ("2024-01", "2024-12")
COUNTY = """
slug: simulated-wa
name: Simulated County
state: WA
fips: "53099"
timezone: America/Los_Angeles
bounds: {south: 47.0, north: 48.0, west: -123.0, east: -121.0}
market: {provenance: simulated, median_price_usd: 600000, appreciation_rate: 0.05,
         target_days_on_market: 45, min_price_usd: 1, max_price_usd: 10000000}
sources:
  - kind: file
    name: sales
    columns:
      apn: {from: parcel, required: true}
      street: address
      city: city
      zip: zip
      latitude: lat
      longitude: lon
      property_type: {from: kind, codes: {SFR: single_family, CND: condo, TWN: townhouse}}
      observed_date: {from: sold_on, required: true}
      sale_date: sold_on
      sale_price_usd: price
      sale_document_id: document
      deed_type: deed
      seller_name: seller
      bedrooms: beds
      bathrooms: baths
      living_area_sqft: sqft
      lot_area_sqft: lot
      year_built: built
"""
STREETS = ("Maple", "Oak", "Cedar", "Lake View", "Martin Luther King", "Main", "Hill", "Birch", "4th", "22nd")
KINDS = ("Street", "Ave", "Road", "Dr", "Blvd", "Ln", "Court", "Pl")
SIDES = ("", "", "N ", "SW ")
CITIES = ("Northfield", "Easton", "Port Simon", "Westlake")
NAMES = ("SMITH", "GARCIA", "NGUYEN", "LEE", "JOHNSON", "PATEL", "OKAFOR", "KIM")


def county_file(rows: int, seed: int = 1) -> pa.Table:
    """A simulated file: 2 % of its rows are sold again, 1 % are copies, 1 % are refused."""
    dice = np.random.default_rng(seed)

    def chosen(values: tuple[str, ...]) -> np.ndarray:
        return np.array(values, dtype=object)[dice.integers(0, len(values), rows)]

    home = dice.permutation(rows) + 1
    again = dice.random(rows) < 0.02
    home[again] = home[dice.integers(0, rows, again.sum())]
    day = np.datetime64("2024-01-01") + dice.integers(0, 366, rows)
    sqft = dice.integers(600, 5000, rows)
    price = (sqft * dice.uniform(150, 500, rows)).astype(int)
    price[dice.random(rows) < 0.005] = -1
    unit = np.where(dice.random(rows) < 0.2, [f" Apt {n}" for n in dice.integers(1, 40, rows)], "")
    number = dice.integers(1, 20_000, rows)
    street = chosen(SIDES) + chosen(STREETS) + " " + chosen(KINDS)
    table = pa.table(
        {
            "parcel": [f"{n // 10_000:06d}-{n % 10_000:04d}" for n in home],
            "address": [f"{n} {s}{u}" for n, s, u in zip(number, street, unit, strict=True)],
            "city": pa.array(chosen(CITIES), pa.string()),
            "zip": [f"98{n:03d}" for n in dice.integers(1, 60, rows)],
            "lat": np.round(dice.uniform(47.01, 47.99, rows), 6),
            "lon": np.round(dice.uniform(-122.99, -121.01, rows), 6),
            "kind": pa.array(chosen(("SFR", "SFR", "CND", "TWN")), pa.string()),
            "sold_on": pa.array(day).cast(pa.date32()),
            "price": price,
            "document": [f"2024{n:08d}" for n in dice.permutation(rows)],
            "deed": pa.array(chosen(("WARRANTY DEED", "WARRANTY DEED", "QUIT CLAIM DEED")), pa.string()),
            "seller": [f"{a} {b}" for a, b in zip(chosen(NAMES), chosen(NAMES), strict=True)],
            "beds": np.where(dice.random(rows) < 0.005, 99, dice.integers(1, 6, rows)),
            "baths": dice.integers(4, 16, rows) / 4,
            "sqft": sqft,
            "lot": dice.integers(1000, 20_000, rows),
            "built": dice.integers(1900, 2023, rows),
        }
    )
    return pa.concat_tables([table, table.slice(0, rows // 100)]).slice(rows // 100)


def floor(path: Path) -> Callable[[], int]:
    """The file is read by pyarrow, and put into a table by ADBC."""
    from realestate_assets.operations.services import build_services
    from realestate_assets.settings import get_settings

    warehouse = build_services(get_settings(), os.environ.__getitem__)["warehouse"]
    warehouse.execute("drop table if exists floor")

    def work() -> int:
        rows = pacsv.read_csv(path)
        with warehouse.connect() as connection, connection.cursor() as cursor:
            cursor.adbc_ingest("floor", rows, mode="create")
        return rows.num_rows

    return work


def intake_graph() -> tuple[Any, dict[str, Any]]:
    """The two assets of the intake with their IO managers as the job `intake`, and the services they use."""
    import dagster as dg

    from realestate_assets.assets.discovery import canonical_properties, listings
    from realestate_assets.operations.dagster_services import build_dagster_services
    from realestate_assets.settings import get_settings

    services = build_dagster_services(get_settings(), os.environ.__getitem__)
    job = dg.define_asset_job("intake", "*", executor_def=dg.in_process_executor)
    assets = [listings, canonical_properties]
    return dg.Definitions(assets=assets, jobs=[job], resources=services), services


def product(path: Path) -> Callable[[], int]:
    """The product's own assets and IO managers."""
    import dagster as dg

    from realestate_assets.domain.tables import TABLES
    from realestate_assets.domain.tables.ops import OPS_TABLES
    from realestate_assets.operations.in_process import execute
    from resources.partition import Partition

    defs, services = intake_graph()
    warehouse, store = services["warehouse"], services["landing"]
    warehouse.ensure_tables([*TABLES.values(), *OPS_TABLES.values()])
    for table in ("raw.properties", "raw.property_rejects", "raw.source_files", "ops.events"):
        warehouse.execute(f"truncate {table}")
    store.write_bytes(f"{SLUG}/{SOURCE}/{path.name}", path.read_bytes())
    first, last = (Partition(SLUG, month) for month in MONTHS)
    instance = dg.DagsterInstance.ephemeral()

    def work() -> int:
        outcome = execute(defs, instance, "intake", [(first, last)])
        if not outcome.success:
            raise RuntimeError("; ".join(outcome.errors))
        counted = warehouse.read(
            "select (select count(*) from raw.properties) + (select count(*) from raw.property_rejects) as n,"
            " (select count(*) from ops.events) as events"
        ).to_pylist()[0]
        if not counted["events"]:
            raise RuntimeError("no event was written")
        return counted["n"]

    return work


def row_loop(path: Path) -> Callable[[], int]:
    """A dictionary a row, spelt by the product's function of one line, and to_sql at the end."""
    import pandas as pd
    import sqlalchemy

    from realestate_assets.domain.core.addresses import normalize_street
    from realestate_assets.operations.services import build_services
    from realestate_assets.settings import get_settings

    warehouse = build_services(get_settings(), os.environ.__getitem__)["warehouse"]
    engine = sqlalchemy.create_engine(warehouse.database_url())

    def work() -> int:
        found = []
        for _, row in pd.read_csv(path, dtype=str).iterrows():
            street, unit = normalize_street(row["address"], None, "WA")
            sold, price, beds = date.fromisoformat(row["sold_on"]), float(row["price"]), int(row["beds"])
            record = {
                **row, "street": street, "unit": unit, "sold_on": sold, "price": price, "beds": beds,
                "month": sold.strftime("%Y-%m"), "is_fine": price > 0 and beds <= 20,
                "property_id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"53099:apn:{row['parcel']}")),
            }  # fmt: skip
            record["payload"] = json.dumps({k: str(v) for k, v in record.items()})
            found.append(record)
        frame = pd.DataFrame(found).drop_duplicates(["property_id", "month"], keep="last")
        frame.to_sql("row_loop", engine, if_exists="replace", index=False)
        return len(found)

    return work


WAYS = {"floor": floor, "product": product, "row loop": row_loop}


def server_of(home: str) -> psutil.Process | None:
    """The embedded Postgres of a data folder; None where none runs."""
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or [""]
        if Path(command[0]).name == "postgres" and home in " ".join(command):
            return process
    return None


def server_seconds(server: psutil.Process | None) -> float:
    """CPU seconds of the Postgres server and all its children, those that ended included."""
    if server is None:
        return 0.0
    own = server.cpu_times()
    living = [child.cpu_times() for child in server.children(recursive=True)]
    return sum(own[:4]) + sum(sum(each[:2]) for each in living)


def trial(way: str, path: Path) -> dict[str, float]:
    """One way, in this process."""
    work = WAYS[way](path)
    server = server_of(os.environ["REALESTATE_HOME"])
    busy, wall, own = server_seconds(server), time.perf_counter(), time.process_time()
    rows = work()
    wall, own = time.perf_counter() - wall, time.process_time() - own
    # What a server process has used is known of the server once that has ended.
    time.sleep(0.5)
    return {
        "rows": rows, "wall": wall, "own": own, "postgres": server_seconds(server) - busy,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }  # fmt: skip


def in_a_process(way: str, path: Path) -> dict[str, float]:
    """One way, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.intake", "--trial", way, "--file", str(path)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # nosec B603
    return json.loads(done.stdout.splitlines()[-1])


def trials(rows: int, turns: int, loop: int, loops: int, folder: Path) -> dict[str, list[dict[str, float]]]:
    """What each way took, in turns; the row loop of the first `loop` rows alone, `loops` times."""
    path, few = folder / f"county-{rows}.csv", folder / f"first-{loop}.csv"
    file = county_file(rows)
    pacsv.write_csv(file, path)
    pacsv.write_csv(file.slice(0, loop), few)
    found: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    for turn in range(turns):
        found["floor"].append(in_a_process("floor", path))
        found["product"].append(in_a_process("product", path))
        if turn < loops:
            found["row loop"].append(in_a_process("row loop", few))
    return found


@contextlib.contextmanager
def own_home() -> Iterator[Path]:
    """A folder with a county and a running warehouse of its own, which this process is told of."""
    with tempfile.TemporaryDirectory(prefix="realestate-intake-") as name:
        folder = Path(name)
        (folder / "counties").mkdir()
        (folder / "counties" / f"{SLUG}.yaml").write_text(COUNTY)
        os.environ |= {"REALESTATE_HOME": str(folder / "home"), "COUNTY_CONFIG_DIR": str(folder / "counties")}
        from realestate_assets.settings import get_settings
        from resources.warehouse import embedded

        # Held here, the server stays up from trial to trial.
        embedded.server_uri(get_settings().postgres_root, "realestate")
        try:
            yield folder
        finally:
            embedded.leave(get_settings().postgres_root)


def taken_in(rows: int, turns: int, loop: int, loops: int) -> dict[str, list[dict[str, float]]]:
    """What each way took of a file of so many rows, in a home of its own."""
    with own_home() as folder:
        return trials(rows, turns, loop, loops, folder)


def compare(rows: int, turns: int, loop: int, folder: Path) -> None:
    """Print a table of one size."""
    found = trials(rows, turns, loop, 1 if loop else 0, folder)
    for each in found["row loop"]:
        for name in ("wall", "own", "postgres"):
            each[name] *= rows / loop
    path = folder / f"county-{rows}.csv"
    print(f"\n{rows:,} rows (simulated), {path.stat().st_size / 1e6:.0f} MB, median of {turns} turns; "
          f"the row loop from {loop:,} rows, extrapolated; load {os.getloadavg()[0]:.1f}\n")  # fmt: skip
    print("| | wall, s | CPU, s | of it Postgres | wall / floor | CPU / floor | rows/s | peak, MB |")
    print("|---|---|---|---|---|---|---|---|")
    base: dict[str, float] = {}
    for way, each_time in found.items():
        if not each_time:
            continue
        wall, own, postgres, peak = (
            statistics.median(each[name] for each in each_time)
            for name in ("wall", "own", "postgres", "peak_mb")
        )
        base = base or {"wall": wall, "cpu": own + postgres}
        ratios = f"{wall / base['wall']:.1f} | {(own + postgres) / base['cpu']:.1f}"
        shown = "" if way == "row loop" else f"{peak:,.0f}"
        print(f"| {way} | {wall:.2f} | {own + postgres:.2f} | {postgres:.2f} | {ratios} | "
              f"{rows / wall:,.0f} | {shown} |", flush=True)  # fmt: skip


def main() -> None:
    """Print a table a size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000])
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--loop", type=int, default=5000, help="rows of the row loop; 0: without it")
    parser.add_argument("--trial", choices=list(WAYS), help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.trial:
        print(json.dumps(trial(chosen.trial, chosen.file)))
        return
    with own_home() as folder:
        for rows in chosen.rows:
            compare(rows, chosen.turns, chosen.loop, folder)


if __name__ == "__main__":
    main()
