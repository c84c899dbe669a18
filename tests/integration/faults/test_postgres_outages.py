"""A Postgres server of one's own goes away in the middle of a run: the run waits and goes on by itself."""

import os
import signal

import pytest

from resources.warehouse import embedded
from resources.warehouse.resource import WarehouseResource
from tests.integration.command_line import environment
from tests.integration.faults.link import link_to_socket
from tests.integration.faults.trials import FEW_ROWS, INTAKE, Trial, figures, run_under
from tests.integration.what_a_run_made import differences, tables

pytestmark = [pytest.mark.integration, pytest.mark.long]


class OwnServer:
    """A Postgres that is reached by TCP alone, and goes down and comes up when the test says so."""

    def __init__(self, root, link) -> None:
        self.root, self.link = root, link
        self.folder = root / embedded.DATA_FOLDER

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.link.port}/realestate"

    def stop(self) -> None:
        """As `pg_ctl stop -m immediate`: what was going on is broken off."""
        self.link.cut()
        os.kill(embedded._recorded_pid(self.folder), signal.SIGQUIT)

    def start(self) -> None:
        """As `pg_ctl start`; nothing where it is up."""
        embedded.server_uri(self.root, "realestate")
        self.link.mend()


@pytest.fixture(scope="module")
def own_server(new_home):
    """Makes empty servers."""
    lines = []

    def make() -> OwnServer:
        root = new_home() / "own"
        embedded.server_uri(root, "realestate")
        line = link_to_socket(f"{embedded._ready_socket(root / embedded.DATA_FOLDER)}/.s.PGSQL.5432")
        lines.append(line)
        return OwnServer(root, line.__enter__())

    yield make
    for line in lines:
        line.__exit__(None, None, None)


@pytest.fixture(scope="module")
def calm(own_server, new_home) -> tuple[Trial, dict[str, str]]:
    """An undisturbed run and what it made."""
    server = own_server()
    trial = run_under(INTAKE, environment(new_home(), DATABASE_URL=server.url, **FEW_ROWS))
    assert trial.exit_code == 0, trial.text
    return trial, tables(WarehouseResource(url=server.url))


@pytest.mark.parametrize("stage", ["listings"])
@pytest.mark.parametrize("kind", ["stop", "mute"])
@pytest.mark.parametrize("seconds", [5, 25, 300])
def test_a_run_outlasts_an_outage_of_postgres(own_server, calm, new_home, stage, kind, seconds):
    undisturbed, expected = calm
    server = own_server()
    env = environment(new_home(), DATABASE_URL=server.url, **FEW_ROWS)
    fault = server.stop if kind == "stop" else server.link.mute
    trial = run_under(INTAKE, env, stage, fault, seconds, server.start)
    server.start()
    if trial.exit_code:
        print(trial.text[-4000:])
        again = run_under(INTAKE, env)
        print(f"run again: exit {again.exit_code}")
    changed = differences(expected, tables(WarehouseResource(url=server.url)))
    print(figures(f"Postgres {kind} {seconds} s", stage, trial, undisturbed, changed))
    print(changed)
    assert changed == {}
    assert trial.exit_code == 0, trial.text
