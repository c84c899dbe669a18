"""The checklists of extending.md, carried out as they stand in a copy of the checkout."""

import json

import pytest

from tests.documents import Block, Checkout, section, split, text_of

pytestmark = pytest.mark.integration

PAGE = text_of("docs/extending.md")
COUNTY = """
import json
from pathlib import Path
from realestate_assets.domain.intake.canonical import canonicalise
from realestate_assets.landing.arrivals import land_file
from realestate_assets.landing.paths import place_of
from realestate_assets.landing.reading import read
from realestate_assets.extent import get_county
from realestate_assets.partitions import COUNTY_MONTH
from resources.lake.store import StoreResource

county, landing = get_county("pierce-wa"), StoreResource(root_url="landing")
landed = land_file(landing, county, Path("sales.csv"))
done = canonicalise(read(landing, county, place_of(landed)).table, county)
print(json.dumps({
    "keys": "pierce-wa|2024-03" in COUNTY_MONTH.get_partition_keys(),
    "areas": done.properties["living_area_sqft"].to_pylist(),
    "rejects": done.rejects["reason_code"].to_pylist(),
}))
"""


def steps(heading: str) -> list[Block]:
    return split(section(PAGE, heading))[0]


@pytest.fixture
def checkout(tmp_path) -> Checkout:
    return Checkout(tmp_path)


def test_a_county_is_a_partition_and_its_file_becomes_properties_and_a_reject(checkout):
    checkout.carry_out(steps("Add a county"))
    (checkout.root / "try.py").write_text(COUNTY)
    told = json.loads(checkout.run(".venv/bin/python try.py", COUNTY_CONFIG_DIR="counties"))
    assert told["keys"]
    assert [round(area) for area in told["areas"]] == [1615, 969]
    assert told["rejects"] == ["CODE_UNKNOWN"]


@pytest.mark.parametrize("what", ["provider", "asset", "check", "mart", "page"])
def test_a_checklist_can_be_carried_out_as_it_stands_and_its_own_tests_pass(checkout, what):
    blocks = steps(f"Add {'an' if what[0] in 'aeiou' else 'a'} {what}")
    checkout.carry_out(blocks)
    for printed in checkout.run_all(blocks):
        assert " passed" in printed and " failed" not in printed
    # What it adds is in our style too; a mart has no Python.
    if files := " ".join(block.title for block in blocks if block.language == "python"):
        checkout.run(f".venv/bin/ruff check {files} && .venv/bin/ruff format --check {files}")


def test_a_change_whose_place_is_gone_is_found(checkout):
    gone = Block("diff", "realestate_assets/checks/registry.py", " no such line\n+another\n")
    with pytest.raises(AssertionError, match="no single place"):
        checkout.carry_out([gone])
