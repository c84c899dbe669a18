"""Ten minutes of steady intake: so many records a second, and changes to records that are in already.

    .venv/bin/python -m benchmarks.ingest [--minutes 10] [--rate 10000] [--updates-an-hour 1000]

Each minute the file of another county lands (the simulated file of `benchmarks.intake`, a minute's
records), and with it a file of changed prices for the county before. The product takes each in by its own
assets, one after the other, as it would by a sensor. Told is how long a file waited and took from the
moment it lay there, how far the intake was behind at the end, and whether what went in has come out: rows
of each county's file against properties, duplicates and rejects, and every changed price. Files are made
before the clock starts; the end waits until all is in.
"""

import argparse
import os
import queue
import statistics
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from benchmarks.intake import COUNTY, SOURCE, county_file, intake_graph

# No home of the file has that price by chance.
UPDATED_MONTH, NEW_PRICE = "2024-06", 9_876_543
COUNTED = """
select
    (select count(*) from raw.properties where county = $1) as accepted,
    (select count(*) from raw.property_rejects where county = $1) as refused,
    (select count(*) from raw.properties where county = $1 and sale_price_usd = $2) as changed
"""


@dataclass(frozen=True)
class Arrival:
    """A file that lies in the landing area: whose, for which months, how many rows, since when."""

    slug: str
    months: tuple[str, str]
    rows: int
    landed: float


def slug_of(number: int) -> str:
    """Slug of a simulated county."""
    return f"simulated-{chr(ord('a') + number // 26)}{chr(ord('a') + number % 26)}-wa"


def write_counties(folder: Path, count: int) -> None:
    """A county's YAML for each minute."""
    folder.mkdir()
    for number in range(count):
        text = COUNTY.replace("simulated-wa", slug_of(number)).replace('"53099"', f'"53{number * 2 + 1:03d}"')
        (folder / f"{slug_of(number)}.yaml").write_text(text.replace("County", f"County {number}", 1))


def changes(file: pa.Table, count: int) -> pa.Table:
    """Rows of one month with a new price, as a later file says it."""
    month = pc.strftime(file["sold_on"], format="%Y-%m")
    once = file.filter(pc.and_(pc.equal(month, UPDATED_MONTH), pc.greater(file["price"], 0)))
    once = once.filter(pc.less(once["beds"], 20))
    picked = once.take(pa.array(_distinct(once["parcel"].to_pylist())[:count]))
    price = pa.array([NEW_PRICE] * picked.num_rows, picked.schema.field("price").type)
    return picked.set_column(picked.schema.get_field_index("price"), "price", price)


def _distinct(parcels: list[str]) -> list[int]:
    """Places of parcels that stand once in the month: of these there is no doubt which price is the later."""
    seen: dict[str, int] = {}
    for parcel in parcels:
        seen[parcel] = seen.get(parcel, 0) + 1
    return [place for place, parcel in enumerate(parcels) if seen[parcel] == 1]


def main() -> None:
    """Run it and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--minutes", type=int, default=10)
    parser.add_argument("--rate", type=int, default=10_000, help="records a second")
    parser.add_argument("--updates-an-hour", type=int, default=1000)
    parser.add_argument("--second", type=float, default=60.0, help="seconds of a minute, to try it out")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="realestate-ingest-") as name:
        folder = Path(name)
        # The embedded Postgres runs as another user where this runs as root.
        folder.chmod(0o755)
        write_counties(folder / "counties", chosen.minutes)
        os.environ |= {"REALESTATE_HOME": str(folder / "home"), "COUNTY_CONFIG_DIR": str(folder / "counties")}
        os.environ |= {"LANDING_SETTLE_SECONDS": "0"}
        from realestate_assets.settings import get_settings
        from resources.warehouse import embedded

        try:
            measure(folder, chosen)
        finally:
            embedded.leave(get_settings().postgres_root)


def write_files(folder: Path, minutes: int, rows: int, a_minute: int) -> list[int]:
    """A county's file and one of its changes for each minute; how many changes there are in each."""
    updates = []
    for number in range(minutes):
        file = county_file(rows, seed=number)
        pacsv.write_csv(file, folder / f"{number}.csv")
        changed = changes(file, a_minute)
        pacsv.write_csv(changed, folder / f"{number}-changes.csv")
        updates.append(changed.num_rows)
    return updates


def lost(warehouse: Any, number: int, rows: int, updates: int) -> tuple[int, int]:
    """Rows of a county that went in and stand nowhere, and changes that are not to be seen."""
    told = warehouse.read(COUNTED, (slug_of(number), NEW_PRICE)).to_pylist()[0]
    return rows + updates - told["accepted"] - told["refused"], updates - told["changed"]


def measure(folder: Path, chosen: argparse.Namespace) -> None:
    """Make the files, let them land by the clock, take them in, count."""
    from realestate_assets.domain.tables import TABLES
    from realestate_assets.domain.tables.ops import OPS_TABLES
    from realestate_assets.operations.in_process import execute
    from resources.partition import Partition

    rows = chosen.rate * 60
    updates = write_files(folder, chosen.minutes, rows, -(-chosen.updates_an_hour // 60))
    defs, services = intake_graph()
    warehouse, landing = services["warehouse"], Path(services["landing"].root_url)
    warehouse.ensure_tables([*TABLES.values(), *OPS_TABLES.values()])
    arrived: queue.Queue[Arrival | None] = queue.Queue()

    def land(number: int, path: Path, months: tuple[str, str], count: int) -> None:
        target = landing / slug_of(number) / SOURCE / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)
        arrived.put(Arrival(slug_of(number), months, count, time.monotonic()))

    def producer() -> None:
        started = time.monotonic()
        for number in range(chosen.minutes + 1):
            time.sleep(max(0.0, started + number * chosen.second - time.monotonic()))
            if number:
                one = (UPDATED_MONTH, UPDATED_MONTH)
                land(number - 1, folder / f"{number - 1}-changes.csv", one, updates[number - 1])
            if number < chosen.minutes:
                land(number, folder / f"{number}.csv", ("2024-01", "2024-12"), rows)
        arrived.put(None)

    started = time.monotonic()
    threading.Thread(target=producer, daemon=True).start()
    lags: dict[bool, list[float]] = {True: [], False: []}
    while (arrival := arrived.get()) is not None:
        span = Partition(arrival.slug, arrival.months[0]), Partition(arrival.slug, arrival.months[1])
        outcome = execute(defs, dg.DagsterInstance.ephemeral(), "intake", [span])
        if not outcome.success:
            raise RuntimeError("; ".join(outcome.errors))
        lags[arrival.rows < rows].append(time.monotonic() - arrival.landed)
        print(f"{time.monotonic() - started:6.0f} s: {arrival.slug} {arrival.rows:,} rows, "
              f"{time.monotonic() - arrival.landed:.1f} s after they lay there", flush=True)  # fmt: skip
    took = time.monotonic() - started
    missing = [lost(warehouse, number, rows, updates[number]) for number in range(chosen.minutes)]
    whole = chosen.minutes * rows
    print(f"{whole:,} records and {sum(updates):,} changes (simulated) in {took:.0f} s: "
          f"{whole / took:,.0f} a second; missing: {sum(row for row, _ in missing)} rows, "
          f"{sum(change for _, change in missing)} changes")  # fmt: skip
    for is_update, told in ((False, "files"), (True, "changes")):
        print(f"{told}: in after {statistics.median(lags[is_update]):.1f} s (median), "
              f"{max(lags[is_update]):.1f} s (most)")  # fmt: skip


if __name__ == "__main__":
    main()
