"""property_id: stable, and never shared by two properties."""

import subprocess
import sys

import pyarrow as pa

from realestate_assets.domain.core.identity import property_ids


def rows(**columns):
    count = len(next(iter(columns.values())))
    names = ("apn", "street", "unit", "city", "zip")
    return pa.table({name: pa.array(columns.get(name, [None] * count), pa.string()) for name in names})


def test_ids_do_not_change_between_releases():
    table = rows(apn=["7129300520", None], street=[None, "12 OAK CT"], zip=[None, "98001"])
    assert property_ids(table, "53033").to_pylist() == EXPECTED


def test_the_same_parcel_number_in_two_counties_is_two_properties():
    table = rows(apn=["0012345678"])
    assert property_ids(table, "53033").to_pylist() != property_ids(table, "17031").to_pylist()


def test_the_parcel_number_decides_and_the_address_only_where_there_is_none():
    table = rows(
        apn=["1", "1", None, "2"], street=["1 A ST", "2 B ST", "1 A ST", "1 A ST"], zip=["98001"] * 4
    )
    ids = property_ids(table, "53033").to_pylist()
    assert ids[0] == ids[1] and len(set(ids)) == 3


def test_an_address_never_has_the_id_of_a_parcel_number_of_the_same_letters():
    table = rows(apn=["X||", None], street=[None, "X"])
    assert len(set(property_ids(table, "53033").to_pylist())) == 2


def test_units_of_a_building_are_told_apart():
    table = rows(street=["1 A ST"] * 3, unit=["UNIT 1", "UNIT 2", None], zip=["98001"] * 3)
    assert len(set(property_ids(table, "53033").to_pylist())) == 3


def test_a_row_without_identity_gets_no_id():
    assert property_ids(rows(zip=["98001"]), "53033").to_pylist() == [None]


def test_another_process_gives_the_same_id():
    code = (
        "import pyarrow as pa; from realestate_assets.domain.core.identity import property_ids;"
        "t = pa.table({n: pa.array([v], pa.string()) for n, v in"
        " dict(apn='7129300520', street=None, unit=None, city=None, zip=None).items()});"
        "print(property_ids(t, '53033')[0])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == EXPECTED[0]


EXPECTED = ["41499804-3cd5-51f1-898c-b487282f6089", "7513038e-61b7-5119-a9f6-463ee278f07d"]
