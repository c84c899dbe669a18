"""Values for Dagster's chart and the manifests beside it: what has to hold, and Kubernetes' own schemas."""

import json
import re

import dagster as dg
import pytest
import yaml
from dagster import DagsterInstance

from resources.home import PROJECT_ROOT
from tests.integration.deploy import tools
from tests.integration.deploy.compose_file import DEPLOY
from tools import chart_values

pytestmark = pytest.mark.integration

HELM = DEPLOY / "helm"
VALUES = yaml.safe_load((HELM / "values.yaml").read_text(encoding="utf-8"))
EXAMPLE = yaml.safe_load((HELM / "values.example.yaml").read_text(encoding="utf-8"))
MANIFESTS = [
    each
    for path in sorted((HELM / "extras").glob("*.yaml"))
    for each in yaml.safe_load_all(path.read_text(encoding="utf-8"))
]
BUILT_IN = [each for each in MANIFESTS if not re.search(r"external-secrets|kustomize", each["apiVersion"])]
(CODE,) = VALUES["dagster-user-deployments"]["deployments"]
PARTS = {"webserver": VALUES["dagsterWebserver"], "code": CODE, "daemon": VALUES["dagsterDaemon"]}
LAUNCHER = VALUES["runLauncher"]["config"]["k8sRunLauncher"]
SECRETS = re.compile(r"password|secret_?key|api_?key|token", re.I)


def strings(value, path=()):
    """Every string with the keys that lead to it."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from strings(each, (*path, str(key)))
    elif isinstance(value, list):
        for each in value:
            yield from strings(each, path)
    elif isinstance(value, str):
        yield path, value


@pytest.mark.parametrize(
    "document", [VALUES, EXAMPLE, *MANIFESTS], ids=lambda each: each.get("kind", "values")
)
def test_no_secret_stands_in_a_file(document):
    for path, value in strings(document):
        assert not re.search(r"://[^/\s:]+:[^/\s@]+@", value), path
        if SECRETS.search(path[-1]) and path[-1] not in (
            "postgresqlSecretName",
            "automountServiceAccountToken",
        ):
            assert value in ("", "realestate-env"), path


@pytest.mark.parametrize("name", PARTS)
def test_a_part_of_the_chart_is_closed_bounded_and_asked_for_its_health(name):
    part = PARTS[name]
    assert part["podSecurityContext"]["runAsNonRoot"] is True
    assert part["podSecurityContext"]["runAsUser"] == 10001
    assert part["securityContext"]["readOnlyRootFilesystem"] is True
    assert part["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert part["resources"]["limits"]["memory"] and part["resources"]["requests"]["cpu"]
    assert part["livenessProbe"] and part["startupProbe"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", str(part["image"]["tag"]))
    assert part["envSecrets"] == [{"name": "realestate-env"}]
    assert {each["mountPath"] for each in part["volumeMounts"]} == {"/data", "/tmp"}


def test_a_run_is_a_pod_of_its_own_with_bounds():
    assert VALUES["runLauncher"]["type"] == "K8sRunLauncher"
    run = LAUNCHER["runK8sConfig"]
    assert run["containerConfig"]["resources"]["limits"]["memory"] == "6Gi"
    assert run["podSpecConfig"]["securityContext"]["runAsNonRoot"] is True
    assert LAUNCHER["securityContext"]["readOnlyRootFilesystem"] is True
    # Else runs would carry the label of the code's own deployment, and the network's rules for it.
    assert run["podTemplateSpecMetadata"]["labels"] == {"realestate-part": "run"}
    assert CODE["includeConfigInLaunchedRuns"]["enabled"] is True


def test_readers_have_a_webserver_of_their_own_and_nobody_is_let_in_from_outside():
    assert VALUES["dagsterWebserver"]["enableReadOnly"] is True
    assert VALUES["ingress"]["enabled"] is False
    assert not any(VALUES[name]["enabled"] for name in ("postgresql", "rabbitmq", "redis"))
    assert VALUES["generatePostgresqlPasswordSecret"] is False
    assert VALUES["computeLogManager"]["type"] == "S3ComputeLogManager"


def test_limits_are_those_of_the_repository_and_dagster_takes_them(tmp_path):
    own = yaml.safe_load((PROJECT_ROOT / "dagster.yaml").read_text(encoding="utf-8"))
    more = VALUES["additionalInstanceConfig"]
    assert more["concurrency"]["pools"] == own["concurrency"]["pools"]
    limits = more["concurrency"]["runs"]["tag_concurrency_limits"]
    assert limits == own["concurrency"]["runs"]["tag_concurrency_limits"]
    # As the chart writes it (templates/configmap-instance.yaml): the coordinator by its class.
    coordinator = {"module": "dagster.core.run_coordinator", "class": "QueuedRunCoordinator"}
    written = {"run_coordinator": coordinator, **more}
    (tmp_path / "dagster.yaml").write_text(yaml.safe_dump(written))
    with DagsterInstance.from_config(str(tmp_path)) as instance:
        found = instance.get_concurrency_config()
        assert isinstance(instance, dg.DagsterInstance)
    assert found.run_queue_config.max_concurrent_runs == 8
    assert found.pool_config.default_pool_limit == 1


@pytest.mark.parametrize("manifest", BUILT_IN, ids=lambda each: f"{each['kind']}-{each['metadata']['name']}")
def test_a_manifest_is_one_by_kubernetes_own_schema(manifest):
    checked = "k.validate(json.load(sys.stdin), '1.34', strict=True)"
    code = f"import json, sys, kubernetes_validate as k; {checked}; print('ok')"
    assert tools.python(code, json.dumps(manifest)).strip() == "ok"


def test_what_the_chart_hands_to_kubernetes_is_valid_there_too():
    pod = {
        "securityContext": CODE["podSecurityContext"],
        "volumes": CODE["volumes"],
        "containers": [
            {
                "name": "run",
                "image": "x",
                "securityContext": part["securityContext"],
                "resources": part["resources"],
                "volumeMounts": part["volumeMounts"],
                "livenessProbe": part["livenessProbe"],
                "startupProbe": {
                    key: value for key, value in part["startupProbe"].items() if key != "enabled"
                },
                "envFrom": [{"secretRef": each} for each in part["envSecrets"]],
            }
            for part in PARTS.values()
        ]
        + [{"name": "r", "image": "x", **LAUNCHER["runK8sConfig"]["containerConfig"]}],
        **LAUNCHER["runK8sConfig"]["podSpecConfig"],
        "restartPolicy": "Never",
    }
    test_a_manifest_is_one_by_kubernetes_own_schema(
        {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": "all"},
            "spec": {**LAUNCHER["runK8sConfig"]["jobSpecConfig"], "template": {"spec": pod}},
        }
    )


def workloads():
    """Pods of the manifests beside the chart, by the name of what makes them."""
    kinds = ("Deployment", "Job")
    return {each["metadata"]["name"]: each["spec"]["template"] for each in MANIFESTS if each["kind"] in kinds}


@pytest.mark.parametrize("name", workloads())
def test_a_workload_beside_the_chart_is_as_closed_as_those_in_it(name):
    template = workloads()[name]
    (container,) = template["spec"]["containers"]
    assert template["spec"]["securityContext"] == CODE["podSecurityContext"]
    assert container["securityContext"] == CODE["securityContext"]
    assert container["resources"]["limits"]["memory"]
    assert template["metadata"]["labels"]["realestate-part"] == name
    assert container["args"][0] == "realestate" and container["image"] == "realestate-os"
    assert name == "migrate" or (container["livenessProbe"] and container["readinessProbe"])


def test_the_image_of_all_of_them_is_one():
    (kustomization,) = [each for each in MANIFESTS if each["kind"] == "Kustomization"]
    (image,) = kustomization["images"]
    assert image["newName"] == CODE["image"]["repository"] and str(image["newTag"]) == str(
        CODE["image"]["tag"]
    )
    listed = set(kustomization["resources"])
    written = {path.name for path in (HELM / "extras").glob("*.yaml")}
    assert written - listed == {"kustomization.yaml", "secret.example.yaml", "external-secret.yaml"}


def test_every_part_that_is_labelled_may_go_where_it_has_to_and_nothing_else():
    policies = {
        each["metadata"]["name"]: each["spec"] for each in MANIFESTS if each["kind"] == "NetworkPolicy"
    }
    assert policies["nothing"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    (chosen,) = policies["platform-goes-out"]["podSelector"]["matchExpressions"]
    labelled = {part["labels"]["realestate-part"] for part in PARTS.values()} | {"run", *workloads()}
    assert set(chosen["values"]) == labelled
    for rule in policies["platform-goes-out"]["egress"]:
        for to in rule["to"]:
            if to.get("ipBlock", {}).get("cidr") == "0.0.0.0/0":
                assert to["ipBlock"]["except"] == ["169.254.169.254/32"]


def test_settings_stand_in_one_place_which_every_pod_reads():
    (settings,) = [each["metadata"]["name"] for each in MANIFESTS if each["kind"] == "ConfigMap"]
    assert all(part["envConfigMaps"] == [{"name": settings}] for part in PARTS.values())
    for template in workloads().values():
        sources = template["spec"]["containers"][0]["envFrom"]
        assert sources == [{"configMapRef": {"name": settings}}, {"secretRef": {"name": "realestate-env"}}]


def test_values_are_held_to_a_schema_that_is_given(tmp_path, capsys):
    schema = {
        "type": "object",
        "required": ["flower"],
        "properties": {
            "runLauncher": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"type": {"type": "string"}},
            },
            "ingress": {"$ref": "https://elsewhere.example/definitions.json#/x"},
        },
    }
    (tmp_path / "schema.json").write_text(json.dumps(schema))
    ours = tmp_path / "ours.yaml"
    given = ["--schema", str(tmp_path / "schema.json"), str(ours)]
    ours.write_text("runLauncher: {type: K8sRunLauncher}\ningress: {enabled: false}\n")
    assert chart_values.main(given) == 0
    ours.write_text("runLauncher: {type: 1, tpye: K8sRunLauncher}\n")
    assert chart_values.main(given) == 1
    said = capsys.readouterr().out
    assert "runLauncher.type: 1 is not of type 'string'" in said and "tpye" in said
    # With the chart's own values what is required has to be there.
    (tmp_path / "defaults.yaml").write_text("runLauncher: {type: a}\n")
    ours.write_text("{}\n")
    assert chart_values.main([*given, "--defaults", str(tmp_path / "defaults.yaml")]) == 1
    (tmp_path / "defaults.yaml").write_text("flower: {}\n")
    assert chart_values.main([*given, "--defaults", str(tmp_path / "defaults.yaml")]) == 0
