"""The table provider: what it joins, what it refuses, and what it says where it has nothing."""

from datetime import UTC, date, datetime

import pandas as pd
import pytest

from realestate_assets.providers.chain import enrich
from realestate_assets.providers.reference import ReferenceTables
from realestate_assets.providers.registry import providers_of
from resources.errors import PermanentError
from tests.unit.providers.enrich_frames import TABLE, county_with, properties, run, store

RENTS = {
    "name": "rents",
    "file": "rents.csv",
    "join": "zip",
    "key_column": "zip",
    "vintage": "2014-12-31",
    "bedroom_rents": ["r0", "r1", "r2"],
}


def test_values_are_joined_by_zip_with_their_provenance(tmp_path):
    reference = store(tmp_path, zips_csv="zcta,people,income\n98004,27946,93521\n98005,17714,80000\n")
    rows, facts = run(county_with(TABLE), properties({}, {"zip": "98005"}), reference)
    assert [row["zip_population"] for row in rows] == [27946.0, 17714.0]
    assert rows[0]["filled_count"] == 2 and rows[0]["simulated_count"] == 0
    fact = facts["p0", "zip_median_income_usd", "zips"]
    assert (fact["value"], fact["is_used"], fact["reason_code"]) == ("93521", True, None)
    assert (fact["vintage"], fact["confidence"], fact["cost_usd"]) == (date(2013, 12, 31), 0.9, 0.0)
    assert fact["source_url"] == "https://data.example/zips"
    assert fact["simulated"] is False
    modified = datetime.fromtimestamp((tmp_path / "zips.csv").stat().st_mtime, UTC)
    assert abs((fact["retrieved_at"] - modified).total_seconds()) < 1


@pytest.mark.parametrize("key", ["98004", "98004.0", " 98004 ", "98004-1234", "980041234"])
def test_every_spelling_of_a_zip_finds_its_row(tmp_path, key):
    reference = store(tmp_path, zips_csv=f"zcta,people,income\n{key},5,6\n")
    assert run(county_with(TABLE), properties({}), reference)[0][0]["zip_population"] == 5.0


def test_a_zip_that_lost_its_leading_zero_to_a_number_column_is_found(tmp_path):
    frame = pd.DataFrame({"zcta": [2139.0, 98004.0], "people": [7.0, 8.5], "income": [1, 2]})
    frame.to_parquet(tmp_path / "zips.parquet")
    table = {**TABLE, "file": "zips.parquet"}
    rows, facts = run(county_with(table), properties({"zip": "02139"}, {}), store(tmp_path))
    assert [row["zip_population"] for row in rows] == [7.0, 8.5]
    assert facts["p0", "zip_population", "zips"]["value"] == "7"


def test_parcel_numbers_join_in_any_spelling_and_keep_their_zeros(tmp_path):
    table = {
        "name": "roll",
        "file": "roll.csv",
        "join": "apn",
        "key_column": "pin",
        "vintage": "2014-01-01",
        "fields": {"assessed_value_usd": "av", "last_sale_date": "sold", "zoning_code": "zone"},
    }
    reference = store(tmp_path, roll_csv="pin,av,sold,zone\n012345-6789,500000,2010-02-03,R5\n")
    rows, facts = run(county_with(table), properties({}, {"apn": None}, {"apn": "123456789"}), reference)
    assert rows[0]["assessed_value_usd"] == 500_000.0
    assert rows[0]["last_sale_date"] == date(2010, 2, 3)
    assert rows[0]["zoning_code"] == "R5"
    assert facts["p1", "assessed_value_usd", "roll"]["reason_code"] == "NO_KEY"
    assert facts["p2", "assessed_value_usd", "roll"]["reason_code"] == "NO_MATCH"


def test_a_missing_file_leaves_nulls_with_the_reason(tmp_path):
    rows, facts = run(county_with(TABLE), properties({}), store(tmp_path))
    assert rows[0]["zip_population"] is None and rows[0]["filled_count"] == 0
    fact = facts["p0", "zip_population", "zips"]
    assert (fact["reason_code"], fact["value"], fact["retrieved_at"]) == ("REFERENCE_MISSING", None, None)
    assert fact["confidence"] is None


def test_a_value_described_after_the_first_of_the_month_is_kept_but_not_used(tmp_path):
    reference = store(tmp_path, zips_csv="zcta,people,income\n98004,5,6\n")
    county = county_with({**TABLE, "vintage": "2015-05-01"})
    months = properties({"month": "2015-05"}, {"month": "2015-04"})
    rows, facts = run(county, months, reference)
    assert [row["zip_population"] for row in rows] == [5.0, None]
    late = facts["p1", "zip_population", "zips"]
    assert (late["reason_code"], late["value"], late["is_used"]) == ("VINTAGE_TOO_LATE", "5", False)


@pytest.mark.parametrize(
    ("nothing", "reason"),
    [
        ("-666666666", "TOO_FEW_ANSWERS"),
        ("-666666666.0", "TOO_FEW_ANSWERS"),
        ("-888888888", "NOT_APPLICABLE"),
        ("-5", "OUT_OF_RANGE"),
        *((text, "NULL_IN_SOURCE") for text in ("", "N/A", "abc", "1e400")),
    ],
)
def test_what_is_no_figure_becomes_null_and_never_a_number(tmp_path, nothing, reason):
    reference = store(tmp_path, zips_csv=f"zcta,people,income\n98004,{nothing},6\n")
    rows, facts = run(county_with(TABLE), properties({}), reference)
    assert rows[0]["zip_population"] is None
    assert facts["p0", "zip_population", "zips"]["reason_code"] == reason
    assert rows[0]["zip_median_income_usd"] == 6.0


def test_a_median_income_of_so_much_or_more_is_unknown_and_says_so(tmp_path):
    reference = store(tmp_path, zips_csv="zcta,people,income\n98004,250001,250001\n")
    rows, facts = run(county_with(TABLE), properties({}), reference)
    assert (rows[0]["zip_population"], rows[0]["zip_median_income_usd"]) == (250_001.0, None)
    assert facts["p0", "zip_median_income_usd", "zips"]["reason_code"] == "OPEN_ENDED"


def test_two_records_for_one_key_are_refused_with_file_and_key(tmp_path):
    reference = store(tmp_path, zips_csv="zcta,people,income\n98004,5,6\n98004.0,7,6\n")
    with pytest.raises(PermanentError, match=r"zips.*zips\.csv.*98004"):
        run(county_with(TABLE), properties({}), reference)


def test_the_same_record_twice_says_nothing_new(tmp_path):
    # HUD lists a ZIP once for each area it lies in, with the same rents.
    reference = store(tmp_path, zips_csv="zcta,area,people,income\n98004,A,5,6\n98004,B,5,6\n")
    assert run(county_with(TABLE), properties({}), reference)[0][0]["zip_population"] == 5.0


@pytest.mark.parametrize("header", ["zcta,people", "zip,people,income"])
def test_a_missing_column_is_refused_with_file_and_column(tmp_path, header):
    reference = store(tmp_path, zips_csv=f"{header}\n{','.join('1' for _ in header.split(','))}\n")
    missing = "income" if "zcta" in header else "zcta"
    with pytest.raises(
        PermanentError, match=rf"zips\.csv has no column {missing}; it has {header.split(',')[0]}"
    ):
        run(county_with(TABLE), properties({}), reference)


def test_a_missing_parquet_column_is_refused_too(tmp_path):
    pd.DataFrame({"zcta": ["98004"], "people": [1]}).to_parquet(tmp_path / "zips.parquet")
    with pytest.raises(PermanentError, match=r"zips\.parquet has no column income"):
        run(county_with({**TABLE, "file": "zips.parquet"}), properties({}), store(tmp_path))


@pytest.mark.parametrize("file", ["zips.csv", "zips.parquet"])
def test_a_file_that_cannot_be_read_is_named(tmp_path, file):
    (tmp_path / file).write_bytes(b"")
    with pytest.raises(PermanentError, match=f"{file} cannot be read"):
        run(county_with({**TABLE, "file": file}), properties({}), store(tmp_path))


def test_the_rent_follows_the_bedrooms_and_the_last_column_serves_all_above(tmp_path):
    reference = store(tmp_path, rents_csv="zip,r0,r1,r2\n98005,1,2,3\n98004,900,1100,\n")
    rows, facts = run(
        county_with(RENTS),
        properties(
            {"bedrooms": 0.0},
            {"bedrooms": 1.0},
            {"bedrooms": 7.0, "zip": "98005"},
            {"bedrooms": None},
            {"bedrooms": 2.0},
            {"zip": None},
            {"zip": "98999"},
        ),
        reference,
    )
    assert [row["bedroom_rent_usd"] for row in rows] == [900.0, 1100.0, 3.0, None, None, None, None]
    reasons = [facts[f"p{i}", "bedroom_rent_usd", "rents"]["reason_code"] for i in range(7)]
    assert reasons == [None, None, None, "NO_KEY", "NULL_IN_SOURCE", "NO_KEY", "NO_MATCH"]


def test_a_table_is_read_once_for_all_counties_and_months_of_a_run(tmp_path):
    reference = store(tmp_path, zips_csv="zcta,people,income\n98004,5,6\n")
    tables = ReferenceTables(reference)
    county = county_with(TABLE)
    first = enrich(county, properties({}), providers_of(county, tables)).enrichments
    (tmp_path / "zips.csv").write_text("zcta,people,income\n98004,9,9\n")
    assert enrich(county, properties({}), providers_of(county, tables)).enrichments.equals(first)
