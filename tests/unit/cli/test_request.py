"""Requests of `realestate run`: told from each other by all that is asked, and by the input's bytes."""

from realestate_assets.cli.request import Request


def test_each_part_of_a_request_tells_it_from_others(tmp_path):
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text("x\n1\n")
    second.write_text("x\n2\n")
    asked = [
        Request(("clark-nv",), None),
        Request(("clark-nv", "cook-il"), None),
        Request(("clark-nv",), "2024-01"),
        Request(("clark-nv",), "2024-01", evaluate="2024-01"),
        Request(("clark-nv",), "2024-01", first),
        Request(("clark-nv",), "2024-01", second),
        Request(("clark-nv",), "2024-01", second, source="sales"),
    ]
    assert len({request.key for request in asked}) == len(asked)


def test_the_same_bytes_under_another_name_are_the_same_request(tmp_path):
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    for path in (first, second):
        path.write_text("x\n1\n")
    assert Request(("clark-nv",), None, first).key == Request(("clark-nv",), None, second).key
