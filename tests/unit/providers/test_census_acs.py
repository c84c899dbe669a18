"""ZIP figures from the Census data API: which release, how many calls, all its ways to say nothing."""

from datetime import date

import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.counties.county import load_counties
from realestate_assets.domain.counties.providers.census import CensusAcsProvider
from realestate_assets.providers.census_acs import VARIABLES, CensusAcs
from realestate_assets.providers.census_codes import ANNOTATIONS
from resources.errors import PermanentError
from resources.http.api import ApiRequest, Failure
from tests.unit.providers.api_fakes import RETRIEVED, FakeClient, enrichment_request, facts_by_key, said

ZCTA = "zip code tabulation area"
POPULATION = ("zip_population",)


def census(handler, **config) -> tuple[CensusAcs, FakeClient]:
    client = handler if isinstance(handler, FakeClient) else FakeClient(handler)
    settings = CensusAcsProvider(kind="census_acs", name="acs", **config)
    return CensusAcs(settings, client, load_counties()["king-wa"]), client


def zips_of(request: ApiRequest) -> list[str]:
    return dict(request.params)["for"].removeprefix(f"{ZCTA}:").split(",")


def every_zip(request: ApiRequest):
    """A figure for every ZIP and variable, with the geography columns of the release."""
    variables = dict(request.params)["get"].split(",")
    by_state = "in" in dict(request.params)
    header = [*variables, *(["state"] if by_state else []), ZCTA]
    rows = [[*("120" for _ in variables), *(["53"] if by_state else []), code] for code in zips_of(request)]
    return said([header, *rows])


def one_zip(figures: dict[str, object], code: str = "98004"):
    """A handler that says these figures of one ZIP."""
    return lambda request: said([[*figures, ZCTA], [*figures.values(), code]])


def values(facts, field: str) -> list:
    return [f["value"] for (_, name), f in sorted(facts_by_key(facts).items()) if name == field]


def reasons(facts) -> list:
    return facts.sort_by("property_id")["reason_code"].to_pylist()


def test_one_call_a_release_serves_all_zips_of_all_months():
    provider, client = census(every_zip)
    months = [f"2014-{m:02}" for m in range(5, 13)] + [f"2015-{m:02}" for m in range(1, 6)]
    rows = [{"month": month, "zip": code} for month in months for code in ("98004", "98103", "98178")]
    facts = provider.fetch(enrichment_request(*rows, fields=provider.fields))
    assert [request.path for request in client.requests] == ["2013/acs/acs5", "2014/acs/acs5"]
    assert [zips_of(request) for request in client.requests] == [["98004", "98103", "98178"]] * 2
    assert facts.num_rows == len(rows) * len(VARIABLES)
    assert facts["value"].null_count == 0


def test_the_release_had_ended_by_the_first_day_of_the_month_and_its_end_is_the_vintage():
    provider, _ = census(every_zip)
    facts = provider.fetch(
        enrichment_request(
            {"month": "2014-12"}, {"month": "2015-01"}, {"month": "2031-06"}, fields=POPULATION
        )
    ).sort_by("property_id")
    assert facts["vintage"].to_pylist() == [date(2013, 12, 31), date(2014, 12, 31), date(2023, 12, 31)]
    assert facts["source_url"][0].as_py() == "https://api.example/2013/acs/acs5"
    assert facts["retrieved_at"].to_pylist() == [RETRIEVED] * 3


def test_months_before_the_first_release_by_zip_are_not_covered_and_ask_nobody():
    provider, client = census(every_zip)
    facts = provider.fetch(enrichment_request({"month": "2011-12"}, {"month": "2012-01"}, fields=POPULATION))
    assert reasons(facts) == ["NO_COVERAGE", None]
    assert [request.path for request in client.requests] == ["2011/acs/acs5"]


def test_nothing_usable_sends_nothing():
    provider, client = census(every_zip)
    facts = provider.fetch(enrichment_request({"zip": None}, fields=POPULATION))
    assert (reasons(facts), client.requests) == (["NO_KEY"], [])
    assert provider.fetch(enrichment_request(fields=POPULATION)).num_rows == 0
    assert provider.fetch(enrichment_request({}, fields=("owner_name",))).num_rows == 0


def test_zips_are_asked_for_in_parts_only_where_a_url_would_get_too_long():
    provider, client = census(every_zip)
    rows = [{"zip": f"{code:05}"} for code in range(10_000, 10_901)]
    facts = provider.fetch(enrichment_request(*rows, fields=provider.fields))
    assert [len(zips_of(request)) for request in client.requests] == [400, 400, 101]
    assert facts["value"].null_count == 0
    for request in client.requests:
        text = "".join(f"&{name}={value}" for name, value in request.params)
        assert len(text) + 2 * text.count(",") + 2 * text.count(":") < 4_000


def test_only_the_variables_of_the_wanted_fields_are_asked_for():
    provider, client = census(every_zip)
    provider.fetch(enrichment_request({}, fields=("zip_median_rent_usd", "bedroom_rent_usd")))
    assert dict(client.requests[0].params)["get"] == "B25064_001E"
    assert len({name for names in VARIABLES.values() for name in names}) <= 50


def test_figures_are_read_by_header_whatever_columns_stand_around_them():
    def handler(request):
        variables = dict(request.params)["get"].split(",")
        header = ["NAME", *reversed(variables), "state", ZCTA]
        figures = {name: str(100 + place) for place, name in enumerate(variables)}
        return said([header, ["ZCTA5 98004", *(figures[name] for name in header[1:-2]), "53", "98004"]])

    provider, _ = census(handler)
    facts = provider.fetch(enrichment_request({}, fields=("zip_population", "zip_median_income_usd")))
    assert (values(facts, "zip_population"), values(facts, "zip_median_income_usd")) == (["100"], ["101"])


def test_shares_are_percentages_of_their_own_whole():
    provider, _ = census(
        one_zip({"B25003_001E": "3200", "B25003_002E": "2011", "B23025_003E": "900", "B23025_005E": "45"})
    )
    facts = provider.fetch(enrichment_request({}, fields=("zip_owner_occupied_pct", "zip_unemployment_pct")))
    assert values(facts, "zip_owner_occupied_pct") == ["62.84"]
    assert values(facts, "zip_unemployment_pct") == ["5"]


def test_a_share_of_nothing_is_null():
    provider, _ = census(one_zip({"B25003_001E": "0", "B25003_002E": "0"}))
    facts = provider.fetch(enrichment_request({}, fields=("zip_owner_occupied_pct",)))
    assert reasons(facts) == ["NULL_IN_SOURCE"]


@pytest.mark.parametrize(("digit", "reason"), ANNOTATIONS.items())
@pytest.mark.parametrize("tail", ["", ".0"])
def test_every_annotation_value_of_the_bureau_is_null_with_its_reason(digit, reason, tail):
    provider, _ = census(one_zip({"B19013_001E": f"-{digit * 9}{tail}"}))
    facts = provider.fetch(enrichment_request({}, fields=("zip_median_income_usd",)))
    assert (values(facts, "zip_median_income_usd"), reasons(facts)) == ([None], [reason])
    assert facts["confidence"].to_pylist() == [None]


@pytest.mark.parametrize(
    ("field", "variable", "bound"),
    [
        ("zip_median_income_usd", "B19013_001E", "250001"),
        ("zip_median_income_usd", "B19013_001E", "2499"),
        ("zip_median_home_value_usd", "B25077_001E", "1000001"),
        ("zip_median_home_value_usd", "B25077_001E", "2000001.0"),
        ("zip_median_rent_usd", "B25064_001E", "3501"),
    ],
)
def test_a_median_that_is_so_much_or_more_is_no_amount(field, variable, bound):
    provider, _ = census(one_zip({variable: bound}))
    facts = provider.fetch(enrichment_request({}, fields=(field,)))
    assert (values(facts, field), reasons(facts)) == ([None], ["OPEN_ENDED"])


def test_a_count_that_happens_to_be_such_a_number_stays_one():
    provider, _ = census(one_zip({"B01003_001E": "250001", "B25077_001E": "250001"}))
    wanted = ("zip_population", "zip_median_home_value_usd")
    facts = provider.fetch(enrichment_request({}, fields=wanted))
    assert [values(facts, field) for field in wanted] == [["250001"], ["250001"]]


def test_a_json_null_and_a_sentinel_in_a_share_are_null_and_a_number_is_text():
    provider, _ = census(one_zip({"B19013_001E": None, "B25003_002E": "-666666666", "B25003_001E": 10}))
    wanted = ("zip_median_income_usd", "zip_owner_occupied_pct")
    assert set(reasons(provider.fetch(enrichment_request({}, fields=wanted)))) == {"NULL_IN_SOURCE"}


def test_a_zip_that_is_no_zcta_is_no_match():
    provider, _ = census(one_zip({"B01003_001E": "5"}, "98103"))
    facts = provider.fetch(enrichment_request({"zip": "98103"}, {"zip": "98111"}, fields=POPULATION))
    assert reasons(facts) == [None, "NO_MATCH"]


def test_an_empty_204_means_that_none_of_the_zips_is_known():
    provider, _ = census(lambda request: (204, b""))
    assert reasons(provider.fetch(enrichment_request({}, fields=POPULATION))) == ["NO_MATCH"]


def test_an_unknown_variable_stops_the_provider_and_is_named():
    provider, _ = census(lambda request: (400, b"error: unknown variable 'B01003_001E'"))
    with pytest.raises(PermanentError, match="king-wa, source acs, field B01003_001E"):
        provider.fetch(enrichment_request({}, fields=POPULATION))


def test_a_missing_column_stops_the_provider_and_is_named():
    provider, _ = census(one_zip({"B01003_001": "5"}))
    with pytest.raises(PermanentError, match="no column B01003_001E"):
        provider.fetch(enrichment_request({}, fields=POPULATION))


@pytest.mark.parametrize("reply", [{"data": []}, [], [{"a": 1}], 5])
def test_a_reply_of_another_form_stops_the_provider(reply):
    provider, _ = census(lambda request: said(reply))
    with pytest.raises(PermanentError, match="not a list of rows"):
        provider.fetch(enrichment_request({}, fields=POPULATION))


def test_a_release_that_is_not_there_says_which_setting_to_change():
    provider, _ = census(lambda request: (404, b"<html>404</html>"), newest_release=2030)
    with pytest.raises(PermanentError, match=r"acs5/2030.*newest_release"):
        provider.fetch(enrichment_request({"month": "2031-01"}, fields=POPULATION))


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (b"<html><head><title>Invalid Key</title></head></html>", "KEY_REFUSED"),
        (b"<html><head><title>Missing Key</title></head></html>", "KEY_MISSING"),
        (b"<html><head><title>Under maintenance</title></head></html>", "BAD_ANSWER"),
        (b'[["B01003_001E", "zip code tab', "BAD_ANSWER"),
        (b'{"error": "busy"}', "BAD_ANSWER"),
    ],
)
def test_what_is_no_table_is_a_failure_not_data(page, reason):
    provider, _ = census(lambda request: (200, page))
    facts = provider.fetch(enrichment_request({}, {"zip": None}, fields=POPULATION))
    assert reasons(facts) == [reason, "NO_KEY"]


def test_ragged_rows_and_two_records_of_one_zip_are_not_believed():
    for rows in ([["5"]], [["5", "98004"], ["6", "98004"]]):
        provider, _ = census(lambda request, rows=rows: said([["B01003_001E", ZCTA], *rows]))
        assert reasons(provider.fetch(enrichment_request({}, fields=POPULATION))) == ["BAD_ANSWER"]
    provider, _ = census(lambda request: said([["B01003_001E", ZCTA], ["5", "98004"], ["5", "98004"]]))
    assert reasons(provider.fetch(enrichment_request({}, fields=POPULATION))) == [None]


def test_a_failed_call_leaves_the_other_release_alone():
    def handler(request):
        return Failure.PROVIDER_FAILED if request.path.startswith("2013") else every_zip(request)

    provider, _ = census(handler)
    facts = provider.fetch(enrichment_request({"month": "2014-05"}, {"month": "2015-05"}, fields=POPULATION))
    assert reasons(facts) == ["PROVIDER_FAILED", None]


def test_zctas_are_asked_for_within_the_state_up_to_2019_and_without_it_after():
    provider, client = census(every_zip)
    provider.fetch(enrichment_request({"month": "2020-06"}, {"month": "2021-06"}, fields=POPULATION))
    assert [dict(request.params).get("in") for request in client.requests] == ["state:53", None]


def test_where_the_api_wants_the_state_otherwise_it_is_asked_once_more():
    def handler(request):
        by_state = "in" in dict(request.params)
        return (400, b"error: unknown/unsupported geography heirarchy") if by_state else every_zip(request)

    provider, client = census(FakeClient(handler, cost_usd=0.01))
    facts = provider.fetch(enrichment_request({"month": "2015-05"}, {"month": "2022-05"}, fields=POPULATION))
    assert reasons(facts) == [None, None]
    assert len(client.requests) == 3
    assert pc.sum(facts["cost_usd"]).as_py() == pytest.approx(0.03)
    provider, _ = census(lambda request: (400, b'error: ambiguous geography "zip code tabulation area"'))
    with pytest.raises(PermanentError, match="refuses ZIPs with and without their state"):
        provider.fetch(enrichment_request({}, fields=POPULATION))


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["2011-03", "2014-05", "2015-01", "2024-02"]),
            st.sampled_from([None, "98004", "98103", "00501"]),
        ),
        max_size=12,
    ),
    st.integers(1, 3),
)
def test_every_property_and_field_has_one_fact_and_every_null_a_reason(rows, limit):
    provider, client = census(every_zip, zips_per_request=limit)
    request = enrichment_request(*({"month": m, "zip": z} for m, z in rows), fields=provider.fields)
    facts = facts_by_key(provider.fetch(request))
    assert len(facts) == len(rows) * len(VARIABLES)
    assert all((fact["value"] is None) == bool(fact["reason_code"]) for fact in facts.values())
    pairs = {(int(m[:4]) - 1, z) for m, z in rows if z and int(m[:4]) > 2011}
    assert sum(len(zips_of(r)) for r in client.requests) == len(pairs)
