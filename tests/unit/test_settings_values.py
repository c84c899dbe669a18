"""A wrong value of any setting ends a command with a sentence that names the variable and shows no secret."""

import json

import pytest
from typer.testing import CliRunner

from realestate_assets.cli.app import app
from realestate_assets.settings import Settings, read_settings
from resources.errors import PermanentError

SECRET = "hunter2"
# Texts that may be anything: a password of Postgres, and the service's secret, looked at where it is used.
FREE = {"analyst_password", "service_secret", "map_tiles_credit", "oidc_name"}
# variable -> values it may not have, with a word of what is expected.
WRONG: dict[str, tuple[str, tuple[str, ...]]] = {
    "realestate_home": ("a folder", ("{file}",)),
    "database_url": (
        "postgresql://",
        (
            f"mysql://u:{SECRET}@h/d",
            "localhost:5432",
            f"postgresql://u:{SECRET}@h:port/d",
            "postgresql://a b",
        ),
    ),
    "dagster_pg_url": ("postgresql://", (f"sqlite:///{SECRET}.db", f"postgresql://u:{SECRET}#x@h:5432x/d")),
    "lake_url": (
        "s3://bucket/prefix",
        (
            "ftp://x",
            "s3://",
            "s3:///lake",
            "gs://bucket/lake",
            "{file}",
            "s3://bucket/p?region=eu",
            "file://",
        ),
    ),
    "landing_url": ("s3://bucket/prefix", ("http://host/files", "{file}")),
    "reference_url": ("s3://bucket/prefix", ("az://container", "{file}")),
    "s3_endpoint_url": ("http://", ("minio:9000", "ftp://minio:9000", "http://", "http://minio:port")),
    "s3_addressing": ("'path' or 'virtual'", ("host",)),
    "qdrant_quantization": ("'none', 'int8' or 'binary'", ("int4",)),
    "qdrant_url": ("http://", ("qdrant:6333", "grpc://qdrant:6334", "https:///x", "http://a b:6333")),
    "qdrant_api_key": ("a key", (f"{SECRET} {SECRET}", f"{SECRET}\n{SECRET}", "schlüssel")),
    "embedding_model": ("model", ("./no-such-folder", "/no/such/folder", "MiniLM; rm -rf", "a//b")),
    "county_config_dir": ("a folder that", ("{folder}/none", "{file}")),
    "enabled_apis": ("census_acs", ("census_asc", "all, nobody", "census_acs fema_nfhl")),
    "first_month": ("YYYY-MM", ("2024-13", "2024-1", "January", "2024-01-01")),
    "max_partitions_per_run": ("integer|greater|less", ("many", "0", "-1", "501", "1.5")),
    "sample_seed": ("integer|greater", ("x", "-1", "1.5")),
    "sample_rows_per_month": ("integer|greater|less", ("x", "9", "100001")),
    "memo_limit_per_partition": ("integer|greater|less", ("x", "-1", "10001")),
    "memo_paper": ("'letter' or 'a4'", ("legal", "A4")),
    "landing_settle_seconds": ("number|greater|less", ("soon", "-1", "3601", "nan", "inf")),
    "dagster_celery_broker": (
        "redis://",
        (f"http://u:{SECRET}@x", "redis:6379", f"redis://:{SECRET}@h:port/0", f"redis://:{SECRET}"),
    ),
    "workers_share_machine": ("boolean", ("perhaps",)),
    "property_photos": ("boolean", ("perhaps",)),
    "max_concurrent_runs": ("integer|greater|less", ("x", "0", "1001")),
    "schedule_timezone": ("time zone", ("Mars/Olympus", "America/Nowhere", "../etc")),
    "redis_url": (
        "redis://",
        (f"http://:{SECRET}@x", "redis:6379", f"redis://:{SECRET}@h:port/0", f"amqp://u:{SECRET}@h//"),
    ),
    "trusted_proxies": ("addresses or networks", ("caddy", "10.0.0.0/33", "10.0.0.1/8", "*", "1.2.3")),
    "min_free_gb": ("number|greater|less", ("x", "-1", "nan")),
    "alert_urls": ("Apprise", (f"{SECRET}", f"mailto://u:{SECRET}@h nonsense")),
    "alert_routes": ("a file", ("{folder}", "{folder}/none.yaml")),
    "alert_remind_hours": ("number|greater|less", ("x", "0", "-1", "nan")),
    "dagster_webserver_url": ("http://", ("localhost:3000", "ftp://x")),
    "webserver_probe_url": ("http://", ("localhost:3000",)),
    "allowed_hosts": ("hosts", ("http://ui.example", "ui.example/path", "a b")),
    "service_host": ("a name", ("two words",)),
    "service_port": ("integer|greater|less", ("x", "0", "65536")),
    "service_base_url": ("http://", ("localhost:8000", "ftp://x")),
    "service_database_url": ("postgresql://", (f"mysql://u:{SECRET}@h/d",)),
    "mail_smtp_url": (
        "smtp://",
        (f"http://u:{SECRET}@h", f"u:{SECRET}@mail:587", f"smtp://u:{SECRET}@h:port", "smtp://h?tls=maybe"),
    ),
    "mail_from": ("who writes", ("nobody", "A <a@b>\nBcc: c@d", "A <a@b> <c@d>", "<a b@c>")),
    "oidc_issuer": (
        "the issuer",
        ("login.example.com", "http://login.example.com", "https://x.example?a=b", "https://x.example/#a"),
    ),
    "oidc_client_id": ("a name", ("two words",)),
    "oidc_client_secret": ("a key", (f"{SECRET} {SECRET}",)),
    "cors_origins": (
        "origins",
        ("app.example.com", "https://app.example.com/path", "*", "https://*.example.com"),
    ),
    "map_tiles_url": (
        "address of tiles",
        (
            "tiles.example.com/{{z}}/{{x}}/{{y}}",
            "https://t.example.com/{{z}}/{{x}}",
            "https://t.example.com;/{{z}}/{{x}}/{{y}}",
        ),
    ),
    "log_format": ("'console' or 'json'", ("xml",)),
    "log_level": ("'DEBUG'", ("LOUD",)),
    "sentry_dsn": ("https://key@host/project", (SECRET, f"https://{SECRET}@", f"ftp://{SECRET}@h/1")),
    "sentry_environment": ("a name", ("a/b", "two words", "x" * 65)),
    "otel_exporter_otlp_endpoint": ("http://", ("collector:4318", "grpc://collector:4317")),
    "otel_exporter_otlp_traces_endpoint": ("http://", ("collector:4318/v1/traces",)),
    "openlineage_url": ("http://", ("marquez:5000",)),
    "openlineage_api_key": ("a key", (f"{SECRET} {SECRET}",)),
    "openlineage_namespace": ("a name", ("two words",)),
}
CASES = [(name, words, value) for name, (words, values) in WRONG.items() for value in values]


@pytest.fixture
def wrong(monkeypatch, tmp_path):
    def set_wrong(name, value):
        (tmp_path / "file").write_text("")
        monkeypatch.setenv(name.upper(), value.format(file=tmp_path / "file", folder=tmp_path))

    return set_wrong


def test_the_table_has_every_setting():
    assert set(WRONG) == set(Settings.model_fields) - FREE


@pytest.mark.parametrize(("name", "words", "value"), CASES)
def test_a_wrong_value_is_refused_by_the_variable_with_what_is_expected(wrong, name, words, value):
    wrong(name, value)
    with pytest.raises(PermanentError) as e:
        read_settings()
    said = str(e.value)
    assert e.value.field == name.upper() and name.upper() in said
    assert any(word in said for word in words.split("|"))
    assert SECRET not in said and "validation error" not in said and "pydantic" not in said
    assert e.value.__cause__ is None and e.value.__context__ is None


PROVIDER = {
    "OIDC_ISSUER": "https://login.example.com",
    "OIDC_CLIENT_ID": "realestate",
    "OIDC_CLIENT_SECRET": SECRET,
}


@pytest.mark.parametrize("missing", sorted(PROVIDER))
def test_half_a_provider_of_sign_in_is_refused_by_what_is_missing(monkeypatch, missing):
    for name, value in PROVIDER.items():
        if name != missing:
            monkeypatch.setenv(name, value)
    with pytest.raises(PermanentError, match=f"{missing} missing") as e:
        read_settings()
    assert e.value.field == missing and SECRET not in str(e.value)


def test_a_provider_of_sign_in_sends_nobody_back_in_clear(monkeypatch):
    for name, value in PROVIDER.items():
        monkeypatch.setenv(name, value)
    assert read_settings().oidc_issuer == PROVIDER["OIDC_ISSUER"]
    monkeypatch.setenv("SERVICE_BASE_URL", "http://realestate.example.com")
    with pytest.raises(PermanentError, match="expected https://") as e:
        read_settings()
    assert e.value.field == "SERVICE_BASE_URL"


@pytest.mark.parametrize(
    "issuer", ["http://localhost:9000", "http://127.0.0.1:9000", "http://[::1]:9000/realm"]
)
def test_a_provider_on_this_machine_is_spoken_to_in_clear(monkeypatch, issuer):
    for name, value in (PROVIDER | {"OIDC_ISSUER": issuer}).items():
        monkeypatch.setenv(name, value)
    assert read_settings().oidc_issuer == issuer


@pytest.mark.parametrize("name", sorted(WRONG))
@pytest.mark.parametrize("command", [["doctor"], ["migrate", "--json"]])
def test_a_command_ends_with_that_sentence_and_exit_code_1(wrong, name, command):
    wrong(name, WRONG[name][1][0])
    ended = CliRunner().invoke(app, command)
    assert ended.exit_code == 1
    assert name.upper() in ended.stderr and SECRET not in ended.output
    assert "Traceback" not in ended.output and "Unexpected" not in ended.output
    if "--json" in command:
        assert name.upper() in json.loads(ended.stdout)["error"]


def test_all_wrong_values_are_told_at_once(wrong):
    wrong("memo_paper", "legal")
    wrong("min_free_gb", "x")
    with pytest.raises(PermanentError, match=r"MEMO_PAPER.*MIN_FREE_GB|MIN_FREE_GB.*MEMO_PAPER"):
        read_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("database_url", "postgresql+psycopg2://" + "u:p%40ss" + "@host/db?sslmode=verify-full"),
        ("database_url", "postgresql://u@/db?host=%2Ftmp%2Fsocket"),
        ("lake_url", "s3://bucket"),
        ("lake_url", "file:///tmp/lake"),
        ("lake_url", "./data with blanks/lake"),
        ("s3_endpoint_url", "https://[::1]:9000"),
        ("qdrant_url", "https://host:6333/prefix"),
        ("dagster_celery_broker", "amqps://u:p@host//"),
        ("enabled_apis", "all"),
        ("enabled_apis", "census_acs, fema_nfhl"),
        ("sentry_dsn", "https://key@o1.ingest.sentry.io/42"),
        ("alert_urls", "mailto://u:p@example.com slack://a/b/c"),
        ("allowed_hosts", "ui.example, 10.0.0.1"),
        ("embedding_model", "BAAI/bge-small-en-v1.5"),
        ("openlineage_namespace", "https://example.com/ns"),
    ],
)
def test_values_that_can_be_pass(wrong, name, value):
    wrong(name, value)
    assert getattr(read_settings(), name) is not None
