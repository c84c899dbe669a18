"""What doctor says of those who are told: off, reachable, or how to mend it."""

import pytest

from realestate_assets.observability import reach
from realestate_assets.settings import Settings
from resources.errors import PermanentError
from tests.http_server import LocalServer, text_reply

pytestmark = pytest.mark.integration

KEY = "0123456789abcdef"


def dsn(url: str) -> str:
    return url.replace("//", f"//{KEY}@") + "/7"


def test_without_settings_all_are_off_and_lines_go_into_the_file(tmp_path):
    settings = Settings(realestate_home=tmp_path)
    assert reach.sentry(settings) == "off: SENTRY_DSN is not set"
    assert reach.traces(settings) == "off: OTEL_EXPORTER_OTLP_ENDPOINT is not set"
    assert reach.lineage(settings) == "off: OPENLINEAGE_URL is not set"
    assert str(tmp_path / "logs" / "realestate.jsonl") in reach.log_lines(settings)


def test_what_is_configured_is_asked_without_any_data(monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-key=secretsecret")
    with LocalServer(lambda *_: text_reply("")) as server:
        settings = Settings(
            sentry_dsn=dsn(server.url), otel_exporter_otlp_endpoint=server.url, openlineage_url=server.url
        )
        said = [reach.sentry(settings), reach.traces(settings), reach.lineage(settings)]
    assert all("answers" in text or "takes" in text for text in said)
    assert KEY not in str(said)
    assert [request.body for request in server.requests] == [b"", b"", b""]
    asked = {request.path: request for request in server.requests}
    assert asked["/v1/traces"].headers["x-key"] == "secretsecret"


@pytest.mark.parametrize(
    ("variable", "looks"),
    [
        ("SENTRY_DSN", reach.sentry),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", reach.traces),
        ("OPENLINEAGE_URL", reach.lineage),
    ],
)
def test_what_does_not_answer_is_named_by_its_setting_without_its_key(variable, looks):
    with LocalServer(lambda *_: text_reply("")) as server:
        gone = server.url
    told = {variable.lower(): dsn(gone) if variable == "SENTRY_DSN" else gone}
    with pytest.raises(PermanentError, match=variable) as caught:
        looks(Settings(**told))
    assert "does not answer" in str(caught.value)
    assert KEY not in str(caught.value)


def test_a_collector_of_another_protocol_is_told_apart():
    with LocalServer(lambda *_: text_reply("", 404)) as server:
        settings = Settings(otel_exporter_otlp_traces_endpoint=f"{server.url}/other")
        with pytest.raises(PermanentError, match="HTTP 404"):
            reach.traces(settings)
    assert server.paths == ["/other"]
