"""Chains: who is believed, what becomes of the others, and that every null has a reason."""

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.counties.enrichment_rules import FIELD_NAMES, Rules
from realestate_assets.domain.enrichment.resolve import resolve
from realestate_assets.domain.tables import ENRICHMENT_FACTS, ENRICHMENTS
from realestate_assets.providers.base import EnrichmentRequest, Origin, field_facts, no_facts
from resources.errors import PermanentError
from tests.unit.providers.enrich_frames import TABLE, county_with, properties, run, store

SECOND = {**TABLE, "name": "census", "file": "census.csv", "vintage": "2010-12-31"}


def test_the_first_usable_value_wins_and_the_others_stay_in_the_facts(tmp_path):
    reference = store(
        tmp_path,
        zips_csv="zcta,people,income\n98004,5,-666666666\n",
        census_csv="zcta,people,income\n98004,50,60\n98005,51,61\n",
    )
    rows, facts = run(county_with(TABLE, SECOND), properties({}, {"zip": "98005"}), reference)
    assert (rows[0]["zip_population"], rows[0]["zip_median_income_usd"]) == (5.0, 60.0)
    assert (rows[1]["zip_population"], rows[1]["zip_median_income_usd"]) == (51.0, 61.0)
    second = facts["p0", "zip_population", "census"]
    assert (second["value"], second["is_used"], second["reason_code"]) == ("50", False, "LOWER_PRIORITY")
    assert facts["p0", "zip_median_income_usd", "census"]["is_used"]
    assert facts["p1", "zip_population", "zips"]["reason_code"] == "NO_MATCH"


def test_the_chain_decides_the_order_not_the_list_of_tables(tmp_path):
    reference = store(
        tmp_path, zips_csv="zcta,people,income\n98004,5,6\n", census_csv="zcta,people,income\n98004,50,60\n"
    )
    county = county_with(TABLE, SECOND, chains={"demographics": ("census", "zips")})
    assert run(county, properties({}), reference)[0][0]["zip_population"] == 50.0


def test_a_provider_that_no_chain_names_is_not_asked(tmp_path):
    rows, facts = run(county_with(TABLE, chains={}), properties({}), store(tmp_path, zips_csv="broken"))
    assert rows[0]["filled_count"] == 0
    assert {provider for _, _, provider in facts} == {"none"}


def test_every_field_of_every_property_has_a_fact_and_every_null_a_reason(tmp_path):
    reference = store(tmp_path, zips_csv="zcta,people,income\n98004,5,6\n")
    rows, facts = run(county_with(TABLE), properties({}, {"zip": None}, {"is_simulated": True}), reference)
    assert len(rows) == 3
    for row in rows:
        for field in FIELD_NAMES:
            told = [f for (p, n, _), f in facts.items() if (p, n) == (row["property_id"], field)]
            used = [f for f in told if f["is_used"]]
            assert told and len(used) == (row[field] is not None)
            assert all(f["reason_code"] for f in told if not f["is_used"])
            assert all(f["reason_code"] is None and f["value"] for f in used)
    silent = facts["p0", "zoning_code", "none"]
    assert (silent["reason_code"], silent["is_used"], silent["value"]) == ("NO_PROVIDER", False, None)


def test_simulated_values_never_reach_a_real_property_nor_files_a_simulated_one(tmp_path):
    reference = store(tmp_path, zips_csv="zcta,people,income\n98004,5,6\n")
    rows, facts = run(county_with(TABLE), properties({}, {"is_simulated": True}), reference)
    assert not any(f["simulated"] for (p, _, _), f in facts.items() if p == "p0")
    assert {provider for p, _, provider in facts if p == "p1"} == {"simulated", "none"}
    assert rows[0]["simulated_count"] == 0
    assert rows[1]["simulated_count"] == rows[1]["filled_count"] > 5


def test_no_properties_give_empty_tables_with_all_columns(tmp_path):
    county = county_with(TABLE)
    rows, facts = run(county, properties(), store(tmp_path))
    assert (rows, facts) == ([], {})
    result = resolve(properties().select(["county", "month", "property_id"]), no_facts(), Rules({}))
    assert result.enrichments.column_names == ENRICHMENTS.column_names
    assert result.facts.column_names == ENRICHMENT_FACTS.column_names


@given(st.permutations(range(6)), st.integers(1, 5))
def test_neither_row_order_nor_company_changes_a_property(order, cut):
    rows = [{"property_id": f"p{i}", "month": f"2015-0{1 + i % 3}", "zip": f"9800{i}"} for i in range(6)]
    chains = {"demographics": ("zips",)}

    def enriched(chosen: list[dict]) -> dict:
        table = properties(*chosen)
        value = pc.if_else(pc.equal(table["zip"], "98003"), pa.scalar(None, pa.string()), table["zip"])
        request = EnrichmentRequest("king-wa", table, ("zip_population",))
        none = pa.nulls(len(chosen), pa.string())
        facts = field_facts(request, "zip_population", value.combine_chunks(), none, Origin("zips"))
        result = resolve(table.select(["county", "month", "property_id"]), facts, Rules(chains))
        return {row["property_id"]: row for row in result.enrichments.to_pylist()}

    whole = enriched(rows)
    assert enriched([rows[i] for i in order]) == whole
    assert {**enriched(rows[:cut]), **enriched(rows[cut:])} == whole


def facts_of(table: pa.Table, field: str, value: str, provider: str) -> pa.Table:
    request = EnrichmentRequest("king-wa", table, (field,))
    text = pa.array([value] * table.num_rows, pa.string())
    return field_facts(request, field, text, pa.nulls(table.num_rows, pa.string()), Origin(provider))


@pytest.mark.parametrize(
    ("field", "value", "stored", "reason"),
    [
        ("zip_owner_occupied_pct", "55.5", 55.5, None),
        ("zip_owner_occupied_pct", "101", None, "OUT_OF_RANGE"),
        ("zip_population", "1,234", 1234.0, None),
        ("zip_median_income_usd", "0", None, "OUT_OF_RANGE"),
        ("is_flood_hazard_area", "true", True, None),
        ("is_flood_hazard_area", "perhaps", None, "NULL_IN_SOURCE"),
        ("flood_zone_code", "AE", "AE", None),
        ("last_sale_date", "2015-02-30", None, "NULL_IN_SOURCE"),
    ],
)
def test_text_becomes_the_type_of_its_field_or_null_with_its_reason(field, value, stored, reason):
    table = properties({})
    chains = dict.fromkeys(("demographics", "flood", "assessor"), ("api",))
    keys = table.select(["county", "month", "property_id"])
    result = resolve(keys, facts_of(table, field, value, "api"), Rules(chains))
    assert result.enrichments.to_pylist()[0][field] == stored
    told = result.facts.filter(pc.equal(result.facts["provider"], "api")).to_pylist()[0]
    assert told["value"] == value
    assert told["reason_code"] == reason


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda t: facts_of(t, "zip_population", "5", "stranger"), "stranger.*not asked"),
        (lambda t: facts_of(t, "zoning_code", "R1", "api"), "not asked"),
        (lambda t: facts_of(properties({"property_id": "x"}), "zip_population", "5", "api"), "not asked"),
        (
            lambda t: pa.concat_tables([facts_of(t, "zip_population", v, "api") for v in "56"]),
            "answered twice",
        ),
    ],
)
def test_a_provider_that_answers_wrongly_stops_the_step(make, message):
    table = properties({})
    with pytest.raises(PermanentError, match=message):
        resolve(
            table.select(["county", "month", "property_id"]), make(table), Rules({"demographics": ("api",)})
        )
