"""A county's file taken in, against the floor of Arrow and ADBC, and against a row loop with to_sql."""

from benchmarks.intake import taken_in
from benchmarks.row import Row, Turns, scaled

ROWS, LOOP = 100_000, 2_000
FLOOR_ASKED, LOOP_ASKED = 5, 20


def measure(turns: int, rows: int = ROWS, loop: int = LOOP, loops: int | None = None) -> list[Row]:
    """CPU of the process and of Postgres, for both wait for other work alike."""
    found = taken_in(rows, turns, loop, turns if loops is None else loops)
    cpu = {way: [each["own"] + each["postgres"] for each in trials] for way, trials in found.items()}
    peak = max(each["peak_mb"] for each in found["product"])
    what, unit = "a county's file to lake and Postgres, simulated", f"{rows:,} rows"
    seconds = "seconds of CPU, Postgres' own among them; a new process and empty tables each turn, no warm-up"
    table = [
        Row(
            "intake",
            what,
            "pyarrow.csv and adbc_ingest of the bare rows, no checks",
            asked=FLOOR_ASKED,
            way="at most",
            unit=unit,
            peak_mb=peak,
            note=seconds,
            **Turns(cpu["product"], cpu["floor"]).seconds,
        )
    ]
    if cpu["row loop"]:
        table.append(
            Row(
                "intake, row loop",
                what,
                "a dictionary a row and to_sql, without events and lake",
                asked=LOOP_ASKED,
                unit=unit,
                note=f"{seconds}; the loop from {loop:,} rows, scaled",
                **scaled(Turns(cpu["product"], cpu["row loop"]), rows / loop).seconds,
            )
        )
    return table
