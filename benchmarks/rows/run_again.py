"""A county's file run again: with nothing changed, and with one row changed, against its first run."""

from benchmarks.intake import MONTHS, SLUG, county_file, own_home
from benchmarks.other_process import ROOT
from benchmarks.row import Row
from benchmarks.whole_runs import run

ROWS = 10_000
FIRST = "the first run of the same file, in an empty home"


def measure(turns: int, rows: int = ROWS, months: tuple[str, str] = MONTHS) -> list[Row]:
    """One turn of each, in the order in which somebody would."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.csv as pacsv

    file = county_file(rows)
    with own_home() as folder:
        path = folder / "county.csv"

        def once(table: pa.Table) -> float:
            pacsv.write_csv(table, path)
            arguments = ["--county", SLUG, "--months", ":".join(months), "--input", str(path)]
            counties = {"COUNTY_CONFIG_DIR": str(folder / "counties")}
            return run(ROOT, folder / "runs", arguments, **counties)

        first, again = once(file), once(file)
        prices = file["price"].to_numpy().copy()
        # A sale of the last month, whatever its price was.
        last = int(pc.index(pc.strftime(file["sold_on"], "%Y-%m"), months[1]).as_py())
        prices[last] = 412_345
        changed = once(file.set_column(file.column_names.index("price"), "price", pa.array(prices)))
    what = f"`realestate run` of a county's file, {months[0]} to {months[1]}, simulated: "
    return [
        _row("run_again", f"{what}again, nothing changed", rows, again, first),
        _row("run_again, one row", f"{what}again, one price of the last month changed", rows, changed, first),
    ]


def _row(name: str, what: str, rows: int, seconds: float, first: float) -> Row:
    note = "wall time, one turn"
    return Row(
        name, what, FIRST, product_s=seconds, alternative_s=first, turns=1, unit=f"{rows:,} rows", note=note
    )
