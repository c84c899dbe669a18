"""Providers with captured replies: of every property and field asked, an answer, a reason, or a failure."""

from collections import Counter
from collections.abc import Mapping

import pyarrow as pa
import pytest

from realestate_assets.domain.tables.enriched import ENRICHMENT_FACTS
from realestate_assets.providers.arcgis import Arcgis
from realestate_assets.providers.attom import Attom
from realestate_assets.providers.base import REQUEST_COLUMNS, EnrichmentRequest
from realestate_assets.providers.regrid import Regrid
from resources.http.api import Failure
from tests.real_data import test_arcgis_contracts as arcgis
from tests.real_data import test_attom_contracts as attom
from tests.real_data import test_openaddresses_contracts as places
from tests.real_data import test_regrid_contracts as regrid
from tests.real_data import test_socrata_contracts as socrata
from tests.unit.providers.api_fakes import enrichment_request

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not places.CONTRACTS.exists(), reason="the captured replies are absent"),
]

FAILED = {failure.value for failure in Failure}
(REASON,) = [column for column in ENRICHMENT_FACTS.columns if column.name == "reason_code"]
MISSING = set(REASON.allowed or ()) - FAILED
HOUSE = {"street": "4529 WINONA CT", "city": "DENVER", "zip": "80212", "apn": "0219204018000"}


def sum_up(asked: int, facts: list[Mapping]) -> tuple[bool, str]:
    """Whether asked = answered + missing + failed, and that in words."""
    kinds = Counter(
        "answered"
        if fact["value"] is not None
        else "failed"
        if fact["reason_code"] in FAILED
        else "missing"
        if fact["reason_code"] in MISSING
        else f"nowhere ({fact['reason_code']})"
        for fact in facts
    )
    words = " + ".join(f"{count:,} {kind}" for kind, count in sorted(kinds.items()))
    accounted = kinds["answered"] + kinds["missing"] + kinds["failed"]
    return asked == accounted == len(facts), f"{asked:,} asked = {words}"


def regrid_facts(name: str, slug: str, fips: str, row: dict) -> tuple[int, list]:
    facts, _ = regrid.asked(name, regrid.county(slug, fips), row)
    return len(Regrid.fields), list(facts.values())


def attom_facts(name: str, state: str, fips: str, row: dict) -> tuple[int, list]:
    return len(Attom.fields), list(attom.asked(name, attom.county(state, fips), row).values())


def place_facts(file: str, state: str, bounds, by_number: bool) -> tuple[int, list]:
    rows, _ = places.rows_of(file, state, by_number)
    config = {"ask_by": ["apn"]} if by_number else {}
    provider = places.source(file, places.county(state, bounds), **config)
    request = EnrichmentRequest("king-wa", rows.select(REQUEST_COLUMNS), places.FIELDS)
    return rows.num_rows * len(places.FIELDS), provider.fetch(request).to_pylist()


def waco_facts(apn: str | None) -> tuple[int, list]:
    with arcgis.serve(arcgis.body("us-tx-waco-metadata.json"), arcgis.body("us-tx-waco-0.json")) as server:
        server.handler = arcgis._then_nothing(server.handler)
        fields = tuple(arcgis.WACO["fields"])
        request = enrichment_request({"apn": apn, "month": "2018-02"}, {"apn": None}, fields=fields)
        provider: Arcgis = arcgis.provider(server.url, **arcgis.WACO)
        return 2 * len(fields), provider.fetch(request).to_pylist()


def lot_facts(name: str) -> tuple[int, list]:
    facts = socrata.facts(socrata.LOT, socrata.captured(name), {"apn": "1000010100"}, {"apn": None})
    return 2 * len(socrata.LOT["fields"]), list(facts.values())


CASES = {
    "regrid of Wyoming": lambda: regrid_facts(
        "docs_assessor_parcel_number_1", "teton-wy", "56039", {"apn": "22421621402001"}
    ),
    "attom of Denver": lambda: attom_facts("property_basicprofile_denver", "CO", "08031", HOUSE),
    "attom of another county": lambda: attom_facts("property_basicprofile_denver", "WA", "53033", HOUSE),
    "addresses of Santa Clara": lambda: place_facts("santa_clara.csv.gz", "CA", places.BAY, False),
    "addresses of Portland": lambda: place_facts("portland_metro.csv.gz", "OR", places.OREGON, False),
    "parcels of Alameda": lambda: place_facts("alameda.csv.gz", "CA", places.BAY, True),
    "a parcel of Waco": lambda: waco_facts("136577001"),
    "no parcel of Waco": lambda: waco_facts("999999999"),
    "a lot of New York": lambda: lot_facts("F01"),
    "no lot of New York": lambda: lot_facts("F03"),
    "a throttled portal": lambda: lot_facts("F07"),
}


@pytest.mark.parametrize("name", CASES)
def test_of_all_that_was_asked_each_is_answered_missing_or_failed(name, capsys):
    asked, facts = CASES[name]()
    adds_up, words = sum_up(asked, facts)
    with capsys.disabled():
        print(f"\n{name}: {words}")
    assert adds_up, f"{name}: {words}"


def test_a_fact_with_neither_value_nor_reason_would_be_told():
    facts = pa.table({"value": [None, "1"], "reason_code": pa.nulls(2, pa.string())}).to_pylist()
    assert sum_up(2, facts) == (False, "2 asked = 1 answered + 1 nowhere (None)")
