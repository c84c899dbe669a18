"""Who is asked for which properties: nobody for what is known, and nobody's failure stops the others."""

import itertools
from collections.abc import Callable
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.counties.county import load_counties
from realestate_assets.domain.counties.enrichment_config import Enrichment
from realestate_assets.domain.counties.enrichment_rules import FIELD_NAMES
from realestate_assets.domain.counties.providers.fema import FemaFloodProvider
from realestate_assets.providers.base import EnrichmentRequest, Origin, field_facts, no_facts
from realestate_assets.providers.chain import enrich
from resources.errors import PermanentError, TransientError
from tests.unit.providers.enrich_frames import properties

FLOOD = {"kind": "fema_nfhl", "allow_later_vintage": True}


class Fake:
    """A provider that answers what a function says of each property, and remembers what it was asked."""

    simulated = False

    def __init__(self, name: str, answers: dict[str, Callable[[dict], str | None]], **origin: object) -> None:
        self.name, self.fields, self._answers = name, tuple(answers), answers
        self._origin = Origin(name, **{"confidence": 0.9, **origin})
        self.asked: list[EnrichmentRequest] = []

    def fetch(self, request: EnrichmentRequest) -> pa.Table:
        self.asked.append(request)
        rows = request.properties.to_pylist()
        none = pa.nulls(request.size, pa.string())
        parts = [
            field_facts(
                request,
                name,
                pa.array([self._answers[name](r) for r in rows], pa.string()),
                none,
                self._origin,
            )
            for name in self.fields
            if name in request.fields
        ]
        return pa.concat_tables([no_facts(), *parts])

    @property
    def ids(self) -> list[list[str]]:
        return [request.properties["property_id"].to_pylist() for request in self.asked]


class Failing(Fake):
    """A provider that cannot be reached, or whose schema has drifted."""

    def __init__(self, name: str, field: str, error: Exception) -> None:
        super().__init__(name, {field: lambda row: None})
        self._error = error

    def fetch(self, request: EnrichmentRequest) -> pa.Table:
        raise self._error


def county(chains: dict, **enrichment: object):
    """King County with chains of fakes; the flood provider is there to bear their names."""
    names = sorted({name for chain in chains.values() for name in chain})
    providers = tuple(FemaFloodProvider.model_validate({**FLOOD, "name": name}) for name in names)
    made = Enrichment(providers=providers, chains=chains, **enrichment)
    return load_counties()["king-wa"].model_copy(update={"enrichment": made})


def outcome(chains: dict, rows: pa.Table, *providers: Fake, **enrichment: object) -> tuple[dict, dict]:
    """Enriched rows by property, and facts by (property, field, provider)."""
    result = enrich(county(chains, **enrichment), rows, providers)
    facts = {(f["property_id"], f["field"], f["provider"]): f for f in result.facts.to_pylist()}
    return {row["property_id"]: row for row in result.enrichments.to_pylist()}, facts


def of_even(text: str) -> Callable[[dict], str | None]:
    """The text for properties p0, p2, …; nothing for the others."""
    return lambda row: text if int(row["property_id"][1:]) % 2 == 0 else None


def test_the_second_provider_is_asked_only_for_what_the_first_left_open():
    first, second = Fake("a", {"zoning_code": of_even("R1")}), Fake("b", {"zoning_code": lambda row: "R2"})
    rows, facts = outcome({"parcel": ("a", "b")}, properties({}, {}, {}), first, second)
    assert (first.ids, second.ids) == ([["p0", "p1", "p2"]], [["p1"]])
    assert [rows[f"p{i}"]["zoning_code"] for i in range(3)] == ["R1", "R2", "R1"]
    assert ("p0", "zoning_code", "b") not in facts


def test_nobody_is_asked_when_nothing_is_lacking():
    first, second = Fake("a", {"zoning_code": lambda row: "R1"}), Fake("b", {"zoning_code": lambda row: "R2"})
    outcome({"parcel": ("a", "b")}, properties({}, {}), first, second)
    assert second.asked == []


def test_a_doubtful_value_sends_the_question_on_and_serves_where_nothing_better_comes():
    doubtful = Fake("a", {"zoning_code": lambda row: "R1"}, confidence=0.4)
    sure = Fake("b", {"zoning_code": of_even("R2")})
    rows, facts = outcome({"parcel": ("a", "b")}, properties({}, {}), doubtful, sure)
    assert [rows[p]["zoning_code"] for p in ("p0", "p1")] == ["R2", "R1"]
    assert facts["p0", "zoning_code", "a"]["reason_code"] == "LOW_CONFIDENCE"
    assert facts["p1", "zoning_code", "a"]["is_used"]


def test_of_two_doubtful_values_the_more_confident_one_is_used():
    worse = Fake("a", {"zoning_code": lambda row: "R1"}, confidence=0.3)
    better = Fake("b", {"zoning_code": lambda row: "R2"}, confidence=0.6)
    rows, facts = outcome({"parcel": ("a", "b")}, properties({}), worse, better)
    assert rows["p0"]["zoning_code"] == "R2"
    assert facts["p0", "zoning_code", "a"]["reason_code"] == "LOW_CONFIDENCE"


@pytest.mark.parametrize("enough", [0.3, {"default": 0.9, "parcel": 0.3}])
def test_how_much_confidence_is_enough_is_the_countys_to_say(enough):
    doubtful = Fake("a", {"zoning_code": lambda row: "R1"}, confidence=0.4)
    sure = Fake("b", {"zoning_code": lambda row: "R2"})
    outcome({"parcel": ("a", "b")}, properties({}), doubtful, sure, enough_confidence=enough)
    assert sure.asked == []


def test_a_provider_of_two_groups_is_asked_once_and_only_for_fields_somebody_lacks():
    roll = Fake("a", {"zoning_code": lambda row: "R1", "owner_name": of_even("OWNER 1")})
    paid = Fake("b", {"zoning_code": lambda row: "R2", "owner_name": lambda row: "OWNER 2"})
    chains = {"parcel": ("a", "b"), "owner": ("a", "b")}
    outcome(chains, properties({}, {}), roll, paid)
    assert (len(roll.asked), len(paid.asked)) == (1, 1)
    assert (paid.ids, paid.asked[0].fields) == ([["p1"]], ("owner_name",))


def test_an_unreachable_provider_leaves_a_reason_and_the_chain_goes_on():
    gone = Failing("a", "zoning_code", TransientError("no route"))
    rows, facts = outcome(
        {"parcel": ("a", "b")}, properties({}), gone, Fake("b", {"zoning_code": lambda r: "R2"})
    )
    assert rows["p0"]["zoning_code"] == "R2"
    assert facts["p0", "zoning_code", "a"]["reason_code"] == "PROVIDER_FAILED"


def test_a_provider_that_has_drifted_stops_the_step():
    drifted = Failing("a", "zoning_code", PermanentError("no column zone", source="a", field="zone"))
    with pytest.raises(PermanentError, match="no column zone"):
        outcome({"parcel": ("a",)}, properties({}), drifted)


def test_found_coordinates_serve_the_providers_after_it():
    place = Fake("a", {"geocoded_latitude": lambda r: "47.5", "geocoded_longitude": lambda r: "-122.3"})
    flood = Fake("b", {"flood_zone_code": lambda row: "X"})
    table = properties({}, {"latitude": 47.6, "longitude": -122.2})
    rows, facts = outcome({"flood": ("b",), "location": ("a",)}, table, flood, place)
    assert place.ids == [["p0"]]
    assert flood.asked[0].properties["latitude"].to_pylist() == [47.5, 47.6]
    assert rows["p1"]["geocoded_latitude"] is None
    assert facts["p1", "geocoded_latitude", "none"]["reason_code"] == "NOT_NEEDED"


ALL_OF_IT = {
    "geocoded_latitude": lambda row: "47.5",
    "geocoded_longitude": lambda row: "-122.3",
    "census_tract": lambda row: "53033000100",
}
LOCATED = {"latitude": 47.6, "longitude": -122.2}


def test_a_tract_alone_is_not_worth_a_call():
    place = Fake("a", ALL_OF_IT)
    rows, facts = outcome({"location": ("a",)}, properties({}, LOCATED), place)
    assert place.ids == [["p0"]]
    assert rows["p1"]["census_tract"] is None
    assert facts["p1", "census_tract", "none"]["reason_code"] == "NOT_NEEDED"


def test_a_tract_that_comes_along_is_used_and_a_coordinate_beside_the_records_own_is_not():
    roll = Fake("a", {**ALL_OF_IT, "owner_name": lambda row: "OWNER 1"})
    rows, facts = outcome({"location": ("a",), "owner": ("a",)}, properties({}, LOCATED), roll)
    assert len(roll.asked) == 1
    assert rows["p1"]["census_tract"] == "53033000100"
    assert rows["p1"]["geocoded_latitude"] is None and rows["p0"]["geocoded_latitude"] == 47.5
    assert facts["p1", "geocoded_latitude", "a"]["reason_code"] == "NOT_NEEDED"


def test_who_has_been_located_by_one_provider_is_not_paid_for_at_the_next():
    files = Fake("a", {name: ALL_OF_IT[name] for name in ("geocoded_latitude", "geocoded_longitude")})
    paid = Fake("b", ALL_OF_IT)
    outcome({"location": ("a", "b")}, properties({}), files, paid)
    assert paid.asked == []


def test_half_a_coordinate_is_none():
    half = Fake("a", {"geocoded_latitude": lambda r: "47.5", "geocoded_longitude": lambda r: None})
    flood = Fake("b", {"flood_zone_code": lambda row: "X"})
    outcome({"flood": ("b",), "location": ("a",)}, properties({}), flood, half)
    assert flood.asked[0].properties["latitude"].to_pylist() == [None]


@pytest.mark.parametrize("allowed", [True, False])
def test_a_later_vintage_is_used_and_marked_only_where_the_county_allows_it(allowed):
    later = Fake("a", {"flood_zone_code": lambda row: "AE"}, vintage=date(2026, 1, 1))
    table = properties({"month": "2015-05"})
    base = county({"flood": ("a",)})
    provider = FemaFloodProvider.model_validate({**FLOOD, "name": "a", "allow_later_vintage": allowed})
    enrichment = base.enrichment.model_copy(update={"providers": (provider,)})
    result = enrich(base.model_copy(update={"enrichment": enrichment}), table, [later])
    (fact,) = result.facts.filter(pc.equal(result.facts["provider"], "a")).to_pylist()
    assert fact["is_later_vintage"] is fact["is_used"] is allowed
    assert fact["reason_code"] == (None if allowed else "VINTAGE_TOO_LATE")
    assert result.enrichments["flood_zone_code"].to_pylist() == (["AE"] if allowed else [None])


def test_a_value_that_comes_too_late_for_the_month_sends_the_question_on():
    later = Fake("a", {"zoning_code": lambda row: "R1"}, vintage=date(2026, 1, 1))
    early = Fake("b", {"zoning_code": lambda row: "R2"}, vintage=date(2010, 1, 1))
    base = county({"parcel": ("a", "b")})
    strict = tuple(p.model_copy(update={"allow_later_vintage": False}) for p in base.enrichment.providers)
    enrichment = base.enrichment.model_copy(update={"providers": strict})
    result = enrich(base.model_copy(update={"enrichment": enrichment}), properties({}), [later, early])
    assert result.enrichments["zoning_code"].to_pylist() == ["R2"]


def test_who_is_about_to_be_asked_is_told_before():
    told = []
    provider = Fake("a", {"zoning_code": of_even("R1")})
    enrich(
        county({"parcel": ("a",)}),
        properties({}, {}),
        [provider],
        listener=lambda name, rows: told.append((name, rows.num_rows, len(provider.asked))),
    )
    assert told == [("a", 2, 0)]


CELLS = st.lists(st.tuples(*[st.sampled_from([None, "R1", "R2"])] * 3), min_size=1, max_size=5)


@given(CELLS, st.tuples(*[st.sampled_from([0.2, 0.9])] * 3))
def test_whatever_comes_every_field_has_one_used_value_or_reasons(cells, confidences):
    names = ("a", "b", "c")
    fakes = [
        Fake(name, {"zoning_code": lambda row, i=i: cells[int(row["property_id"][1:])][i]}, confidence=c)
        for i, (name, c) in enumerate(zip(names, confidences, strict=True))
    ]
    rows, facts = outcome({"parcel": names}, properties(*[{}] * len(cells)), *fakes)
    for (key, row), field in itertools.product(rows.items(), FIELD_NAMES):
        told = [fact for (p, f, _), fact in facts.items() if (p, f) == (key, field)]
        used = [fact for fact in told if fact["is_used"]]
        assert told and len(used) == (row[field] is not None)
        assert all((fact["reason_code"] is None) == fact["is_used"] for fact in told)
    for index, cell in enumerate(cells):
        assert (rows[f"p{index}"]["zoning_code"] is None) == (not any(cell))
