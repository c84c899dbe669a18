"""What holds of every service of compose.yaml, and that its secrets are made once and are nobody else's."""

import json
import re

import pytest
import yaml

from resources.home import PROJECT_ROOT
from tests.integration.deploy import tools
from tests.integration.deploy.compose_file import DEPLOY, FILE, document, interpolated, services
from tests.integration.deploy.secrets_made import make_secrets, run_script

pytestmark = pytest.mark.integration

EACH = pytest.mark.parametrize("service", services().values(), ids=lambda each: each.name)
SECRET_NAME = re.compile(r"(PASSWORD|SECRET|TOKEN|API_KEY|ACCESS_KEY)", re.I)
GRANTED = {"caddy": ["NET_BIND_SERVICE"], "seaweedfs": ["DAC_OVERRIDE"]}


@EACH
def test_a_service_has_no_privilege_and_writes_to_nothing_but_what_is_named(service):
    entry = service.entry
    assert entry["read_only"] is True
    assert entry["cap_drop"] == ["ALL"] and entry.get("cap_add", []) == GRANTED.get(service.name, [])
    assert "no-new-privileges:true" in entry["security_opt"]
    assert not entry.get("privileged") and "network_mode" not in entry
    assert not any("docker.sock" in source for source, _, _ in service.volumes)
    assert entry["init"] is True and entry["pids_limit"] > 0


@EACH
def test_a_service_has_bounds_a_check_and_a_version(service):
    limits = service.entry["deploy"]["resources"]["limits"]
    assert float(limits["cpus"]) > 0 and limits["memory"][-1] in "mg"
    assert service.is_one_shot or service.health, "a service that runs on has a health check"
    assert service.entry["restart"] == ("no" if service.is_one_shot else "unless-stopped")
    tag = service.entry["image"].rpartition(":")[2]
    assert re.search(r"\d+\.\d+|RELEASE\.\d{4}-\d\d", tag), "a version, no moving name"
    assert service.entry["logging"]["options"]["max-size"]


@EACH
def test_no_secret_is_a_variable(service):
    for name, value in service.environment.items():
        if SECRET_NAME.search(name) and not name.endswith("FILE"):
            assert not value or value in ("true", "false"), name
    for words in (service.command, service.health):
        assert not re.search(r"://[^/\s]+:[^/\s]+@", " ".join(words))


@EACH
def test_what_a_service_names_is_there(service):
    for source, _, read_only in service.volumes:
        if source.startswith("."):
            assert (DEPLOY / source).exists() and read_only
        else:
            assert source in document()["volumes"]
    assert set(service.secrets.values()) <= document()["secrets"].keys()
    assert set(service.entry["networks"]) <= document()["networks"].keys()
    for name, condition in service.waits_for.items():
        other = services()[name]
        wanted = "service_completed_successfully" if other.is_one_shot else "service_healthy"
        assert condition == wanted
    for path in re.findall(r"/run/secrets/\w+", json.dumps(service.entry)):
        assert path in service.secrets


def test_caddy_alone_is_published_and_by_default_on_this_machine():
    published = {name: each.entry["ports"] for name, each in services().items() if "ports" in each.entry}
    assert published.keys() == {"caddy"}
    assert all(port.startswith("127.0.0.1:") for port in published["caddy"])


def test_what_is_kept_has_no_way_out_and_is_not_beside_the_door():
    assert document()["networks"]["inner"]["internal"] is True
    for name in ("postgres", "pgbouncer", "redis", "qdrant", "seaweedfs", "minio"):
        assert services()[name].entry["networks"] == ["inner"]
    assert services()["caddy"].entry["networks"] == ["edge"]


def test_the_roles_of_the_platform_run_one_image_by_the_products_command():
    ours = {name: each for name, each in services().items() if each.is_ours}
    assert {
        "code-server",
        "webserver",
        "webserver-readonly",
        "daemon",
        "watcher",
        "worker",
        "service",
    } <= ours.keys()
    assert {each.command[0] for each in ours.values()} == {"realestate", "make-bucket"}
    assert "--read-only" in services()["webserver-readonly"].command
    assert "--read-only" not in services()["webserver"].command


def test_variables_of_the_template_are_those_of_the_file():
    named = set(re.findall(r"\$\{(\w+)", FILE.read_text(encoding="utf-8")))
    template = (DEPLOY / "env.example").read_text(encoding="utf-8")
    told = set(re.findall(r"^#?([A-Z0-9_]+)=", template, flags=re.M))
    assert named - told <= {"AWS_REGION"} and told - named == {"COMPOSE_PROFILES"}


def test_a_default_is_taken_where_nothing_is_set_and_a_dollar_stays_one():
    text = "${A:-http://x:1} ${B:-} $$HOME"
    assert interpolated(text, {}) == "http://x:1  $HOME"
    assert interpolated(text, {"A": "y", "B": "z"}) == "y z $HOME"


def test_the_file_is_one_by_the_compose_specification():
    read = "compose_spec.PyCompose.from_yaml(sys.stdin.read())"
    code = f"import sys, compose_spec; print(len({read}.service_names()))"
    # Its fragments merged, as the engine merges them: the checker does not.
    checked = tools.python(code, yaml.safe_dump(document()))
    assert int(checked) == len(services())


def test_secrets_are_made_for_all_that_the_file_names_and_are_all_different(tmp_path):
    made = make_secrets(tmp_path)
    names = {each.name for each in made.iterdir()}
    wanted = {each["file"].removeprefix("secrets/") for each in document()["secrets"].values()}
    assert wanted == names
    assert made.stat().st_mode & 0o077 == 0
    plain = [f"{name}_password" for name in ("postgres", "realestate", "analyst", "service", "redis")]
    values = [(made / name).read_text() for name in plain]
    assert len(set(values)) == len(values) and all(len(value) == 48 for value in values)
    assert json.loads((made / "s3_conf").read_text())["identities"][0]["credentials"]
    assert (tmp_path / ".env").exists()


def test_secrets_that_are_there_are_never_overwritten(tmp_path):
    made = make_secrets(tmp_path)
    before = {each.name: each.read_bytes() for each in made.iterdir()}
    (tmp_path / ".env").write_text("MINE=1\n")
    done = run_script(tmp_path)
    assert done.returncode == 1 and "left as it is" in done.stderr
    assert {each.name: each.read_bytes() for each in made.iterdir()} == before
    assert (tmp_path / ".env").read_text() == "MINE=1\n"


def test_git_takes_no_secret():
    listed = (PROJECT_ROOT / ".gitignore").read_text(encoding="utf-8").split()
    assert {"/deploy/secrets/", "/deploy/.env"} <= set(listed)
