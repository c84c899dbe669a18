"""Reading replies: what is JSON, what only looks like an answer, and what a call's cost becomes."""

import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.providers.base import REQUEST_COLUMNS, EnrichmentRequest, Origin
from realestate_assets.providers.replies import arcgis_error, as_text, failed_facts, read_json, spread_costs
from resources.http.api import ApiAnswer, ApiRequest, Failure
from tests.unit.providers.enrich_frames import properties

REQUEST = ApiRequest(endpoint="parcels", path="parcels")


def answer(body: bytes, **more) -> ApiAnswer:
    return ApiAnswer(request=REQUEST, url="https://api.example/parcels", status=200, body=body, **more)


def test_json_is_read_and_an_api_s_own_error_is_left_to_the_caller():
    assert read_json(answer(b' {"error": {"code": 400}} ')) == ({"error": {"code": 400}}, None, "")


def test_json_that_comes_with_an_http_error_is_no_answer_but_for_who_reads_errors():
    refused = replace(answer(b'{"error": "no such ZIP"}'), status=404)
    reply, failure, message = read_json(refused)
    assert (reply, failure) == (None, Failure.BAD_ANSWER)
    assert message == 'parcels (HTTP 404): {"error": "no such ZIP"}'
    assert read_json(refused, errors_are_read=True) == ({"error": "no such ZIP"}, None, "")


def test_an_empty_reply_is_an_answer_that_there_is_nothing():
    assert read_json(answer(b"")) == (None, None, "")
    assert read_json(answer(b" \r\n")) == (None, None, "")


@pytest.mark.parametrize(
    "body",
    [b"<html><title>Log in</title></html>", b"error: unknown variable 'B9'", b'{"a": [1, 2', b"\x00\xff"],
)
def test_html_text_and_broken_json_are_bad_answers_that_show_what_came(body):
    reply, failure, message = read_json(answer(body))
    assert reply is None and failure is Failure.BAD_ANSWER
    assert message.startswith("parcels (HTTP 200) answered with ") and len(message) < 250


def test_a_failed_call_keeps_its_failure_and_its_sentence():
    failed = answer(b"", failure=Failure.BUDGET_SPENT, message="the day's $1.00 is spent")
    assert read_json(failed) == (None, Failure.BUDGET_SPENT, "the day's $1.00 is spent")


def test_nan_a_byte_order_mark_and_a_stray_byte_do_not_cost_the_reply():
    assert read_json(answer(b'\xef\xbb\xbf{"area": NaN}'))[0] == {"area": None}
    assert read_json(answer(b'{"owner": "PE\xd1A"}'))[0] == {"owner": "PE�A"}


@given(st.binary(max_size=200))
def test_no_body_breaks_the_reader(body):
    reply, failure, _ = read_json(answer(body))
    assert reply is None or failure is None


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_every_json_value_comes_back_as_it_was(value):
    assert read_json(answer(json.dumps(value).encode())) == (value, None, "")


def test_an_arcgis_error_is_named_with_code_and_details():
    error = {"error": {"code": 400, "message": "Cannot perform query.", "details": ["Invalid field: X"]}}
    assert arcgis_error(error) == "400 Cannot perform query. Invalid field: X"
    assert arcgis_error({"error": {"code": 499, "message": "Token Required", "details": []}}) == (
        "499 Token Required"
    )
    assert arcgis_error({"error": "no such service"}) == "no such service"
    assert arcgis_error({"features": []}) is None and arcgis_error([]) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2017.0, "2017"),
        (0.13, "0.13"),
        (1e300, "1e+300"),
        (7, "7"),
        (True, "true"),
        (" R5 ", "R5"),
        ("  ", None),
        (float("nan"), None),
        (None, None),
        ([1], None),
    ],
)
def test_json_values_become_the_text_of_a_fact(value, text):
    assert as_text(value) == text


def test_failed_facts_are_nulls_with_one_reason_or_one_a_property():
    rows = properties({}, {})
    request = EnrichmentRequest("king-wa", rows.select(REQUEST_COLUMNS), ("owner_name", "zoning_code"))
    facts = failed_facts(request, request.fields, Failure.KEY_MISSING, Origin("parcels"))
    assert facts.num_rows == 4 and facts["reason_code"].to_pylist() == ["KEY_MISSING"] * 4
    assert facts["value"].null_count == 4
    reasons = pa.array(["NO_KEY", "NO_MATCH"])
    each = failed_facts(request, ("owner_name",), reasons, Origin("parcels"))
    assert each["reason_code"].to_pylist() == ["NO_KEY", "NO_MATCH"]


@given(
    st.lists(st.integers(-1, 3), min_size=1, max_size=30),
    st.lists(st.integers(0, 10_000_000), min_size=4, max_size=4),
    st.integers(1, 40),
)
def test_the_facts_of_an_answer_add_up_to_its_cost_in_micro_dollars(asked, micro, fields):
    answer_of, cost = np.array(asked), np.array(micro) / 1e6
    costs = spread_costs(answer_of, cost, fields)
    assert costs.shape == (len(asked), fields)
    for index, whole in enumerate(micro):
        part = np.rint(costs[answer_of == index] * 1e6).sum()
        assert part == (whole if index in asked else 0)
    assert not costs[answer_of < 0].any()
