"""The attom provider: what a profile fills, whose it is, and what each way of saying nothing becomes."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from realestate_assets.domain.counties.county import load_counties
from realestate_assets.domain.counties.providers.attom import AttomProvider
from realestate_assets.providers.attom import Attom
from resources.errors import PermanentError
from resources.http.api import Failure
from tests.http_server import LocalServer, json_reply, text_reply
from tests.unit.providers.api_fakes import RETRIEVED, FakeClient, enrichment_request, facts_by_key, said
from tests.unit.providers.plain_client import PlainClient

HOUSE = {"street": "11482 LUMBERJACK CIR W", "city": "SEATTLE", "zip": "98104", "apn": "1563323072"}
STATUS = {"code": 0, "msg": "SuccessWithResult", "total": 1}


def profile(**groups) -> dict:
    plain = {
        "identifier": {"fips": "53033", "apn": "156332-3072"},
        "address": {"line1": "11482 Lumberjack Cir W", "matchCode": "ExaStr", "postal1": "98104"},
        "location": {"accuracy": "Rooftop", "latitude": "47.600001", "longitude": "-122.300001"},
        "vintage": {"lastModified": "2014-02-20", "pubDate": "2014-03-01"},
    }
    return plain | groups


def reply(*properties: dict, **status) -> dict:
    return {"status": STATUS | status, "echoed_fields": {"jobID": ""}, "property": list(properties)}


def provider(client, **changes) -> Attom:
    config = AttomProvider.model_validate({"kind": "attom", "name": "attom"} | changes)
    return Attom(config, client, load_counties()["king-wa"])


def ask(answer: object, *rows: dict, fields: tuple[str, ...] = Attom.fields, status=200, **changes) -> dict:
    client = FakeClient(lambda request: answer if isinstance(answer, Failure) else said(answer, status))
    request = enrichment_request(*(rows or (HOUSE,)), fields=fields)
    return facts_by_key(provider(client, **changes).fetch(request))


def values(facts: dict, *fields: str) -> list:
    return [facts["p0", field]["value"] for field in fields]


FILLED = {
    "assessed_value_usd": "37140",
    "roll_market_value_usd": "519400",
    "tax_annual_usd": "2870.88",
    "roll_living_area_sqft": "934",
    "roll_bedrooms": "2",
    "roll_bathrooms": "1.5",
    "roll_year_built": "1900",
    "roll_use_code": "SFR",
    "parcel_area_sqft": "4690",
    "owner_name": "DOE JANE R",
    "owner_mailing_state": "CO",
    "owner_occupied": "false",
    "geocoded_latitude": "47.600001",
    "census_tract": "53033000102",
}


def test_keys_of_any_case_fill_the_fields():
    upper = {
        "assessment": {
            "assessed": {"assdTtlValue": 37140},
            "market": {"mktTtlValue": 519400.0},
            "tax": {"taxAmt": 2870.88, "taxYear": 2013},
            "owner": {
                "owner1": {"lastName": "DOE", "firstNameAndMi": "JANE R"},
                "owner2": {},
                "absenteeOwnerStatus": "A",
                "mailingAddressOneLine": "2829 N FRANKLIN ST, DENVER, CO 80205-4510",
            },
        },
        "building": {"size": {"livingSize": 934}, "rooms": {"beds": 2, "bathsTotal": 1.5}},
        "summary": {"yearBuilt": 1900, "propType": "SFR", "absenteeInd": "ABSENTEE(MAIL AND SITUS NOT =)"},
        "lot": {"lotSize1": 0.1076676, "lotSize2": 4690},
        "area": {"censusTractIdent": "102"},
    }
    lower = json.loads(json.dumps(upper), object_hook=lambda o: {k.lower(): v for k, v in o.items()})
    for groups in (upper, lower):
        facts = ask(reply(profile(**groups)))
        assert values(facts, "assessed_value_usd", "roll_market_value_usd", "tax_annual_usd") == [
            "37140",
            "519400",
            "2870.88",
        ]
        assert values(facts, "roll_living_area_sqft", "roll_bedrooms", "roll_bathrooms") == [
            "934",
            "2",
            "1.5",
        ]
        assert values(facts, "roll_year_built", "roll_use_code", "parcel_area_sqft") == [
            "1900",
            "SFR",
            "4690",
        ]
        assert values(facts, "owner_name", "owner_mailing_state", "owner_occupied") == [
            "DOE JANE R",
            "CO",
            "false",
        ]
        assert values(facts, "geocoded_latitude", "census_tract") == ["47.600001", "53033000102"]
        assert facts["p0", "tax_annual_usd"]["vintage"] == date(2013, 12, 31)
        assert facts["p0", "owner_name"]["vintage"] == date(2014, 3, 1)
        assert facts["p0", "owner_name"]["confidence"] == 0.9


def test_the_older_endpoints_keep_owner_and_price_elsewhere():
    groups = {
        "owner": {"owner1": {"lastname": "DOE"}, "owner2": {"lastname": "ROE"}, "mailingaddressoneline": ""},
        "sale": {
            "saleTransDate": "2011-12-08",
            "amount": {"saleamt": 76900, "salerecdate": "2012-01-09", "salecode": "CONFIRMED"},
        },
        "lot": {"lotsize1": 0.25},
    }
    facts = ask(reply(profile(**groups)))
    assert values(facts, "owner_name", "last_sale_price_usd", "last_sale_date", "owner_since_date") == [
        "DOE & ROE",
        "76900",
        "2011-12-08",
        "2011-12-08",
    ]
    assert values(facts, "parcel_area_sqft", "owner_mailing_address") == ["10890", None]
    # A sale is known from the day it was recorded, however old the record is.
    assert facts["p0", "last_sale_price_usd"]["vintage"] == date(2012, 1, 9)


def test_an_estimated_price_of_a_county_that_discloses_none_is_no_price():
    code = "ESTIMATED Sale price is not available due to non-disclosure counties"
    sale = {"saleTransDate": "2011-12-08", "amount": {"saleamt": 1299000, "salecode": code}}
    facts = ask(reply(profile(sale=sale)))
    assert values(facts, "last_sale_price_usd", "last_sale_date") == [None, "2011-12-08"]


def test_zeros_that_mean_unknown_are_nulls():
    groups = {
        "building": {"size": {"livingSize": 0}, "rooms": {"beds": 0, "bathsTotal": 0.0}},
        "summary": {"yearBuilt": 0},
        "assessment": {"assessed": {"assdTtlValue": 0}, "tax": {"taxAmt": 0}},
        "sale": {"saleAmountData": {"saleAmt": 0}},
        "lot": {"lotSize1": 0, "lotSize2": 0},
    }
    facts = ask(reply(profile(**groups)))
    nothing = ("roll_living_area_sqft", "roll_bedrooms", "roll_bathrooms", "roll_year_built")
    nothing += ("assessed_value_usd", "last_sale_price_usd", "parcel_area_sqft")
    assert values(facts, *nothing) == [None] * 7
    assert {facts["p0", field]["reason_code"] for field in nothing} == {"NULL_IN_SOURCE"}
    # An exempt owner does pay no tax.
    assert values(facts, "tax_annual_usd") == ["0"]


def test_a_zip_centroid_is_no_position_and_what_hangs_on_it_is_worth_less():
    vague = {
        "address": {"line1": "11482 LUMBERJACK CIR W", "matchCode": "ExaZip"},
        "location": {"accuracy": "Zip5", "latitude": "47.6", "longitude": "-122.3"},
        "summary": {"yearBuilt": 1987},
    }
    other = {"identifier": {"fips": "53033", "apn": "9"}}
    facts = ask(reply(profile(**vague, **other)))
    assert facts["p0", "geocoded_latitude"]["value"] is None
    assert facts["p0", "geocoded_latitude"]["reason_code"] == "NO_MATCH"
    assert facts["p0", "roll_year_built"]["confidence"] == 0.4
    # The parcel number says whose record it is, wherever it was put on the map.
    facts = ask(reply(profile(**vague)))
    assert facts["p0", "roll_year_built"]["confidence"] == 0.9
    assert facts["p0", "geocoded_longitude"]["reason_code"] == "NO_MATCH"


def test_of_the_flats_of_a_house_the_right_one_is_taken_and_none_where_it_cannot_be_told():
    flats = [
        profile(
            identifier={"fips": "53033", "apn": f"77-{n}"},
            address={"line1": f"11482 LUMBERJACK CIR W APT {n}", "matchCode": "ExaStr"},
            summary={"yearBuilt": 1980 + n},
        )
        for n in (1, 2, 3)
    ]
    by_unit = HOUSE | {"unit": "UNIT 2", "apn": None}
    facts = ask(reply(*flats), by_unit, HOUSE | {"apn": "773"}, HOUSE, fields=("roll_year_built",))
    assert [facts[f"p{n}", "roll_year_built"]["value"] for n in range(3)] == ["1982", "1983", None]
    assert facts["p2", "roll_year_built"]["reason_code"] == "NO_MATCH"


def test_a_single_record_that_nothing_speaks_for_has_low_confidence_and_one_of_another_county_is_no_match():
    stranger = profile(identifier={"fips": "53033", "apn": "1"}, address={"line1": "9 Elm St"})
    assert ask(reply(stranger))["p0", "geocoded_latitude"]["confidence"] == 0.4
    abroad = profile(identifier={"fips": "41051", "apn": "156332-3072"})
    assert ask(reply(abroad))["p0", "geocoded_latitude"]["reason_code"] == "NO_MATCH"


@pytest.mark.parametrize(
    ("answer", "status", "reason"),
    [
        ({"status": {"code": 1, "msg": "SuccessWithoutResult", "total": 0}, "property": []}, 200, "NO_MATCH"),
        ({"status": {"code": 0, "msg": "SuccessWithoutResult"}}, 400, "NO_MATCH"),
        (reply(), 200, "NO_MATCH"),
        ({"status": {"code": -3, "msg": "Invalid Parameter Combination"}}, 400, "BAD_ANSWER"),
        ({"status": {"code": 217, "msg": "Unable to locate"}}, 200, "BAD_ANSWER"),
        ({"fault": "no such resource"}, 404, "BAD_ANSWER"),
        (Failure.BUDGET_SPENT, 200, "BUDGET_SPENT"),
        (Failure.KEY_MISSING, 200, "KEY_MISSING"),
        (Failure.CALL_UNSETTLED, 200, "CALL_UNSETTLED"),
    ],
)
def test_every_way_of_answering_without_a_property_is_a_reason(answer, status, reason):
    facts = ask(answer, status=status, fields=("owner_name", "roll_year_built"))
    assert {fact["reason_code"] for fact in facts.values()} == {reason}
    assert {fact["value"] for fact in facts.values()} == {None}


@pytest.mark.parametrize(
    "served", [text_reply("<html>gateway</html>", content_type="text/html"), text_reply('{"status": {"co')]
)
def test_html_and_half_a_reply_are_bad_answers(served):
    with LocalServer(lambda *_: served) as server:
        request = enrichment_request(HOUSE, fields=("owner_name",))
        facts = facts_by_key(provider(PlainClient(server.url)).fetch(request))
    assert facts["p0", "owner_name"]["reason_code"] == "BAD_ANSWER"


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        ({"results": []}, "status"),
        ([1], "status"),
        ({"status": STATUS, "properties": []}, "property"),
        ({"status": STATUS, "property": [{"id": {}}]}, "identifier"),
    ],
)
def test_a_reply_of_another_form_is_drift_that_names_the_key(answer, field):
    with pytest.raises(PermanentError, match=f"county king-wa, source attom, field {field}"):
        ask(answer)


def test_a_property_is_asked_for_once_however_many_months_it_has_and_its_cost_is_split_exactly():
    with LocalServer(lambda *_: json_reply(reply(profile(summary={"yearBuilt": 1987})))) as server:
        months = [HOUSE | {"month": f"2015-0{n}"} for n in (1, 2, 3)]
        request = enrichment_request(*months, HOUSE | {"street": None, "apn": None}, fields=Attom.fields)
        facts = provider(PlainClient(server.url, cost_usd=0.08)).fetch(request)
    assert len(server.requests) == 1
    sent = server.requests[0]
    assert sent.path == "/property/basicprofile"
    assert sent.query == {"address1": ["11482 LUMBERJACK CIR W"], "address2": ["SEATTLE, WA 98104"]}
    costs = [round(cost * 1e6) for cost in facts["cost_usd"].to_pylist()]
    assert sum(costs) == 80_000 and len(costs) == 4 * len(Attom.fields)
    assert facts_by_key(facts)["p3", "owner_name"]["reason_code"] == "NO_KEY"
    assert facts_by_key(facts)["p3", "owner_name"]["cost_usd"] == 0


def test_a_failed_call_that_was_billed_leaves_its_cost_on_its_nulls():
    with LocalServer(lambda *_: text_reply("gateway time-out", status=504)) as server:
        client = PlainClient(server.url, cost_usd=0.08)
        facts = provider(client).fetch(enrichment_request(HOUSE, fields=("owner_name", "roll_bedrooms")))
    assert facts["reason_code"].to_pylist() == ["PROVIDER_FAILED"] * 2
    assert facts["cost_usd"].to_pylist() == [0.04, 0.04]


def test_parcel_numbers_are_sent_as_the_county_writes_them_at_attom():
    client = FakeClient(lambda request: said(reply(profile())))
    changes = {"ask_by": ["apn", "address"], "apn_pattern": "######-####", "endpoint": "property/detail"}
    rows = (HOUSE, HOUSE | {"apn": "12"}, HOUSE | {"apn": None})
    provider(client, **changes).fetch(enrichment_request(*rows, fields=("owner_name",)))
    assert [dict(request.params) for request in client.requests] == [
        {"apn": "156332-3072", "fips": "53033"},
        {"address1": "11482 LUMBERJACK CIR W", "address2": "SEATTLE, WA 98104"},
    ]
    assert {request.path for request in client.requests} == {"/property/detail"}


def test_units_and_half_known_places_are_part_of_the_question():
    client = FakeClient(lambda request: said(reply()))
    rows = [{"unit": "APT 4"}, {"city": None}, {"zip": None}, {"city": None, "zip": None}]
    by_address = provider(client, ask_by=["address"])
    by_address.fetch(enrichment_request(*(HOUSE | row for row in rows), fields=("owner_name",)))
    assert [dict(request.params) for request in client.requests] == [
        {"address1": "11482 LUMBERJACK CIR W APT 4", "address2": "SEATTLE, WA 98104"},
        {"address1": "11482 LUMBERJACK CIR W", "address2": "WA 98104"},
        {"address1": "11482 LUMBERJACK CIR W", "address2": "SEATTLE, WA"},
    ]


def test_months_before_the_earliest_are_not_paid_for():
    client = FakeClient(lambda request: said(reply(profile())))
    request = enrichment_request(HOUSE | {"month": "2014-06"}, fields=("owner_name",))
    facts = facts_by_key(provider(client, earliest_month="2015-01").fetch(request))
    assert facts["p0", "owner_name"]["reason_code"] == "VINTAGE_TOO_LATE" and not client.requests


def test_a_sale_of_later_than_the_month_takes_its_owner_with_it():
    groups = {
        "sale": {
            "saleTransDate": "2015-06-28",
            "saleAmountData": {"saleAmt": 9, "saleRecDate": "2015-06-29"},
        },
        "assessment": {"owner": {"owner1": {"lastName": "DOE"}}},
        "summary": {"yearBuilt": 1987},
    }
    facts = ask(reply(profile(**groups)), HOUSE | {"month": "2015-06"})
    for field in ("last_sale_price_usd", "last_sale_date", "owner_name", "owner_since_date"):
        assert facts["p0", field]["reason_code"] == "VINTAGE_TOO_LATE"
    assert facts["p0", "roll_year_built"]["reason_code"] is None
    assert facts["p0", "tax_annual_usd"]["reason_code"] == "NULL_IN_SOURCE"


def test_a_record_without_a_date_describes_the_day_it_was_retrieved():
    facts = ask(reply(profile(vintage={}, summary={"yearBuilt": 1987})))
    assert facts["p0", "roll_year_built"]["vintage"] == RETRIEVED.date()


KEYS = st.sampled_from(["assessed", "assdTtlValue", "rooms", "beds", "size", "lotSize1", "yearBuilt"])
ODD = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=8,
)


@given(ODD)
def test_no_group_of_odd_values_breaks_a_record(group):
    odd = profile(assessment=group, building=group, sale=group, lot=group, summary=group, area=group)
    client = FakeClient(lambda request: (200, json.dumps(reply(odd)).encode()))
    facts = provider(client).fetch(enrichment_request(HOUSE, fields=Attom.fields))
    assert facts.num_rows == len(Attom.fields)


@pytest.mark.parametrize(
    ("change", "message"),
    [({"ask_by": []}, "ask_by"), ({"low_confidence": 0.95}, "low_confidence"), ({"api_key": "x"}, "api_key")],
)
def test_a_configuration_that_cannot_work_is_refused(change, message):
    with pytest.raises(ValidationError, match=message):
        AttomProvider.model_validate({"kind": "attom", "name": "attom"} | change)
