"""What a run prints of its intake."""

import io
from types import UnionType
from typing import get_args, get_origin, get_type_hints

from rich.console import Console

from realestate_assets.cli.report import Report, sent_line

COUNTS = {
    "sent": 351,
    "offers": 0,
    "received": 136,
    "accepted": 130,
    "duplicates": 4,
    "rejected": 2,
    "of_other_months": 1210,
    "undated": 5,
}


def report(**said: object) -> Report:
    """A report of nothing, but for what is said."""
    hints = get_type_hints(Report).items()
    plain = {name: get_args(kind)[0] if isinstance(kind, UnionType) else kind for name, kind in hints}
    nothing = {name: (get_origin(kind) or kind)() for name, kind in plain.items()}
    return Report(**nothing | said)


def printed(made: Report) -> str:
    console = Console(file=io.StringIO(), width=200)
    made.print(console)
    return console.file.getvalue()


def test_rows_of_other_months_and_the_undated_are_said():
    line = "Sent 351 = accepted 130 + duplicates 4 + rejected 2 + of other months 1,210 + undated 5"
    assert sent_line(COUNTS) == line
    with_offers = sent_line(COUNTS | {"offers": 1200, "of_other_months": 2410})
    assert with_offers.startswith("Sent 351 and 1,200 offers of sold rows = accepted 130")
    assert line in printed(report(**COUNTS))


def test_months_that_got_records_are_said_with_the_command_that_takes_them_in():
    told = {"county": "king-wa", "source": "sales", "month": "2017-06", "records": 1200}
    text = printed(report(months_to_run=[told]))
    assert "1,200 fetched records belong to 2017-06" in text
    assert "realestate run --county king-wa --months 2017-06 takes them in" in text
