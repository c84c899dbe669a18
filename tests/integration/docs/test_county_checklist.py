"""The commands of "Add a county" as they stand on the page, on the embedded services."""

import re

import pytest

from tests.documents import Checkout, section, split, text_of

pytestmark = pytest.mark.integration


def test_the_new_county_is_run_by_the_commands_of_the_page_and_shows_its_reject(tmp_path, new_home):
    blocks, _ = split(section(text_of("docs/extending.md"), "Add a county"))
    checkout = Checkout(tmp_path)
    checkout.carry_out(blocks)
    ran, shown = checkout.run_all(blocks, REALESTATE_HOME=str(new_home()))
    rows = {asset: int(number) for asset, number in re.findall(r"│ (\w+)\s+│\s+(\d+) │", ran)}
    assert (rows["raw_listings"], rows["properties"], rows["property_rejects"]) == (3, 2, 1)
    assert "CODE_UNKNOWN" in shown and "BARN" in shown
