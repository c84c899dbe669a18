"""Corrections stand beside what the source says: proposed, accepted, withdrawn, by whom and when."""

import threading
import typing
import uuid

import pytest
import sqlalchemy as sa

from realestate_assets.app.corrections import PropertyCorrection
from realestate_assets.operations.kept.corrections import CORRECTED
from realestate_assets.service.schemas.corrections import CorrectedField
from tests.integration.service.test_row_security import tenant_of

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def homes(market) -> list[str]:
    return [str(each) for each in market.scores["king-wa"]["property_id"]]


@pytest.fixture(scope="module")
def ops(market, as_role):
    """May correct."""
    return as_role("ops")


def of(home: str) -> str:
    return f"/api/v1/properties/{home}/corrections"


def propose(asked, home: str, field: str, value, reason="Seen on a visit."):
    return asked("POST", of(home), json={"field": field, "value": value, "reason": reason})


def decide(asked, made: dict, state: str):
    return asked("PATCH", f"{of(made['property_id'])}/{made['correction_id']}", json={"state": state})


def test_the_document_names_the_fields_that_are_corrected():
    assert set(typing.get_args(CorrectedField)) == CORRECTED.keys()
    assert not any(column.is_personal for column in CORRECTED.values())


def test_a_persons_value_stands_beside_the_sources_with_person_and_date(ops, analyst, homes):
    home = homes[0]
    record = analyst("GET", f"/api/v1/properties/{home}").json()
    made = propose(ops, home, "bedrooms", 9)
    assert made.status_code == 201, made.text
    made = made.json()
    assert (made["value"], made["source_value"], made["state"]) == (9.0, record["bedrooms"], "proposed")
    accepted = decide(ops, made, "accepted").json()
    assert (accepted["state"], accepted["decided_by_name"]) == ("accepted", "ops of north")
    now = analyst("GET", f"/api/v1/properties/{home}").json()
    assert now.pop("corrections") == [accepted] and record.pop("corrections") == []
    assert now == record
    told = [
        each
        for each in analyst("GET", f"/api/v1/properties/{home}/provenance").json()["items"]
        if each["provider"] == "person"
    ]
    assert [(each["field"], each["value"], each["person"], each["is_used"]) for each in told] == [
        ("bedrooms", "9.0", "ops of north", False)
    ]
    sparse = analyst("GET", f"/api/v1/properties/{home}?fields=street").json()
    assert sparse.keys() == {"street"}


def test_an_accepted_one_takes_the_place_of_the_one_before(ops, homes):
    home = homes[1]
    first, second = (propose(ops, home, "year_built", year).json() for year in (1931, 1932))
    assert decide(ops, first, "accepted").json()["state"] == "accepted"
    assert decide(ops, second, "accepted").json()["state"] == "accepted"
    states = {each["value"]: each["state"] for each in ops("GET", of(home)).json()["items"]}
    assert states == {1931: "withdrawn", 1932: "accepted"}
    assert decide(ops, first, "accepted").status_code == 409
    assert decide(ops, second, "withdrawn").json()["state"] == "withdrawn"
    assert decide(ops, second, "withdrawn").status_code == 409
    assert ops("GET", f"/api/v1/properties/{home}").json()["corrections"] == []


def test_two_that_accept_at_once_leave_one(ops, homes):
    home = homes[2]
    made = [propose(ops, home, "stories", count).json() for count in (4, 5, 6, 7)]
    start, statuses = threading.Barrier(len(made)), []

    def work(each):
        start.wait()
        statuses.append(decide(ops, each, "accepted").status_code)

    threads = [threading.Thread(target=work, args=(each,)) for each in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * len(made)
    states = [each["state"] for each in ops("GET", of(home)).json()["items"]]
    assert sorted(states) == ["accepted", *["withdrawn"] * 3]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("bedrooms", "four", "a number"),
        ("bedrooms", True, "a number"),
        ("bedrooms", -1, "lies between"),
        ("living_area_sqft", 1e15, "a number"),
        ("living_area_sqft", 0, "lies between"),
        ("year_built", 1599, "A year lies"),
        ("year_built", 1990.5, "a whole number"),
        ("year_built", 2150, "A year lies"),
        ("latitude", 10.0, "outside the county"),
        ("property_type", "castle", "one of single_family"),
        ("is_waterfront", "yes", "true or false"),
        ("sale_date", "2015-02-30", "a date"),
        ("sale_date", "20150301", "a date"),
        ("sale_date", "2190-01-01", "after the day"),
        ("condition_code", 6, "between 1 and 5"),
    ],
)
def test_a_value_that_the_intake_would_refuse_is_refused_with_the_reason(ops, homes, field, value, said):
    refused = propose(ops, homes[3], field, value)
    assert refused.status_code == 422
    (error,) = refused.json()["errors"]
    assert error["field"] == "body.value" and said in error["message"]


@pytest.mark.parametrize("field", ["owner_name", "property_id", "market_value_p50_usd", "street"])
def test_names_keys_and_what_is_computed_are_not_corrected(ops, homes, field):
    assert propose(ops, homes[3], field, "x").status_code == 422


def test_what_the_record_says_already_is_no_correction(ops, homes):
    record = ops("GET", f"/api/v1/properties/{homes[3]}").json()
    refused = propose(ops, homes[3], "living_area_sqft", record["living_area_sqft"])
    assert "That is what the record says." in refused.json()["errors"][0]["message"]


def test_who_may_not_correct_reads_alone(analyst, ops, homes):
    assert propose(analyst, homes[4], "bedrooms", 9).status_code == 403
    made = propose(ops, homes[4], "bedrooms", 9).json()
    assert decide(analyst, made, "accepted").status_code == 403
    assert [each["value"] for each in analyst("GET", of(homes[4])).json()["items"]] == [9.0]


def test_another_tenant_neither_sees_nor_decides(parts, market, ops, as_role, homes):
    made = propose(ops, homes[5], "bedrooms", 9).json()
    other = as_role("ops", "south")
    assert other("GET", of(homes[5])).status_code == 404
    assert propose(other, homes[5], "bedrooms", 8).status_code == 404
    assert decide(other, made, "accepted").status_code == 404
    with parts.transaction(tenant_of(parts, "south")) as session:
        assert session.scalars(sa.select(PropertyCorrection)).all() == []
        assert session.execute(sa.update(PropertyCorrection).values(reason="x")).rowcount == 0
    with (
        pytest.raises(sa.exc.ProgrammingError, match="row-level security"),
        parts.transaction(tenant_of(parts, "south")) as session,
    ):
        session.add(
            PropertyCorrection(
                tenant_id=tenant_of(parts, "north"), county="king-wa", month="2015-04", property_id=homes[5],
                field="bedrooms", value=1, reason="x", proposed_by=uuid.uuid4(),
            )
        )  # fmt: skip
        session.flush()
