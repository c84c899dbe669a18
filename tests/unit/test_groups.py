"""Descriptions as the catalog shows them."""

from realestate_assets.definitions import defs
from realestate_assets.groups import laid_out


def test_the_grain_is_a_plain_first_line_and_each_other_part_one_point():
    told = laid_out(
        "**Grain:** one row a month. **Key:** county,\nmonth. **Source:** a, b. **Caveat:** none."
    )
    points = ["- **Key:** county,\nmonth.", "- **Source:** a, b.", "- **Caveat:** none."]
    assert told == "\n".join(["One row a month.", "", *points])


def test_no_description_of_the_graph_has_an_empty_point():
    graph = defs.resolve_asset_graph()
    empty = [
        key.to_user_string()
        for key in graph.get_all_asset_keys()
        if any(line.strip() == "-" for line in (graph.get(key).description or "").splitlines())
    ]
    assert empty == []
