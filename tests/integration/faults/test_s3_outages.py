"""The bucket goes away in the middle of a run: the run waits, goes on by itself, and nothing is lost."""

from pathlib import Path

import pytest

from resources.lake.store import StoreResource
from resources.warehouse.resource import WarehouseResource
from tests.integration.command_line import environment
from tests.integration.faults.link import Link, link_to_port
from tests.integration.faults.trials import FEW_ROWS, INTAKE, Trial, figures, run_under
from tests.integration.what_a_run_made import differences, files, tables

pytestmark = [pytest.mark.integration, pytest.mark.long]


@pytest.fixture(scope="module")
def link(s3_server):
    with link_to_port(int(s3_server.endpoint_url.rpartition(":")[2])) as made:
        yield made


@pytest.fixture(scope="module")
def lake_of_a_run(s3_server, link, new_home):
    """Makes the environment of a run whose lake is a new bucket behind the line."""

    def make() -> tuple[dict[str, str], Path, StoreResource]:
        home = new_home()
        url = f"s3://{s3_server.create_bucket()}/lake"
        endpoint = f"http://127.0.0.1:{link.port}"
        env = environment(home, LAKE_URL=url, S3_ENDPOINT_URL=endpoint, **s3_server.environment, **FEW_ROWS)
        return env, home, StoreResource(root_url=url, s3_endpoint_url=s3_server.endpoint_url)

    return make


def state(home: Path, store: StoreResource) -> dict[str, str]:
    return tables(WarehouseResource(embedded_root=str(home / "postgres"))) | files(store)


@pytest.fixture(scope="module")
def calm(lake_of_a_run) -> tuple[Trial, dict[str, str]]:
    """An undisturbed run and what it made."""
    env, home, store = lake_of_a_run()
    trial = run_under(INTAKE, env)
    assert trial.exit_code == 0, trial.text
    return trial, state(home, store)


@pytest.fixture(scope="module", autouse=True)
def _credentials(s3_server):
    with pytest.MonkeyPatch.context() as patch:
        for name, value in s3_server.environment.items():
            patch.setenv(name, value)
        yield


@pytest.mark.parametrize("stage", ["listings"])
@pytest.mark.parametrize("kind", ["cut", "mute"])
@pytest.mark.parametrize("seconds", [5, 25, 300])
def test_a_run_outlasts_an_outage_of_the_bucket(lake_of_a_run, calm, link: Link, stage, kind, seconds):
    undisturbed, expected = calm
    env, home, store = lake_of_a_run()
    trial = run_under(INTAKE, env, stage, getattr(link, kind), seconds, link.mend)
    link.mend()
    if trial.exit_code:
        print(trial.text[-3000:])
    changed = differences(expected, state(home, store)) if trial.exit_code == 0 else {"failed": ()}
    print(figures(f"S3 {kind} {seconds} s", stage, trial, undisturbed, changed))
    assert trial.exit_code == 0, trial.text
    assert changed == {}
